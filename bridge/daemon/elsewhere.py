"""The duty of runs that other systems do: begin those that the queue chose, follow them all."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.daemon.background import Background
from bridge.daemon.house import Happening, House, What
from bridge.daemon.instigators import said_by
from bridge.launching import LOCAL, Attendance, found_place, place_of
from bridge.runs import Run

LOOK_EVERY = timedelta(seconds=2)  # at what is under way there
SEEK_EVERY = timedelta(seconds=5)  # what others began
AFTER_FAILURE = timedelta(seconds=10)
_TIMEOUT_S = 300.0
_MOST = 1000


class Elsewhere:
    """Looks after each such run in turn, in a thread for each place: a slow one holds no other up.

    A place that does not answer is told of once; its runs wait until it does. Raises ConfigError
    where the settings name one that is not known.
    """

    name = "elsewhere"

    def __init__(self, house: House, attendance: Attendance | None = None) -> None:
        self._house = house
        self._default = house.project.daemon.run_on
        if self._default != LOCAL:  # a name that is wrong is told at once, not by every run
            found_place(self._default, house.project, house.adapters)
        self._attendance = attendance or Attendance(
            house.project,
            house.store,
            house.graph,
            lambda: house.automation,
            house.adapters,
        )
        self._background: Background[list[tuple[Run, Run | None]]] = Background(house.wake.set)
        self._chosen: dict[str, Run] = {}
        self._told: dict[str, str | None] = {}
        self._due: dict[str, datetime] = {}
        self._is_busy = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing of ours is under way elsewhere."""
        return self._background.is_idle and not self._chosen and not self._is_busy

    def takes(self, run: Run) -> bool:
        """Whether a run is not to be done here."""
        return place_of(run, self._default) != LOCAL

    def has(self, run: Run) -> bool:
        """Whether a run was chosen, and is begun as soon as its place answers."""
        return run.id in self._chosen

    def begin(self, run: Run) -> None:
        """Have a run begun, in the next round."""
        self._chosen[run.id] = run
        self._due.pop(place_of(run, self._default), None)
        self._house.wake.set()

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        """Look at how they are."""
        for ended in self._background.ended():
            place = ended.name
            if ended.value is not None:
                self._told.pop(place, None)
                for before, after in ended.value:
                    self._tell(before, after)
                continue
            text = "did not answer in time" if ended.error is None else said_by(ended.error)
            self._due[place] = now + AFTER_FAILURE
            if self._told.get(place) != text:
                self._told[place] = text
                self._house.report(Happening(what="warning", who=place, text=text))
        running = self._house.store.runs(statuses=("running",), limit=_MOST)
        wanted = {run.id: run for run in running if run.remote is not None}
        self._is_busy = bool(wanted)
        by_place: dict[str, list[Run]] = {}
        for run in (wanted | self._chosen).values():
            by_place.setdefault(place_of(run, self._default), []).append(run)
        for place, runs in by_place.items():
            if not self._background.is_busy(place) and self._due.get(place, now) <= now:
                self._due[place] = now + LOOK_EVERY
                self._start(place, runs, now)
        return min((self._due[place] for place in by_place), default=now + SEEK_EVERY)

    def _start(self, place: str, runs: list[Run], now: datetime) -> None:
        def call() -> list[tuple[Run, Run | None]]:
            return [
                (run, self._attendance.look_after(run.id, now, default=self._default))
                for run in runs
            ]

        self._background.start(place, call, _TIMEOUT_S)

    def _tell(self, before: Run, after: Run | None) -> None:
        self._chosen.pop(before.id, None)
        if after is None or (before.status, before.message) == (after.status, after.message):
            return
        text = after.message or ""
        what: What = "warning"
        if after.has_ended:
            text, what = after.status + (f"; {text}" if text else ""), "ended"
        if text:
            told = Happening(what=what, who=after.id, text=text, run_ids=(after.id,))
            self._house.report(told)
