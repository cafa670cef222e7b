"""The partitions that a reference case states, made with our public API."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from bridge.partitions import (
    DailyPartitionsDefinition,
    DynamicPartitionsDefinition,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    MultiPartitionsDefinition,
    PartitionsDefinition,
    StaticPartitionsDefinition,
    TimeWindowPartitionsDefinition,
    WeeklyPartitionsDefinition,
)

PERIODS: dict[str, Any] = {
    "daily": DailyPartitionsDefinition,
    "hourly": HourlyPartitionsDefinition,
    "monthly": MonthlyPartitionsDefinition,
    "weekly": WeeklyPartitionsDefinition,
}
HALF_HOUR_CHANGES = "Australia/Lord_Howe"
AT_MINUTES_OF_EVERY_HOUR = re.compile(r"\d+(,\d+)* \* \* \* \*")


def drifts_in_the_reference(schedule: str, zone: str | None) -> bool:
    """Whether the reference ticks an hour after the last tick, where clocks change by half one."""
    return zone == HALF_HOUR_CHANGES and bool(AT_MINUTES_OF_EVERY_HOUR.fullmatch(schedule.strip()))


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def partitions_of(stated: dict[str, Any]) -> PartitionsDefinition:
    kind = stated["kind"]
    if kind == "static":
        return StaticPartitionsDefinition(stated["keys"])
    if kind == "dynamic":
        return DynamicPartitionsDefinition(stated["name"])
    if kind == "multi":
        return MultiPartitionsDefinition(
            {name: partitions_of(each) for name, each in stated["dimensions"].items()}
        )
    given = {name: value for name, value in stated.items() if name not in ("kind", "start", "end")}
    given["exclusions"] = [
        each if " " in each else datetime.fromisoformat(each)
        for each in stated.get("exclusions", ())
    ]
    if kind == "cron":
        schedule = given.pop("cron")
        return TimeWindowPartitionsDefinition(
            stated["start"], end=stated.get("end"), cron_schedule=schedule, **given
        )
    period: PartitionsDefinition = PERIODS[kind](stated["start"], stated.get("end"), **given)
    return period


def summary(keys: Sequence[str]) -> dict[str, Any]:
    return {
        "count": len(keys),
        "first": keys[0] if keys else None,
        "last": keys[-1] if keys else None,
        "sha256": hashlib.sha256("\n".join(keys).encode()).hexdigest(),
    }


def as_expected(keys: Sequence[str], expected: Any) -> Any:
    """The keys in the form that a case has them: whole, or summed up."""
    return summary(keys) if isinstance(expected, dict) else list(keys)
