"""Sensors that look at runs: called once for each that reached a status."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from bridge.automation.contexts import RunStatusSensorContext, SensorEvaluationContext
from bridge.automation.jobs import JobDefinition, JobName, settled_targets
from bridge.automation.requests import SensorResult, SkipReason, settled_answer
from bridge.automation.sensors import (
    DefaultSensorStatus,
    Evaluation,
    SensorDefinition,
    sensor_of,
)
from bridge.errors import DefinitionError
from bridge.places import user_place
from bridge.runs import Run, RunStatus

# Clocks of hosts differ and a transaction may take its time: runs of the last minutes are looked at
# again, and told apart by their ids.
_OVERLAP = timedelta(minutes=10)


def run_status_sensor(
    run_status: RunStatus,
    *,
    name: str | None = None,
    minimum_interval_seconds: float | None = None,
    description: str | None = None,
    monitored_jobs: Sequence[JobDefinition | str] | None = None,
    request_job: JobDefinition | None = None,
    request_jobs: Sequence[JobDefinition] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
) -> Callable[[Callable[..., Any]], SensorDefinition]:
    """Make a function a sensor that is asked for each run that reaches a status.

    A status is queued, running, succeeded, failed or canceled. It may take `context` (a
    RunStatusSensorContext) and resources by name, and may ask for runs of `request_job`. Without
    `monitored_jobs` it is about all runs. After a kill it may be told of the last run once more.
    """
    place = user_place()
    if run_status not in get_args(RunStatus):
        raise DefinitionError(
            f"run_status_sensor(run_status={run_status!r}): it is one of "
            f"{', '.join(get_args(RunStatus))}. At {place}"
        )
    jobs = (
        None
        if monitored_jobs is None
        else tuple(JobName(_name_of(each)) for each in monitored_jobs)
    )

    def decorate(function: Callable[..., Any]) -> SensorDefinition:
        return sensor_of(
            function,
            look=RunWatch(run_status, jobs),
            name=name,
            interval=minimum_interval_seconds,
            description=description,
            default_status=default_status,
            watches_store=True,
            targets=settled_targets(
                "Sensor",
                name or function.__name__,
                place,
                job=request_job,
                job_name=None,
                target=None,
                jobs=request_jobs or (),
            ),
        )

    return decorate


def run_failure_sensor(
    function: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    minimum_interval_seconds: float | None = None,
    description: str | None = None,
    monitored_jobs: Sequence[JobDefinition | str] | None = None,
    request_job: JobDefinition | None = None,
    request_jobs: Sequence[JobDefinition] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
) -> Any:
    """Make a function a sensor that is asked for each run that failed; `@run_failure_sensor` alone
    is about all runs.
    """
    decorate = run_status_sensor(
        "failed",
        name=name,
        minimum_interval_seconds=minimum_interval_seconds,
        description=description,
        monitored_jobs=monitored_jobs,
        request_job=request_job,
        request_jobs=request_jobs,
        default_status=default_status,
    )
    return decorate if function is None else decorate(function)


@dataclass(frozen=True, slots=True)
class RunWatch:
    """Asks the function about one run at a time, so that a kill repeats one at most."""

    status: RunStatus
    jobs: tuple[JobName, ...] | None

    def __call__(self, sensor: SensorDefinition, context: SensorEvaluationContext) -> Evaluation:
        position = _Position.read(context.cursor)
        view, now = context.instance.store, context.evaluated_at
        since = (now if position is None else position.since) - _OVERLAP
        found = view.runs_reaching(self.status, since)
        if position is None:  # it is told of what happens from now on
            begun = _Position(now, tuple(run.id for run in found))
            return Evaluation(result=_nothing(self.status), cursor=begun.written())
        new = sorted(
            (
                (at, run)
                for run in found
                if run.id not in position.told and self._is_monitored(run)
                if (at := reached_at(run, self.status)) is not None
            ),
            key=lambda each: (each[0], each[1].id),
        )
        if not new:
            return Evaluation(result=_nothing(self.status), cursor=context.cursor)
        at, run = new[0]
        about = RunStatusSensorContext(
            name=context.name, given=context.given, store=context.store, log=context.log, run=run
        )
        answer = settled_answer(sensor.function.ask(about), f"Sensor {sensor.name}")
        still_near = tuple(
            each.id for each in found if each.id in position.told or each.id == run.id
        )
        return Evaluation(
            result=answer,
            cursor=_Position(max(position.since, at), still_near).written(),
            has_more=len(new) > 1,
        )

    def _is_monitored(self, run: Run) -> bool:
        return self.jobs is None or any(run.job_name == job.name for job in self.jobs)


@dataclass(frozen=True, slots=True)
class _Position:
    """The moment of the newest run that was told of, and who was told of around it."""

    since: datetime
    told: tuple[str, ...]

    @classmethod
    def read(cls, cursor: str | None) -> _Position | None:
        if cursor is None:
            return None
        said = json.loads(cursor)
        return cls(datetime.fromisoformat(said["since"]), tuple(said["told"]))

    def written(self) -> str:
        return json.dumps({"since": self.since.isoformat(), "told": list(self.told)})


def reached_at(run: Run, status: RunStatus) -> datetime | None:
    """When a run reached a status, None where it did not."""
    if status == "queued":
        return run.created_at
    if status == "running":
        return run.started_at
    return run.ended_at if run.status == status else None


def _nothing(status: RunStatus) -> SensorResult:
    return SensorResult(skip_reason=SkipReason(f"no run was {status} since the last look"))


def _name_of(job: JobDefinition | str) -> str:
    name = job if isinstance(job, str) else job.name
    if not name:
        raise DefinitionError(f"monitored_jobs holds {job!r}, which has no name.")
    return name
