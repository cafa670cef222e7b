"""The poller and an Airflow that is large, wrong about the time, or half unreadable."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from adapters.airflow.api.rest import AirflowRest
from adapters.airflow.observe.poller import PollReport, cursor_name, poll
from adapters.airflow.observe.unit import ObservedUnit
from bridge.errors import RemoteUnreachableError
from bridge.keys import AssetKey
from bridge.partitions import DailyPartitionsDefinition
from bridge.store import Store, open_store
from tests.adapters.airflow.observe.fake_airflow import FakeAirflow

DAYS = DailyPartitionsDefinition(start_date="2000-01-01")
LOAD, SPLIT = AssetKey("loaded"), AssetKey("split")
UNITS = (
    ObservedUnit(dag_id="flights", task_id="load", assets=(LOAD,), partitions=DAYS),
    ObservedUnit(dag_id="flights", task_id="split", assets=(SPLIT,), partitions=DAYS),
)
both = pytest.mark.parametrize("api", ["v1", "v2"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


@pytest.fixture
def now() -> datetime:
    """The servers say what time it is, so these tests happen now."""
    return datetime.now(timezone.utc)


def polled(
    airflow: FakeAirflow, store: Store, now: datetime, units: tuple[ObservedUnit, ...] = UNITS
) -> PollReport:
    rest = AirflowRest.connect("http://airflow.test", transport=airflow.transport)
    return poll(rest, store, units, instance="test", now=now)


def scheduled(day: int) -> str:
    date = datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(days=day)
    return f"scheduled__{date.isoformat()}"


def kinds(store: Store, key: AssetKey) -> list[tuple[str, str | None, str]]:
    """(kind, partition, end of the source), oldest first."""
    events = [recorded.event for recorded in store.events(key, limit=10_000)]
    return sorted((e.kind, e.partition, "/".join(e.source.split("/")[-2:])) for e in events)


@both
def test_a_long_history_is_imported_with_about_a_request_per_hundred_rows(
    api: str, store: Store, now: datetime
) -> None:
    airflow = FakeAirflow(api)
    for day in range(3000):
        airflow.add("load", scheduled(day), at=now - timedelta(days=3000 - day))

    report = polled(airflow, store, now)

    assert (report.rows, report.recorded) == (3000, 3000)
    assert report.requests <= 30 + 30 + 20  # rows, runs, finding windows of a thousand
    assert len(store.partition_states(LOAD)) == 3000


@both
def test_only_what_changed_is_read_again(api: str, store: Store, now: datetime) -> None:
    airflow = FakeAirflow(api)
    for day in range(500):
        airflow.add("load", scheduled(day), at=now - timedelta(days=500 - day))
    polled(airflow, store, now)
    airflow.add("load", scheduled(500), at=now + timedelta(seconds=30))

    report = polled(airflow, store, now + timedelta(minutes=1))

    assert (report.rows, report.recorded) == (1, 1)
    assert report.requests <= 3


@both
def test_a_unit_that_is_mapped_later_gets_its_history(
    api: str, store: Store, now: datetime
) -> None:
    airflow = FakeAirflow(api)
    early = now - timedelta(days=3)
    airflow.add("load", scheduled(1), at=early)
    airflow.add("load", scheduled(1), at=early, dag_id="weather")
    weather = ObservedUnit(dag_id="weather", task_id="load", assets=(AssetKey("weather"),))
    polled(airflow, store, now)

    second = polled(airflow, store, now + timedelta(hours=1), (*UNITS, weather))
    third = polled(airflow, store, now + timedelta(hours=2), (*UNITS, weather))

    assert kinds(store, AssetKey("weather")) == [("materialization", None, "-1/1")]
    assert (second.recorded, third.rows) == (1, 0)


def test_a_unit_that_is_left_out_for_a_while_misses_nothing(store: Store, now: datetime) -> None:
    airflow = FakeAirflow("v2")
    polled(airflow, store, now)
    polled(airflow, store, now + timedelta(minutes=1), UNITS[1:])
    airflow.add("load", scheduled(1), at=now + timedelta(minutes=2))
    polled(airflow, store, now + timedelta(hours=1), UNITS[1:])

    report = polled(airflow, store, now + timedelta(hours=2))

    assert report.recorded == 1


@both
def test_one_row_that_cannot_be_read_takes_nothing_from_the_others(
    api: str, store: Store, now: datetime
) -> None:
    airflow = FakeAirflow(api)
    airflow.add("load", scheduled(1), at=now - timedelta(hours=2), end_date="yesterday")
    airflow.add("load", scheduled(2), at=now - timedelta(hours=1))

    report = polled(airflow, store, now)

    assert kinds(store, LOAD) == [("materialization", "2024-01-03", "-1/1")]
    assert [f.code for f in report.findings] == ["bad_row"]
    assert "end_date" in report.findings[0].message
    assert report.read_through is not None
    assert now - report.read_through < timedelta(seconds=2)


@both
@pytest.mark.parametrize("ahead_s", [-3600, -100, 100, 3600])
def test_an_airflow_whose_clock_is_wrong_loses_nothing(
    api: str, ahead_s: int, store: Store, now: datetime
) -> None:
    airflow = FakeAirflow(api, clock_offset=timedelta(seconds=ahead_s))
    for minute in range(0, 50, 10):
        time = now + timedelta(minutes=minute)
        airflow.add("load", scheduled(minute), at=time + timedelta(seconds=ahead_s))
        polled(airflow, store, time)

    assert len(store.partition_states(LOAD)) == 5


def test_an_interrupted_first_poll_goes_on_where_it_was(store: Store, now: datetime) -> None:
    airflow = FakeAirflow("v2")
    for day in range(3000):
        airflow.add("load", scheduled(day), at=now - timedelta(days=3000 - day))

    def fail_after_a_while() -> None:
        if len(airflow.asked) == 40:
            raise KeyboardInterrupt

    airflow.before_answer = fail_after_a_while
    with pytest.raises(KeyboardInterrupt):
        polled(airflow, store, now)
    half = len(store.partition_states(LOAD))

    report = polled(airflow, store, now)

    assert 0 < half < 3000
    assert report.rows < 3000 - half + 100
    assert len(store.partition_states(LOAD)) == 3000


@both
def test_a_mapped_task_is_materialized_once_all_its_indexes_succeeded(
    api: str, store: Store, now: datetime
) -> None:
    airflow = FakeAirflow(api)
    early = now - timedelta(hours=1)
    airflow.add("split", scheduled(1), at=early, map_index=0)
    last = airflow.add("split", scheduled(1), at=early, map_index=1, state="failed")
    polled(airflow, store, now)
    before = kinds(store, SPLIT)
    last |= {"state": "success", "try_number": 2, "updated_at": now + timedelta(seconds=30)}

    polled(airflow, store, now + timedelta(minutes=1))

    failure = ("failure", "2024-01-02", "1/1")
    assert before == [failure]
    assert kinds(store, SPLIT) == [failure, ("materialization", "2024-01-02", "-1/2")]


def test_a_map_index_that_cannot_be_read_may_have_failed(store: Store, now: datetime) -> None:
    airflow = FakeAirflow("v1")
    early = now - timedelta(hours=1)
    airflow.add("split", scheduled(1), at=early, map_index=0)
    airflow.add("split", scheduled(1), at=early, map_index=1, try_number="many")
    airflow.add("split", scheduled(2), at=early, map_index=0)

    polled(airflow, store, now)

    assert kinds(store, SPLIT) == [("materialization", "2024-01-03", "-1/1")]


@both
def test_what_runs_has_started_and_what_was_skipped_says_nothing(
    api: str, store: Store, now: datetime
) -> None:
    airflow = FakeAirflow(api)
    early = now - timedelta(hours=1)
    airflow.add("load", scheduled(1), at=early, state="running", end_date=None)
    airflow.add("load", scheduled(2), at=early, state="skipped")
    airflow.add("load", scheduled(3), at=early, state="upstream_failed")
    airflow.add("load", scheduled(4), at=early, state="queued", start_date=None, end_date=None)

    polled(airflow, store, now)

    assert kinds(store, LOAD) == [("started", "2024-01-02", "-1/1")]


@both
def test_a_task_marked_by_hand_has_no_times_and_is_still_recorded(
    api: str, store: Store, now: datetime
) -> None:
    airflow = FakeAirflow(api)
    early = now - timedelta(hours=1)
    airflow.add("load", scheduled(1), at=early, start_date=None, end_date=None, try_number=0)

    polled(airflow, store, now)

    assert kinds(store, LOAD) == [("materialization", "2024-01-02", "-1/0")]


@both
def test_tries_before_the_latest_come_from_the_history(
    api: str, store: Store, now: datetime
) -> None:
    airflow = FakeAirflow(api)
    early = now - timedelta(hours=1)
    latest = airflow.add("load", scheduled(1), at=early, try_number=3)
    airflow.history = [latest | {"try_number": n, "state": "failed"} for n in (1, 2)]

    polled(airflow, store, now)

    day = "2024-01-02"
    assert kinds(store, LOAD) == [
        ("failure", day, "-1/1"),
        ("failure", day, "-1/2"),
        ("materialization", day, "-1/3"),
    ]


def test_the_same_run_and_task_id_in_another_dag_is_another_event(
    store: Store, now: datetime
) -> None:
    airflow = FakeAirflow("v1")
    early = now - timedelta(hours=1)
    airflow.add("load", scheduled(1), at=early)
    airflow.add("load", scheduled(1), at=early, dag_id="weather")
    other = ObservedUnit(dag_id="weather", task_id="load", assets=(AssetKey("weather"),))

    report = polled(airflow, store, now, (*UNITS, other))

    assert report.recorded == 2


@both
def test_few_dags_of_a_large_airflow_are_read_alone(api: str, store: Store, now: datetime) -> None:
    airflow = FakeAirflow(api)
    early = now - timedelta(hours=1)
    airflow.add("load", scheduled(1), at=early)
    for number in range(2000):
        airflow.add("load", scheduled(number), at=early, dag_id="other")
    weather = ObservedUnit(dag_id="weather", task_id="load", assets=(AssetKey("weather"),))

    report = polled(airflow, store, now, (*UNITS, weather))

    assert (report.rows, report.recorded) == (1, 1)
    assert report.requests <= 5


@both
def test_runs_far_apart_do_not_bring_all_runs_between_them(
    api: str, store: Store, now: datetime
) -> None:
    airflow = FakeAirflow(api)
    for day in range(2000):
        airflow.add_run("flights", scheduled(day))
    for day in (0, 1999):  # one of them cleared after years
        airflow.add("load", scheduled(day), at=now - timedelta(minutes=day))

    report = polled(airflow, store, now)

    assert report.recorded == 2
    assert report.requests <= 6


def test_an_airflow_that_goes_away_keeps_what_was_read_and_says_so(
    store: Store, now: datetime
) -> None:
    airflow = FakeAirflow("v2")
    airflow.add("load", scheduled(1), at=now - timedelta(hours=1))
    read_through = polled(airflow, store, now).read_through
    rest = AirflowRest.connect("http://airflow.test", transport=airflow.transport, attempts=1)
    airflow.api = "v3"  # nothing is where it was

    with pytest.raises(RemoteUnreachableError):
        poll(rest, store, UNITS, instance="test", now=now + timedelta(minutes=1))

    assert read_through is not None
    assert store.cursor(cursor_name("test")) == read_through.isoformat()


@both
def test_a_dag_that_is_one_asset_is_materialized_once_all_its_last_tasks_succeeded(
    api: str, store: Store, now: datetime
) -> None:
    whole = AssetKey(["whole"])
    last = ("mail", "report")
    units = tuple(
        ObservedUnit(
            dag_id="flights", task_id=task, assets=(whole,), partitions=DAYS, together=last
        )
        for task in ("load", *last)
    )
    airflow = FakeAirflow(api)
    early = now - timedelta(hours=1)
    airflow.add("load", scheduled(1), at=early)
    airflow.add("mail", scheduled(1), at=early)
    report = airflow.add("report", scheduled(1), at=early, state="failed")
    polled(airflow, store, now, units)
    before = [kind for kind, _, _ in kinds(store, whole)]
    report |= {"state": "success", "try_number": 2, "updated_at": now + timedelta(seconds=30)}

    polled(airflow, store, now + timedelta(minutes=1), units)

    assert before == ["failure"]
    assert [kind for kind, _, _ in kinds(store, whole)] == ["failure", "materialization"]
