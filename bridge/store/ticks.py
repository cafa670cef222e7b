"""Ticks of schedules, sensors and conditions, whether each is on, and who leads: as values."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from bridge.partitions import DynamicPartitionsRequest
from bridge.runs import Run

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


class KeepsTicks(Protocol):
    """The part of the store that the daemon needs. Every method is one transaction."""

    def instigators(self, kind: InstigatorKind | None = None) -> dict[str, InstigatorState]:
        """What is kept of each schedule, sensor and the conditions, or of one kind, by name."""
        ...

    def meet_instigators(
        self, known: Iterable[tuple[str, InstigatorKind]], *, now: datetime
    ) -> None:
        """Note those that are not known yet: from `now` on, their ticks count."""
        ...

    def turn_instigator(self, name: str, kind: InstigatorKind, *, on: bool, now: datetime) -> None:
        """Say that one ticks, from `now` on, or not; nothing changes where that is so already."""
        ...

    def set_instigator_cursor(self, name: str, cursor: str | None) -> bool:
        """Move what a sensor notes for itself; False where there is none of this name."""
        ...

    def record_tick(
        self,
        tick: Tick,
        *,
        expected: InstigatorState,
        cursor: str | None,
        run_key: str | None = None,
        runs: Sequence[Run] = (),
        partitions: Sequence[DynamicPartitionsRequest] = (),
        is_noted: bool = True,
    ) -> bool:
        """Note a tick, the new cursor, the runs it wants and its partitions, all or nothing.

        False, noting nothing, where the state is no longer `expected`: another daemon was faster,
        or it was turned off. Runs whose id is known are not added again. Without `is_noted`, the
        tick leaves no line in the history.
        """
        ...

    def ticks(
        self, name: str | None = None, *, limit: int = 20, statuses: Sequence[TickStatus] = ()
    ) -> list[Tick]:
        """Ticks, newest first."""
        ...

    def delete_ticks(self, before: datetime) -> int:
        """Forget ticks that happened before a moment; returns how many."""
        ...

    def take_lease(self, name: str, owner: str, lease_s: float) -> bool:
        """Take, or prolong, the right to lead; False while another owner's lease lives."""
        ...

    def give_lease(self, name: str, owner: str) -> None:
        """Give the right back, also in the name of an owner that is known to be dead."""
        ...

    def lease(self, name: str) -> Lease | None:
        """Who leads, or led last."""
        ...

    def pulse(self) -> Pulse:
        """What changes whenever something happened: cheap enough to ask every second."""
        ...

    def known_run_ids(self, run_ids: Iterable[str]) -> set[str]:
        """Those of these ids that belong to a run that is there."""
        ...

    def queued_runs(self, limit: int = 1000) -> list[Run]:
        """Runs that wait to be done, the longest waiting first."""
        ...
