"""One try of a task that waits for upstream partitions: look, and wait, give up or go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from adapters.airflow.compat import (
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSkipException,
    first_rescheduled,
)
from adapters.airflow.environment import Environment
from adapters.airflow.telling import log

# The longest that a trigger waits before the task looks itself, and so the longest that it takes to
# notice that the triggerer is gone.
_LONGEST_STINT_S = 3600.0
_HOUR_S = 3600
# A triggerer that has not taken a trigger up by then is taken for gone.
_PATIENCE = 2  # poke intervals


@dataclass(frozen=True, slots=True)
class Stint:
    """How long one trigger waits, and when Airflow ends the deferral if nobody took it up."""

    project: str
    awaited: list[list[object]]
    since: datetime
    until: datetime
    timeout: timedelta


def stint_or_none(
    sensor: Any,
    context: Mapping[str, Any],
    here: Environment,
    *,
    since: str | None = None,
    defers: bool = True,
) -> Stint | None:
    """Look once: None where all is there, else how to wait on. `since`: as a trigger told.

    Raises AirflowRescheduleException to wait without a triggerer, AirflowFailException (or
    AirflowSkipException) where it has waited long enough or what it waits for cannot be said.
    """
    now = datetime.now(timezone.utc)
    rescheduled = first_rescheduled(context)
    said = None if since is None else datetime.fromisoformat(since)
    began = said or rescheduled or getattr(context["ti"], "start_date", None) or now
    why, left = sensor.look(context)
    if why is None:
        return None
    log.info("Waiting: %s.", why)
    end = began + timedelta(seconds=sensor.timeout)
    if now >= end:
        message = f"Waited {_hours(sensor.timeout)} in vain: {why}. {_what_to_do(sensor)}"
        raise (AirflowSkipException if sensor.soft_fail else AirflowFailException)(message)
    if rescheduled or not defers or not left:
        pause = min(sensor.poke_interval, (end - now).total_seconds())
        raise AirflowRescheduleException(now + timedelta(seconds=pause))
    # It has no more faith in a triggerer than it has seen of it: twice as long each time.
    seconds = max(sensor.poke_interval, (now - began).total_seconds())
    until = min(now + timedelta(seconds=min(seconds, _LONGEST_STINT_S)), end)
    patience = timedelta(seconds=_PATIENCE * sensor.poke_interval)
    return Stint(str(here.project.root), left, began, until, until - now + patience)


def _what_to_do(sensor: Any) -> str:
    return (
        "Materialize it, or let `bridge observe` or `bridge report` tell of it, and clear this "
        f"task. To wait longer, or with 0 not at all, give {', '.join(sensor.asset_keys)} the tag "
        "airflow/wait_timeout_s."
    )


def _hours(seconds: float) -> str:
    return f"{seconds / _HOUR_S:g} h" if seconds >= _HOUR_S else f"{seconds:g} s"
