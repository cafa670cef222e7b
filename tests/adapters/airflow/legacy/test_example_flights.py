"""The numbered example, imported with no Airflow in sight."""

import sys
from pathlib import Path

import pytest

from adapters.airflow.legacy.assets import observed_assets
from adapters.airflow.legacy.proposal import mapping_of
from adapters.airflow.legacy.snapshot import DagSnapshot
from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot

DAGS = Path(__file__).parents[4] / "migration_examples" / "01-flights" / "dags"


@pytest.fixture(scope="module")
def flights() -> DagSnapshot:
    return record_folder(DAGS)


def test_both_dags_are_read_whole_without_a_finding(flights):
    assert {dag.dag_id: len(dag.tasks) for dag in flights.dags} == {
        "flights_daily": 7,
        "flights_delay_report": 3,
    }
    assert flights.findings == ()
    assert {file.outcome for file in flights.files} == {"recorded", "ignored"}
    assert "airflow" not in sys.modules or "site-packages" in str(sys.modules["airflow"].__file__)


def test_edges_mapping_and_schedules_are_those_of_airflow(flights):
    daily, report = flights.dag("flights_daily"), flights.dag("flights_delay_report")
    assert daily.task("publish").upstream == ("build_fct_departures", "summarise_origin")
    assert daily.task("build_fct_departures").upstream == ("stage_flights", "stage_weather")
    assert [task.task_id for task in daily.tasks if task.mapped] == ["summarise_origin"]
    assert (daily.schedule.cron, daily.start_date, daily.catchup) == (
        "@daily",
        "2013-01-01T00:00:00+00:00",
        False,
    )
    assert (report.schedule.kind, report.schedule.datasets) == (
        "datasets",
        ("sqlite://flights_warehouse/publish_log",),
    )
    assert report.task("write_report").uses_xcom_of == ("report_days",)


def test_the_warehouse_tables_become_assets_with_lineage(flights):
    specs = {
        str(spec.key): spec
        for spec in observed_assets(mapping_of(flights, read_snapshot(flights))).specs
    }
    fct, report = (
        specs["flights_warehouse/fct_departures"],
        specs["flights_warehouse/rpt_delay_by_carrier"],
    )
    assert [str(key) for key in fct.deps] == [
        "flights_warehouse/stg_flights",
        "flights_warehouse/stg_weather",
    ]
    assert fct.produced_by == ("airflow:flights_daily.build_fct_departures",)
    assert fct.partitions_def is not None
    assert [str(key) for key in report.deps] == ["flights_warehouse/fct_departures"]
    assert specs["flights_warehouse/stg_flights"].metadata["evidence"] == "declared"
    assert "flights_daily/wait_for_flights" not in specs
