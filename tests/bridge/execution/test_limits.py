"""How many steps at once: by tag within a run, by pool over all runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from bridge import AssetGraph, asset, multiprocess_executor
from bridge.assets import AssetsDefinition
from bridge.errors import DefinitionError
from bridge.execution import RunResult, fail_dead_runs, plan, run_plan
from bridge.executors import Executor
from bridge.io import FilesystemIOManager
from bridge.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/bridge.db")
    yield opened
    opened.close()


def watching(folder: Path, number: int, **described: Any) -> AssetsDefinition:
    """An asset that notes how many like it are under way."""

    @asset(name=f"n{number}", **described)
    def function() -> None:
        here = folder / f"here-{number}"
        here.touch()
        (folder / f"seen-{number}").write_text(str(len(list(folder.glob("here-*")))))
        time.sleep(0.1)
        (folder / f"seen-again-{number}").write_text(str(len(list(folder.glob("here-*")))))
        here.unlink()

    return function


def most(folder: Path) -> int:
    return max(int(seen.read_text()) for seen in folder.glob("seen-*"))


def run(
    store: Store, folder: Path, assets: list[AssetsDefinition], executor: Executor, **more: Any
) -> RunResult:
    graph = AssetGraph.build(assets)
    todo = plan(graph, list(graph.nodes), now=datetime.now(timezone.utc))
    files = {"io_manager": FilesystemIOManager(folder / "values")}
    return run_plan(todo, store, files, executor=executor, **more)


@pytest.mark.parametrize(
    ("limit", "tags", "expected"),
    [
        ({"key": "db", "limit": 2}, ["a", "b"], 2),
        ({"key": "db", "value": "a", "limit": 1}, ["a"], 1),
        ({"key": "db", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}, ["a", "b"], 2),
    ],
)
def test_a_tag_limits_how_many_run_at_once(
    limit: dict[str, Any], tags: list[str], expected: int, store: Store, tmp_path: Path
) -> None:
    assets = [watching(tmp_path, n, tags={"db": tags[n % len(tags)]}) for n in range(8)]
    executor = multiprocess_executor(max_concurrent=4, tag_concurrency_limits=[limit])

    assert run(store, tmp_path, assets, executor).success

    assert most(tmp_path) == expected


def test_what_has_another_tag_is_not_limited(store: Store, tmp_path: Path) -> None:
    limit = {"key": "db", "value": "z", "limit": 1}
    assets = [watching(tmp_path, n, tags={"db": "a"}) for n in range(8)]

    run(
        store,
        tmp_path,
        assets,
        multiprocess_executor(max_concurrent=4, tag_concurrency_limits=[limit]),
    )

    assert most(tmp_path) > 1


def test_a_pool_limits_one_run(store: Store, tmp_path: Path) -> None:
    assets = [watching(tmp_path, n, pool="db") for n in range(6)]

    result = run(store, tmp_path, assets, multiprocess_executor(max_concurrent=4), pools={"db": 2})

    assert result.success
    assert most(tmp_path) == 2


def test_a_pool_without_a_limit_is_not_limited(store: Store, tmp_path: Path) -> None:
    assets = [watching(tmp_path, n, pool="db") for n in range(6)]

    run(store, tmp_path, assets, multiprocess_executor(max_concurrent=4), pools={"other": 1})

    assert most(tmp_path) > 1


def test_a_pool_is_shared_by_all_runs(tmp_path: Path) -> None:
    stores = [open_store(f"sqlite:///{tmp_path}/bridge.db") for _ in range(3)]

    def one(number: int) -> None:
        assets = [watching(tmp_path, 10 * number + n, pool="db") for n in range(3)]
        in_process = Executor(name="in_process")
        assert run(stores[number], tmp_path, assets, in_process, pools={"db": 1}).success

    threads = [threading.Thread(target=one, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(list(tmp_path.glob("seen-again-*"))) == 9
    assert most(tmp_path) == 1
    for store in stores:
        store.close()


HOLD = """
import sys, time
from datetime import datetime, timezone
from pathlib import Path
from bridge import AssetGraph, asset
from bridge.execution import plan, run_plan
from bridge.store import open_store

folder = Path(sys.argv[1])

@asset(pool="db")
def holder():
    (folder / "begun").touch()
    time.sleep(60)

graph = AssetGraph.build([holder])
todo = plan(graph, list(graph.nodes), now=datetime.now(timezone.utc))
run_plan(todo, open_store(f"sqlite:///{folder}/bridge.db"), {}, pools={"db": 1})
"""


def test_who_is_killed_frees_its_slot(store: Store, tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)])
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.01)
    assert store.take_slot("db", 1, owner="bridge:other") is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    fail_dead_runs(store, datetime.now(timezone.utc))

    assert store.take_slot("db", 1, owner="bridge:other") == 0


def test_a_pool_needs_a_name() -> None:
    with pytest.raises(DefinitionError, match="has the pool ''"):

        @asset(pool="")
        def orders() -> None: ...
