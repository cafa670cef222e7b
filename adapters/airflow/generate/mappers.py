"""What a partition mapping is among Airflow's partition mappers, where it is one of them. Pure."""

from __future__ import annotations

from typing import Any, TypeAlias

from bridge.calendar import changing_days
from bridge.partitions import (
    IdentityPartitionMapping,
    PartitionMapping,
    PartitionsDefinition,
    TimeWindowPartitionMapping,
    TimeWindowPartitionsDefinition,
)

# A class of airflow.sdk and what it is called with: {"StartOfDayMapper": {"timezone": "UTC"}}
Mapper: TypeAlias = dict[str, Any]

IDENTITY: Mapper = {"IdentityMapper": {}}
# All partitions go to one run, which is about none of them.
ANY: Mapper = {"FixedKeyMapper": {"downstream_key": "any"}}
# of a period: its schedule, its mapper, and its window with the schedule of what that holds
_HOURLY, _DAILY, _WEEKLY = "0 * * * *", "0 0 * * *", "0 0 * * 1"
_MONTHLY, _YEARLY = "0 0 1 * *", "0 0 1 1 *"
_START_OF = {
    _HOURLY: "StartOfHourMapper",
    _DAILY: "StartOfDayMapper",
    _WEEKLY: "StartOfWeekMapper",
    _MONTHLY: "StartOfMonthMapper",
    _YEARLY: "StartOfYearMapper",
}
_WINDOWS = {
    (_DAILY, _HOURLY): "DayWindow",
    (_WEEKLY, _DAILY): "WeekWindow",
    (_MONTHLY, _DAILY): "MonthWindow",
    (_YEARLY, _MONTHLY): "YearWindow",
}
_ZONE_YEARS = range(2000, 2038)


def mapper_of(
    mapping: PartitionMapping,
    upstream: PartitionsDefinition,
    downstream: PartitionsDefinition | None,
) -> Mapper | None:
    """What makes a key of the upstream one of the downstream; None where Airflow has no such."""
    if downstream is None:
        return ANY
    if isinstance(mapping, IdentityPartitionMapping):
        return IDENTITY
    if not (
        isinstance(mapping, TimeWindowPartitionMapping)
        and mapping.start_offset == mapping.end_offset == 0
        and isinstance(upstream, TimeWindowPartitionsDefinition)
        and isinstance(downstream, TimeWindowPartitionsDefinition)
        and upstream.timezone == downstream.timezone
        and not (upstream.exclusions or downstream.exclusions)
    ):
        return None
    return _of_windows(upstream, downstream)


def _of_windows(
    upstream: TimeWindowPartitionsDefinition, downstream: TimeWindowPartitionsDefinition
) -> Mapper | None:
    theirs, ours, zone = upstream.cron_schedule, downstream.cron_schedule, upstream.timezone
    if theirs == ours:
        if upstream.fmt == downstream.fmt:
            return IDENTITY
        return _start_of(ours, zone, upstream.fmt, downstream.fmt) if ours in _START_OF else None
    if "DayWindow" in (_WINDOWS.get((ours, theirs)), _WINDOWS.get((theirs, ours))) and any(
        changing_days(zone, year) for year in _ZONE_YEARS
    ):
        return None  # its days have 24 hours
    if (ours, theirs) in _WINDOWS:
        return {
            "RollupMapper": {
                "upstream_mapper": _start_of(ours, zone, upstream.fmt, downstream.fmt),
                "window": {_WINDOWS[ours, theirs]: {}},
            }
        }
    if (theirs, ours) in _WINDOWS:
        return {
            "FanOutMapper": {
                "upstream_mapper": _start_of(theirs, zone, upstream.fmt, upstream.fmt),
                "window": {_WINDOWS[theirs, ours]: {}},
                "downstream_mapper": _start_of(ours, zone, upstream.fmt, downstream.fmt),
            }
        }
    return None


def _start_of(schedule: str, zone: str, read: str, written: str) -> Mapper:
    return {_START_OF[schedule]: {"timezone": zone, "input_format": read, "output_format": written}}
