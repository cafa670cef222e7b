"""The partitions that a reference case states, made with our public API."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from bridge import AssetDep, AssetKey
from bridge.partitions import (
    AllPartitionMapping,
    DailyPartitionsDefinition,
    DimensionPartitionMapping,
    DynamicPartitionsDefinition,
    HourlyPartitionsDefinition,
    IdentityPartitionMapping,
    LastPartitionMapping,
    MonthlyPartitionsDefinition,
    MultiPartitionMapping,
    MultiPartitionsDefinition,
    MultiToSingleDimensionPartitionMapping,
    PartitionMapping,
    PartitionsDefinition,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    TimeWindowPartitionsDefinition,
    WeeklyPartitionsDefinition,
)

PERIODS: dict[str, Any] = {
    "daily": DailyPartitionsDefinition,
    "hourly": HourlyPartitionsDefinition,
    "monthly": MonthlyPartitionsDefinition,
    "weekly": WeeklyPartitionsDefinition,
}
KINDS = {
    "all": AllPartitionMapping,
    "identity": IdentityPartitionMapping,
    "last": LastPartitionMapping,
    "multi": MultiPartitionMapping,
    "multi_to_single": MultiToSingleDimensionPartitionMapping,
    "specific": SpecificPartitionsPartitionMapping,
    "static": StaticPartitionMapping,
    "time_window": TimeWindowPartitionMapping,
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


def mapping_of(stated: dict[str, Any] | None) -> PartitionMapping:
    if stated is None:
        return IdentityPartitionMapping()
    given: Any = {
        "multi": {
            name: DimensionPartitionMapping(of["to"], mapping_of(of.get("inner")))
            for name, of in stated.get("dimensions", {}).items()
        },
        "multi_to_single": stated.get("dimension"),
        "specific": stated.get("keys"),
        "static": stated.get("downstream_by_upstream"),
    }.get(stated["kind"])
    kind: Any = KINDS[stated["kind"]]
    if stated["kind"] == "time_window":
        made = kind(
            stated.get("start_offset", 0),
            stated.get("end_offset", 0),
            allow_nonexistent_upstream_partitions=stated.get("allow_nonexistent_upstream", False),
        )
    else:
        made = kind() if given is None else kind(given)
    assert isinstance(made, PartitionMapping)
    return made


def deps_of(said: dict[str, Any]) -> list[AssetDep]:
    """What an asset of a case depends on, with the mappings that it states."""
    mappings = said.get("mappings", {})
    return [
        AssetDep(AssetKey.parse(dep), mapping_of(mappings[dep]) if dep in mappings else None)
        for dep in said.get("deps", ())
    ]
