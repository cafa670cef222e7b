"""When a schedule ticks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from bridge import calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """When a schedule ticks: the union of its cron schedules, in one zone."""

    cron_schedules: tuple[str, ...]
    timezone: str

    def since(self, moment: datetime) -> Iterator[datetime]:
        """The ticks from `moment` on, itself included; one that several crons have is one."""
        return _once(merge(*(t.since(moment) for t in self._ticks())))

    def until(self, moment: datetime) -> Iterator[datetime]:
        """The ticks up to `moment`, itself included, newest first."""
        return _once(merge(*(t.until(moment) for t in self._ticks()), reverse=True))

    def after(self, moment: datetime) -> datetime:
        """The first tick after `moment`."""
        return next(tick for tick in self.since(moment) if tick > moment)

    def _ticks(self) -> list[calendar.Ticks]:
        return [calendar.ticks(cron, self.timezone) for cron in self.cron_schedules]


def _once(ticks: Iterator[datetime]) -> Iterator[datetime]:
    last = None
    for tick in ticks:
        if tick != last:
            yield tick
        last = tick
