"""Ticks of schedules, sensors and conditions, whether each is on, and who leads: as values."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

InstigatorKind: TypeAlias = Literal["schedule", "sensor", "conditions"]
TickStatus: TypeAlias = Literal["success", "skipped", "failure"]

_NAMESPACE = uuid.UUID("8f0b3c55-6c1e-54b4-9a87-2f9b0f6f5f10")  # fixed for ever: ids derive from it


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One evaluation: of a schedule for one of its times, of a sensor or conditions whenever.

    `happened_at` is the schedule's time, however late it was evaluated; `run_ids` are those asked
    for, also where such a run was there already.
    """

    name: str
    kind: InstigatorKind
    happened_at: datetime
    status: TickStatus
    evaluated_at: datetime
    duration_s: float = 0.0
    run_ids: tuple[str, ...] = ()
    message: str | None = None

    @property
    def id(self) -> str:
        """32 hex digits that depend on whose it is and its time only."""
        return uuid.uuid5(_NAMESPACE, f"{self.name}\n{self.happened_at.isoformat()}").hex


@dataclass(frozen=True, slots=True, kw_only=True)
class InstigatorState:
    """What is kept of a schedule, sensor or the conditions.

    `is_on` is None where nobody said, `since` when it was turned on or first met: a schedule's
    times before that do not count. `position` is the time of its newest tick, `version` counts up
    with each.
    """

    name: str
    kind: InstigatorKind
    since: datetime
    is_on: bool | None = None
    position: datetime | None = None
    cursor: str | None = None
    last_run_key: str | None = None
    last_status: TickStatus | None = None
    last_message: str | None = None
    last_evaluated_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who leads, since when, and until when unless it prolongs; on the database's clock."""

    name: str
    owner: str
    since: datetime
    renewed_at: datetime
    until: datetime
    is_alive: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """The number of the newest fact, and when the newest run was asked for and the last ended."""

    sequence: int
    asked_at: datetime | None
    ended_at: datetime | None
