"""Runs that are cut short: by the keyboard, or by a kill that nobody can catch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bridge import AssetKey, asset
from bridge.execution import RunResult, fail_dead_runs
from bridge.store import Store, open_store

PROJECT = """
import sys, time
from pathlib import Path
from bridge import asset, materialize
from bridge.store import open_store

folder = Path(sys.argv[1])

@asset
def first():
    return 1

@asset(deps=[first])
def second():
    if (folder / "hang").exists():
        print("computing", flush=True)
        time.sleep(60)
    return 2

@asset(deps=[second])
def third():
    return 3

materialize([first, second, third], store=open_store(f"sqlite:///{folder}/bridge.db"))
"""


def started(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROJECT, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The folder of a run that was killed while `second` computed."""
    (tmp_path / "hang").touch()
    process = started(tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "computing\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    (tmp_path / "hang").unlink()
    return tmp_path


def opened(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder}/bridge.db")


def test_a_killed_run_is_failed_at_once(killed: Path) -> None:
    store = opened(killed)
    assert [run.status for run in store.runs()] == ["running"]

    dead = fail_dead_runs(store, datetime.now(timezone.utc))

    (run,) = store.runs()
    assert [d.id for d in dead] == [run.id]
    assert run.status == "failed"
    assert (run.message or "").startswith("The process that ran it ended without saying how")
    store.close()


def test_a_killed_run_loses_nothing_that_it_recorded(killed: Path) -> None:
    store = opened(killed)
    fail_dead_runs(store, datetime.now(timezone.utc))

    activities = {str(key): state.activity for key, state in store.asset_states().items()}
    assert activities == {"first": "materialization", "second": "failure"}
    store.close()


def test_a_killed_run_can_be_done_again_to_the_end(killed: Path) -> None:
    store = opened(killed)
    fail_dead_runs(store, datetime.now(timezone.utc))

    with started(killed) as again:
        assert again.wait(timeout=60) == 0

    activities = {str(key): state.activity for key, state in store.asset_states().items()}
    assert activities == dict.fromkeys(["first", "second", "third"], "materialization")
    store.close()


def test_a_run_that_still_lives_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "hang").touch()
    process = started(tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    store = opened(tmp_path)

    try:
        assert fail_dead_runs(store, datetime.now(timezone.utc)) == []
    finally:
        process.kill()
        process.communicate()
        store.close()


def test_an_interruption_is_recorded_and_goes_on(
    run: Callable[..., RunResult], store: Store
) -> None:
    @asset
    def orders() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(orders)

    (stored,) = store.runs()
    assert (stored.status, stored.message) == ("canceled", "interrupted")
    assert store.asset_states()[AssetKey("orders")].activity == "failure"
    assert store.claims() == []


def test_a_function_that_ends_the_process_is_recorded_and_goes_on(
    run: Callable[..., RunResult], store: Store
) -> None:
    @asset
    def orders() -> None:
        sys.exit(3)

    with pytest.raises(SystemExit):
        run(orders)

    assert store.asset_states()[AssetKey("orders")].activity == "failure"
