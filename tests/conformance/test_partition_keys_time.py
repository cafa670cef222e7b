"""Time-window partitions: which exist at a given instant, and their windows."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import Any

import pytest

from bridge import DailyPartitionsDefinition
from bridge.errors import BridgeError

CASES = "partition_keys_time.json"


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    kind = case["partitions"]["kind"]
    if kind != "daily":
        return f"there are no {kind} partitions yet"
    if "exclusions" in case["partitions"]:
        return "there are no exclusions yet"
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


def answer(case: dict[str, Any]) -> dict[str, Any]:
    partitions, now = daily(case["partitions"]), instant(case["now"])
    keys = partitions.keys(now)
    windows = [partitions.window(key) for key in keys]
    return {
        "count": len(keys),
        "cron": partitions.cron_schedule,
        "first": keys[0] if keys else None,
        "first_key": keys[0] if keys else None,
        "keys": keys,
        "last": keys[-1] if keys else None,
        "last_key": partitions.latest(now),
        "num_partitions": partitions.count(now),
        "sha256": hashlib.sha256("\n".join(keys).encode()).hexdigest(),
        "windows": [[text_of(window.start), text_of(window.end)] for window in windows],
    }


def test_partitions_exist_as_in_the_reference(case: dict[str, Any]) -> None:
    if case["expect"].get("error"):
        with pytest.raises(BridgeError):
            answer(case)
    else:
        found = answer(case)
        assert {name: found[name] for name in case["expect"]} == case["expect"]
