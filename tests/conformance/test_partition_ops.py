"""Questions about single partitions, ranges of them, their dimensions, and sets of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bridge import MultiPartitionsDefinition, TimeWindow, TimeWindowPartitionsDefinition
from bridge.errors import BridgeError, PartitionError
from bridge.partitions import PartitionsDefinition, subset_from_value, subset_of
from tests.conformance.partitions_of_cases import (
    as_expected,
    instant,
    partitions_of,
    summary,
    text_of,
)

CASES = "partition_ops.json"


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    return None


def next_key(partitions: TimeWindowPartitionsDefinition, key: str, now: datetime) -> str | None:
    try:
        following = partitions.key_for(partitions.next_window(partitions.window(key).end).start)
    except PartitionError:
        return None
    return following if partitions.contains(following, now) else None


def bounds(window: TimeWindow) -> list[str]:
    return [text_of(window.start), text_of(window.end)]


def of_time(partitions: TimeWindowPartitionsDefinition, case: dict[str, Any]) -> Any:
    now, given = instant(case["now"]), case["args"]
    if case["op"] == "window_of_key":
        return bounds(partitions.window(given["key"]))
    if case["op"] == "key_for_timestamp":
        closed = timedelta(microseconds=1) if given["end_closed"] else timedelta(0)
        return partitions.key_for(instant(given["timestamp"]) - closed)
    if case["op"] == "next_key":
        return next_key(partitions, given["key"], now)
    at = instant(given["at"])
    if case["op"] == "prev_window":
        window = partitions.previous_window(at)
        is_there = window.start >= partitions.start
    else:
        window = partitions.next_window(at)
        key = partitions.numbered(*partitions.numbers_within(window))
        is_there = bool(key) and partitions.contains(key[0], now)
    return bounds(window) if is_there or not given["respect_bounds"] else None


def of_sets(partitions: PartitionsDefinition, case: dict[str, Any]) -> dict[str, Any]:
    now, expected = instant(case["now"]), case["expect"]
    a, b = (subset_of(partitions, case["args"][name], now) for name in ("a", "b"))
    ranges = a.ranges(now)
    return {
        "count_a": len(a),
        "difference": as_expected((a - b).keys(now), expected["difference"]),
        "intersection": as_expected((a & b).keys(now), expected["intersection"]),
        "missing_from_all": as_expected(a.missing(now).keys(now), expected["missing_from_all"]),
        "n_ranges_a": len(ranges),
        "ranges_a": [list(each) for each in ranges],
        "roundtrip_equal": subset_from_value(partitions, a.to_value()) == a,
        "union": as_expected((a | b).keys(now), expected["union"]),
    }


def answer(case: dict[str, Any]) -> Any:
    partitions, now = partitions_of(case["partitions"]), instant(case["now"])
    operation, given = case["op"], case["args"]
    if operation == "subset_algebra":
        found = of_sets(partitions, case)
        return {name: found[name] for name in case["expect"]}
    if operation == "all_keys":
        keys = partitions.keys(now)
        found = {**summary(keys), "keys": keys}
        return {name: found[name] for name in case["expect"]}
    if operation == "has_key":
        return {"result": partitions.contains(given["key"], now)}
    if operation == "keys_in_range":
        return {"result": partitions.range(given["start"], given["end"])}
    if operation == "dimensions_of_key":
        assert isinstance(partitions, MultiPartitionsDefinition)
        return {"result": partitions.split(given["key"])}
    assert isinstance(partitions, TimeWindowPartitionsDefinition)
    return {"result": of_time(partitions, case)}


def test_a_partition_answers_as_in_the_reference(case: dict[str, Any]) -> None:
    if case["expect"].get("error"):
        with pytest.raises(BridgeError):
            answer(case)
    else:
        assert answer(case) == case["expect"]
