"""Windows of every cadence: they tile time, are numbered without gaps, and read back."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import (
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    TimeWindowPartitionsDefinition,
    WeeklyPartitionsDefinition,
)
from bridge.errors import PartitionError
from bridge.partitions import from_description

ZONES = st.sampled_from(
    [
        "UTC",
        "America/New_York",
        "America/Havana",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Africa/Cairo",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ]
)
MOMENTS = st.datetimes(
    datetime(2002, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(timezone.utc),
)
CRONS = st.sampled_from(
    ["*/20 * * * *", "0 */6 * * *", "30 1,2 * * *", "0 0 * * 1-5", "0 0 13 * 5", "0 2 L * *"]
)
START = date(2001, 6, 1)
NOW = datetime(2024, 1, 10, 12, tzinfo=timezone.utc)


@st.composite
def windows(draw: st.DrawFn) -> TimeWindowPartitionsDefinition:
    place = draw(ZONES)
    minute, hour = draw(st.sampled_from([0, 1, 30])), draw(st.integers(0, 23))
    return draw(
        st.sampled_from(
            [
                HourlyPartitionsDefinition(START, minute_offset=minute, timezone=place),
                WeeklyPartitionsDefinition(
                    START, minute_offset=minute, hour_offset=hour, day_offset=2, timezone=place
                ),
                MonthlyPartitionsDefinition(
                    START, minute_offset=minute, hour_offset=hour, day_offset=31, timezone=place
                ),
                TimeWindowPartitionsDefinition(
                    START, "%Y-%m-%d-%H:%M", cron_schedule=draw(CRONS), timezone=place
                ),
            ]
        )
    )


@given(windows(), MOMENTS)
def test_windows_tile_time_without_gap_or_overlap(
    partitions: TimeWindowPartitionsDefinition, moment: datetime
) -> None:
    number = partitions.number(partitions.key_for(moment))
    found = [partitions.window(key) for key in partitions.numbered(number, number + 60)]

    assert found[0].start <= moment < found[0].end
    assert all(a.end == b.start for a, b in itertools.pairwise(found))
    assert all(window.start < window.end for window in found)


@given(windows(), st.integers(0, 3000))
def test_a_partition_is_found_again_by_its_number(
    partitions: TimeWindowPartitionsDefinition, number: int
) -> None:
    keys = partitions.numbered(number, number + 40)

    assert len(set(keys)) == 40
    assert [partitions.number(key) for key in keys] == list(range(number, number + 40))


@given(windows(), MOMENTS)
def test_counting_and_listing_agree(
    partitions: TimeWindowPartitionsDefinition, now: datetime
) -> None:
    count = partitions.count(now)
    keys = partitions.numbered(max(0, count - 3), count + 1)

    assert partitions.latest(now) == keys[-2]
    assert partitions.window(keys[-2]).end <= now < partitions.window(keys[-1]).end


@given(windows())
def test_a_definition_survives_being_described(
    partitions: TimeWindowPartitionsDefinition,
) -> None:
    assert from_description(partitions.describe()) == partitions


def test_an_hour_shown_twice_is_two_partitions() -> None:
    hourly = HourlyPartitionsDefinition("2024-11-03-00:00", timezone="America/New_York")

    assert hourly.numbered(0, 4) == [
        "2024-11-03-00:00",
        "2024-11-03-01:00",
        "2024-11-03-01:00-0500",
        "2024-11-03-02:00",
    ]


def test_where_clocks_change_by_half_an_hour_hours_stay_whole() -> None:
    hourly = HourlyPartitionsDefinition("2024-04-07-00:00", timezone="Australia/Lord_Howe")

    assert hourly.numbered(0, 4) == [
        "2024-04-07-00:00",
        "2024-04-07-01:00",
        "2024-04-07-02:00",
        "2024-04-07-03:00",
    ]
    # 1:30 to 2:00 is shown twice
    assert hourly.window("2024-04-07-01:00").end - hourly.window(
        "2024-04-07-01:00"
    ).start == timedelta(minutes=90)


def test_a_day_that_never_was_is_no_partition() -> None:
    daily = TimeWindowPartitionsDefinition(
        "2011-12-29", "%Y-%m-%d", cron_schedule="0 0 * * *", timezone="Pacific/Apia"
    )

    assert daily.numbered(0, 3) == ["2011-12-29", "2011-12-31", "2012-01-01"]
    with pytest.raises(PartitionError, match="Did you mean 2011-12-31"):
        daily.window("2011-12-30")


def test_a_month_without_the_day_begins_no_partition() -> None:
    monthly = MonthlyPartitionsDefinition("2024-01-01", day_offset=31)

    assert monthly.numbered(0, 3) == ["2024-01-31", "2024-03-31", "2024-05-31"]


def test_an_excluded_window_is_no_partition_and_moves_no_edge() -> None:
    workdays = TimeWindowPartitionsDefinition(
        "2024-01-05",
        "%Y-%m-%d",
        cron_schedule="0 0 * * *",
        exclusions=["0 0 * * 0,6", datetime(2024, 1, 9)],  # noqa: DTZ001 - local
    )

    assert workdays.keys(datetime(2024, 1, 12, tzinfo=timezone.utc)) == [
        "2024-01-05",
        "2024-01-08",
        "2024-01-10",
        "2024-01-11",
    ]
    assert workdays.window("2024-01-05").end == datetime(2024, 1, 6, tzinfo=timezone.utc)
    assert from_description(workdays.describe()) == workdays
    with pytest.raises(PartitionError, match="it is excluded"):
        workdays.window("2024-01-06")
    with pytest.raises(PartitionError, match="it is excluded"):
        workdays.key_for(datetime(2024, 1, 6, 3, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"cron_schedule": "a b c d e"}, "is no cron schedule"),
        ({"cron_schedule": "0 0 30 2 *"}, "is no cron schedule"),
        ({"cron_schedule": "* * * * * *"}, "cannot cut partitions"),
        ({"cron_schedule": "0 */6 * * *"}, "gives several partitions"),
        ({"cron_schedule": "0 0 * * *", "fmt": "%d.%m."}, "gives several partitions"),
        ({"cron_schedule": "0 0 * * *", "exclusions": ["0 0 * * *"]}, "leave no partition"),
        ({"cron_schedule": "0 0 * * *", "exclusions": ["mondays"]}, "is no cron schedule"),
    ],
)
def test_a_definition_that_makes_no_windows_is_refused(
    settings: dict[str, object], why: str
) -> None:
    given = {"fmt": "%Y-%m-%d", **settings}
    with pytest.raises(PartitionError, match=why):
        TimeWindowPartitionsDefinition(START, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: HourlyPartitionsDefinition("2024-01-01-00:00", minute_offset=60), "An hour"),
        (lambda: WeeklyPartitionsDefinition("2024-01-01", day_offset=7), "A week"),
        (lambda: MonthlyPartitionsDefinition("2024-01-01", day_offset=0), "A month"),
    ],
)
def test_an_offset_beyond_the_period_is_refused(make, why: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PartitionError, match=f"{why} cannot begin"):
        make()


def test_an_end_between_two_edges_ends_at_the_edge_before() -> None:
    monthly = MonthlyPartitionsDefinition("2024-01-01", "2024-03-15")

    assert monthly.keys(datetime(2025, 1, 1, tzinfo=timezone.utc)) == ["2024-01-01", "2024-02-01"]


def test_windows_before_and_after_an_instant_do_not_stop_at_the_bounds() -> None:
    weekly = WeeklyPartitionsDefinition("2024-01-01", "2024-01-21")

    assert weekly.previous_window(NOW).start == datetime(2023, 12, 31, tzinfo=timezone.utc)
    assert weekly.next_window(NOW).end == datetime(2024, 1, 21, tzinfo=timezone.utc)
