"""Local times to instants, on the days when clocks change."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calendar import instant, local_time, shortest_interval, tick_after, ticks, zone
from bridge.errors import PartitionError

ZONES = [
    "UTC",
    "America/New_York",
    "Europe/Zurich",
    "America/Havana",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Atlantic/Azores",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Auckland",
]
LOCAL = st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)).map(  # noqa: DTZ001 - local times
    lambda moment: moment.replace(second=0, microsecond=0)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("place", "shown", "expected"),
    [
        ("UTC", "2024-03-10T02:30", "2024-03-10T02:30"),
        ("America/New_York", "2024-03-10T02:30", "2024-03-10T07:00"),
        ("America/New_York", "2024-11-03T01:30", "2024-11-03T06:30"),
        ("America/Havana", "2024-11-03T00:00", "2024-11-03T04:00"),
        ("America/Havana", "2024-11-03T00:30", "2024-11-03T04:30"),
        ("America/Havana", "2024-03-10T00:30", "2024-03-10T05:30"),
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00"),
    ],
)
def test_a_local_time_is_one_instant(place: str, shown: str, expected: str) -> None:
    assert instant(local(shown), place) == utc(expected)


@given(LOCAL, st.sampled_from(ZONES))
def test_clocks_show_the_time_at_its_instant_or_skip_it(moment: datetime, place: str) -> None:
    shown = local_time(instant(moment, place), place)

    # within a gap, the end of the gap: later, and clocks never skip more than a day
    assert moment <= shown <= moment + timedelta(days=1)


@given(LOCAL, st.sampled_from(ZONES))
def test_an_instant_of_a_shown_time_is_found_again(moment: datetime, place: str) -> None:
    first = instant(moment, place)

    assert instant(local_time(first, place), place) == first


@given(
    st.sampled_from(["0 * * * *", "*/20 * * * *", "30 1,2 * * *", "0 0 * * 1-5", "30 23 L * *"]),
    st.sampled_from(ZONES),
    LOCAL,
)
def test_ticks_are_the_same_forward_and_back(schedule: str, place: str, shown: datetime) -> None:
    moment, told = instant(shown, place), ticks(schedule, place)

    ahead = list(islice(told.since(moment), 30))
    back = list(islice(told.until(ahead[-1]), 30))

    assert ahead == sorted(set(ahead))
    assert back[::-1] == ahead
    assert all(tick in told.on(told.day_of(tick)) for tick in ahead)


@pytest.mark.parametrize(
    ("schedule", "first"),
    [
        ("@weekly", "2024-01-07T00:00"),
        ("0 0 * * sat-mon", "2024-01-06T00:00"),
        ("0 0 ? * 5", "2024-01-05T00:00"),
        ("0 0 * * L5", "2024-01-26T00:00"),
        ("0 0 */10 * 4", "2024-01-04T00:00"),
        ("30 4 * * * 15", "2024-01-02T04:30:15"),
    ],
)
def test_a_schedule_is_read_as_dagster_reads_it(schedule: str, first: str) -> None:
    assert next(ticks(schedule, "UTC").since(utc("2024-01-02T00:00"))) == utc(first)


@pytest.mark.parametrize("schedule", ["", "* * *", "60 * * * *", "0 0 15W * *", "0 0 31 4 *"])
def test_a_schedule_that_is_none_is_refused(schedule: str) -> None:
    with pytest.raises(PartitionError, match="is no cron schedule"):
        ticks(schedule, "UTC")


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "Europe"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(PartitionError, match="is no time zone"):
        zone(name)


@pytest.mark.parametrize(
    ("schedule", "place", "moment", "tick"),
    [
        ("0 9 * * 1-5", "UTC", "2024-03-01T09:00", "2024-03-04T09:00"),
        ("30 2 * * *", "America/New_York", "2024-03-10T00:00", "2024-03-10T07:00"),  # end of gap
        ("30 1 * * *", "America/New_York", "2024-11-03T00:00", "2024-11-03T06:30"),  # second one
        ("30 * * * *", "America/New_York", "2024-11-03T05:30", "2024-11-03T06:30"),  # both
        ("0 0 29 2 *", "UTC", "2024-02-29T00:00", "2028-02-29T00:00"),
    ],
)
def test_the_tick_after_an_instant(schedule: str, place: str, moment: str, tick: str) -> None:
    after = datetime.fromisoformat(f"{moment}+00:00")

    assert tick_after(schedule, place, after) == datetime.fromisoformat(f"{tick}+00:00")


@given(LOCAL, st.sampled_from(ZONES), st.sampled_from(["30 2 * * *", "*/30 * * * *", "0 0 1 * *"]))
def test_no_tick_lies_between_an_instant_and_the_tick_after_it(
    moment: datetime, place: str, schedule: str
) -> None:
    begin = moment.replace(tzinfo=timezone.utc)
    tick = tick_after(schedule, place, begin)

    assert tick > begin
    assert tick_after(schedule, place, begin + (tick - begin) / 2) == tick


@pytest.mark.parametrize(
    ("schedule", "shortest"),
    [
        ("*/30 * * * *", timedelta(minutes=30)),
        ("0 0,9 * * *", timedelta(hours=9)),
        ("0 0 1 * *", timedelta(days=28)),
    ],
)
def test_the_shortest_interval_of_a_schedule(schedule: str, shortest: timedelta) -> None:
    assert shortest_interval(schedule) == shortest
