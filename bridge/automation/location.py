"""Everything that can start runs, resolved against a graph; refuses what could never work."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from bridge.automation.cadence import Cadence
from bridge.automation.contexts import ScheduleEvaluationContext
from bridge.automation.jobs import (
    JobDefinition,
    JobName,
    ResolvedJob,
    Target,
    resolved_job,
    suggestion,
)
from bridge.automation.partitioned import partition_cadence, requests_at
from bridge.automation.requests import RunRequest, SensorResult, settled_answer
from bridge.automation.schedules import ScheduleDefinition
from bridge.automation.sensors import SensorDefinition
from bridge.errors import DefinitionError, DuplicateKeyError
from bridge.graph import AssetGraph

Named: TypeAlias = "JobDefinition | ScheduleDefinition | SensorDefinition"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSchedule:
    """A schedule with its ticks and the jobs that it may start."""

    definition: ScheduleDefinition
    cadence: Cadence
    jobs: tuple[ResolvedJob, ...]

    def evaluate(self, context: ScheduleEvaluationContext) -> SensorResult:
        """What it asks for at a tick. Whatever its function raises is raised."""
        definition = self.definition
        tick = context.scheduled_execution_time
        if definition.partition_ticks is not None:
            partitions_def = self.jobs[0].partitions_def
            assert partitions_def is not None  # noqa: S101 - else it was refused
            earlier = (each for each in self.cadence.until(tick) if each < tick)
            return requests_at(partitions_def, next(earlier), tick)
        if definition.function is None:
            return SensorResult([RunRequest()])
        answer = definition.function.ask(context)
        if isinstance(answer, Mapping):
            return SensorResult([RunRequest(run_config=answer)])
        return settled_answer(answer, f"Schedule {definition.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSensor:
    """A sensor with the jobs that it may start."""

    definition: SensorDefinition
    jobs: tuple[ResolvedJob, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    """The jobs, schedules and sensors of a project, each by its name."""

    jobs: Mapping[str, ResolvedJob] = field(default_factory=dict)
    schedules: Mapping[str, ResolvedSchedule] = field(default_factory=dict)
    sensors: Mapping[str, ResolvedSensor] = field(default_factory=dict)

    def without_schedules(self, names: Collection[str]) -> Automation:
        """The same, but for these schedules, which are asked elsewhere."""
        left = {name: each for name, each in self.schedules.items() if name not in names}
        return replace(self, schedules=left)

    def job(self, name: str) -> ResolvedJob:
        """A job by its name. Raises DefinitionError where there is none."""
        if name not in self.jobs:
            known = ", ".join(self.jobs) or "none"
            raise DefinitionError(
                f"There is no job {name!r} (there are: {known}).{suggestion(name, self.jobs)}"
            )
        return self.jobs[name]


def resolve(
    graph: AssetGraph,
    jobs: Iterable[JobDefinition],
    schedules: Iterable[ScheduleDefinition],
    sensors: Iterable[SensorDefinition],
    resources: Collection[str] = (),
) -> Automation:
    """All of it in one graph; a job that only a schedule or sensor holds is a job as well.

    Raises DefinitionError, with file and line, for a job that selects nothing or mixes partitions,
    an unknown job or resource, a schedule that starts a partitioned job without saying a partition.
    """
    schedules, sensors = tuple(schedules), tuple(sensors)
    held = [target for each in schedules for target in each.targets]
    held += [target for each in sensors for target in each.targets]
    named = _by_name([*jobs, *(t for t in held if isinstance(t, JobDefinition) and t.name)])
    found = {name: resolved_job(job, graph) for name, job in named.items()}
    return Automation(
        jobs=found,
        schedules={s.name: _schedule(s, graph, found, resources) for s in schedules},
        sensors={s.name: _sensor(s, graph, found, resources) for s in sensors},
    )


def require_distinct(
    jobs: Sequence[JobDefinition],
    schedules: Sequence[ScheduleDefinition],
    sensors: Sequence[SensorDefinition],
) -> None:
    """Raise DuplicateKeyError for two jobs of one name, or two that tick of one name."""
    _refuse_twice("job", jobs)
    _refuse_twice("schedule or sensor", [*schedules, *sensors])


def _refuse_twice(kind: str, named: Sequence[Named]) -> None:
    seen: dict[str | None, Named] = {}
    for each in named:
        twin = seen.setdefault(each.name, each)
        if twin is not each:
            raise DuplicateKeyError(
                f"Two of a project, each a {kind}, are called {each.name}: at {twin.place} and at "
                f"{each.place}. Rename one."
            )


def _by_name(jobs: Sequence[JobDefinition]) -> dict[str, JobDefinition]:
    distinct = list({id(job): job for job in jobs}.values())
    _refuse_twice("job", distinct)
    return {job.name: job for job in distinct if job.name is not None}


def _schedule(
    schedule: ScheduleDefinition,
    graph: AssetGraph,
    jobs: Mapping[str, ResolvedJob],
    resources: Collection[str],
) -> ResolvedSchedule:
    who = f"Schedule {schedule.name}"
    targets = _targets(schedule.targets, who, graph, jobs, str(schedule.place))
    if schedule.function is not None:
        schedule.function.require_resources(who, resources)
    elif not targets:
        raise DefinitionError(
            f"{who} starts no job. Give it job=, job_name= or target=. At {schedule.place}"
        )
    if schedule.partition_ticks is not None:
        cadence = partition_cadence(schedule, targets[0].partitions_def)
    else:
        _require_partition_is_said(schedule, targets)
        cadence = Cadence(
            cron_schedules=schedule.cron_schedule, timezone=schedule.execution_timezone
        )
    return ResolvedSchedule(definition=schedule, cadence=cadence, jobs=targets)


def _require_partition_is_said(
    schedule: ScheduleDefinition, targets: tuple[ResolvedJob, ...]
) -> None:
    if schedule.function is not None or targets[0].partitions_def is None:
        return
    raise DefinitionError(
        f"Schedule {schedule.name} starts {targets[0].name or targets[0].selection}, which has "
        f"{targets[0].partitions_def.kind} partitions, and does not say which one. Use "
        "build_schedule_from_partitioned_job, or an @schedule that returns "
        f"RunRequest(partition_key=…). At {schedule.place}"
    )


def _sensor(
    sensor: SensorDefinition,
    graph: AssetGraph,
    jobs: Mapping[str, ResolvedJob],
    resources: Collection[str],
) -> ResolvedSensor:
    who = f"Sensor {sensor.name}"
    sensor.function.require_resources(who, resources)
    return ResolvedSensor(
        definition=sensor, jobs=_targets(sensor.targets, who, graph, jobs, str(sensor.place))
    )


def _targets(
    targets: Sequence[Target],
    who: str,
    graph: AssetGraph,
    jobs: Mapping[str, ResolvedJob],
    at: str,
) -> tuple[ResolvedJob, ...]:
    found = []
    for target in targets:
        if isinstance(target, JobDefinition):
            known = None if target.name is None else jobs[target.name]
            found.append(known or resolved_job(target, graph, who))
        elif isinstance(target, JobName) and target.name in jobs:
            found.append(jobs[target.name])
        else:
            known_names = ", ".join(jobs) or "none"
            raise DefinitionError(
                f"{who} starts the job {target.name!r}, which no code location defines (there are: "
                f"{known_names}).{suggestion(str(target.name), jobs)} At {at}"
            )
    return tuple(found)
