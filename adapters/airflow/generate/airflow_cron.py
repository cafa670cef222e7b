"""Where Airflow's own runs of a cron schedule are not ours, told without Airflow. Pure.

Airflow 2.11 and 3.3 step along local clocks (`airflow/timetables/_cron.py`): what croniter finds
there becomes a moment again, an hour later where clocks skip it, the second time where they show it
twice; a schedule of every hour adds what lies between two local times to the moment before. A run
begins at the tick next to the end of the run before (`interval.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import islice

from bridge.calendar import Ticks, changing_days, local_time, ticks, zone

UTC = timezone.utc
LAST_YEAR = 2037  # later changes of clocks are guesses, in every table of zones
_AROUND = timedelta(days=1.5)  # a clock change is felt from the tick before it to the one after
_MORE = 4  # ticks before and after that
_HALF_HOURS = [timedelta(minutes=30 * number) for number in range(-72, 73)]
# What croniter and we read alike: numbers, names, lists, ranges and steps.
_TERM = r"(\*|\d+(-\d+)?|[a-z]{3}(-[a-z]{3})?)(/\d+)?"
_PLAIN_FIELD = re.compile(rf"{_TERM}(,{_TERM})*", re.IGNORECASE)
_FIELDS = 5
_PRESETS = ("@hourly", "@daily", "@weekly", "@monthly", "@yearly")


@dataclass(frozen=True, slots=True)
class Interval:
    """What one run is about, half-open, aware."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """The first run that is not the same: ours, and Airflow's in its place."""

    ours: Interval
    airflows: Interval

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The edge that is not the same: ours, and Airflow's."""
        if self.ours.start != self.airflows.start:
            return self.ours.start, self.airflows.start
        return self.ours.end, self.airflows.end


def is_read_alike(cron: str) -> bool:
    """Whether Airflow surely takes the text for the same local times as we do."""
    if cron in _PRESETS:
        return True
    fields = cron.split()
    if len(fields) != _FIELDS or not all(map(_PLAIN_FIELD.fullmatch, fields)):
        return False
    days, weekdays = fields[2], fields[4]
    return "*" in (days, weekdays) or not {"*", "/"} & {*days, *weekdays}


@lru_cache(maxsize=1024)
def first_difference(cron: str, zone_name: str, first_year: int) -> Difference | None:
    """Where the runs of a schedule that is read alike first differ, up to the year 2037; or None.

    They do only around changes of the clocks, so no more is looked at.
    """
    own, on_clocks = ticks(cron, zone_name), ticks(cron, "UTC")
    is_of_every_day = cron in _PRESETS[:2] or cron.split()[2:] == ["*", "*", "*"]
    seen: set[object] = set()
    for year in range(first_year, LAST_YEAR + 1):
        for day in sorted(changing_days(zone_name, year)):
            change = _change(day, zone_name) if is_of_every_day else day
            if change not in seen:
                seen.add(change)
                difference = _difference_around(day, own, on_clocks)
                if difference is not None:
                    return difference
    return None


def _change(day: date, zone_name: str) -> tuple[datetime, ...]:
    """How clocks go around that day, which is the same for the same change of another year."""
    noon, same = _noon(day), _noon(date(2000, 1, 1))
    place = zone(zone_name)
    offsets = ((noon + each).astimezone(place).utcoffset() for each in _HALF_HOURS)
    return tuple(same + (offset or timedelta(0)) for offset in offsets)


def _difference_around(day: date, own: Ticks, on_clocks: Ticks) -> Difference | None:
    ours = _ticks_around(own, day, _AROUND)
    shown = _ticks_around(on_clocks, day, _AROUND + timedelta(days=1))
    stepping = _Stepping(shown, own.zone_name, is_every_hour=own.is_every_hour)
    scheduled = stepping.intervals(ours[_MORE - 1])
    near = ours[_MORE - 1 : -_MORE + 1]
    for start, end, following in zip(near, near[1:], near[2:], strict=False):
        run, between = Interval(start, end), end + (following - end) / 2
        for theirs in (next(scheduled), stepping.last_over(end), stepping.last_over(between)):
            if theirs != run:
                return Difference(ours=run, airflows=theirs)
    return None


def _ticks_around(of: Ticks, day: date, length: timedelta) -> list[datetime]:
    """The ticks of so long before and after a day's noon, with `_MORE` on both sides."""
    begin, end = _noon(day) - length, _noon(day) + length
    found = list(islice(of.until(begin - timedelta(microseconds=1)), _MORE))[::-1]
    more = 0
    for tick in of.since(begin):
        found.append(tick)
        more += tick > end
        if more == _MORE:
            break
    return found


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


class _Stepping:
    """Airflow's `CronDataIntervalTimetable` over ticks on local clocks, which are written as UTC.

    The names are those of `airflow/timetables/_cron.py`.
    """

    def __init__(self, shown: Sequence[datetime], zone_name: str, *, is_every_hour: bool) -> None:
        self._shown = [tick.replace(tzinfo=None) for tick in shown]
        self._zone_name = zone_name
        self._is_every_hour = is_every_hour

    def intervals(self, first: datetime) -> Iterator[Interval]:
        """Of all runs from a tick on, each made up for."""
        start = first
        while True:
            interval = Interval(start, self._next(start))
            yield interval
            start = self._align_to_prev(interval.end)

    def last_over(self, moment: datetime) -> Interval:
        """What a run is about that is triggered by hand."""
        end = self._align_to_prev(moment)
        return Interval(self._prev(end), end)

    def _next(self, current: datetime) -> datetime:
        shown = local_time(current, self._zone_name)
        later = self._shown[bisect_right(self._shown, shown)]
        return current + (later - shown) if self._is_every_hour else self._aware(later)

    def _prev(self, current: datetime) -> datetime:
        shown = local_time(current, self._zone_name)
        before = self._shown[bisect_left(self._shown, shown) - 1]
        return current - (shown - before) if self._is_every_hour else self._aware(before)

    def _align_to_prev(self, current: datetime) -> datetime:
        before = self._prev(current)
        return before if self._next(before) != current else current

    def _aware(self, shown: datetime) -> datetime:
        place = zone(self._zone_name)
        second = shown.replace(tzinfo=place, fold=1).astimezone(UTC)
        if local_time(second, self._zone_name) == shown:
            return second
        return shown.replace(tzinfo=place, fold=0).astimezone(UTC)
