"""Jobs in a real Airflow: their schedules, their configuration, their partitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.store import Store, open_store
from tests.airflow.generated_project import ShopProject, shop_project
from tests.airflow.live.in_process import DagTestAirflow
from tests.airflow.test_generated import dag_bag

pytestmark = pytest.mark.airflow

ZONE = ZoneInfo("Europe/Zurich")
_DEFINITIONS = '''
"""A job with settings by day, which runs at six, and one that is started by hand."""

from bridge import (
    Config, DailyPartitionsDefinition, Definitions, asset, build_schedule_from_partitioned_job,
    define_asset_job,
)

days = DailyPartitionsDefinition("2024-01-01", timezone="Europe/Zurich")


class Settings(Config):
    rows: int = 1
    label: str = "none"


@asset(partitions_def=days)
def orders(context, config: Settings) -> list:
    context.add_output_metadata({"label": config.label})
    return list(range(config.rows))


@asset
def manual(config: Settings) -> list:
    return list(range(config.rows))


daily = define_asset_job("daily", "orders", config={"orders": {"rows": 3}})
by_hand = define_asset_job("by_hand", "manual")
defs = Definitions(
    [orders, manual],
    jobs=[daily, by_hand],
    schedules=[build_schedule_from_partitioned_job(daily, hour_of_day=6)],
)
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    return shop_project(tmp_path_factory.mktemp("jobs"), "generated_jobs", _DEFINITIONS)


@pytest.fixture
def store(tmp_path: Path, project: ShopProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BRIDGE_PROJECT", str(project.project.root))
    monkeypatch.setenv("BRIDGE_STORE", url)
    opened = open_store(url)
    yield opened
    opened.close()


def test_a_jobs_dag_ticks_as_its_schedule_does(project: ShopProject, tmp_path: Path) -> None:
    project.write_loader(tmp_path)

    for bag in (dag_bag(project.project.generated), dag_bag(tmp_path)):
        assert bag.import_errors == {}
        assert set(bag.dags) == {"daily", "by_hand"}
        daily, by_hand = bag.dags["daily"], bag.dags["by_hand"]
        assert dict(daily.params) == {"run_config": {"orders": {"rows": 3}}}
        assert daily.start_date == datetime(2024, 1, 1, 6, tzinfo=ZONE)
        assert [type(dag.timetable).__name__ for dag in (daily, by_hand)] == [
            "TickTimetable",
            "NullTimetable",
        ]


def test_a_run_after_six_computes_yesterday_with_the_jobs_settings(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store
) -> None:
    dag = dag_test_airflow.dag(project.rendered["daily"], "daily")

    run = dag_test_airflow.run(dag, datetime(2024, 3, 6, 6, tzinfo=ZONE), None)

    assert run.state == "success"
    [made] = store.events(kinds=("materialization",))
    assert (made.event.partition, made.event.row_count) == ("2024-03-05", 3)


def test_the_configuration_of_a_run_stands_above_the_jobs(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store
) -> None:
    dag = dag_test_airflow.dag(project.rendered["daily"], "daily")
    conf = {"run_config": {"orders": {"rows": 5, "label": "again"}}, "partition": "2024-01-02"}

    dag_test_airflow.run(dag, datetime(2024, 3, 7, 6, tzinfo=ZONE) + timedelta(days=1), conf)

    [made] = store.events(kinds=("materialization",))
    assert (made.event.partition, made.event.row_count) == ("2024-01-02", 5)
    assert made.event.metadata["label"] == "again"


def test_a_job_without_a_schedule_runs_when_it_is_triggered(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store
) -> None:
    dag = dag_test_airflow.dag(project.rendered["by_hand"], "by_hand")

    run = dag_test_airflow.run(dag, datetime(2024, 3, 8, tzinfo=ZONE), None)

    assert run.task_states == {"manual": "success"}
    assert [each.event.row_count for each in store.events(kinds=("materialization",))] == [1]


def test_a_file_of_other_definitions_says_so_in_the_tasks_log(
    dag_test_airflow: DagTestAirflow,
    project: ShopProject,
    store: Store,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = project.rendered["by_hand"].read_text()
    now, before = tmp_path / "by_hand.py", tmp_path / "older" / "by_hand.py"
    before.parent.mkdir()
    now.write_text(text)
    # another length too: bytecode is kept by length and second
    before.write_text(re.sub(r'fingerprint="[0-9a-f]{8}"', 'fingerprint="0000"', text))
    said = []
    for day, file in ((9, now), (10, before)):
        caplog.clear()
        dag = dag_test_airflow.dag(file, "by_hand")
        dag_test_airflow.run(dag, datetime(2024, 3, day, tzinfo=ZONE), None)
        said.append([r.message for r in caplog.records if "definitions have changed" in r.message])

    assert said == [
        [],
        [
            "manual: the definitions have changed since this DAG was generated. `bridge generate` "
            "writes it anew."
        ],
    ]
