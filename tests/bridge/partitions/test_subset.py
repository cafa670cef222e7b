"""Sets of partitions obey the laws of sets, whatever holds them."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import DailyPartitionsDefinition, HourlyPartitionsDefinition, StaticPartitionsDefinition
from bridge.errors import PartitionError
from bridge.partitions import PartitionsDefinition, subset_from_value, subset_of

NOW = datetime(2024, 11, 20, tzinfo=timezone.utc)
HOURS = HourlyPartitionsDefinition("2024-11-02-00:00", timezone="America/New_York")
NAMES = StaticPartitionsDefinition([f"n{number}" for number in range(100)])
DEFINITIONS = st.sampled_from([HOURS, NAMES])
PLACES = st.sets(st.integers(0, 99))


def chosen(definition: PartitionsDefinition, places: set[int]) -> list[str]:
    keys = definition.keys(NOW)
    return [keys[place] for place in sorted(places)]


@given(DEFINITIONS, PLACES, PLACES)
def test_sets_combine_as_sets_do(definition, one: set[int], other: set[int]) -> None:  # type: ignore[no-untyped-def]
    a, b = (subset_of(definition, chosen(definition, places), NOW) for places in (one, other))

    assert (a | b).keys(NOW) == chosen(definition, one | other)
    assert (a & b).keys(NOW) == chosen(definition, one & other)
    assert (a - b).keys(NOW) == chosen(definition, one - other)
    assert len(a) == len(one)
    assert all(key in a for key in chosen(definition, one))
    assert not any(key in a for key in chosen(definition, other - one))


@given(DEFINITIONS, PLACES)
def test_what_is_there_and_what_is_missing_are_all(definition, places: set[int]) -> None:  # type: ignore[no-untyped-def]
    there = subset_of(definition, chosen(definition, places), NOW)
    missing = there.missing(NOW)

    assert len(there & missing) == 0
    assert (there | missing).keys(NOW) == definition.keys(NOW)


@given(DEFINITIONS, PLACES)
def test_ranges_are_the_runs_of_the_set(definition, places: set[int]) -> None:  # type: ignore[no-untyped-def]
    subset = subset_of(definition, chosen(definition, places), NOW)
    keys = [key for first, last in subset.ranges(NOW) for key in definition.range(first, last)]

    assert keys == subset.keys(NOW)


@given(DEFINITIONS, PLACES)
def test_a_set_survives_being_written_as_json(definition, places: set[int]) -> None:  # type: ignore[no-untyped-def]
    subset = subset_of(definition, chosen(definition, places), NOW)

    assert subset_from_value(definition, json.loads(json.dumps(subset.to_value()))) == subset


def test_many_windows_take_little_room() -> None:
    hours = HourlyPartitionsDefinition("2010-01-01-00:00")
    keys = hours.numbered(0, 100_000)

    subset = subset_of(hours, keys[::2], NOW)

    assert len(subset) == 50_000
    assert subset.keys(NOW) == keys[::2]
    assert len(json.dumps(subset.to_value())) < 20_000


def test_a_partition_that_can_never_be_is_in_no_set() -> None:
    with pytest.raises(PartitionError):
        subset_of(HOURS, ["2024-11-01-00:00"], NOW)
    with pytest.raises(PartitionError, match="has no partition 'x'"):
        subset_of(NAMES, ["x"], NOW)
    assert "2024-11-01-00:00" not in subset_of(HOURS, HOURS.keys(NOW), NOW)


def test_sets_of_different_partitions_do_not_combine() -> None:
    days, others = (DailyPartitionsDefinition(start) for start in ("2024-01-01", "2024-01-02"))

    with pytest.raises(PartitionError, match="cannot be combined"):
        subset_of(days, [], NOW) | subset_of(others, [], NOW)


def test_a_set_of_windows_that_have_moved_is_refused() -> None:
    days, others = (DailyPartitionsDefinition(start) for start in ("2024-01-01", "2024-01-02"))

    with pytest.raises(PartitionError, match="Count them anew"):
        subset_from_value(others, subset_of(days, ["2024-01-05"], NOW).to_value())
