"""Sensors: functions that look, again and again, whether something should run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from bridge.automation.contexts import SensorEvaluationContext
from bridge.automation.functions import Function, function_of
from bridge.automation.jobs import (
    JobDefinition,
    Selectable,
    Target,
    require_name,
    settled_targets,
)
from bridge.automation.requests import SensorResult, settled_answer
from bridge.errors import DefinitionError
from bridge.places import Place, user_place

DEFAULT_INTERVAL_S = 30.0  # what a sensor asks is mostly somebody else's server


class DefaultSensorStatus(str, Enum):
    """Whether a sensor runs before anybody said so with `bridge automation start` or `stop`."""

    RUNNING = "RUNNING"
    STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What one look brought. `has_more`: look again at once, there is more to handle."""

    result: SensorResult
    cursor: str | None
    has_more: bool = False


class Look(Protocol):
    """How a kind of sensor is evaluated."""

    def __call__(self, sensor: SensorDefinition, context: SensorEvaluationContext) -> Evaluation:
        """Ask the user's function, where there is something to ask it about."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorDefinition:
    """A sensor as written: its function, the jobs that it may start, and how often it is asked.

    `watches_store`: what it looks at is in our store, so that it is asked when something happened
    there.
    """

    name: str
    function: Function
    targets: tuple[Target, ...]
    minimum_interval_seconds: float
    default_status: DefaultSensorStatus
    description: str | None
    look: Look
    watches_store: bool
    place: Place

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What its function answers, for tests."""
        return self.function.call(*args, **kwargs)

    def evaluate(self, context: SensorEvaluationContext) -> Evaluation:
        """What it asks for now, and its new cursor. Whatever its function raises is raised."""
        return self.look(self, context)


def sensor(
    job_name: str | None = None,
    *,
    name: str | None = None,
    minimum_interval_seconds: float | None = None,
    description: str | None = None,
    job: JobDefinition | None = None,
    jobs: Sequence[JobDefinition] | None = None,
    asset_selection: Selectable | Sequence[Selectable] | None = None,
    target: JobDefinition | Selectable | Sequence[Selectable] | None = None,
    default_status: DefaultSensorStatus = DefaultSensorStatus.STOPPED,
) -> Callable[[Callable[..., Any]], SensorDefinition]:
    """Make a function a sensor: asked every `minimum_interval_seconds` (30), it says what to run.

    It may take `context` (a SensorEvaluationContext) first and resources by name, and returns or
    yields RunRequests, a SkipReason, a SensorResult, or nothing.
    """
    place = user_place()

    def decorate(function: Callable[..., Any]) -> SensorDefinition:
        return sensor_of(
            function,
            look=_ask,
            name=name,
            interval=minimum_interval_seconds,
            description=description,
            default_status=default_status,
            targets=settled_targets(
                "Sensor",
                name or function.__name__,
                place,
                job=job,
                job_name=job_name,
                target=asset_selection if target is None else target,
                jobs=jobs or (),
            ),
        )

    return decorate


def sensor_of(
    function: Callable[..., Any],
    *,
    look: Look,
    name: str | None,
    interval: float | None,
    description: str | None,
    default_status: DefaultSensorStatus,
    targets: tuple[Target, ...],
    extra: int = 0,
    watches_store: bool = False,
) -> SensorDefinition:
    """A sensor out of a function. Raises DefinitionError for a bad name or interval."""
    taken = function_of(function, extra)
    called = name or function.__name__
    require_name(called, "sensor", taken.place)
    if interval is not None and interval < 0:
        raise DefinitionError(
            f"Sensor {called} has minimum_interval_seconds={interval}. At {taken.place}"
        )
    return SensorDefinition(
        name=called,
        function=taken,
        targets=targets,
        minimum_interval_seconds=(0.0 if watches_store else DEFAULT_INTERVAL_S)
        if interval is None
        else float(interval),
        default_status=DefaultSensorStatus(default_status),
        description=description or function.__doc__,
        look=look,
        watches_store=watches_store,
        place=taken.place,
    )


def _ask(sensor: SensorDefinition, context: SensorEvaluationContext) -> Evaluation:
    before = context.cursor
    result = settled_answer(sensor.function.ask(context), f"Sensor {sensor.name}")
    if result.cursor is not None and context.cursor not in (before, result.cursor):
        raise DefinitionError(
            f"Sensor {sensor.name} gave two cursors: update_cursor({context.cursor!r}) and "
            f"SensorResult(cursor={result.cursor!r}). Keep one. At {sensor.place}"
        )
    return Evaluation(
        result=result, cursor=context.cursor if result.cursor is None else result.cursor
    )
