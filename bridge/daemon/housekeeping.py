"""The duty of the house: runs whose process died, what others recorded, ticks of no more use."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.daemon.house import Happening, House
from bridge.execution import fail_dead_runs
from bridge.materialized import keep_summaries
from bridge.store import RetentionPolicy

LOOK_EVERY = timedelta(seconds=5)
_SWEEP_EVERY = timedelta(hours=6)


class Housekeeping:
    """Ends runs that nobody does any more, keeps summaries of partitions up to date, and forgets
    ticks older than `kept`, and what `retention` does not keep of events, runs and logs.
    """

    name = "housekeeping"
    is_idle = True

    def __init__(
        self, house: House, kept: timedelta, retention: RetentionPolicy | None = None
    ) -> None:
        self._house = house
        self._kept = kept
        self._retention = retention or RetentionPolicy()
        self._swept_at: datetime | None = None

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        """Look once."""
        for run in fail_dead_runs(self._house.store, now):
            text = "ended without a word (killed?); what it had begun is failed"
            self._house.report(Happening(what="warning", who=run.id, text=text, run_ids=(run.id,)))
        keep_summaries(self._house.store, self._house.declared_graph.partitioned(), now)
        if self._swept_at is None or now - self._swept_at >= _SWEEP_EVERY:
            self._swept_at = now
            self._house.store.delete_ticks(now - self._kept)
            if self._retention.deletes_anything:
                self._house.store.prune(self._retention, now=now)
        return now + LOOK_EVERY
