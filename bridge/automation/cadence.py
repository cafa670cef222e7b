"""When a schedule ticks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice, takewhile

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The ticks to evaluate now, in order; `passed_over` earlier ones are not made up for."""

    ticks: tuple[datetime, ...]
    passed_over: int = 0
    has_more: bool = False


def due(cadence: Cadence, after: datetime, now: datetime, *, catchup: bool) -> Due:
    """The ticks after a moment, up to now: the newest, or with `catchup` all, some at a time."""
    if catchup:
        new = (tick for tick in cadence.since(after) if tick > after)
        ticks = tuple(islice(takewhile(lambda tick: tick <= now, new), _AT_ONCE + 1))
        return Due(ticks=ticks[:_AT_ONCE], has_more=len(ticks) > _AT_ONCE)
    missed = takewhile(lambda tick: tick > after, cadence.until(now))
    ticks = tuple(islice(missed, _COUNTED + 1))
    return Due(ticks=ticks[:1], passed_over=max(0, len(ticks) - 1))


_AT_ONCE = 50  # so that what else is due need not wait for a year of ticks
_COUNTED = 1000


def _once(ticks: Iterator[datetime]) -> Iterator[datetime]:
    last = None
    for tick in ticks:
        if tick != last:
            yield tick
        last = tick
