"""What the daemon may ask of the store, beside what everybody may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bridge.partitions import DynamicPartitionsRequest
    from bridge.runs import Run
    from bridge.store.ticks import InstigatorKind, InstigatorState, Lease, Pulse, Tick, TickStatus


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
