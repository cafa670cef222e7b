"""What the function of a schedule or sensor is told, and the view of the store that it gets."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Protocol

from bridge.context import ResourceNamespace
from bridge.errors import DefinitionError
from bridge.events import AssetEvent
from bridge.instance import Instance, KeepsFacts
from bridge.runs import Run, RunStatus


class StoreView(KeepsFacts, Protocol):
    """The little of a store that a schedule or sensor may read."""

    def run(self, run_id: str) -> Run | None:
        """One run of ours."""
        ...

    def runs(
        self, *, statuses: Sequence[RunStatus] = (), origin: str | None = None, limit: int = 20
    ) -> list[Run]:
        """Runs of ours, newest first."""
        ...

    def runs_reaching(self, status: RunStatus, since: datetime) -> list[Run]:
        """Runs of ours that reached a status at or after a moment, oldest first."""
        ...


class AutomationInstance(Instance):
    """What is known of assets, runs and dynamic partitions, as `context.instance` shows it."""

    __slots__ = ("store",)

    def __init__(self, store: StoreView) -> None:
        super().__init__(store)
        self.store = store

    def get_run_by_id(self, run_id: str) -> Run | None:
        """One run."""
        return self.store.run(run_id)

    def get_runs(self, statuses: Sequence[RunStatus] = (), limit: int = 20) -> list[Run]:
        """Runs, newest first."""
        return self.store.runs(statuses=statuses, limit=limit)


@dataclass(slots=True, kw_only=True)
class EvaluationContext:
    """What schedules and sensors have in common: resources, a logger, what is known so far."""

    name: str = "test"
    given: Mapping[str, Any] = field(default_factory=dict)
    store: StoreView | None = None
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("bridge.user"))

    @property
    def resources(self) -> ResourceNamespace:
        """The resources of the project, as attributes."""
        return ResourceNamespace(self.given)

    @property
    def instance(self) -> AutomationInstance:
        """What is known of assets and runs. Raises DefinitionError in a test without a store."""
        if self.store is None:
            raise DefinitionError(
                f"{self.name} asked for context.instance, but no store was given. Give the "
                "context instance=open_store(…)."
            )
        return AutomationInstance(self.store)


@dataclass(slots=True, kw_only=True)
class ScheduleEvaluationContext(EvaluationContext):
    """The first argument of a schedule's function.

    `scheduled_execution_time` is the tick, in the schedule's zone, whenever it is evaluated.
    """

    scheduled_execution_time: datetime


@dataclass(slots=True, kw_only=True)
class SensorEvaluationContext(EvaluationContext):
    """The first argument of a sensor's function.

    `cursor` is what the sensor noted last; `last_run_key` the key of the last run it asked for, and
    `last_tick_completion_time` when it was evaluated last; `evaluated_at` is now.
    """

    evaluated_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    cursor: str | None = None
    last_run_key: str | None = None
    last_tick_completion_time: datetime | None = None

    def update_cursor(self, cursor: str | None) -> None:
        """Note a position; kept in one transaction with the runs that are asked for."""
        if cursor is not None and not isinstance(cursor, str):
            raise DefinitionError(
                f"{self.name}: update_cursor({cursor!r}) is no text. Write json.dumps(…)."
            )
        self.cursor = cursor


@dataclass(slots=True, kw_only=True)
class RunStatusSensorContext(EvaluationContext):
    """The first argument of a run-status sensor's function: the run that it is about."""

    run: Run

    @property
    def partition_key(self) -> str | None:
        """The partition, or range, that the run computed."""
        return self.run.target.partition

    def get_step_failure_events(self) -> list[AssetEvent]:
        """The failures of the run's assets, the last first."""
        if self.store is None:
            return []
        found = self.store.events(run_id=self.run.id, kinds=("failure",))
        return [recorded.event for recorded in found]


RunFailureSensorContext = RunStatusSensorContext


def build_schedule_context(
    scheduled_execution_time: datetime | None = None,
    *,
    resources: Mapping[str, Any] | None = None,
    instance: StoreView | None = None,
) -> ScheduleEvaluationContext:
    """A context for calling a schedule in a test; without a time, the tick is now."""
    return ScheduleEvaluationContext(
        scheduled_execution_time=scheduled_execution_time or datetime.now(timezone.utc),
        given=resources or {},
        store=instance,
    )


def build_sensor_context(
    instance: StoreView | None = None,
    cursor: str | None = None,
    *,
    last_run_key: str | None = None,
    last_tick_completion_time: datetime | None = None,
    resources: Mapping[str, Any] | None = None,
    sensor_name: str = "test",
) -> SensorEvaluationContext:
    """A context for calling a sensor in a test."""
    return SensorEvaluationContext(
        name=sensor_name,
        cursor=cursor,
        last_run_key=last_run_key,
        last_tick_completion_time=last_tick_completion_time,
        given=resources or {},
        store=instance,
    )


def build_run_status_sensor_context(
    run: Run,
    *,
    sensor_name: str = "test",
    resources: Mapping[str, Any] | None = None,
    instance: StoreView | None = None,
) -> RunStatusSensorContext:
    """A context for calling a run-status sensor in a test."""
    return RunStatusSensorContext(name=sensor_name, run=run, given=resources or {}, store=instance)
