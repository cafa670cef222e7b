"""Definitions read back from what they say of themselves in a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridge.errors import PartitionError
from bridge.partitions.definition import PartitionsDefinition
from bridge.partitions.keyed import DynamicPartitionsDefinition, StaticPartitionsDefinition
from bridge.partitions.multi import MultiPartitionsDefinition
from bridge.partitions.periods import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    WeeklyPartitionsDefinition,
)
from bridge.partitions.time import TimeWindowPartitionsDefinition, exclusions_from

_PERIODS: Mapping[str, type[TimeWindowPartitionsDefinition]] = {
    each.kind: each
    for each in (
        DailyPartitionsDefinition,
        HourlyPartitionsDefinition,
        MonthlyPartitionsDefinition,
        WeeklyPartitionsDefinition,
    )
}


def from_description(values: Mapping[str, Any]) -> PartitionsDefinition:
    """The definition that `describe` wrote. Raises PartitionError for a kind we do not know."""
    kind = values["kind"]
    if kind == StaticPartitionsDefinition.kind:
        return StaticPartitionsDefinition(values["keys"])
    if kind == DynamicPartitionsDefinition.kind:
        return DynamicPartitionsDefinition(values["name"])
    if kind == MultiPartitionsDefinition.kind:
        return MultiPartitionsDefinition(
            {name: from_description(each) for name, each in values["dimensions"].items()}
        )
    if kind != TimeWindowPartitionsDefinition.kind and kind not in _PERIODS:
        raise PartitionError(
            f"Partitions of the kind {kind!r} are not known; they were written by a newer version."
        )
    made = _windows(values, end=None)
    return _windows(values, end=made.edge_named(values["end"])) if "end" in values else made


def _windows(values: Mapping[str, Any], end: datetime | None) -> TimeWindowPartitionsDefinition:
    given = {name: value for name, value in values.items() if name not in ("kind", "start", "end")}
    given["exclusions"] = exclusions_from(given.get("exclusions", ()))
    if values["kind"] == TimeWindowPartitionsDefinition.kind:
        return TimeWindowPartitionsDefinition(values["start"], end=end, **given)
    period: Any = _PERIODS[values["kind"]]
    made: TimeWindowPartitionsDefinition = period(values["start"], end, **given)
    return made
