"""The duty of observers: bring what other systems did into the store, now and then."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.capabilities import ObserveReport, Observes
from bridge.daemon.background import Background, Ended
from bridge.daemon.house import Happening, House
from bridge.daemon.instigators import said_by

_NEVER = timedelta(days=1)
_TIMEOUT_S = 300.0


class Observing:
    """Asks each adapter that observes about each instance that the settings name."""

    name = "observing"

    def __init__(self, house: House, every: timedelta) -> None:
        self._house = house
        self._every = every
        self._background: Background[ObserveReport] = Background(house.wake.set)
        self._observers = [each for each in house.adapters if isinstance(each, Observes)]
        self._due: dict[str, datetime] = {}
        self._troubled: set[str] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nobody is being asked."""
        return self._background.is_idle

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        """Ask those whose time has come."""
        instances = list(self._house.project.airflow)
        if not self._observers or not instances:
            return now + _NEVER
        for ended in self._background.ended():
            self._tell(ended)
        for number, observer in enumerate(self._observers):
            for instance in instances:
                name = f"{instance} {number}"
                if self._background.is_busy(name) or self._due.get(name, now) > now:
                    continue
                self._due[name] = now + self._every
                self._start(name, observer, instance, now)
        return min(self._due.values())

    def _start(self, name: str, observer: Observes, instance: str, now: datetime) -> None:
        project, store = self._house.project, self._house.store

        def call() -> ObserveReport:
            return observer.observe(project, store, instance=instance, now=now)

        self._background.start(name, call, _TIMEOUT_S)

    def _tell(self, ended: Ended[ObserveReport]) -> None:
        instance = ended.name.rpartition(" ")[0]
        if ended.value is not None:
            self._troubled.discard(ended.name)
            if ended.value.events_recorded:
                text = f"{ended.value.events_recorded:,} new events"
                self._house.report(Happening(what="recorded", who=instance, text=text))
            return
        text = "did not answer in time" if ended.error is None else said_by(ended.error)
        if ended.name not in self._troubled:  # once, until it answers again
            self._troubled.add(ended.name)
            self._house.report(Happening(what="warning", who=instance, text=text))
