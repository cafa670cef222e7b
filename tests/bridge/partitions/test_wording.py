"""What is shown of a mapping says what each partition reads."""

from __future__ import annotations

import pytest

from bridge import (
    AllPartitionMapping,
    DimensionPartitionMapping,
    IdentityPartitionMapping,
    LastPartitionMapping,
    MultiPartitionMapping,
    MultiToSingleDimensionPartitionMapping,
    PartitionMapping,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
    TimeWindowPartitionMapping,
)
from bridge.partitions import mapping_in_words

SAME = IdentityPartitionMapping()


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (SAME, "the same partition"),
        (AllPartitionMapping(), "all partitions"),
        (LastPartitionMapping(), "the last partition"),
        (SpecificPartitionsPartitionMapping(["a"]), "partition a"),
        (SpecificPartitionsPartitionMapping(list("abcde")), "partition a, b, c and 2 more"),
        (StaticPartitionMapping({"a": "1", "b": ["2"]}), "stated a for 1, b for 2"),
        (TimeWindowPartitionMapping(), "overlapping windows"),
        (TimeWindowPartitionMapping(-1, -1), "1 window before"),
        (TimeWindowPartitionMapping(-2, -2), "2 windows before"),
        (TimeWindowPartitionMapping(1, 1), "1 window after"),
        (TimeWindowPartitionMapping(-7, -1), "from 7 windows before to 1 window before"),
        (TimeWindowPartitionMapping(-2), "its own window and 2 before"),
        (TimeWindowPartitionMapping(0, 1), "its own window and 1 after"),
        (TimeWindowPartitionMapping(-1, 1), "its own window, 1 before and 1 after"),
        (
            TimeWindowPartitionMapping(-1, -1, allow_nonexistent_upstream_partitions=True),
            "1 window before, where they exist",
        ),
        (MultiToSingleDimensionPartitionMapping(), "the dimension that is shared"),
        (MultiToSingleDimensionPartitionMapping("day"), "by the dimension day"),
        (MultiPartitionMapping({}), "all partitions"),
        (
            MultiPartitionMapping(
                {
                    "day": DimensionPartitionMapping("day", TimeWindowPartitionMapping(-1, -1)),
                    "area": DimensionPartitionMapping("region", SAME),
                }
            ),
            "day: 1 window before; area by region: the same partition",
        ),
    ],
)
def test_a_mapping_in_words(mapping: PartitionMapping, words: str) -> None:
    assert mapping_in_words(mapping) == words


def test_a_mapping_of_a_kind_of_their_own_has_its_name() -> None:
    class EveryOther(AllPartitionMapping):
        pass

    assert mapping_in_words(EveryOther()) == "EveryOther"
