"""Schedules out of partitions: a tick when a partition is over, which asks for just that one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bridge.automation.cadence import Cadence
from bridge.automation.jobs import JobDefinition
from bridge.automation.requests import RunRequest, SensorResult, SkipReason
from bridge.automation.schedules import (
    DEFAULT_ZONE,
    DefaultScheduleStatus,
    PartitionTicks,
    ScheduleDefinition,
    require_ticks,
)
from bridge.errors import DefinitionError
from bridge.partitions import (
    MultiPartitionsDefinition,
    PartitionsDefinition,
    TimeWindowPartitionsDefinition,
)
from bridge.places import user_place

# field of PartitionTicks -> place in a cron schedule, and the kinds of partitions that have it
_FIELDS = {
    "minute_of_hour": (0, ("hourly", "daily", "weekly", "monthly")),
    "hour_of_day": (1, ("daily", "weekly", "monthly")),
    "day_of_month": (2, ("monthly",)),
    "day_of_week": (4, ("weekly",)),
}


def build_schedule_from_partitioned_job(
    job: JobDefinition,
    description: str | None = None,
    name: str | None = None,
    minute_of_hour: int | None = None,
    hour_of_day: int | None = None,
    day_of_week: int | None = None,
    *,
    day_of_month: int | None = None,
    default_status: DefaultScheduleStatus = DefaultScheduleStatus.STOPPED,
    tags: Mapping[str, str] | None = None,
    cron_schedule: str | None = None,
    execution_timezone: str | None = None,
) -> ScheduleDefinition:
    """A schedule that computes each partition of a job once it is over, in the partitions' zone.

    It ticks when a window ends, or later: at that minute, hour and day. Each partition is asked for
    by one tick, also those that ended while no daemon ran. With several dimensions, all that exist
    of the others are computed; partitions that are no windows of time are all computed at each tick
    of `cron_schedule`, which they need.
    """
    place = user_place()
    if not isinstance(job, JobDefinition):
        raise DefinitionError(
            f"build_schedule_from_partitioned_job({job!r}): give a job of define_asset_job. "
            f"At {place}"
        )
    return ScheduleDefinition(
        name,
        cron_schedule=cron_schedule,
        job=job,
        tags=tags,
        execution_timezone=execution_timezone,
        description=description,
        default_status=default_status,
        catchup=True,
        place=place,
        partition_ticks=PartitionTicks(
            minute_of_hour=minute_of_hour,
            hour_of_day=hour_of_day,
            day_of_week=day_of_week,
            day_of_month=day_of_month,
        ),
    )


def partition_cadence(
    schedule: ScheduleDefinition, partitions_def: PartitionsDefinition | None
) -> Cadence:
    """When a schedule made from partitions ticks.

    Raises DefinitionError for a job without partitions, a zone that is not theirs, a field that
    they do not have, or a missing cron schedule.
    """
    who, at = f"Schedule {schedule.name}", f"At {schedule.place}"
    if partitions_def is None:
        raise DefinitionError(
            f"{who} is made from the partitions of a job that has none: use ScheduleDefinition. "
            f"{at}"
        )
    windows = windows_in(partitions_def)
    said = {
        name: value
        for name in _FIELDS
        if (value := getattr(schedule.partition_ticks, name)) is not None
    }
    if schedule.cron_schedule:
        if said:
            raise DefinitionError(
                f"{who} has a cron_schedule and {', '.join(said)}. Keep one. {at}"
            )
        zone = DEFAULT_ZONE if windows is None else windows.timezone
        chosen = schedule.execution_timezone
        return Cadence(
            cron_schedules=schedule.cron_schedule,
            timezone=zone if chosen == DEFAULT_ZONE else chosen,
        )
    if windows is None:
        raise DefinitionError(
            f"{who} is made from {partitions_def.kind} partitions, which never end; give it a "
            f"cron_schedule. {at}"
        )
    if schedule.execution_timezone not in (DEFAULT_ZONE, windows.timezone):
        raise DefinitionError(
            f"{who} has the zone {schedule.execution_timezone}, but its partitions end in "
            f"{windows.timezone}. Leave execution_timezone out. {at}"
        )
    fields = windows.cron_schedule.split()
    for name, value in said.items():
        place, kinds = _FIELDS[name]
        if windows.kind not in kinds:
            raise DefinitionError(
                f"{who} has {name}={value}, which {windows.kind} partitions do not know. {at}"
            )
        fields[place] = str(value)
    crons = (" ".join(fields),)
    require_ticks(schedule.name, crons, windows.timezone, schedule.place)
    return Cadence(cron_schedules=crons, timezone=windows.timezone)


def windows_in(partitions_def: PartitionsDefinition) -> TimeWindowPartitionsDefinition | None:
    """The windows of time that partitions are, or their only dimension of such; else None."""
    if isinstance(partitions_def, TimeWindowPartitionsDefinition):
        return partitions_def
    if not isinstance(partitions_def, MultiPartitionsDefinition):
        return None
    found = [
        each
        for _, each in partitions_def.dimensions
        if isinstance(each, TimeWindowPartitionsDefinition)
    ]
    return found[0] if len(found) == 1 else None


def requests_at(
    partitions_def: PartitionsDefinition, previous: datetime, tick: datetime
) -> SensorResult:
    """A run for each partition that came to exist after the tick before, up to this one.

    Ticks in a row leave no partition out and ask for none twice. Partitions that are no windows are
    all asked for.
    """
    windows = windows_in(partitions_def)
    if windows is None:
        keys = partitions_def.keys(tick)
    else:
        new = windows.numbered(windows.count(previous), windows.count(tick))
        keys = new if partitions_def is windows else _combined(partitions_def, windows, new, tick)
    if not keys:
        return SensorResult(skip_reason=SkipReason("no partition ended since the tick before"))
    return SensorResult([RunRequest(run_key=key, partition_key=key) for key in keys])


def _combined(
    partitions_def: PartitionsDefinition,
    windows: TimeWindowPartitionsDefinition,
    new: list[str],
    tick: datetime,
) -> list[str]:
    """The combinations of the new windows with all that exist of the other dimensions."""
    assert isinstance(partitions_def, MultiPartitionsDefinition)  # noqa: S101 - windows are inside
    found = [{}]  # type: list[dict[str, str]]
    for name, each in partitions_def.dimensions:
        parts = new if each is windows else each.keys(tick)
        found = [{**parts_so_far, name: part} for parts_so_far in found for part in parts]
    return [partitions_def.joined(parts) for parts in found]
