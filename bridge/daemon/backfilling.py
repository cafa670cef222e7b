"""The duty of backfills: carry each on as soon as one of its runs ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.backfills import advance
from bridge.daemon.background import Background
from bridge.daemon.house import Happening, House
from bridge.daemon.instigators import said_by
from bridge.store import Backfill
from bridge.store.backfills import OPEN

LOOK_EVERY = timedelta(seconds=5)  # also where nothing seems to have changed
_TIMEOUT_S = 3600.0
_MOST = 1000


class Backfilling:
    """Advances all that are open, in a thread: planning a large one takes its time."""

    name = "backfills"

    def __init__(self, house: House) -> None:
        self._house = house
        self._background: Background[list[tuple[Backfill, Backfill]]] = Background(house.wake.set)
        self._is_wanted = True
        self._due: datetime | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being planned."""
        return self._background.is_idle and not self._is_wanted

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        """Look how far they are."""
        self._is_wanted = self._is_wanted or changed or self._due is None or self._due <= now
        for ended in self._background.ended():
            if ended.error is not None:
                text = said_by(ended.error)
                self._house.report(Happening(what="warning", who=self.name, text=text))
            for before, after in ended.value or ():
                self._tell(before, after)
        if self._is_wanted and not self._background.is_busy(self.name):
            self._is_wanted, self._due = False, now + LOOK_EVERY
            open_ones = self._house.store.backfills(statuses=OPEN, limit=_MOST)
            if open_ones:
                self._start(open_ones, now)
        return self._due or now + LOOK_EVERY

    def _start(self, open_ones: list[Backfill], now: datetime) -> None:
        store, graph = self._house.store, self._house.declared_graph

        def call() -> list[tuple[Backfill, Backfill]]:
            return [(each, advance(each, store, graph, now)) for each in open_ones]

        self._background.start(self.name, call, _TIMEOUT_S)

    def _tell(self, before: Backfill, after: Backfill) -> None:
        if before.version == after.version:
            return
        counts = after.counts
        done = f"{counts.materialized:,} of {counts.total:,} materialized"
        what = f"{counts.failed:,} failed, " if counts.failed else ""
        status = after.status.replace("_", " ")
        self._house.report(
            Happening(what="recorded", who=f"backfill {after.id}", text=f"{status}; {what}{done}")
        )
