"""Having another system do the runs of a backfill: as many at a time as it may."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone

from bridge.launching.attending import Attendance
from bridge.runs import Run
from bridge.store import Backfill, Store

AT_ONCE = 4
_MOST = 1000


def _now() -> datetime:
    return datetime.now(timezone.utc)


class Elsewhere:
    """A crew for `bridge.backfills.carry_out` that only looks after runs.

    When it ends, what was started goes on without it.
    """

    def __init__(
        self,
        backfill: Backfill,
        store: Store,
        attendance: Attendance,
        place: str,
        at_most: int | None = None,
        *,
        clock: Callable[[], datetime] = _now,
        look_every_s: float = 1.0,
    ) -> None:
        self._origin = backfill.origin
        self._store = store
        self._attendance = attendance
        self._place = place
        self._at_most = at_most or backfill.parallel or AT_ONCE
        self._clock = clock
        self._look_every_s = look_every_s

    def work(self, until: float) -> None:
        """Look after the runs that were begun, and begin others; come back as soon as one ended."""
        while True:
            before = self._under_way()
            ended = [run for run in before if self._has_ended(run.id)]
            free = self._at_most - len(before) + len(ended)
            for run_id in self._store.waiting_runs(self._origin, limit=free) if free > 0 else ():
                if self._has_ended(run_id):
                    return
            if ended or time.monotonic() >= until:
                return
            time.sleep(self._look_every_s)

    def is_held(self) -> bool:
        """Whether all that was begun are ranges, which wait there as the backfill does here."""
        return all(
            run.remote is not None and all(part.is_range for part in run.remote.parts)
            for run in self._under_way()
        )

    def _under_way(self) -> list[Run]:
        return self._store.runs(statuses=("running",), origin=self._origin, limit=_MOST)

    def _has_ended(self, run_id: str) -> bool:
        run = self._attendance.look_after(
            run_id, self._clock(), default=self._place, at_most=self._at_most
        )
        return run is None or run.has_ended
