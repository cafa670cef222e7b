"""Questions about single partitions: membership, windows, the key for an instant, ranges."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge import DailyPartitionsDefinition
from bridge.errors import BridgeError, PartitionError

CASES = "partition_ops.json"
NOT_ASKED = {
    "next_window": "nothing here asks for the window after an instant",
    "prev_window": "nothing here asks for the window before an instant",
    "subset_algebra": "there are no partition subsets yet",
}


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    kind = case["partitions"]["kind"]
    if kind != "daily":
        return f"there are no {kind} partitions yet"
    if "exclusions" in case["partitions"]:
        return "there are no exclusions yet"
    if case["op"] in NOT_ASKED:
        return NOT_ASKED[case["op"]]
    if case["op"] == "keys_in_range" and case["args"]["start"] > case["args"]["end"]:
        return "a range that ends before it begins is refused, not empty"
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    return None


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def daily(settings: dict[str, Any]) -> DailyPartitionsDefinition:
    given = {
        name: value for name, value in settings.items() if name not in ("kind", "start", "end")
    }
    return DailyPartitionsDefinition(settings["start"], settings.get("end"), **given)


def next_key(partitions: DailyPartitionsDefinition, key: str, now: datetime) -> str | None:
    try:
        following = partitions.key_for(partitions.window(key).end)
    except PartitionError:
        return None
    return following if partitions.contains(following, now) else None


def keys_in_range(
    partitions: DailyPartitionsDefinition, first: str, last: str, now: datetime
) -> list[str]:
    keys = partitions.range(first, last)
    for edge in (keys[0], keys[-1]):
        partitions.require(edge, now, "the asset")
    return keys


def answer(case: dict[str, Any]) -> Any:
    partitions, now = daily(case["partitions"]), instant(case["now"])
    operation, given = case["op"], case["args"]
    if operation == "has_key":
        return partitions.contains(given["key"], now)
    if operation == "window_of_key":
        window = partitions.window(given["key"])
        return [text_of(window.start), text_of(window.end)]
    if operation == "key_for_timestamp":
        moment = instant(given["timestamp"])
        closed = timedelta(microseconds=1) if given["end_closed"] else timedelta(0)
        return partitions.key_for(moment - closed)
    if operation == "next_key":
        return next_key(partitions, given["key"], now)
    if operation == "keys_in_range":
        return keys_in_range(partitions, given["start"], given["end"], now)
    raise NotImplementedError(operation)


def test_a_partition_answers_as_in_the_reference(case: dict[str, Any]) -> None:
    if case["expect"].get("error"):
        with pytest.raises(BridgeError):
            answer(case)
    else:
        assert answer(case) == case["expect"]["result"]
