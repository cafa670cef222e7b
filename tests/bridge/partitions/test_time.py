"""Daily partitions: windows tile time, also when clocks change and days begin late."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import DailyPartitionsDefinition
from bridge.errors import PartitionError
from bridge.partitions import from_description

ZONES = st.sampled_from(
    [
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
)
DAYS = st.dates(date(1990, 1, 1), date(2034, 1, 1))
MOMENTS = st.datetimes(
    datetime(1995, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    datetime(2034, 1, 1),  # noqa: DTZ001
    timezones=st.just(timezone.utc),
)
NOW = datetime(2024, 1, 10, 12, tzinfo=timezone.utc)


@st.composite
def definitions(draw: st.DrawFn, first: date | None = None) -> DailyPartitionsDefinition:
    return DailyPartitionsDefinition(
        first or draw(DAYS),
        timezone=draw(ZONES),
        hour_offset=draw(st.integers(0, 23)),
        minute_offset=draw(st.sampled_from([0, 1, 30, 59])),
    )


@given(definitions(date(1990, 1, 1)), DAYS)
def test_windows_tile_time_without_gap_or_overlap(
    daily: DailyPartitionsDefinition, first: date
) -> None:
    keys = daily.range(first.isoformat(), (first + timedelta(days=400)).isoformat())
    windows = [daily.window(key) for key in keys]

    assert all(a.end == b.start for a, b in itertools.pairwise(windows))
    # a day that clocks skipped whole is empty, and no day is shorter than nothing
    assert all(window.start <= window.end for window in windows)


@given(definitions(date(1990, 1, 1)), MOMENTS)
def test_every_instant_is_in_the_window_of_its_key(
    daily: DailyPartitionsDefinition, moment: datetime
) -> None:
    window = daily.window(daily.key_for(moment))

    assert window.start <= moment < window.end


@given(definitions(date(1990, 1, 1)), MOMENTS)
def test_a_partition_exists_once_its_window_has_ended(
    daily: DailyPartitionsDefinition, now: datetime
) -> None:
    latest = daily.latest(now)

    assert latest is not None
    assert daily.window(latest).end <= now < daily.window(daily.key_for(now)).end


@given(definitions(), MOMENTS)
def test_counting_and_listing_agree(daily: DailyPartitionsDefinition, now: datetime) -> None:
    keys = daily.keys(now)

    assert daily.count(now) == len(keys)
    assert daily.latest(now) == (keys[-1] if keys else None)
    assert all(daily.contains(key, now) for key in keys[:2] + keys[-2:])


@given(definitions(), st.none() | DAYS, st.integers(-3, 3))
def test_a_definition_survives_being_described(
    daily: DailyPartitionsDefinition, end: date | None, end_offset: int
) -> None:
    whole = DailyPartitionsDefinition(
        daily.start,
        end,
        timezone=daily.timezone,
        minute_offset=daily.minute_offset,
        hour_offset=daily.hour_offset,
        end_offset=end_offset,
    )

    assert from_description(whole.describe()) == whole


@pytest.mark.parametrize(
    ("key", "hours"),
    [("2024-03-30", 24), ("2024-03-31", 23), ("2024-10-27", 25)],
)
def test_a_day_is_an_hour_shorter_or_longer_when_clocks_change(key: str, hours: int) -> None:
    window = DailyPartitionsDefinition("2024-01-01", timezone="Europe/Zurich").window(key)

    assert window.end - window.start == timedelta(hours=hours)


def test_todays_partition_does_not_exist_yet() -> None:
    daily = DailyPartitionsDefinition("2024-01-08")

    assert daily.keys(NOW) == ["2024-01-08", "2024-01-09"]


@pytest.mark.parametrize(("end_offset", "latest"), [(1, "2024-01-10"), (-1, "2024-01-08")])
def test_an_end_offset_adds_or_withholds_partitions(end_offset: int, latest: str) -> None:
    daily = DailyPartitionsDefinition("2024-01-01", end_offset=end_offset)

    assert daily.latest(NOW) == latest


def test_no_window_ends_after_the_end() -> None:
    daily = DailyPartitionsDefinition("2024-01-01", "2024-01-04", hour_offset=6)

    assert daily.keys(NOW) == ["2024-01-01", "2024-01-02"]


def test_no_window_begins_before_the_start() -> None:
    started = datetime(2024, 1, 1, 9)  # noqa: DTZ001 - a local time
    daily = DailyPartitionsDefinition(started, hour_offset=6)

    assert daily.keys(NOW)[0] == "2024-01-02"


def test_before_the_start_there_are_no_partitions() -> None:
    daily = DailyPartitionsDefinition("2024-02-01")

    assert (daily.keys(NOW), daily.count(NOW), daily.latest(NOW)) == ([], 0, None)


def test_a_start_with_a_zone_is_taken_to_the_partitions_zone() -> None:
    moment = datetime(2024, 1, 1, 23, 30, tzinfo=timezone.utc)

    daily = DailyPartitionsDefinition(moment, timezone="Europe/Zurich")

    assert daily.start == datetime(2024, 1, 2, 23, tzinfo=timezone.utc)


def test_keys_are_written_in_the_users_format() -> None:
    daily = DailyPartitionsDefinition("01/01/2024", fmt="%d/%m/%Y")

    assert daily.latest(NOW) == "09/01/2024"
    assert daily.window("02/01/2024").start == datetime(2024, 1, 2, tzinfo=timezone.utc)


def test_a_format_with_the_hour_shows_where_the_day_begins() -> None:
    daily = DailyPartitionsDefinition("2024-01-01T00", fmt="%Y-%m-%dT%H", hour_offset=6)

    assert daily.keys(NOW)[0] == "2024-01-01T06"
    assert daily.contains("2024-01-02T06", NOW)
    assert not daily.contains("2024-01-02T00", NOW)


@pytest.mark.parametrize("key", ["2024-1-2", " 2024-01-02", "2024/01/02", "", "junk", "2024-02-30"])
def test_what_is_not_written_as_a_key_is_none(key: str) -> None:
    daily = DailyPartitionsDefinition("2024-01-01")

    assert not daily.contains(key, NOW)
    with pytest.raises(PartitionError, match="is no daily partition"):
        daily.window(key)


def test_a_key_in_another_spelling_is_refused_with_the_right_one() -> None:
    with pytest.raises(PartitionError, match="Did you mean 2024-01-02"):
        DailyPartitionsDefinition("2024-01-01").window("2024-1-2")


@pytest.mark.parametrize("key", ["2023-12-31", "2024-01-04"])
def test_a_window_outside_start_and_end_is_refused(key: str) -> None:
    with pytest.raises(
        PartitionError, match=r"The first is 2024-01-01. They end before 2024-01-04"
    ):
        DailyPartitionsDefinition("2024-01-01", "2024-01-04").window(key)


def test_an_instant_before_the_start_has_no_partition() -> None:
    with pytest.raises(PartitionError, match="No partition holds 2023-12-31T23:00:00"):
        DailyPartitionsDefinition("2024-01-01").key_for(
            datetime(2023, 12, 31, 23, tzinfo=timezone.utc)
        )


def test_a_partition_that_is_not_over_is_refused_with_the_newest() -> None:
    with pytest.raises(PartitionError, match=r"its day is not over yet.*The newest is 2024-01-09"):
        DailyPartitionsDefinition("2024-01-01").require("2024-01-10", NOW, "orders")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"start_date": "2024-13-01"}, "is not a date written as"),
        ({"start_date": "2024-01-01", "timezone": "Mars/Base"}, "is no time zone"),
        ({"start_date": "2024-01-01", "hour_offset": 24}, "A day cannot begin at 24:00"),
        ({"start_date": "2024-01-01", "minute_offset": -1}, "A day cannot begin at"),
    ],
)
def test_a_definition_that_makes_no_days_is_refused(settings: dict[str, object], why: str) -> None:
    with pytest.raises(PartitionError, match=why):
        DailyPartitionsDefinition(**settings)  # type: ignore[arg-type]


def test_the_cron_schedule_ticks_at_the_edges() -> None:
    daily = DailyPartitionsDefinition("2024-01-01", hour_offset=6, minute_offset=30)

    assert daily.cron_schedule == "30 6 * * *"
