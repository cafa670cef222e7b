"""The runs of generated DAGs are the ticks of our schedules and the windows of our partitions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.airflow.compat import (
    IS_AIRFLOW_3,
    CronDataIntervalTimetable,
    coerce_datetime,
)
from adapters.airflow.generate.bundles import one_interval_a_partition
from adapters.airflow.generate.calls import schedule_call
from adapters.airflow.generate.loader import made
from adapters.airflow.generate.schedule import Schedule
from adapters.airflow.generate.timing import timed
from bridge import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    TimeWindowPartitionsDefinition,
    WeeklyPartitionsDefinition,
)
from bridge.calendar import changing_days, ticks

pytestmark = pytest.mark.airflow

Interval = tuple[datetime, datetime]
UTC = timezone.utc
BEGIN, END = datetime(2023, 7, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)
ZONES = [
    "UTC",
    "Europe/Zurich",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/Santiago",  # changes at midnight
    "Asia/Kolkata",  # half an hour from others, and no summer time
]
SPARSE = [
    "0 0 * * 0",
    "30 2 * * 0",
    "@monthly",
    "0 0 31 * *",
    "0 0 1 */3 *",
    "5 4 1,15 * *",
    "0 12 28-31 * *",
    "0 0 L * *",
    "0 22 * * fri#1",
    "0 0 29 2 *",
]
DAILY = [
    "0 0 * * *",
    "0 2 * * *",
    "30 2 * * *",
    "0 3 * * *",
    "30 1 * * *",
    "15,45 2 * * *",
    "0 6 * * 1-5",
    "0 9 1 * mon",
]
DENSE = ["0 * * * *", "*/15 * * * *", "0 */2 * * *", "0 8-18/2 * * mon-fri", "@hourly"]


def intervals(timetable: Any, begin: datetime, end: datetime) -> Iterator[Interval]:
    """What a scheduler is told that makes up for all runs from `begin` on, one run after another.

    Ends where Airflow does not get on.
    """
    from airflow.timetables.base import TimeRestriction  # noqa: PLC0415 - only asked for here

    restriction = TimeRestriction(earliest=coerce_datetime(begin), latest=None, catchup=True)
    last = None
    while True:
        try:
            info = timetable.next_dagrun_info(
                last_automated_data_interval=last, restriction=restriction
            )
        except ValueError:  # 3.3, where 2.11 would go round for ever
            return
        interval = info.data_interval
        assert info.run_after == interval.end
        if interval.start >= end or (last is not None and interval.start <= last.start):
            return
        yield interval.start, interval.end
        last = interval
        restriction = restriction._replace(earliest=None)  # aligning it costs Airflow most


def ours(cron: str, zone: str, begin: datetime, end: datetime) -> list[Interval]:
    """The intervals between the core's ticks that begin in a stretch of time."""
    found = []
    for start, until in pairwise(ticks(cron, zone).since(begin)):
        if start >= end:
            return found
        found.append((start, until))
    raise AssertionError("ticks never end")


def stretches(zone: str, cron: str) -> list[Interval]:
    """The two years; where it ticks every day, one of UTC, and around the changes of clocks.

    Between two of those a zone is UTC and an offset: a chain of runs that is ours up to a tick goes
    on as in UTC.
    """
    if cron in SPARSE:
        return [(BEGIN, END)]
    if zone == "UTC" and cron in DAILY:
        return [(BEGIN, BEGIN + timedelta(days=366))]
    around = timedelta(days=4 if cron in DAILY else 1.25)
    changes = sorted(day for year in (2023, 2024, 2025) for day in changing_days(zone, year))
    noons = [datetime(day.year, day.month, day.day, 12, tzinfo=UTC) for day in changes]
    middles = [noon for noon in noons if BEGIN <= noon < END] or [datetime(2024, 2, 29, tzinfo=UTC)]
    return [(next(ticks(cron, zone).until(at - around)), at + around) for at in middles]


def registered(timetable: Any) -> Any:
    """The timetable as the scheduler gets it: written and read as part of a DAG."""
    if IS_AIRFLOW_3:
        from airflow.serialization.decoders import decode_timetable  # noqa: PLC0415 - not in 2.11
        from airflow.serialization.encoders import encode_timetable  # noqa: PLC0415 - not in 2.11
    else:
        from airflow.serialization.serialized_objects import (  # noqa: PLC0415 - not in 3
            decode_timetable,
            encode_timetable,
        )

    return decode_timetable(encode_timetable(timetable))


def timetable_of(schedule: Schedule) -> Any:
    return registered(made(schedule_call(schedule)))


@pytest.mark.parametrize("zone", ZONES)
def test_over_two_years_the_runs_of_a_dag_are_our_ticks(zone: str) -> None:
    wrong, needless = [], []
    for cron in (*SPARSE, *DAILY, *DENSE):
        schedule = timed((cron,), zone, start=BEGIN.replace(tzinfo=None).isoformat())
        timetable, airflows = timetable_of(schedule), CronDataIntervalTimetable(cron, zone)
        differs = False
        for begin, end in stretches(zone, cron):
            expected = ours(cron, zone, begin, end)
            found = list(islice(intervals(timetable, begin, end), len(expected) + 1))
            if found != expected:
                wrong.append((cron, begin))
            for (start, until), (_, following) in islice(pairwise(expected), 0, None, 29):
                for moment in (until, until + (following - until) / 3):
                    run_after = coerce_datetime(moment)
                    by_hand = timetable.infer_manual_data_interval(run_after=run_after)
                    if by_hand != (start, until):
                        wrong.append((cron, moment))
            if schedule.kind == "ticks" and is_read_by_airflow(cron):
                runs = islice(intervals(airflows, begin, end), len(expected) + 1)
                differs |= expected != list(runs) or not all(
                    each == airflows.infer_manual_data_interval(run_after=coerce_datetime(each[1]))
                    for each in expected
                )
        if schedule.kind == "ticks" and is_read_by_airflow(cron) and not differs:
            needless.append(cron)

    assert (wrong, needless) == ([], [])


def is_read_by_airflow(cron: str) -> bool:
    """Whether the text is plain; what Airflow makes of the others we do not ask."""
    return not set("L#") & {*cron}


@pytest.mark.parametrize(
    "partitions",
    [
        DailyPartitionsDefinition("2023-07-01", timezone="Europe/Zurich", hour_offset=2),
        DailyPartitionsDefinition(
            "2023-07-01", timezone="America/New_York", hour_offset=2, minute_offset=30
        ),
        DailyPartitionsDefinition(
            "2023-07-01",
            timezone="Europe/Zurich",
            exclusions=["0 0 * * sat,sun", datetime(2023, 12, 25)],  # noqa: DTZ001 - local
        ),
        WeeklyPartitionsDefinition("2023-07-01", timezone="Australia/Sydney", day_offset=1),
        MonthlyPartitionsDefinition("2023-07-01", timezone="Asia/Kolkata", day_offset=31),
        HourlyPartitionsDefinition(
            "2023-10-28-00:00", "2023-10-31-00:00", timezone="Europe/Zurich"
        ),
    ],
    ids=lambda each: f"{each.unit} {each.timezone}",
)
def test_over_two_years_the_runs_of_a_dag_are_the_windows_of_its_partitions(
    partitions: TimeWindowPartitionsDefinition,
) -> None:
    schedule = one_interval_a_partition(partitions)
    begin = datetime.fromisoformat(schedule.start).replace(tzinfo=ZoneInfo(schedule.timezone))
    end = partitions.end or END

    found = list(intervals(timetable_of(schedule), begin, end))

    keys = [partitions.key_for(start) for start, _ in found]
    assert keys == partitions.keys(found[-1][1])
    assert found == [(each.start, each.end) for each in map(partitions.window, keys)]
    assert found[-1][1] >= end
