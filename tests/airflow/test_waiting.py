"""A task that waits, in one process: what it says, when it gives up, what its trigger asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.airflow import compat
from adapters.airflow.compat import (
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSkipException,
)
from adapters.airflow.environment import Environment
from adapters.airflow.runtime import AssetSensor
from adapters.airflow.trigger import PartitionsTrigger
from adapters.airflow.waiting import stint_or_none
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.store import Store, open_store
from tests.airflow.generated_project import ShopProject, shop_project
from tests.airflow.live.in_process import DagTestAirflow
from tests.airflow.test_generated import dag_bag

pytestmark = pytest.mark.airflow

DAG = "marts__assets"
_DEFINITIONS = '''
"""Two marts that read what another DAG writes, and give up waiting after a second."""
from bridge import DailyPartitionsDefinition, Definitions, asset

days = DailyPartitionsDefinition("2024-01-01")


@asset(group_name="raw", partitions_def=days)
def orders(): ...


def mart(name, **more):
    tags = {"airflow/wait_timeout_s": "1", "airflow/wait_poke_interval_s": "0.3", **more}

    @asset(name=name, group_name="marts", partitions_def=days, deps=[orders], tags=tags)
    def computed(): ...

    return computed


defs = Definitions([orders, mart("sure"), mart("maybe", **{"airflow/wait_soft_fail": "true"})])
'''


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    return shop_project(tmp_path_factory.mktemp("waits"), "marts_that_give_up", _DEFINITIONS)


@pytest.fixture
def store(tmp_path: Path, marts: ShopProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BRIDGE_PROJECT", str(marts.project.root))
    monkeypatch.setenv("BRIDGE_STORE", url)
    opened = open_store(url)
    yield opened
    opened.close()


def made(store: Store, partition: str) -> None:
    now = datetime.now(timezone.utc)
    store.record(
        [
            AssetEvent(
                kind="materialization",
                key=AssetKey("orders"),
                partition=partition,
                happened_at=now,
                source="test",
            )
        ]
    )


def looks(
    partition: str,
    *,
    waited_s: float,
    defers: bool = True,
    soft_fail: bool = False,
    asked: list[str] | None = None,
) -> Any:
    """One look of a task that began to wait so long ago."""
    sensor = AssetSensor(
        task_id="sure-waits-",
        asset_keys=["sure"],
        waits_for={"orders": "DAG raw__assets"},
        timeout=100,
        poke_interval=10,
        soft_fail=soft_fail,
        dag=compat.DAG(DAG, schedule=None),
    )
    began = datetime.now(timezone.utc) - timedelta(seconds=waited_s)
    names = {"dag_id": DAG, "task_id": "sure-waits-", "run_id": "r", "map_index": -1}
    ti = SimpleNamespace(
        **names, try_number=1, start_date=began, get_first_reschedule_date=lambda _: None
    )
    run = SimpleNamespace(run_id="r", conf={"partition": partition, "assets": asked})
    context = {"ti": ti, "dag_run": run}
    return stint_or_none(sensor, context, Environment.open(), defers=defers)


def test_both_forms_of_a_dag_wait_alike(marts: ShopProject, tmp_path: Path) -> None:
    marts.write_loader(tmp_path)

    def said(folder: Path) -> dict[str, object]:
        bag = dag_bag(folder)
        assert bag.import_errors == {}
        names = "asset_keys", "waits_for", "timeout", "poke_interval", "soft_fail", "mode"
        tasks = {task.task_id: task for task in bag.dags[DAG].tasks}
        assert tasks["maybe"].upstream_task_ids == {"maybe-waits-"}
        return {name: getattr(tasks["maybe-waits-"], name) for name in names}

    assert said(tmp_path) == said(marts.project.generated)
    assert said(tmp_path) == {
        "asset_keys": ["maybe"],
        "waits_for": {"orders": "DAG raw__assets"},
        "timeout": 1.0,
        "poke_interval": 0.3,
        "soft_fail": True,
        "mode": "reschedule",
    }


@pytest.mark.usefixtures("dag_test_airflow")
def test_it_waits_longer_with_a_triggerer_the_longer_it_has_waited(store: Store) -> None:
    first, later = looks("2024-01-02", waited_s=0), looks("2024-01-02", waited_s=40)

    assert first.awaited == later.awaited == [["orders", ["2024-01-02"], []]]
    assert first.timeout == pytest.approx(timedelta(seconds=30), abs=timedelta(seconds=1))
    assert later.timeout == pytest.approx(timedelta(seconds=60), abs=timedelta(seconds=1))
    made(store, "2024-01-02")
    assert looks("2024-01-02", waited_s=40) is None


@pytest.mark.usefixtures("dag_test_airflow", "store")
def test_without_a_triggerer_it_is_rescheduled() -> None:
    with pytest.raises(AirflowRescheduleException):
        looks("2024-01-02", waited_s=20, defers=False)


@pytest.mark.usefixtures("dag_test_airflow", "store")
def test_when_it_gives_up_it_says_what_is_missing_who_writes_it_and_what_to_do() -> None:
    said = (
        r"Waited 100 s in vain: orders partition 2024-01-02, which nobody is known to have "
        r"materialized \(DAG raw__assets\)\. Materialize it, or .*airflow/wait_timeout_s"
    )
    with pytest.raises(AirflowFailException, match=said):
        looks("2024-01-02", waited_s=101)
    with pytest.raises(AirflowSkipException, match="Waited 100 s in vain"):
        looks("2024-01-02", waited_s=101, soft_fail=True)


@pytest.mark.usefixtures("dag_test_airflow", "store")
def test_a_partition_that_does_not_exist_is_not_waited_for() -> None:
    with pytest.raises(AirflowFailException, match="2023-12-31"):
        looks("2023-12-31", waited_s=0)


@pytest.mark.usefixtures("dag_test_airflow", "store")
def test_a_store_in_a_file_is_not_asked_where_tasks_run_on_several_hosts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")

    with pytest.raises(AirflowFailException, match="CeleryExecutor runs tasks on several"):
        looks("2024-01-02", waited_s=0)


@pytest.mark.usefixtures("dag_test_airflow", "store")
def test_a_run_that_was_not_asked_for_the_reader_does_not_wait() -> None:
    assert looks("2024-01-02", waited_s=0, asked=["maybe"]) is None
    assert looks("2024-01-02", waited_s=0, asked=["sure"]) is not None


@pytest.mark.usefixtures("dag_test_airflow")
def test_a_store_that_does_not_answer_is_asked_again(
    marts: ShopProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_PROJECT", str(marts.project.root))
    monkeypatch.setenv("BRIDGE_STORE", "postgresql+psycopg2://nobody@127.0.0.1:1/none")

    assert looks("2024-01-02", waited_s=0).awaited == [["orders", ["2024-01-02"], []]]
    assert fired(marts, "2024-01-02", for_s=0.1) == {"are_there": False}


def test_in_a_dag_run_what_gives_up_fails_or_is_skipped(
    dag_test_airflow: DagTestAirflow, marts: ShopProject, store: Store
) -> None:
    dag = dag_test_airflow.dag(marts.rendered[DAG], DAG)

    run = dag_test_airflow.run(dag, datetime(2024, 4, 2, tzinfo=timezone.utc))

    assert run.task_states == {
        "sure-waits-": "failed",
        "sure": "upstream_failed",
        "maybe-waits-": "skipped",
        "maybe": "skipped",
    }
    made(store, "2024-04-02")
    run = dag_test_airflow.run(dag, datetime(2024, 4, 3, tzinfo=timezone.utc))
    assert set(run.task_states.values()) == {"success"}


def fired(marts: ShopProject, partition: str, *, for_s: float) -> Any:
    """What a trigger says in the end, made anew from what Airflow keeps of it."""
    path, arguments = PartitionsTrigger(
        project=str(marts.project.root),
        awaited=[["orders", [partition], []]],
        poke_interval_s=0.05,
        since="2024-01-05T00:00:00+00:00",
        until=(datetime.now(timezone.utc) + timedelta(seconds=for_s)).isoformat(),
    ).serialize()
    assert path == f"{PartitionsTrigger.__module__}.{PartitionsTrigger.__qualname__}"

    async def first() -> Any:
        return (await anext(PartitionsTrigger(**arguments).run())).payload

    said = asyncio.run(first())
    assert said.pop("since") == "2024-01-05T00:00:00+00:00"
    return said


def test_a_trigger_fires_when_all_is_there_and_else_when_its_time_is_over(
    marts: ShopProject, store: Store
) -> None:
    made(store, "2024-01-03")

    assert fired(marts, "2024-01-03", for_s=600) == {"are_there": True}
    assert fired(marts, "2024-01-04", for_s=0.2) == {"are_there": False}
