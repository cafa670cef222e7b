"""The second example on a real Airflow with Celery, Redis, PostgreSQL and two workers."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bridge.events import RecordedEvent
from bridge.store import open_store

pytestmark = [pytest.mark.airflow3, pytest.mark.slow]

EXAMPLE = Path(__file__).resolve().parents[2] / "migration_examples" / "02-flights-on-celery"
TWICE, ONCE, ALSO_ONCE, KILLED, FROZEN = (f"2013-01-0{day}" for day in range(1, 6))
ASSETS = ("raw_flights", "raw_weather", "departures", "delay_chains", "rpt_carriers")


@pytest.fixture(scope="module")
def demo() -> Iterator[ModuleType]:
    """The script that a reader runs, with what lies beside it."""
    spec = importlib.util.spec_from_file_location("celery_demo", EXAMPLE / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLE)
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module")
def cluster(
    demo: ModuleType,
    postgres_server: str,
    redis_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Any]:
    project = demo.prepare(tmp_path_factory.mktemp("celery") / "flights")
    with demo.started(project, postgres_server, redis_server) as running:
        yield running


@pytest.fixture(scope="module")
def runs(demo: ModuleType, cluster: Any) -> list[dict[str, Any]]:
    """Three days at once on both workers, one of them asked for twice; the runs as they ended."""
    run_ids = demo.several_days(cluster, [TWICE, TWICE, ONCE, ALSO_ONCE])
    return [cluster.wait_for_run(demo.DAG, run_id) for run_id in run_ids]


@pytest.fixture(scope="module")
def tasks(demo: ModuleType, cluster: Any, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All tasks of these runs."""
    return [t for run in runs for t in cluster.tasks(demo.DAG, run["dag_run_id"]).values()]


def recorded(cluster: Any, day: str, *kinds: str) -> dict[str, list[RecordedEvent]]:
    """What the store holds of a day, by asset, in the order in which it came."""
    store = open_store(cluster.services.store_url)
    try:
        found = store.events(partition=day, kinds=kinds)
    finally:
        store.close()
    by_asset: dict[str, list[RecordedEvent]] = {}
    for each in reversed(found):
        by_asset.setdefault(str(each.event.key), []).append(each)
    return by_asset


def test_every_partition_is_materialized_once(
    cluster: Any, runs: list[dict[str, Any]], tasks: list[dict[str, Any]]
) -> None:
    assert {run["state"] for run in runs} == {"success"}
    assert {task["state"] for task in tasks} == {"success"}
    for day in (ONCE, ALSO_ONCE):
        made = recorded(cluster, day, "materialization")
        assert {asset: len(events) for asset, events in made.items()} == dict.fromkeys(ASSETS, 1)


def test_both_workers_compute_several_days_at_once(
    runs: list[dict[str, Any]], tasks: list[dict[str, Any]]
) -> None:
    assert {task["hostname"] for task in tasks} == {"worker-1", "worker-2"}
    assert max(run["start_date"] for run in runs) < min(run["end_date"] for run in runs)


def test_a_day_that_two_runs_ask_for_is_computed_by_one_after_the_other(
    cluster: Any, runs: list[dict[str, Any]]
) -> None:
    told = recorded(cluster, TWICE, "started", "materialization")

    assert set(told) == set(ASSETS)
    for events in told.values():
        assert [each.event.kind for each in events] == ["started", "materialization"] * 2
        first, first_end, second, second_end = (each.event.source for each in events)
        assert first == first_end != second == second_end


@pytest.fixture(scope="module")
def accidents(demo: ModuleType, cluster: Any, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """One worker is killed while it computes; on the other, a task is frozen and wakes up late."""
    killed = demo.lose_a_worker(cluster, KILLED)
    run_id = cluster.trigger(demo.DAG, FROZEN, **demo.resampled(10_000))
    first_try = demo.wait_until_computing(cluster, FROZEN, run_id)
    with frozen(first_try["pid"]) as wake_up:
        refused = asked_here(cluster, FROZEN)
        took_over = demo.wait_for_the_other(cluster, killed)
        again = demo.wait_for_the_other(cluster, run_id)
        made = recorded(cluster, FROZEN, "materialization")
        wake_up()
    return {
        "killed": (killed, took_over),
        "frozen": (run_id, first_try, again),
        "refused": refused,
        "made": made,
    }


def test_the_other_worker_takes_over_from_a_killed_one(
    cluster: Any, accidents: dict[str, Any]
) -> None:
    _, task = accidents["killed"]
    told = recorded(cluster, KILLED, "started", "materialization")["rpt_carriers"]

    assert (task["state"], task["try_number"]) == ("success", 2)
    assert [each.event.kind for each in told] == ["started", "started", "materialization"]
    made = recorded(cluster, KILLED, "materialization")
    assert {asset: len(events) for asset, events in made.items()} == dict.fromkeys(ASSETS, 1)


def test_a_partition_that_a_worker_computes_is_refused_to_others(accidents: dict[str, Any]) -> None:
    refused = accidents["refused"]

    assert refused.returncode == 1
    assert "is being written by airflow:airflow/flights_by_day/" in refused.stdout + refused.stderr


def test_a_worker_that_was_frozen_publishes_nothing_when_it_wakes_up(
    demo: ModuleType, cluster: Any, accidents: dict[str, Any]
) -> None:
    run_id, first_try, again = accidents["frozen"]
    assert (first_try["try_number"], again["try_number"], again["state"]) == (1, 2, "success")

    logs = Path(cluster.environment["AIRFLOW_HOME"]) / "logs"
    (log,) = logs.glob(f"*/run_id={run_id}/task_id={demo.REPORT}/attempt=1.log")
    cluster.wait("its last words", lambda: "another writer took over" in log.read_text(), 60)
    assert recorded(cluster, FROZEN, "materialization") == accidents["made"]
    (made,) = accidents["made"]["rpt_carriers"]
    assert made.event.source.endswith("/rpt_carriers/-1/2")


def asked_here(cluster: Any, day: str) -> subprocess.CompletedProcess[str]:
    """`bridge materialize` of a day's report, by somebody with the same store."""
    return subprocess.run(
        [sys.executable, "-m", "bridge", "materialize", "rpt_carriers", "--partition", day],
        cwd=cluster.environment["BRIDGE_PROJECT"],
        env=cluster.environment,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def frozen(task_pid: int) -> Iterator[Callable[[], None]]:
    """A task and its supervisor, stopped.

    Called, the task goes on and computes to its end before its supervisor hears of anything: else
    that would end it at once.
    """
    supervisor_pid = int(_state(task_pid)[1])
    for pid in (supervisor_pid, task_pid):
        os.kill(pid, signal.SIGSTOP)

    def wake_up() -> None:
        os.kill(task_pid, signal.SIGCONT)
        while _is_busy(task_pid):
            time.sleep(0.5)
        os.kill(supervisor_pid, signal.SIGCONT)

    try:
        yield wake_up
    finally:
        for pid in (supervisor_pid, task_pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _is_busy(pid: int) -> bool:
    """Whether a process computes: it wants the processor, or had it within a second."""
    before = _state(pid)
    time.sleep(1)
    after = _state(pid)
    return after[0] == "R" or before[11:13] != after[11:13]


def _state(pid: int) -> list[str]:
    """State, parent and so on of a process, as proc_pid_stat(5) has them from the third on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
