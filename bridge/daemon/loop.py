"""The loop: who leads calls each duty when its time has come, or as soon as something changed."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bridge.daemon.house import Happening, House
from bridge.daemon.leading import Leadership
from bridge.errors import StoreUnreachableError
from bridge.store import Pulse

LOOK_EVERY_S = 0.5
AFTER_FAILURE = timedelta(seconds=5)


class Duty(Protocol):
    """One thing that the daemon looks after. It may be called at any time, and more than once."""

    name: str

    @property
    def is_idle(self) -> bool:
        """Whether nothing that it began is still under way."""
        ...

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        """Do what is due and say when to be called next, also if nothing changes.

        `changed`: something happened in the store since the last call.
        """
        ...


class Daemon:
    """Duties under one leadership; `clock` tells the time."""

    def __init__(
        self,
        house: House,
        duties: Sequence[Duty],
        leadership: Leadership,
        clock: Callable[[], datetime],
    ) -> None:
        self._house = house
        self._duties = tuple(duties)
        self._leadership = leadership
        self._clock = clock
        self._stopped = threading.Event()
        self._next: dict[str, datetime] = {}
        self._unseen: set[str] = set()
        self._pulse: Pulse | None = None
        self._waits = False

    def stop(self) -> None:
        """End the loop soon; callable from a signal handler."""
        self._stopped.set()
        self._house.wake.set()

    def run(self) -> None:
        """Go on until `stop`. Runs that were started go on after it."""
        try:
            while not self._stopped.is_set():
                self._rest(self._turn())
        finally:
            self._give_back()

    def run_once(self) -> None:
        """Do what is due, and the runs that it asks for, until nothing is left to do now.

        Where another daemon leads, it is left to that one.
        """
        try:
            while not self._stopped.is_set():
                rest_s = self._turn()
                if self._waits or self._is_done():
                    return
                self._rest(rest_s)
        finally:
            self._give_back()

    def _is_done(self) -> bool:
        now = self._clock()
        return (
            all(duty.is_idle for duty in self._duties)
            and not self._unseen
            and not self._house.wake.is_set()
            and all(at > now for at in self._next.values())
            and not self._house.store.queued_runs(limit=1)
            and self._house.store.pulse() == self._pulse
        )

    def _turn(self) -> float:
        """Call who is due; returns how many seconds there are until the next look."""
        try:
            if not self._leads():
                return LOOK_EVERY_S
            self._notice_changes()
        except StoreUnreachableError as error:
            self._house.report(Happening(what="warning", who="store", text=str(error)))
            return AFTER_FAILURE.total_seconds()
        for duty in self._duties:
            if self._stopped.is_set() or not self._leadership.is_held:
                break
            now = self._clock()
            if duty.name in self._unseen or self._next.get(duty.name, now) <= now:
                changed = duty.name in self._unseen
                self._unseen.discard(duty.name)
                self._next[duty.name] = self._call(duty, now, changed=changed)
        soonest = min(self._next.values(), default=None)
        if soonest is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, max(0.0, (soonest - self._clock()).total_seconds()))

    def _call(self, duty: Duty, now: datetime, *, changed: bool) -> datetime:
        try:
            return duty(now, changed=changed)
        except StoreUnreachableError as error:
            text = str(error)
        except Exception:  # noqa: BLE001 - a mistake in one duty must not stop the others
            text = traceback.format_exc()
        self._house.report(Happening(what="warning", who=duty.name, text=text))
        return now + AFTER_FAILURE

    def _leads(self) -> bool:
        if self._leadership.is_held:
            return True
        if not self._leadership.take():
            if not self._waits:
                self._house.report(
                    Happening(what="waiting", who="daemon", text="another daemon leads; waits")
                )
            self._waits = True
            return False
        self._waits = False
        self._next.clear()
        self._house.report(Happening(what="leading", who="daemon", text="leads from now on"))
        return True

    def _notice_changes(self) -> None:
        if self._house.wake.is_set():  # something of ours ended: each looks whether it was its own
            self._house.wake.clear()
            self._next.clear()
        pulse = self._house.store.pulse()
        if pulse != self._pulse:
            self._pulse = pulse
            self._unseen = {duty.name for duty in self._duties}

    def _rest(self, seconds: float) -> None:
        if seconds > 0 and not self._stopped.is_set():
            self._house.wake.wait(seconds)

    def _give_back(self) -> None:
        try:
            self._leadership.give_back()
        except StoreUnreachableError as error:
            self._house.report(Happening(what="warning", who="store", text=str(error)))
