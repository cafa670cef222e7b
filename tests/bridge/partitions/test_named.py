"""Partitions that are names, and combinations of several dimensions."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from bridge import (
    AddDynamicPartitionsRequest,
    DailyPartitionsDefinition,
    DeleteDynamicPartitionsRequest,
    DynamicPartitionsDefinition,
    MultiPartitionsDefinition,
    StaticPartitionsDefinition,
)
from bridge.errors import PartitionError
from bridge.partitions import from_description, window_of, with_dynamic_keys

NOW = datetime(2024, 1, 3, 12, tzinfo=timezone.utc)
REGIONS = StaticPartitionsDefinition(["us", "eu", "ap"])
DAYS = DailyPartitionsDefinition("2024-01-01")
BOTH = MultiPartitionsDefinition({"region": REGIONS, "day": DAYS})


def test_names_keep_the_order_given() -> None:
    assert REGIONS.keys(NOW) == ["us", "eu", "ap"]
    assert (REGIONS.count(NOW), REGIONS.latest(NOW)) == (3, "ap")
    assert REGIONS.range("us", "eu") == ["us", "eu"]
    assert REGIONS.range("ap", "us") == []


@pytest.mark.parametrize("keys", [["a", "a"], ["a...b"], ["tab\there"], ["\0"]])
def test_names_that_cannot_be_told_apart_or_written_are_refused(keys: list[str]) -> None:
    with pytest.raises(PartitionError):
        StaticPartitionsDefinition(keys)


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(PartitionError, match=r"orders has no partition 'US'. There are: us, eu"):
        REGIONS.require("US", NOW, "orders")


def test_dynamic_partitions_know_what_they_are_handed() -> None:
    customers = DynamicPartitionsDefinition("customers")

    known = customers.with_keys(["b", "a"])

    assert (customers.keys(NOW), customers.latest(NOW)) == ([], None)
    assert known.keys(NOW) == ["b", "a"]
    assert known == customers
    with pytest.raises(PartitionError, match="There are none yet"):
        customers.require("a", NOW, "orders")


def test_combinations_go_by_the_names_of_the_dimensions() -> None:
    assert BOTH.keys(NOW) == [
        "2024-01-01|us",
        "2024-01-01|eu",
        "2024-01-01|ap",
        "2024-01-02|us",
        "2024-01-02|eu",
        "2024-01-02|ap",
    ]
    assert (BOTH.count(NOW), BOTH.latest(NOW)) == (6, "2024-01-02|ap")
    assert BOTH.split("2024-01-02|eu") == {"day": "2024-01-02", "region": "eu"}
    assert BOTH.joined({"region": "eu", "day": "2024-01-02"}) == "2024-01-02|eu"


def test_there_may_be_more_than_two_dimensions() -> None:
    many = MultiPartitionsDefinition(
        {name: StaticPartitionsDefinition(["1", "2"]) for name in ("c", "a", "b")}
    )

    assert many.count(NOW) == 8
    assert many.range("1|2|1", "2|2|1") == ["1|2|1", "2|2|1"]


@pytest.mark.parametrize(
    ("dimensions", "why"),
    [
        ({"a": REGIONS}, "need two or more"),
        ({"a": REGIONS, "b": BOTH}, "has dimensions itself"),
        ({"a": REGIONS, "b": StaticPartitionsDefinition(["x|y"])}, "holds one of"),
    ],
)
def test_dimensions_that_make_no_keys_are_refused(dimensions, why: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PartitionError, match=why):
        MultiPartitionsDefinition(dimensions)


@pytest.mark.parametrize("key", ["2024-01-02", "eu|2024-01-02", "2024-01-03|eu", "2024-01-02|eu|x"])
def test_what_is_no_combination_is_refused(key: str) -> None:
    assert not BOTH.contains(key, NOW)
    with pytest.raises(PartitionError):
        BOTH.require(key, NOW, "orders")


def test_the_window_of_a_combination_is_that_of_its_time() -> None:
    assert window_of(BOTH, "2024-01-02|eu") == DAYS.window("2024-01-02")
    assert window_of(REGIONS, "eu") is None


def test_dynamic_dimensions_are_handed_their_keys_too() -> None:
    both = MultiPartitionsDefinition({"day": DAYS, "who": DynamicPartitionsDefinition("customers")})

    known = with_dynamic_keys(both, {"customers": ["x"]})

    assert (both.count(NOW), known.keys(NOW)) == (0, ["2024-01-01|x", "2024-01-02|x"])


@pytest.mark.parametrize("definition", [REGIONS, BOTH, DynamicPartitionsDefinition("customers")])
def test_a_definition_survives_being_described(definition) -> None:  # type: ignore[no-untyped-def]
    assert from_description(definition.describe()) == definition


def test_a_description_of_a_newer_version_is_refused() -> None:
    with pytest.raises(PartitionError, match="newer version"):
        from_description({"kind": "lunar", "start": "2024-01-01"})


def test_a_sensor_may_ask_for_partitions_to_be_added_and_deleted() -> None:
    files = DynamicPartitionsDefinition("files")

    assert files.build_add_request(["a", "b"]) == AddDynamicPartitionsRequest("files", ["a", "b"])
    assert files.build_delete_request(["a"]) == DeleteDynamicPartitionsRequest("files", ["a"])
