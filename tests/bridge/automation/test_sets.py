"""Sets of partitions as bits: the same laws as sets of names."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.automation.crossing import Crossing
from bridge.automation.sets import Partitions, partitions_at
from bridge.partitions import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    MultiPartitionsDefinition,
    PartitionsDefinition,
    StaticPartitionsDefinition,
    TimeWindowPartitionsDefinition,
    WeeklyPartitionsDefinition,
    inferred_mapping,
)

NOW = datetime(2024, 4, 2, 0, 5, tzinfo=timezone.utc)  # after clocks changed in Zurich
STATIC = StaticPartitionsDefinition(["x", "y", "z"])
DAILY = DailyPartitionsDefinition("2024-03-20", timezone="Europe/Zurich")
CUTS: dict[str, PartitionsDefinition] = {
    "hourly": HourlyPartitionsDefinition("2024-03-30-00:00", timezone="Europe/Zurich"),
    "daily": DAILY,
    "weekly": WeeklyPartitionsDefinition("2024-03-03", timezone="Europe/Zurich"),
    "of UTC": DailyPartitionsDefinition("2024-03-20"),
    "static": STATIC,
    "multi": MultiPartitionsDefinition({"day": DAILY, "letter": STATIC}),
    "workdays": TimeWindowPartitionsDefinition(
        "2024-03-20", "%Y-%m-%d", cron_schedule="0 0 * * 1-5", timezone="Europe/Zurich"
    ),
    "with a gap": DailyPartitionsDefinition(
        "2024-03-20", timezone="Europe/Zurich", exclusions=["0 0 * * 6"]
    ),
}
WINDOWS = ("hourly", "daily", "of UTC", "weekly", "workdays", "with a gap")


def some(partitions: Partitions, chosen: int) -> int:
    return chosen & partitions.full


@given(st.sampled_from(sorted(CUTS)), st.integers(min_value=0))
def test_what_is_kept_is_read_again(name: str, chosen: int) -> None:
    partitions = partitions_at(CUTS[name], NOW)
    bits = some(partitions, chosen)

    assert partitions.read(partitions.kept(bits)) == bits
    assert partitions.of_names(partitions.keys(bits)) == bits
    assert len(partitions.keys(bits)) == bits.bit_count()


@pytest.mark.parametrize("name", sorted(CUTS))
def test_everything_is_what_the_definition_says(name: str) -> None:
    partitions = partitions_at(CUTS[name], NOW)

    assert partitions.keys(partitions.full) == CUTS[name].keys(NOW)
    assert partitions.bits(some=True) == partitions.full


@pytest.mark.parametrize("name", ["hourly", "daily", "weekly", "workdays"])
def test_the_latest_window_is_the_last(name: str) -> None:
    partitions = partitions_at(CUTS[name], NOW)

    assert partitions.keys(partitions.latest(None)) == [CUTS[name].latest(NOW)]


def test_the_latest_of_several_dimensions_is_all_of_the_latest_window() -> None:
    partitions = partitions_at(CUTS["multi"], NOW)

    assert partitions.keys(partitions.latest(None)) == [
        "2024-04-01|x",
        "2024-04-01|y",
        "2024-04-01|z",
    ]


def test_a_set_of_other_windows_is_not_read() -> None:
    before = partitions_at(CUTS["daily"], NOW)
    now = partitions_at(DailyPartitionsDefinition("2024-03-21"), NOW)

    assert now.read(before.kept(before.full)) is None
    assert now.read(1) is None
    assert partitions_at(None, NOW).read(before.kept(1)) is None
    assert partitions_at(STATIC, NOW).read(before.kept(1)) is None


@given(
    st.sampled_from([(a, b) for a in WINDOWS for b in WINDOWS if a != b]),
    st.integers(min_value=0),
)
def test_windows_that_overlap_are_found_as_the_mapping_does_key_by_key(
    names: tuple[str, str], chosen: int
) -> None:
    ours, theirs = (partitions_at(CUTS[name], NOW) for name in names)
    mapping = inferred_mapping(CUTS[names[1]], CUTS[names[0]])
    way = Crossing(ours, theirs, mapping)
    up, down = some(ours, chosen), some(theirs, chosen)
    assert ours.definition is not None
    assert theirs.definition is not None

    expected = mapping.upstream_partitions(
        [key for key in ours.keys(up) if key], ours.definition, theirs.definition, NOW
    )
    assert theirs.keys(way.up(up)) == expected.existing
    assert ours.keys(way.down(down)) == mapping.downstream_partitions(
        [key for key in theirs.keys(down) if key], theirs.definition, ours.definition, NOW
    )


@pytest.mark.parametrize(
    ("user", "read"),
    [("multi", "static"), ("multi", "daily"), ("daily", "multi"), ("static", "multi")],
)
def test_who_reads_a_partition_is_read_by_it(user: str, read: str) -> None:
    ours, theirs = partitions_at(CUTS[user], NOW), partitions_at(CUTS[read], NOW)
    way = Crossing(ours, theirs, inferred_mapping(CUTS[read], CUTS[user]))

    for place in range(ours.full.bit_length()):
        assert way.down(way.up(1 << place)) >> place & 1


def test_a_whole_asset_reads_all_and_is_read_by_all() -> None:
    whole, days = partitions_at(None, NOW), partitions_at(DAILY, NOW)
    reads_days = Crossing(whole, days, inferred_mapping(DAILY, None))
    is_read = Crossing(days, whole, None)

    assert reads_days.up(1) == days.full
    assert reads_days.down(1 << 3) == 1
    assert is_read.up(1 << 3) == 1
    assert is_read.down(1) == days.full
    assert reads_days.down(0) == is_read.down(0) == 0
