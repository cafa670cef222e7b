"""Workers: several steps at once, in processes that may die without taking the run along."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge import (
    AssetKey,
    DailyPartitionsDefinition,
    Failure,
    asset,
    asset_check,
    in_process_executor,
    materialize,
    multiprocess_executor,
)
from bridge.assets import AssetsDefinition
from bridge.errors import ConfigError, RefusedError
from bridge.execution import RunResult
from bridge.io import FilesystemIOManager, InMemoryIOManager
from bridge.store import Store, open_store

TWO = multiprocess_executor(max_concurrent=2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file, which processes share."""
    opened = open_store(f"sqlite:///{tmp_path}/bridge.db")
    yield opened
    opened.close()


def run(store: Store, *assets: Any, **others: Any) -> RunResult:
    return materialize(assets, store=store, raise_on_error=False, executor=TWO, **others)


def statuses(result: RunResult) -> dict[str, str]:
    return {str(step.key): step.status for step in result.steps}


def kinds(store: Store, key: str) -> list[str]:
    return [recorded.event.kind for recorded in reversed(store.events(AssetKey(key)))]


@asset
def first() -> int:
    return os.getpid()


@asset
def second(first: int) -> list[int]:
    return [first, os.getpid()]


def crashing(how: str) -> AssetsDefinition:
    @asset(name="broken")
    def function() -> None:
        faulthandler.disable()  # pytest's own would write its report between the tests'
        if how == "exit":
            os._exit(3)
        os.kill(os.getpid(), signal.SIGSEGV if how == "SIGSEGV" else signal.SIGKILL)

    return function


@asset(deps=["broken"])
def after() -> None: ...


@asset
def beside() -> None: ...


@asset(deps=[beside])
def after_beside() -> None: ...


def test_steps_are_computed_in_other_processes_and_values_arrive(tmp_path: Path) -> None:
    files = FilesystemIOManager(tmp_path / "values")

    result = materialize([first, second], resources={"io_manager": files}, executor=TWO)

    assert result.success
    assert [str(step.key) for step in result.steps] == ["first", "second"]
    (stored,) = (tmp_path / "values" / "second").iterdir()
    assert str(os.getpid()) not in stored.read_text()


def test_what_is_independent_runs_at_the_same_time(store: Store, tmp_path: Path) -> None:
    def meeting(name: str, other: str) -> AssetsDefinition:
        @asset(name=name)
        def function() -> None:
            (tmp_path / name).touch()
            deadline = time.monotonic() + 20
            while not (tmp_path / other).exists():
                if time.monotonic() > deadline:
                    raise Failure("the other did not come")
                time.sleep(0.01)

        return function

    assert run(store, meeting("a", "b"), meeting("b", "a")).success


def test_workers_stay_warm(store: Store, tmp_path: Path) -> None:
    def telling(number: int) -> AssetsDefinition:
        @asset(name=f"n{number}")
        def function() -> None:
            (tmp_path / f"pid-{os.getpid()}").touch()

        return function

    assert run(store, *[telling(number) for number in range(12)]).success
    assert len(list(tmp_path.glob("pid-*"))) <= 2


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("exit", "Its process ended with exit code 3"),
        ("SIGSEGV", "killed by SIGSEGV"),
        ("SIGKILL", "perhaps for want of memory"),
    ],
)
def test_a_crashed_worker_fails_its_asset_and_nothing_else(
    store: Store, how: str, said: str
) -> None:
    result = run(store, crashing(how), after, beside, after_beside)

    assert statuses(result) == {
        "broken": "failed",
        "after": "skipped",
        "beside": "succeeded",
        "after_beside": "succeeded",
    }
    assert said in (result.steps[0].message or "")
    assert kinds(store, "broken") == ["started", "failure"]
    assert store.claims() == []
    assert [stored.status for stored in store.runs()] == ["failed"]


def test_every_crash_gets_a_new_worker(store: Store) -> None:
    def broken(number: int) -> AssetsDefinition:
        @asset(name=f"n{number}")
        def function() -> None:
            os._exit(1)

        return function

    result = run(store, *[broken(number) for number in range(6)], beside)

    assert [step.status for step in result.steps].count("failed") == 6
    assert statuses(result)["beside"] == "succeeded"


def test_a_crash_in_a_check_leaves_the_asset_and_fails_the_check(store: Store) -> None:
    @asset_check(asset=beside)
    def crashes() -> bool:
        os._exit(1)

    result = run(store, beside, crashes, after_beside)

    assert statuses(result) == {"beside": "succeeded", "after_beside": "skipped"}
    (report,) = result.steps[0].checks
    assert (report.outcome.name, report.raised) == ("crashes", True)
    assert not result.success


def test_sys_exit_in_a_worker_fails_its_asset_only(store: Store) -> None:
    @asset
    def leaving() -> None:
        sys.exit(4)

    result = run(store, leaving, beside)

    assert statuses(result) == {"leaving": "failed", "beside": "succeeded"}
    assert "SystemExit: 4" in (result.steps[0].message or "")


def test_a_failure_comes_back_with_its_traceback_and_its_log(store: Store) -> None:
    @asset
    def failing(context) -> None:
        context.log.info("almost there")
        raise ValueError("no such column")

    (step,) = run(store, failing).steps

    assert "ValueError: no such column" in (step.message or "")
    assert 'raise ValueError("no such column")' in (step.traceback or "")
    assert [line.message for line in step.log] == ["almost there"]


def test_what_a_worker_prints_is_let_out_here(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    @asset
    def loud() -> None:
        sys.stdout.write("by python\n")
        os.write(2, b"by the system\n")
        subprocess.run(["echo", "by a program"], check=True)

    sys.stdout.write("said before\n")
    run(store, loud)

    printed = capsys.readouterr()
    assert printed.out == "said before\nby python\nby a program\n"
    assert printed.err == "by the system\n"


def test_partitions_are_computed_at_once(store: Store) -> None:
    daily = DailyPartitionsDefinition("2024-01-01")

    @asset(partitions_def=daily)
    def orders(context) -> None:
        assert context.partition_key.startswith("2024-01-0")

    @asset(partitions_def=daily, deps=[orders])
    def sales(context) -> None: ...

    @asset(deps=[sales])
    def report() -> None: ...

    result = run(store, orders, sales, report, partition_key="2024-01-01...2024-01-05")

    assert result.success
    assert len(result.steps) == 11
    assert len(store.partition_data_states(AssetKey("sales"))) == 5


def test_many_writers_never_meet_a_locked_database(store: Store) -> None:
    def quick(number: int) -> AssetsDefinition:
        @asset(name=f"n{number}", deps=[f"n{number - 8}"] if number >= 8 else [])
        def function() -> None: ...

        return function

    result = materialize(
        [quick(number) for number in range(200)],
        store=store,
        executor=multiprocess_executor(max_concurrent=8),
    )

    assert result.success
    assert len(store.events(kinds=["materialization"], limit=1000)) == 200
    assert len(store.events(kinds=["started"], limit=1000)) == 200


STRESS = """
import sys
from bridge import asset, materialize, multiprocess_executor
from bridge.store import open_store

def quick(number):
    @asset(name=f"{sys.argv[2]}_{number}")
    def function(context):
        context.log.info("line")
    return function

store = open_store(sys.argv[1])
executor = multiprocess_executor(max_concurrent=4)
result = materialize([quick(number) for number in range(60)], store=store, executor=executor)
store.close()
assert result.success
"""


def test_runs_with_workers_at_the_same_time_never_meet_a_locked_database(
    store: Store, tmp_path: Path
) -> None:
    command = [sys.executable, "-W", "error", "-c", STRESS, f"sqlite:///{tmp_path}/bridge.db"]
    runs = [subprocess.Popen([*command, name], stderr=subprocess.PIPE, text=True) for name in "abc"]
    while any(process.poll() is None for process in runs):
        store.asset_states()  # somebody who looks meanwhile

    said = [process.communicate()[1] for process in runs]
    assert [process.returncode for process in runs] == [0, 0, 0], said
    assert "locked" not in "".join(said)
    assert len(store.events(kinds=["materialization"], limit=1000)) == 180
    assert [stored.status for stored in store.runs()] == ["succeeded"] * 3


@pytest.mark.postgres
def test_workers_share_a_store_on_postgresql(new_postgres_database: Callable[[], str]) -> None:
    store = open_store(new_postgres_database())

    result = run(store, crashing("SIGKILL"), after, beside, after_beside)

    assert statuses(result) == {
        "beside": "succeeded",
        "after_beside": "succeeded",
        "broken": "failed",
        "after": "skipped",
    }
    assert store.claims() == []
    assert len(store.steps(result.run_id)) == 4
    store.close()


def test_another_store_on_the_same_file_does_no_harm(store: Store) -> None:
    other = store.reopened()
    other.asset_states()

    result = run(store, beside, after_beside)
    other.set_cursor("here", "1")
    run(store, beside, after_beside)

    assert result.success
    assert kinds(other, "beside") == ["started", "materialization"] * 2
    assert kinds(store, "after_beside") == ["started", "materialization"] * 2
    assert other.claims() == []
    other.close()


def test_a_thread_in_the_middle_of_a_call_keeps_the_process_from_being_forked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.store.engine._DISMISSED_WITHIN_S", 0.05)

    with store._database.read(), pytest.raises(RefusedError, match="Another thread"):  # type: ignore[attr-defined]
        run(store, beside)


def test_nothing_is_left_behind(store: Store) -> None:
    run(store, first, beside, crashing("exit"))

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"store": open_store("sqlite://")}, "in this process's memory"),
        ({"resources": {"io_manager": InMemoryIOManager()}}, "keeps values in this process"),
    ],
)
def test_what_processes_cannot_share_is_refused(given: dict[str, Any], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        materialize([first, second], executor=TWO, **given)


POLARS = """
import sys
import polars as pl
from bridge import asset, materialize, multiprocess_executor

def work():
    return pl.DataFrame({"a": list(range(1000))}).lazy().sort("a").collect().height

if sys.argv[1] == "used":
    work()

@asset
def rows() -> int:
    return work()

materialize([rows], executor=multiprocess_executor(max_concurrent=2))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are named in /proc")
@pytest.mark.parametrize(("how", "said"), [("loaded", ""), ("used", "polars has computed")])
def test_polars_computes_in_workers_unless_it_did_before_they_were_forked(
    how: str, said: str
) -> None:
    pytest.importorskip("polars")

    done = subprocess.run(
        [sys.executable, "-c", POLARS, how],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode == 0) is (not said)
    assert said in done.stderr


def test_an_executor_is_configured_in_the_words_of_dagster() -> None:
    assert multiprocess_executor.configured({"max_concurrent": 2}) == TWO
    assert in_process_executor.workers == 1
    assert multiprocess_executor.workers == os.cpu_count()
    limits = [{"key": "db", "value": "a", "limit": 1}]
    (limit,) = multiprocess_executor(tag_concurrency_limits=limits).tag_concurrency_limits
    assert (limit.key, limit.value, limit.limit) == ("db", "a", 1)


@pytest.mark.parametrize(
    "config",
    [
        {"max_concurrent": 0},
        {"workers": 2},
        {"tag_concurrency_limits": [{"key": "db"}]},
        {"tag_concurrency_limits": [{"key": "db", "limit": 1, "pool": "x"}]},
        {"tag_concurrency_limits": [{"key": "db", "limit": 1, "value": 3}]},
    ],
)
def test_a_setting_that_no_executor_has_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        multiprocess_executor.configured(config)
