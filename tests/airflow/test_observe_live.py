"""The REST client and the poller against a running Airflow, 2.11 or 3.3."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from adapters.airflow.api.rest import AirflowRest
from adapters.airflow.observe.poller import PollReport, cursor_name, poll
from adapters.airflow.observe.unit import ObservedUnit
from adapters.airflow.source import parse_task_source
from bridge.errors import RefusedError, RemoteUnreachableError
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.partitions import DailyPartitionsDefinition
from bridge.store import Store, open_store
from tests.airflow.live.instance import LiveAirflow

DAG_ID = "observed_work"
DAG_SOURCE = """
from datetime import datetime, timedelta, timezone
try:
    from airflow.sdk import dag, get_current_context, task
except ImportError:
    from airflow.decorators import dag, task
    from airflow.operators.python import get_current_context
from airflow.exceptions import AirflowSkipException


def fail_at_first():
    if get_current_context()["ti"].try_number == 1:
        raise ValueError("not yet")


@dag(dag_id="observed_work", schedule=None, catchup=False, tags=["observed"],
     start_date=datetime(2024, 1, 1, tzinfo=timezone.utc), default_args={"owner": "data"})
def observed_work():
    @task
    def stage():
        pass

    @task(retries=1, retry_delay=timedelta(seconds=0))
    def retried():
        fail_at_first()

    @task
    def per_airport(airport):
        pass

    @task
    def flaky_airport(airport):
        if airport == "LGA":
            fail_at_first()

    @task
    def broken():
        raise ValueError("for ever")

    @task
    def skipped():
        raise AirflowSkipException

    stage(); retried(); broken(); skipped()
    per_airport.expand(airport=["EWR", "JFK", "LGA"])
    flaky_airport.expand(airport=["EWR", "LGA"])


observed_work()
"""
DAYS = DailyPartitionsDefinition(start_date="2024-01-01")
UNITS = tuple(
    ObservedUnit(dag_id=DAG_ID, task_id=task_id, assets=(AssetKey(task_id),), partitions=DAYS)
    for task_id in ("stage", "retried", "per_airport", "flaky_airport", "broken", "skipped")
)
SECOND_DAY = datetime(2024, 1, 2, tzinfo=timezone.utc)

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def observed(live_airflow: LiveAirflow) -> LiveAirflow:
    live_airflow.write_dag("observed_work.py", DAG_SOURCE)
    live_airflow.wait_for_dag(DAG_ID)
    live_airflow.unpause(DAG_ID)
    return live_airflow


@pytest.fixture(scope="module")
def failed_run(observed: LiveAirflow) -> str:
    """A run in which some tasks succeeded and some failed."""
    run_id = observed.trigger(DAG_ID, SECOND_DAY, run_id="by_hand:2nd+1")
    assert observed.wait_for_run(DAG_ID, run_id) == "failed"
    return run_id


@pytest.fixture(scope="module")
def rest(observed: LiveAirflow) -> Iterator[AirflowRest]:
    client = AirflowRest.connect(
        observed.url, username=observed.username, password=observed.password
    )
    yield client
    client.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


def polled(rest: AirflowRest, store: Store, units: tuple[ObservedUnit, ...] = UNITS) -> PollReport:
    return poll(rest, store, units, instance="test", now=datetime.now(timezone.utc))


def told(store: Store, run_id: str) -> set[tuple[str, str, str | None, int, int]]:
    """(asset, kind, partition, map index, try) of every finished try of a run."""
    events: list[AssetEvent] = [recorded.event for recorded in store.events(limit=1000)]
    named = [(event, parse_task_source(event.source)) for event in events]
    return {
        (str(event.key), event.kind, event.partition, source.map_index, source.try_number)
        for event, source in named
        if source is not None and source.run_id == run_id and event.kind != "started"
    }


def wait_for_try(live: LiveAirflow, run_id: str, task_id: str, try_number: int) -> None:
    """Wait until a cleared task has begun anew, so that the end of the run is the new one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        rows = [r for r in live.task_instances(DAG_ID, run_id) if r["task_id"] == task_id]
        if any(row["try_number"] == try_number for row in rows):
            return
        time.sleep(0.2)
    raise AssertionError(f"{task_id} did not start again: {rows}")


def test_what_succeeded_in_a_failed_run_is_materialized_and_what_failed_is_a_failure(
    rest: AirflowRest, store: Store, failed_run: str
) -> None:
    report = polled(rest, store)

    day = "2024-01-02"
    assert told(store, failed_run) == {
        ("stage", "materialization", day, -1, 1),
        ("retried", "failure", day, -1, 1),
        ("retried", "materialization", day, -1, 2),
        ("per_airport", "materialization", day, -1, 1),
        ("flaky_airport", "failure", day, 1, 1),
        ("broken", "failure", day, -1, 1),
    }
    assert report.since is None
    assert report.findings == ()
    assert report.requests <= 8
    assert store.asset_states()[AssetKey("broken")].activity == "failure"


def test_a_second_poll_records_nothing_and_goes_on_from_the_first(
    rest: AirflowRest, store: Store, failed_run: str
) -> None:
    first = polled(rest, store)

    second = polled(rest, store)

    assert (second.since, second.recorded) == (first.read_through, 0)
    assert store.cursor(cursor_name("test")) == (second.read_through or SECOND_DAY).isoformat()


def test_a_cleared_task_that_succeeds_again_is_materialized_again(
    rest: AirflowRest, store: Store, observed: LiveAirflow
) -> None:
    run_id = observed.trigger(DAG_ID, SECOND_DAY + timedelta(days=1))
    observed.wait_for_run(DAG_ID, run_id)
    polled(rest, store)
    before = told(store, run_id)
    observed.clear(DAG_ID, run_id, ["stage", "flaky_airport"])
    wait_for_try(observed, run_id, "stage", 2)
    wait_for_try(observed, run_id, "flaky_airport", 2)
    observed.wait_for_run(DAG_ID, run_id)

    polled(rest, store)

    assert told(store, run_id) - before == {
        ("stage", "materialization", "2024-01-03", -1, 2),
        ("flaky_airport", "materialization", "2024-01-03", -1, 2),
    }


def test_a_first_poll_after_a_clear_still_finds_the_earlier_success(
    rest: AirflowRest, store: Store, observed: LiveAirflow
) -> None:
    run_id = observed.trigger(DAG_ID, SECOND_DAY + timedelta(days=2))
    observed.wait_for_run(DAG_ID, run_id)
    observed.clear(DAG_ID, run_id, ["stage"])
    wait_for_try(observed, run_id, "stage", 2)
    observed.wait_for_run(DAG_ID, run_id)

    polled(rest, store)

    assert {try_ for key, *_, try_ in told(store, run_id) if key == "stage"} == {1, 2}


@pytest.mark.airflow3
def test_a_run_without_a_date_makes_an_unpartitioned_event_and_a_finding(
    rest: AirflowRest, store: Store, observed: LiveAirflow
) -> None:
    run_id = observed.trigger(DAG_ID)
    observed.wait_for_run(DAG_ID, run_id)

    report = polled(rest, store)

    assert ("stage", "materialization", None, -1, 1) in told(store, run_id)
    told_of = {f.message for f in report.findings if f.about == f"{DAG_ID}.stage"}
    assert told_of == {f"recorded without a partition: run {run_id} has no logical date"}


def test_units_that_airflow_does_not_have_take_nothing_from_the_others(
    rest: AirflowRest, store: Store, failed_run: str
) -> None:
    gone = ObservedUnit(dag_id="gone", task_id="stage", assets=(AssetKey("gone"),))

    polled(rest, store, (*UNITS, gone))

    assert ("stage", "materialization", "2024-01-02", -1, 1) in told(store, failed_run)


def test_a_unit_of_a_dag_that_is_not_there_is_no_error(rest: AirflowRest, store: Store) -> None:
    gone = ObservedUnit(dag_id="gone", task_id="stage", assets=(AssetKey("gone"),))

    assert polled(rest, store, (gone,)).recorded == 0


def test_the_client_reads_dags_and_tasks(rest: AirflowRest, observed: LiveAirflow) -> None:
    dag = next(dag for dag in rest.dags().good if dag.dag_id == DAG_ID)
    tasks = {task.task_id: task for task in rest.tasks(DAG_ID).good}

    assert rest.version == ".".join(map(str, observed.version))
    assert (dag.is_paused, dag.owners, dag.tags) == (False, ("data",), ("observed",))
    assert tasks["per_airport"].is_mapped
    assert not tasks["stage"].is_mapped
    assert tasks["stage"].operator == "_PythonDecoratedOperator"
    assert "no DAG" in rest.tasks("gone").bad[0].why


def test_the_client_pauses_and_triggers(rest: AirflowRest, observed: LiveAirflow) -> None:
    rest.set_paused(DAG_ID, is_paused=True)
    paused = observed.request("GET", f"/dags/{DAG_ID}")["is_paused"]
    date = SECOND_DAY + timedelta(days=10)
    run_id = rest.trigger(DAG_ID, logical_date=date, run_id="once", conf={"day": 12})
    with pytest.raises(RefusedError, match="has this already"):
        rest.trigger(DAG_ID, logical_date=date, run_id="once")
    rest.set_paused(DAG_ID, is_paused=False)

    run = observed.run(DAG_ID, run_id)
    assert (paused, run_id, run["conf"]) == (True, "once", {"day": 12})
    observed.wait_for_run(DAG_ID, run_id)


def test_a_wrong_password_is_told_with_what_to_check(observed: LiveAirflow) -> None:
    wrong = f"not {observed.password}"
    rest = AirflowRest.connect(observed.url, username=observed.username, password=wrong)

    with pytest.raises(RemoteUnreachableError, match=r"Check .*username and .*password"):
        rest.dags()
    rest.close()


def test_the_legacy_flights_become_materializations_of_their_day(
    live_flights: LiveAirflow, rest: AirflowRest, store: Store
) -> None:
    days = DailyPartitionsDefinition(start_date="2013-01-01", end_date="2014-01-01")
    tasks = {
        "stage_flights": "stg_flights",
        "summarise_origin": "origin_summary",
        "build_fct_departures": "fct_departures",
    }
    units = tuple(
        ObservedUnit(
            dag_id="flights_daily", task_id=task, assets=(AssetKey(asset),), partitions=days
        )
        for task, asset in tasks.items()
    )
    live_flights.wait_for_dag("flights_daily")
    live_flights.unpause("flights_daily")
    run_id = live_flights.trigger("flights_daily", datetime(2013, 1, 5, tzinfo=timezone.utc))
    state = live_flights.wait_for_run("flights_daily", run_id, timeout_s=240)

    first = polled(rest, store, units)
    second = polled(rest, store, units)

    assert state == "success", live_flights.task_states("flights_daily", run_id)
    assert told(store, run_id) == {
        (asset, "materialization", "2013-01-05", -1, 1) for asset in tasks.values()
    }
    assert (first.findings, second.recorded) == ((), 0)
