"""Schedules: a cron string in a zone, and the run, or runs, that each tick asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bridge import calendar
from bridge.automation.functions import Function, function_of
from bridge.automation.jobs import (
    JobDefinition,
    Selectable,
    Target,
    require_name,
    settled_targets,
)
from bridge.automation.requests import plain_config, plain_tags
from bridge.errors import DefinitionError, PartitionError
from bridge.events import PlainValue
from bridge.places import Place, user_place

_CRON_FIELDS = (1, 5)  # an alias such as @daily, or minute to weekday
DEFAULT_ZONE = "UTC"


class DefaultScheduleStatus(str, Enum):
    """Whether a schedule runs before anybody said so with `bridge automation start` or `stop`."""

    RUNNING = "RUNNING"
    STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionTicks:
    """Ticks once partitions are over: fields of their cron schedule that are to be others."""

    minute_of_hour: int | None = None
    hour_of_day: int | None = None
    day_of_week: int | None = None
    day_of_month: int | None = None


@dataclass(frozen=True, slots=True, init=False)
class ScheduleDefinition:
    """A job that is started at the ticks of a cron schedule, or several, in a time zone.

    Give `job`, the name of one (`job_name`), or what to compute (`target`: a selection string or
    assets). After a time without a daemon only the newest tick that passed is made up for; with
    `catchup`, every one. Raises DefinitionError for a bad name, cron string or zone.
    """

    name: str
    cron_schedule: tuple[str, ...]
    execution_timezone: str
    targets: tuple[Target, ...]
    run_config: Mapping[str, PlainValue]
    tags: Mapping[str, str]
    default_status: DefaultScheduleStatus
    description: str | None
    function: Function | None
    partition_ticks: PartitionTicks | None
    catchup: bool
    place: Place

    def __init__(
        self,
        name: str | None = None,
        *,
        cron_schedule: str | Sequence[str] | None = None,
        job: JobDefinition | None = None,
        job_name: str | None = None,
        target: JobDefinition | Selectable | Sequence[Selectable] | None = None,
        run_config: Mapping[str, object] | None = None,
        tags: Mapping[str, str] | None = None,
        execution_timezone: str | None = None,
        default_status: DefaultScheduleStatus = DefaultScheduleStatus.STOPPED,
        description: str | None = None,
        execution_fn: Callable[..., Any] | None = None,
        catchup: bool = False,
        place: Place | None = None,
        partition_ticks: PartitionTicks | None = None,
    ) -> None:
        at = place or user_place()
        targets = settled_targets("Schedule", name, at, job=job, job_name=job_name, target=target)
        if name is None:
            name = f"{_job_name(targets, at)}_schedule"
        require_name(name, "schedule", at)
        crons = _crons(cron_schedule)
        zone = execution_timezone or DEFAULT_ZONE
        if partition_ticks is None or crons:
            require_ticks(name, crons, zone, at)
        set_field = object.__setattr__
        set_field(self, "name", name)
        set_field(self, "cron_schedule", crons)
        set_field(self, "execution_timezone", zone)
        set_field(self, "targets", targets)
        set_field(self, "run_config", plain_config(run_config))
        set_field(self, "tags", plain_tags(tags, f"Schedule {name}"))
        set_field(self, "default_status", DefaultScheduleStatus(default_status))
        set_field(self, "description", description)
        set_field(self, "function", None if execution_fn is None else function_of(execution_fn))
        set_field(self, "partition_ticks", partition_ticks)
        set_field(self, "catchup", catchup)
        set_field(self, "place", at)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What its function answers, for tests. Raises DefinitionError where it has none."""
        if self.function is None:
            raise DefinitionError(f"Schedule {self.name} has no function to call. At {self.place}")
        return self.function.call(*args, **kwargs)


def schedule(
    cron_schedule: str | Sequence[str],
    *,
    name: str | None = None,
    job: JobDefinition | None = None,
    job_name: str | None = None,
    target: JobDefinition | Selectable | Sequence[Selectable] | None = None,
    tags: Mapping[str, str] | None = None,
    execution_timezone: str | None = None,
    description: str | None = None,
    default_status: DefaultScheduleStatus = DefaultScheduleStatus.STOPPED,
    catchup: bool = False,
) -> Callable[[Callable[..., Any]], ScheduleDefinition]:
    """Make a function a schedule: asked at each tick, it says which runs to start.

    It may take `context` (a ScheduleEvaluationContext) first and resources by name, and returns a
    RunRequest, several, a SkipReason, the configuration of the run as a dictionary, or nothing.
    """

    def decorate(function: Callable[..., Any]) -> ScheduleDefinition:
        return ScheduleDefinition(
            name or function.__name__,
            cron_schedule=cron_schedule,
            job=job,
            job_name=job_name,
            target=target,
            tags=tags,
            execution_timezone=execution_timezone,
            description=description or function.__doc__,
            default_status=default_status,
            execution_fn=function,
            catchup=catchup,
            place=function_of(function).place,
        )

    return decorate


def require_ticks(name: str, crons: tuple[str, ...], zone: str, place: Place) -> None:
    """Raise DefinitionError for cron schedules, or a zone, that cannot tick."""
    if not crons:
        raise DefinitionError(f"Schedule {name} has no cron_schedule. At {place}")
    for cron in crons:
        if not isinstance(cron, str) or len(cron.split()) not in _CRON_FIELDS:
            raise DefinitionError(
                f"Schedule {name} has the cron schedule {cron!r}; write five fields, minute, "
                f"hour, day, month and weekday, such as 30 6 * * mon-fri. At {place}"
            )
        try:
            calendar.ticks(cron, zone)
        except PartitionError as error:
            raise DefinitionError(f"Schedule {name}: {error} At {place}") from error


def _job_name(targets: tuple[Target, ...], place: Place) -> str:
    name = targets[0].name if targets else None
    if name is None:
        raise DefinitionError(f"A schedule needs a name where its job has none. At {place}")
    return name


def _crons(given: str | Sequence[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)
