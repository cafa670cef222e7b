"""Mappings: there and back leads home, and what makes no sense is refused."""

from __future__ import annotations

import itertools
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import (
    AllPartitionMapping,
    DailyPartitionsDefinition,
    DimensionPartitionMapping,
    HourlyPartitionsDefinition,
    IdentityPartitionMapping,
    LastPartitionMapping,
    MonthlyPartitionsDefinition,
    MultiPartitionMapping,
    MultiPartitionsDefinition,
    MultiToSingleDimensionPartitionMapping,
    PartitionMapping,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    WeeklyPartitionsDefinition,
)
from bridge.errors import PartitionError
from bridge.partitions import PartitionsDefinition, inferred_mapping, upstream_partitions

NOW = datetime(2024, 12, 1, tzinfo=timezone.utc)
PLACE = "America/New_York"
HOURS = HourlyPartitionsDefinition("2024-01-01-00:00", timezone=PLACE)
DAYS = DailyPartitionsDefinition("2024-01-01", timezone=PLACE)
UTC_DAYS = DailyPartitionsDefinition("2024-01-01")
LATE_DAYS = DailyPartitionsDefinition("2024-01-01", hour_offset=6, timezone=PLACE)
WEEKS = WeeklyPartitionsDefinition("2024-01-01", timezone=PLACE)
MONTHS = MonthlyPartitionsDefinition("2024-01-01", timezone=PLACE)
LETTERS = StaticPartitionsDefinition(["a", "b", "c"])
NUMBERS = StaticPartitionsDefinition(["1", "2"])
DAYS_LETTERS = MultiPartitionsDefinition({"day": DAYS, "letter": LETTERS})
HOURS_LETTERS = MultiPartitionsDefinition({"hour": HOURS, "letter": LETTERS})
THREE = MultiPartitionsDefinition({"day": DAYS, "letter": LETTERS, "number": NUMBERS})
WEEKS_NUMBERS = MultiPartitionsDefinition({"day": WEEKS, "number": NUMBERS})
HOURS_OF_DAY = MultiPartitionsDefinition({"day": HOURS, "letter": LETTERS})
BY_DIMENSION = MultiPartitionMapping(
    {
        "day": DimensionPartitionMapping("hour", TimeWindowPartitionMapping()),
        "letter": DimensionPartitionMapping("letter", IdentityPartitionMapping()),
    }
)
BY_STATEMENT = StaticPartitionMapping({"a": "1", "b": ["1", "2"]})
PAIRS: list[tuple[PartitionMapping, PartitionsDefinition, PartitionsDefinition]] = [
    *(
        (TimeWindowPartitionMapping(), one, other)
        for one in (HOURS, DAYS, LATE_DAYS, WEEKS, MONTHS)
        for other in (DAYS, LATE_DAYS, WEEKS, MONTHS)
    ),
    (inferred_mapping(UTC_DAYS, DAYS), UTC_DAYS, DAYS),
    (inferred_mapping(WEEKS, UTC_DAYS), WEEKS, UTC_DAYS),
    (TimeWindowPartitionMapping(start_offset=-1), DAYS, DAYS),
    (TimeWindowPartitionMapping(start_offset=-2, end_offset=-1), DAYS, WEEKS),
    (IdentityPartitionMapping(), LETTERS, LETTERS),
    (AllPartitionMapping(), LETTERS, DAYS),
    (LastPartitionMapping(), DAYS, LETTERS),
    (SpecificPartitionsPartitionMapping(["a", "c"]), LETTERS, DAYS),
    (BY_STATEMENT, LETTERS, NUMBERS),
    (MultiToSingleDimensionPartitionMapping(), DAYS_LETTERS, LETTERS),
    (MultiToSingleDimensionPartitionMapping("day"), DAYS_LETTERS, WEEKS),
    (BY_DIMENSION, DAYS_LETTERS, HOURS_LETTERS),
    *(
        (inferred_mapping(one, other), one, other)
        for one, other in itertools.permutations((THREE, DAYS_LETTERS, WEEKS_NUMBERS), 2)
    ),
]


@given(st.sampled_from(PAIRS), st.data())
def test_who_is_read_knows_its_reader(
    pair: tuple[PartitionMapping, PartitionsDefinition, PartitionsDefinition], data: st.DataObject
) -> None:
    mapping, upstream, downstream = pair
    key = data.draw(st.sampled_from(downstream.keys(NOW)))

    needed = mapping.upstream_partitions([key], downstream, upstream, NOW)

    for read in needed.existing[:3] + needed.existing[-3:]:
        assert key in mapping.downstream_partitions([read], upstream, downstream, NOW)


@given(st.sampled_from(PAIRS), st.data())
def test_who_reads_knows_what_it_reads(
    pair: tuple[PartitionMapping, PartitionsDefinition, PartitionsDefinition], data: st.DataObject
) -> None:
    mapping, upstream, downstream = pair
    key = data.draw(st.sampled_from(upstream.keys(NOW)))

    users = mapping.downstream_partitions([key], upstream, downstream, NOW)

    for user in users[:3] + users[-3:]:
        found = mapping.upstream_partitions([user], downstream, upstream, NOW)
        assert key in found.existing


@pytest.mark.parametrize(
    ("mapping", "upstream"),
    [
        (TimeWindowPartitionMapping(), HOURS),
        (TimeWindowPartitionMapping(-3, -1), HOURS),
        (TimeWindowPartitionMapping(-3, -1), DAYS),
        (TimeWindowPartitionMapping(), WEEKS),
        (IdentityPartitionMapping(), HOURS),
        (
            IdentityPartitionMapping(),
            HourlyPartitionsDefinition("2024-01-10-00:00", timezone=PLACE),
        ),
    ],
)
def test_many_keys_at_once_read_what_each_of_them_reads(
    mapping: PartitionMapping, upstream: PartitionsDefinition
) -> None:
    keys = [key for number, key in enumerate(HOURS.keys(NOW)[:1000]) if number % 7]

    each = [mapping.upstream_partitions([key], HOURS, upstream, NOW).existing for key in keys]
    users = [mapping.downstream_partitions([key], HOURS, HOURS, NOW) for key in keys]

    together = mapping.upstream_partitions(keys, HOURS, upstream, NOW).existing
    assert together == sorted({key for found in each for key in found})
    assert mapping.downstream_partitions(keys, HOURS, HOURS, NOW) == sorted(
        {key for found in users for key in found}
    )


@given(
    st.sampled_from([{}, {"end_offset": 2}, {"hour_offset": 6}, {"timezone": PLACE}]),
    st.tuples(st.integers(-3, 3), st.integers(-3, 3)).filter(lambda both: both[0] <= both[1]),
    st.lists(st.integers(0, 80), min_size=1, max_size=5),
)
def test_counting_the_same_windows_agrees_with_moving_them(
    how: dict[str, Any], offsets: tuple[int, int], numbers: list[int]
) -> None:
    now = datetime(2024, 3, 20, tzinfo=timezone.utc)
    same = DailyPartitionsDefinition("2024-01-01", **how)
    apart = DailyPartitionsDefinition("2024-01-01", end_date="2030-01-01", **how)
    mapping = TimeWindowPartitionMapping(*offsets)
    keys = apart.range("2024-01-01", "2024-03-31")
    asked = [keys[number % len(keys)] for number in numbers]

    assert mapping.upstream_partitions(asked, same, same, now) == mapping.upstream_partitions(
        asked, same, apart, now
    )
    assert mapping.downstream_partitions(asked, same, same, now) == mapping.downstream_partitions(
        asked, same, apart, now
    )


@pytest.mark.parametrize(
    ("mapping", "upstream", "downstream", "why"),
    [
        (TimeWindowPartitionMapping(), DAYS, LETTERS, "downstream partitions are static"),
        (TimeWindowPartitionMapping(), DAYS, None, "downstream partitions are none"),
        (
            TimeWindowPartitionMapping(),
            DAYS,
            DailyPartitionsDefinition("2024-01-01"),
            "one time zone",
        ),
        (IdentityPartitionMapping(), DAYS, LETTERS, "no two have the same key"),
        (BY_STATEMENT, LETTERS, LETTERS, "names '1', '2', which the downstream"),
        (BY_STATEMENT, NUMBERS, NUMBERS, "names 'a', 'b', which the upstream"),
        (MultiToSingleDimensionPartitionMapping("nope"), DAYS_LETTERS, DAYS, "no dimension 'nope'"),
        (MultiToSingleDimensionPartitionMapping(), DAYS_LETTERS, NUMBERS, "no dimension is"),
        (MultiToSingleDimensionPartitionMapping(), DAYS, DAYS, "neither side has several"),
        (BY_DIMENSION, HOURS_LETTERS, HOURS_LETTERS, "no dimension 'day'"),
        (BY_DIMENSION, DAYS, HOURS_LETTERS, "on both sides"),
        (
            MultiPartitionMapping(
                {"day": DimensionPartitionMapping("letter", TimeWindowPartitionMapping())}
            ),
            DAYS_LETTERS,
            DAYS_LETTERS,
            "For the dimension day and letter: .*the downstream partitions are static",
        ),
        (IdentityPartitionMapping(), THREE, DAYS_LETTERS, "of 3 dimensions and .* of 2 dim"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(
    mapping: PartitionMapping,
    upstream: PartitionsDefinition,
    downstream: PartitionsDefinition | None,
    why: str,
) -> None:
    with pytest.raises(PartitionError, match=why):
        mapping.validate(upstream, downstream)


@pytest.mark.parametrize(
    ("upstream", "downstream", "kind"),
    [
        (DAYS, HOURS, TimeWindowPartitionMapping),
        (LETTERS, LETTERS, IdentityPartitionMapping),
        (DAYS, None, AllPartitionMapping),
        (DAYS_LETTERS, LETTERS, MultiToSingleDimensionPartitionMapping),
        (WEEKS, DAYS_LETTERS, MultiToSingleDimensionPartitionMapping),
        (DAYS_LETTERS, NUMBERS, IdentityPartitionMapping),
        (DAYS_LETTERS, DAYS_LETTERS, IdentityPartitionMapping),
        (
            DAYS_LETTERS,
            MultiPartitionsDefinition(
                {"day": DailyPartitionsDefinition("2024-02-01", timezone=PLACE), "letter": LETTERS}
            ),
            IdentityPartitionMapping,
        ),
        (
            DAYS_LETTERS,
            MultiPartitionsDefinition({"x": DAYS, "y": LETTERS}),
            IdentityPartitionMapping,
        ),
        (DAYS_LETTERS, THREE, MultiPartitionMapping),
        (THREE, DAYS_LETTERS, MultiPartitionMapping),
        (DAYS_LETTERS, HOURS_OF_DAY, MultiPartitionMapping),
        (DAYS_LETTERS, WEEKS_NUMBERS, MultiPartitionMapping),
    ],
)
def test_what_goes_together_is_inferred(
    upstream: PartitionsDefinition,
    downstream: PartitionsDefinition | None,
    kind: type[PartitionMapping],
) -> None:
    assert type(inferred_mapping(upstream, downstream)) is kind


def test_a_partition_of_a_dimension_reads_its_combinations() -> None:
    assert upstream_partitions(LETTERS, "b", DAYS_LETTERS, NOW)[:2] == [
        "2024-01-01|b",
        "2024-01-02|b",
    ]


def test_dimensions_of_the_same_name_go_together_and_others_with_all() -> None:
    assert upstream_partitions(THREE, "2024-01-02|b|1", DAYS_LETTERS, NOW) == ["2024-01-02|b"]
    assert upstream_partitions(DAYS_LETTERS, "2024-01-02|b", THREE, NOW) == [
        "2024-01-02|b|1",
        "2024-01-02|b|2",
    ]
    assert upstream_partitions(HOURS_OF_DAY, "2024-01-02-05:00|b", DAYS_LETTERS, NOW) == [
        "2024-01-02|b"
    ]


def test_a_mapping_is_asked_before_the_inferred_one() -> None:
    before = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    assert upstream_partitions(DAYS, "2024-03-11", DAYS, NOW, before) == ["2024-03-10"]
    assert upstream_partitions(None, None, DAYS, NOW, LastPartitionMapping()) == ["2024-11-29"]


def test_a_partition_that_does_not_exist_upstream_is_named() -> None:
    with pytest.raises(PartitionError, match="needs an upstream that cannot exist: c"):
        upstream_partitions(LETTERS, "c", StaticPartitionsDefinition(["a", "b"]), NOW)


def test_combinations_that_do_not_exist_upstream_are_named_whole() -> None:
    later = MultiPartitionsDefinition(
        {"day": DailyPartitionsDefinition("2024-02-01", timezone=PLACE), "letter": LETTERS}
    )

    needed = MultiToSingleDimensionPartitionMapping("day").upstream_partitions(
        ["2024-01-31"], DAYS, later, NOW
    )

    assert needed.existing == []
    assert needed.required_but_nonexistent == ["2024-01-31|a", "2024-01-31|b", "2024-01-31|c"]
