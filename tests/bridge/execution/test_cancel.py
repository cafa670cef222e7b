"""Ending a run early: on request, by Ctrl-C or SIGTERM; nothing is left half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bridge import AssetKey, asset, in_process_executor, materialize, multiprocess_executor
from bridge.assets import AssetsDefinition
from bridge.execution import RunResult
from bridge.executors import Executor
from bridge.store import Store, open_store

TWO = multiprocess_executor(max_concurrent=2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/bridge.db")
    yield opened
    opened.close()


def sleeping(folder: Path, deaf: bool = False) -> AssetsDefinition:
    @asset
    def slow() -> int:
        (folder / "begun").touch()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(KeyboardInterrupt) if deaf else nullcontext():
                time.sleep(60)
        return 1

    return slow


@asset
def before() -> None: ...


@asset(deps=["slow"])
def after() -> None: ...


def canceled(store: Store, folder: Path, executor: Executor, deaf: bool = False) -> RunResult:
    """A run that is asked to end while `slow` computes."""

    def ask() -> None:
        while not (folder / "begun").exists():
            time.sleep(0.01)
        other = store.reopened()
        (run,) = other.runs(statuses=["running"])
        assert other.cancel_run(run.id, now=datetime.now(timezone.utc))
        other.close()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        return materialize(
            [before, sleeping(folder, deaf), after],
            store=store,
            executor=executor,
            raise_on_error=False,
        )
    finally:
        asking.join()


@pytest.mark.parametrize("executor", [in_process_executor, TWO], ids=lambda e: e.name)
def test_a_run_ends_soon_after_it_was_asked_to(
    executor: Executor, store: Store, tmp_path: Path
) -> None:
    begin = time.monotonic()

    result = canceled(store, tmp_path, executor)

    assert time.monotonic() - begin < 10
    assert result.canceled
    assert not result.success
    assert {str(step.key): step.status for step in result.steps} == {
        "before": "succeeded",
        "slow": "canceled",
        "after": "skipped",
    }
    (run,) = store.runs()
    assert (run.status, run.message) == ("canceled", "canceled on request")
    assert store.claims() == []
    state = store.asset_states()[AssetKey("slow")]
    assert (state.activity, state.materialized_at) == ("failure", None)
    found = {str(step.key): step for step in store.steps(run.id)}
    assert found["slow"].status == "canceled"
    assert found["after"].message == "the run was canceled on request"


def test_a_worker_that_does_not_listen_is_killed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.execution.pool.GRACE_S", 0.5)

    result = canceled(store, tmp_path, TWO, deaf=True)

    assert {str(step.key): step.status for step in result.steps}["slow"] == "canceled"
    assert store.claims() == []


RUN = """
import sys, time
from pathlib import Path
from bridge import *
from bridge.store import open_store

folder = Path(sys.argv[1])

@asset
def slow():
    (folder / "begun").touch()
    time.sleep(60)

@asset(deps=[slow])
def after(): ...

executor = multiprocess_executor(max_concurrent=2) if sys.argv[2] == "2" else in_process_executor
materialize([slow, after], store=open_store(f"sqlite:///{folder}/bridge.db"), executor=executor)
"""


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_as_canceled(
    how: signal.Signals, workers: str, store: Store, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path), workers], stderr=subprocess.PIPE
    )
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, how)
    process.communicate(timeout=20)

    (run,) = store.runs()
    assert run.status == "canceled"
    assert store.claims() == []
    assert {str(step.key): step.status for step in store.steps(run.id)} == {
        "slow": "canceled",
        "after": "skipped",
    }
