"""Time-window partitions: which exist at a given instant, and their windows."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import TimeWindowPartitionsDefinition
from bridge.errors import BridgeError
from tests.conformance.partitions_of_cases import (
    drifts_in_the_reference,
    instant,
    partitions_of,
    summary,
    text_of,
)

CASES = "partition_keys_time.json"


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    if drifts_in_the_reference(case["expect"].get("cron", ""), case["partitions"].get("timezone")):
        return "where clocks change by half an hour, the reference's hourly keys drift to :30"
    return None


def answer(case: dict[str, Any]) -> dict[str, Any]:
    partitions, now = partitions_of(case["partitions"]), instant(case["now"])
    assert isinstance(partitions, TimeWindowPartitionsDefinition)
    keys = partitions.keys(now)
    windows = [partitions.window(key) for key in keys] if "windows" in case["expect"] else []
    return {
        **summary(keys),
        "cron": partitions.cron_schedule,
        "first_key": keys[0] if keys else None,
        "keys": keys,
        "last_key": partitions.latest(now),
        "num_partitions": partitions.count(now),
        "windows": [[text_of(window.start), text_of(window.end)] for window in windows],
    }


def test_partitions_exist_as_in_the_reference(case: dict[str, Any]) -> None:
    if case["expect"].get("error"):
        with pytest.raises(BridgeError):
            answer(case)
    else:
        found = answer(case)
        assert {name: found[name] for name in case["expect"]} == case["expect"]
