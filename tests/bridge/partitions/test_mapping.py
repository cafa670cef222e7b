"""Which upstream partitions one partition needs."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import DailyPartitionsDefinition
from bridge.errors import PartitionError
from bridge.partitions import upstream_partitions

NOW = datetime(2024, 1, 4, 12, tzinfo=timezone.utc)
UTC_DAYS = DailyPartitionsDefinition("2024-01-01")
ZURICH = DailyPartitionsDefinition("2024-01-01", timezone="Europe/Zurich")


def test_an_unpartitioned_upstream_is_read_whole() -> None:
    assert upstream_partitions(UTC_DAYS, "2024-01-02", None, NOW) == [None]


def test_a_whole_asset_reads_all_partitions_that_exist() -> None:
    assert upstream_partitions(None, None, UTC_DAYS, NOW) == [
        "2024-01-01",
        "2024-01-02",
        "2024-01-03",
    ]


def test_the_same_days_meet_one_to_one() -> None:
    assert upstream_partitions(UTC_DAYS, "2024-01-02", UTC_DAYS, NOW) == ["2024-01-02"]


def test_days_of_another_zone_meet_where_they_overlap() -> None:
    assert upstream_partitions(ZURICH, "2024-01-03", UTC_DAYS, NOW) == ["2024-01-02", "2024-01-03"]


def test_an_upstream_that_begins_later_cannot_be_read_before() -> None:
    later = DailyPartitionsDefinition("2024-01-02")

    with pytest.raises(PartitionError, match="needs an upstream that cannot exist"):
        upstream_partitions(UTC_DAYS, "2024-01-01", later, NOW)


@given(
    st.sampled_from(["UTC", "Europe/Zurich", "America/Havana", "Pacific/Auckland"]),
    st.integers(0, 23),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_the_upstream_windows_cover_the_partition(place: str, hour: int, day: date) -> None:
    upstream = DailyPartitionsDefinition("2019-01-01", timezone=place, hour_offset=hour)
    window = UTC_DAYS_FROM_2019.window(day.isoformat())

    needed = upstream_partitions(UTC_DAYS_FROM_2019, day.isoformat(), upstream, NOW)

    windows = [upstream.window(str(key)) for key in needed]
    assert windows[0].start <= window.start
    assert window.end <= windows[-1].end
    assert all(w.end > window.start and w.start < window.end for w in windows)
    assert windows[-1].end - windows[0].start < timedelta(days=2, hours=2)


UTC_DAYS_FROM_2019 = DailyPartitionsDefinition("2019-01-01")
