from datetime import datetime, timezone

import pytest

from adapters.airflow.legacy.mapping import PartitionsEntry
from adapters.airflow.legacy.schedule_partitions import partitions_of, period_of
from adapters.airflow.legacy.snapshot import Dag, Schedule


def dag(schedule: Schedule | str = "@daily", **fields) -> Dag:
    when = Schedule(kind="cron", cron=schedule) if isinstance(schedule, str) else schedule
    given = {"start_date": "2024-01-01T00:00:00+00:00", **fields}
    return Dag(dag_id="d", file="d.py", schedule=when, **given)


@pytest.mark.parametrize(
    ("schedule", "period"),
    [
        (Schedule(kind="cron", cron="@daily"), ("daily", 0)),
        (Schedule(kind="cron", cron="30 5 * * *"), ("daily", 0)),
        (Schedule(kind="interval", interval_s=86400), ("daily", 0)),
        (Schedule(kind="timetable", text="T", cron="0 3 * * *"), ("daily", 0)),
        (Schedule(kind="cron", cron="@hourly"), ("hourly", 0)),
        (Schedule(kind="cron", cron="15 * * * *"), ("hourly", 0)),
        (Schedule(kind="interval", interval_s=3600), ("hourly", 0)),
        (Schedule(kind="cron", cron="@weekly"), ("weekly", 0)),
        (Schedule(kind="cron", cron="0 6 * * 1"), ("weekly", 1)),
        (Schedule(kind="cron", cron="0 6 * * 7"), ("weekly", 0)),
        (Schedule(kind="cron", cron="@monthly"), ("monthly", 0)),
        (Schedule(kind="cron", cron="0 6 3 * *"), ("monthly", 0)),
        # not once in each period
        (Schedule(kind="cron", cron="0 0 * * 1-5"), ("none", 0)),
        (Schedule(kind="cron", cron="0 */2 * * *"), ("none", 0)),
        (Schedule(kind="cron", cron="*/15 * * * *"), ("none", 0)),
        (Schedule(kind="cron", cron="0 0 1 1 *"), ("none", 0)),
        (Schedule(kind="interval", interval_s=7200), ("none", 0)),
        (Schedule(kind="interval", text="relativedelta"), ("none", 0)),
        (Schedule(kind="datasets", cron="@daily"), ("none", 0)),
        (Schedule(kind="unset"), ("none", 0)),
    ],
)
def test_a_period_is_what_the_schedule_fills_once_each_time(schedule, period):
    assert period_of(schedule) == period


def test_partitions_begin_with_the_start_date_and_end_after_the_last_day():
    found = partitions_of(dag(end_date="2024-12-31T00:00:00", timezone="Europe/Zurich"))
    assert found == PartitionsEntry(
        kind="daily", start="2024-01-01", end="2025-01-01", timezone="Europe/Zurich"
    )


@pytest.mark.parametrize(
    ("schedule", "run", "partition", "end"),
    [
        ("15 * * * *", "2024-05-07T04:15", "2024-05-07-04:00", "2024-06-13"),
        ("0 6 * * *", "2024-05-07T06:00", "2024-05-07", "2024-06-13"),
        ("0 6 * * 1", "2024-05-06T06:00", "2024-05-06", "2024-06-17"),
        ("0 6 3 * *", "2024-05-03T06:00", "2024-05-01", "2024-07-01"),
    ],
)
def test_a_run_is_filed_under_the_period_its_date_lies_in(schedule, run, partition, end):
    entry = partitions_of(dag(schedule, end_date="2024-06-12T00:00:00+00:00"))
    definition = entry.definition()

    moment = datetime.fromisoformat(run).replace(tzinfo=timezone.utc)
    assert definition.key_for(moment) == partition
    assert entry.end == end
    # the period of the last run is one, and the next is none
    last = definition.key_for(datetime(2024, 6, 12, 12, tzinfo=timezone.utc))
    assert definition.window(last).end <= datetime.fromisoformat(f"{end}T00:00:00+00:00")


@pytest.mark.parametrize(
    "fields",
    [
        {"start_date": None},
        {"start_date": "0001-01-01T00:00:00"},  # datetime.min, as Airflow's own examples have it
        {"schedule": Schedule(kind="none")},
    ],
)
def test_without_periods_or_a_start_there_are_no_partitions(fields):
    assert partitions_of(dag(**fields)) == PartitionsEntry()


def test_an_end_at_the_end_of_time_is_none():
    found = partitions_of(dag(end_date="9999-12-31T00:00:00"))
    assert found.end is None
    assert found.definition() is not None
