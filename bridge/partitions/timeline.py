"""Ticks by number: the edges of time partitions as integers from 0, and back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from bridge import calendar
from bridge.errors import PartitionError
from bridge.partitions.formats import KeyFormat

_MONTHS_A_YEAR = 12
_LAST_YEAR = 9998
# Exclusions that leave nothing of so many ticks are taken to leave nothing at all.
_LOOKED_AT = 1000


@lru_cache(maxsize=1024)
def timeline(
    schedule: str, zone_name: str, start: datetime, exclusions: tuple[str | datetime, ...]
) -> Timeline:
    """The timeline, shared by all who ask for the same."""
    return Timeline(schedule, zone_name, start, exclusions)


@dataclass(frozen=True, slots=True)
class _Month:
    """The days of a month that have ticks; `before[n]` ticks of it come before `days[n]`."""

    days: tuple[date, ...]
    before: tuple[int, ...]
    count: int


class Timeline:
    """The ticks of a schedule from `start` on, without the excluded ones, numbered from 0.

    Months are counted when first asked for; what lies between is arithmetic. So numbering and
    counting cost the same for ten partitions and for a million.
    """

    def __init__(
        self, schedule: str, zone_name: str, start: datetime, exclusions: tuple[str | datetime, ...]
    ) -> None:
        self.ticks = calendar.ticks(schedule, zone_name)
        self.start = start
        self._excluded_at = frozenset(each for each in exclusions if isinstance(each, datetime))
        self._excluded_by = tuple(
            calendar.ticks(each, zone_name) for each in exclusions if isinstance(each, str)
        )
        self._has_exclusions = bool(exclusions)
        first = self.ticks.day_of(start)
        self._first_month = first.year * _MONTHS_A_YEAR + first.month - 1
        self._months: list[_Month] = []
        self._before: list[int] = [0]
        self._skipped = 0
        self._skipped = self.number(start)
        if self._has_exclusions:
            self._require_some()

    def number(self, moment: datetime) -> int:
        """How many ticks lie between the start and `moment`; the number of the first one from it.

        Negative before the start, by no particular amount.
        """
        day = self.ticks.day_of(moment)
        index = day.year * _MONTHS_A_YEAR + day.month - 1 - self._first_month
        if index < 0:
            return -1
        month = self._month(index)
        at = bisect_left(month.days, day)
        count = self._before[index] - self._skipped
        if at == len(month.days):
            return count + month.count
        count += month.before[at]
        return count if month.days[at] > day else count + bisect_left(self.on(day), moment)

    def tick(self, number: int) -> datetime:
        """The tick of that number, from 0 on."""
        index, at, within = self._place(number)
        return self.on(self._months[index].days[at])[within]

    def on(self, day: date) -> tuple[datetime, ...]:
        """The ticks of a local day that are not excluded."""
        ticks = self.ticks.on(day)
        if not self._has_exclusions:
            return ticks
        gone = self._excluded_at.union(*(by.on(day) for by in self._excluded_by))
        return tuple(tick for tick in ticks if tick not in gone)

    def is_excluded(self, tick: datetime) -> bool:
        """Whether a tick of the schedule begins no partition."""
        return self._has_exclusions and tick not in self.on(self.ticks.day_of(tick))

    def keys(self, first: int, last: int, written: KeyFormat) -> list[str]:
        """The keys of the ticks from number `first` up to and without `last`."""
        if first >= last:
            return []
        keys: list[str] = []
        index, at, within = self._place(first)
        wanted = within + last - first
        for days in self._days(index, at):
            changing = calendar.changing_days(self.ticks.zone_name, days[0].year) if days else ()
            for day in days:
                if day not in changing and not self._has_exclusions:
                    keys += written.keys_of_day(day)
                else:
                    keys += [written.key(tick) for tick in self.on(day)]
                if len(keys) >= wanted:
                    return keys[within:wanted]
        raise AssertionError("the days of a timeline never end")

    def _place(self, number: int) -> tuple[int, int, int]:
        """Month, day of the month and tick of the day that a number stands for."""
        wanted = number + self._skipped
        while self._before[-1] <= wanted:
            self._month(len(self._months))
        index = bisect_right(self._before, wanted) - 1
        month = self._months[index]
        within = wanted - self._before[index]
        at = bisect_right(month.before, within) - 1
        return index, at, within - month.before[at]

    def _days(self, index: int, at: int) -> Iterator[tuple[date, ...]]:
        """The days with ticks, a month at a time, from day `at` of a month on."""
        yield self._month(index).days[at:]
        while True:
            index += 1
            yield self._month(index).days

    def _month(self, index: int) -> _Month:
        while len(self._months) <= index:
            number = self._first_month + len(self._months)
            year, month = divmod(number, _MONTHS_A_YEAR)
            if year > _LAST_YEAR:
                raise PartitionError("There are no partitions after the year 9998.")
            counted = self._counted(year, month + 1)
            self._months.append(counted)
            self._before.append(self._before[-1] + counted.count)
        return self._months[index]

    def _counted(self, year: int, month: int) -> _Month:
        days, before, count = [], [], 0
        a_day, changing = len(self.ticks.times), calendar.changing_days(self.ticks.zone_name, year)
        for day in self.ticks.days(year, month):
            is_plain = day not in changing and not self._has_exclusions
            of_day = a_day if is_plain else len(self.on(day))
            if of_day:
                days.append(day)
                before.append(count)
                count += of_day
        return _Month(tuple(days), tuple(before), count)

    def _require_some(self) -> None:
        for looked_at, tick in enumerate(self.ticks.since(self.start)):
            if not self.is_excluded(tick):
                return
            if looked_at > _LOOKED_AT:
                raise PartitionError("The exclusions leave no partition; leave some out.")
