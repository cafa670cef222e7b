"""Ticks of cron schedules: the next and the previous ones, per zone."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from bridge.calendar import ticks
from bridge.errors import BridgeError
from tests.conformance.partitions_of_cases import drifts_in_the_reference, instant, text_of

CASES = "cron_ticks.json"


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    if drifts_in_the_reference(case["cron"], case["timezone"]):
        return "where clocks change by half an hour, the reference's hourly ticks drift to :30"
    return None


def answer(case: dict[str, Any]) -> dict[str, list[str]]:
    schedule, start = ticks(case["cron"], case["timezone"]), instant(case["from"])
    return {
        "next": [text_of(tick) for tick in islice(schedule.since(start), case["n"])],
        "previous": [text_of(tick) for tick in islice(schedule.until(start), case["n"])],
    }


def test_a_schedule_ticks_as_in_the_reference(case: dict[str, Any]) -> None:
    if case["expect"].get("error"):
        with pytest.raises(BridgeError):
            answer(case)
    else:
        assert answer(case) == case["expect"]
