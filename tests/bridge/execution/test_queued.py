"""Runs out of the queue: done once, by their target, whoever asks how often."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bridge import AssetKey, DailyPartitionsDefinition, Definitions, asset
from bridge.errors import LoadError, PartitionError, SelectionError
from bridge.execution import RunResult, execute_queued, launch_queued
from bridge.io import InMemoryIOManager
from bridge.project import find_project
from bridge.runs import Run, RunTarget
from bridge.store import Store, open_store

NOW = datetime(2024, 2, 1, tzinfo=timezone.utc)
DAILY = DailyPartitionsDefinition("2024-01-01")
SEEN: list[str] = []


@asset(partitions_def=DAILY)
def orders(context) -> None:
    SEEN.append(context.partition_key)


@asset
def other() -> None:
    SEEN.append("other")


HERE = Definitions([orders, other], resources={"io_manager": InMemoryIOManager()})


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    SEEN.clear()


def queued(store: Store, **target: object) -> Run:
    run = Run(id="r1", status="queued", created_at=NOW, target=RunTarget(**target))  # type: ignore[arg-type]
    store.enqueue([run])
    return run


def test_a_queued_run_is_done_by_its_target(store: Store) -> None:
    queued(store, assets=(orders.key,), partition="2024-01-02...2024-01-03")

    result = execute_queued("r1", HERE, store)

    assert result is not None
    assert result.success
    assert SEEN == ["2024-01-02", "2024-01-03"]
    stored = store.run("r1")
    assert stored is not None
    assert stored.status == "succeeded"
    assert stored.process is not None


def test_a_run_is_done_once(store: Store) -> None:
    queued(store, assets=(other.key,))

    assert execute_queued("r1", HERE, store) is not None
    assert execute_queued("r1", HERE, store) is None
    assert SEEN == ["other"]


def test_a_canceled_run_is_not_done(store: Store) -> None:
    queued(store, assets=(other.key,))
    store.cancel_run("r1", now=NOW)

    assert execute_queued("r1", HERE, store) is None
    assert SEEN == []


def test_a_run_that_nobody_asked_for_is_refused(store: Store) -> None:
    with pytest.raises(SelectionError, match="There is no run r7"):
        execute_queued("r7", HERE, store)


def test_a_target_that_is_not_there_any_more_ends_the_run(store: Store) -> None:
    queued(store, assets=(orders.key,), partition="1999-01-01")

    with pytest.raises(PartitionError):
        execute_queued("r1", HERE, store)

    stored = store.run("r1")
    assert stored is not None
    assert (stored.status, "1999-01-01" in (stored.message or "")) == ("failed", True)


def test_code_that_does_not_load_ends_the_run(store: Store) -> None:
    queued(store, assets=(other.key,))

    def load() -> Definitions:
        raise LoadError("no module named orders")

    with pytest.raises(LoadError):
        execute_queued("r1", load, store)

    stored = store.run("r1")
    assert stored is not None
    assert (stored.status, stored.message) == ("failed", "no module named orders")


def test_what_a_run_computes_is_kept_with_it(run: Callable[..., RunResult], store: Store) -> None:
    result = run(orders, other, partition="2024-01-02...2024-01-03")

    stored = store.run(result.run_id)
    assert stored is not None
    assert set(stored.target.assets) == {orders.key, other.key}
    assert stored.target.partition == "2024-01-02...2024-01-03"


def test_a_launched_run_is_done_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("BRIDGE_PROJECT", "BRIDGE_STORE", "BRIDGE_STORAGE", "BRIDGE_DEFINITIONS"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "bridge.toml").write_text('definitions = ["assets.py"]\n')
    code = """
        from bridge import asset

        @asset
        def only() -> int:
            return 7
    """
    (tmp_path / "assets.py").write_text(textwrap.dedent(code))
    project = find_project(tmp_path)
    store = open_store(project.store_url)
    queued(store, assets=(AssetKey("only"),))

    processes = [launch_queued("r1", project) for _ in range(2)]

    assert sorted(process.wait(timeout=60) for process in processes) == [0, 0]
    deadline = time.monotonic() + 10
    while not (found := store.run("r1")).has_ended:  # type: ignore[union-attr]
        assert time.monotonic() < deadline
    assert found is not None
    assert found.status == "succeeded"
    assert len(store.events(AssetKey("only"), kinds=["materialization"])) == 1
    store.close()
