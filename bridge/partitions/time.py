"""Partitions that are windows of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import islice, takewhile
from typing import ClassVar

from bridge import calendar
from bridge.errors import PartitionError
from bridge.partitions.definition import Description, TimeWindow
from bridge.partitions.formats import KeyFormat, instant_written, key_format
from bridge.partitions.timeline import Timeline, timeline

_PLAIN_CRON_FIELDS = 5
# Enough to meet a repeated key of a format without minutes, hours, days, months or years.
_FORMAT_LOOKED_AT = 64
# So many keys are written one by one; more are written a month at a time.
_FEW = 4


@dataclass(frozen=True, slots=True, init=False)
class TimeWindowPartitionsDefinition:
    """Windows between the ticks of a cron schedule, from `start` on; one exists once it has ended.

    `start` and `end` are dates, datetimes (local to the zone where they have none), or strings in
    `fmt`; no window begins before the start or ends after the end. `end_offset` adds (or, negative,
    withholds) partitions at the end, such as 1 for the window that is still open. A window that
    begins at one of `exclusions`, cron schedules or datetimes, is no partition.
    Raises PartitionError for a bad date, zone or schedule, for a format that gives two windows one
    key, and for exclusions that leave nothing.
    """

    kind: ClassVar[str] = "time_window"
    unit: ClassVar[str] = "window"

    start: datetime
    end: datetime | None
    timezone: str
    fmt: str
    cron_schedule: str
    end_offset: int
    exclusions: tuple[str | datetime, ...]

    def __init__(
        self,
        start: str | date | datetime,
        fmt: str,
        end: str | date | datetime | None = None,
        *,
        cron_schedule: str,
        timezone: str | None = None,
        end_offset: int = 0,
        exclusions: Sequence[str | datetime] | None = None,
    ) -> None:
        self._settle(
            start,
            end,
            cron_schedule=cron_schedule,
            timezone=timezone,
            fmt=fmt,
            end_offset=end_offset,
            exclusions=exclusions,
        )

    def _settle(
        self,
        start: str | date | datetime,
        end: str | date | datetime | None,
        *,
        cron_schedule: str,
        timezone: str | None,
        fmt: str,
        end_offset: int,
        exclusions: Sequence[str | datetime] | None,
    ) -> None:
        """Set all fields, with start and end moved to the edges of the first and last window."""
        place = timezone or "UTC"
        ticks = _ticks(cron_schedule, place)
        for each in exclusions or ():
            if isinstance(each, str):
                _ticks(each, place)
        excluded = tuple(
            each if isinstance(each, str) else _instant(each, fmt, place)
            for each in exclusions or ()
        )
        last = None if end is None else _instant(end, fmt, place)
        fields = {
            "start": next(ticks.since(_instant(start, fmt, place))),
            "end": None if last is None else next(ticks.until(last)),
            "timezone": place,
            "fmt": fmt,
            "cron_schedule": cron_schedule,
            "end_offset": end_offset,
            "exclusions": excluded,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        _require_telling_format(cron_schedule, place, fmt)
        self._timeline  # noqa: B018 - refuses exclusions that leave nothing

    @property
    def _timeline(self) -> Timeline:
        return timeline(self.cron_schedule, self.timezone, self.start, self.exclusions)

    @property
    def _format(self) -> KeyFormat:
        return key_format(self.fmt, self._timeline.ticks)

    def count(self, now: datetime) -> int:
        """How many partitions exist at `now`."""
        edges = self._timeline
        if self.end is not None and self.end <= now and self.end_offset >= 0:
            return max(0, edges.number(self.end))
        newest = next(edges.ticks.until(now))
        if newest < self.start:
            count = self._count_before_start(now, on_edge=newest == now)
        else:
            count = edges.number(newest) + self.end_offset
        if self.end is not None:
            count = min(count, edges.number(self.end))
        return max(0, count)

    def _count_before_start(self, now: datetime, *, on_edge: bool) -> int:
        """How many there are by `end_offset` alone.

        As in Dagster 1.13, the first one is there a window early: with an `end_offset` of 1 already
        while the window before it is open.
        """
        if self.end_offset <= 0:
            return 0
        ahead = list(islice(self._timeline.ticks.since(now), self.end_offset + 1))
        count = len([edge for edge in ahead if edge > self.start])
        return count if on_edge else max(count - 1, min(count, 1))

    def keys(self, now: datetime) -> list[str]:
        """All partitions that exist at `now`, oldest first."""
        return self.numbered(0, self.count(now))

    def numbered(self, first: int, last: int) -> list[str]:
        """The partitions from place `first` up to and without `last`, from 0 at the start."""
        if last - first <= _FEW:
            return [self._format.key(self._timeline.tick(n)) for n in range(first, last)]
        return self._timeline.keys(first, last, self._format)

    def number(self, key: str) -> int:
        """The place of a partition, from 0 at the start, whether or not it exists yet.

        Raises PartitionError if `key` is not written as one or outside of start and end.
        """
        return self._timeline.number(self.window(key).start)

    def latest(self, now: datetime) -> str | None:
        """The newest partition that exists at `now`, None before the first."""
        count = self.count(now)
        return self._format.key(self._timeline.tick(count - 1)) if count else None

    def window(self, key: str) -> TimeWindow:
        """Half-open UTC window of a partition; a day is 23 or 25 h long when clocks change.

        Raises PartitionError if `key` is not written as one or outside of start and end.
        """
        window = self._window_named(key)
        if window.start < self.start or (self.end is not None and window.end > self.end):
            raise PartitionError(f"There is no partition {key!r}. {self._bounds()}")
        return window

    def _window_named(self, key: str) -> TimeWindow:
        """The window whose key this is, also before the start and after the end."""
        window = self._window_from(key)
        written = self._format.key(window.start)
        if written != key:
            raise PartitionError(f"{key!r} is no {self._noun}. Did you mean {written}?")
        if self._timeline.is_excluded(window.start):
            raise PartitionError(f"There is no partition {key!r}: it is excluded.")
        return window

    def _window_from(self, key: str) -> TimeWindow:
        """The first window that does not begin before what `key` says."""
        try:
            moment = self._format.instant(key)
        except ValueError as error:
            raise PartitionError(
                f"{key!r} is no {self._noun}: it is not a date written as {self.fmt}, "
                f"such as {self._format.key(self.start)}."
            ) from error
        start, end = islice(self._timeline.ticks.since(moment), 2)
        return TimeWindow(start, end)

    def contains(self, key: str, now: datetime) -> bool:
        """Whether `key` exists at `now`."""
        try:
            return self.number(key) < self.count(now)
        except PartitionError:
            return False

    def require(self, key: str, now: datetime, of: object) -> None:
        """Raise PartitionError, naming the asset `of`, where `key` does not exist at `now`."""
        if self.contains(key, now):
            return
        window = self._window_named(key)
        is_within = window.start >= self.start and (self.end is None or window.end <= self.end)
        why = f"its {self.unit} is not over yet. " if is_within else ""
        raise PartitionError(
            f"{of} has no partition {key!r}: {why}{self._bounds()} The newest is "
            f"{self.latest(now) or 'not there yet'}."
        )

    def key_for(self, moment: datetime) -> str:
        """The partition whose window holds the instant `moment`, whether or not it exists yet.

        Raises PartitionError before the first partition, from the end on, and where excluded.
        """
        tick = next(self._timeline.ticks.until(moment))
        if tick < self.start or (self.end is not None and tick >= self.end):
            raise PartitionError(f"No partition holds {moment.isoformat()}. {self._bounds()}")
        if self._timeline.is_excluded(tick):
            raise PartitionError(f"No partition holds {moment.isoformat()}: it is excluded.")
        return self._format.key(tick)

    def next_window(self, moment: datetime) -> TimeWindow:
        """The first window that begins at or after `moment`, whatever start, end and now."""
        ticks = self._timeline.ticks
        begins = (tick for tick in ticks.since(moment) if not self._timeline.is_excluded(tick))
        start, end = islice(ticks.since(next(begins)), 2)
        return TimeWindow(start, end)

    def previous_window(self, moment: datetime) -> TimeWindow:
        """The last window that ends at or before `moment`, whatever start, end and now."""
        end = None
        for tick in self._timeline.ticks.until(moment):
            if end is not None and not self._timeline.is_excluded(tick):
                return TimeWindow(tick, end)
            end = tick
        raise PartitionError(f"No window ends before {moment.isoformat()}.")

    def window_around(self, moment: datetime) -> TimeWindow:
        """The last window that begins at or before `moment`, whatever start, end and now."""
        ticks = self._timeline.ticks
        begins = (tick for tick in ticks.until(moment) if not self._timeline.is_excluded(tick))
        start, end = islice(ticks.since(next(begins)), 2)
        return TimeWindow(start, end)

    def keys_of_windows(self, within: TimeWindow) -> list[str]:
        """The keys of the windows that begin in one, whatever start, end and now."""
        ticks = takewhile(lambda tick: tick < within.end, self._timeline.ticks.since(within.start))
        return [self._format.key(tick) for tick in ticks if not self._timeline.is_excluded(tick)]

    def edge_named(self, key: str) -> datetime:
        """The edge whose key this is, or else the first one after what it says."""
        return self._window_from(key).start

    def edge(self, tick: datetime, windows: int) -> datetime:
        """The edge so many windows after the edge `tick`, or before it where negative."""
        ticks = self._timeline.ticks
        along = ticks.since(tick) if windows >= 0 else ticks.until(tick)
        return next(islice(along, abs(windows), None))

    def numbers_within(self, window: TimeWindow) -> tuple[int, int]:
        """The places of the partitions that begin in a window, first and past the last."""
        first = self._timeline.number(max(window.start, self.start))
        return first, max(first, self._timeline.number(max(window.end, self.start)))

    def range(self, first: str, last: str) -> list[str]:
        """All partitions from `first` to `last`, both included; none where `last` comes before.

        A date between two edges means the window after it. Raises PartitionError outside of start
        and end.
        """
        start, end = self._window_from(first), self._window_from(last)
        if start.start < self.start or (self.end is not None and end.end > self.end):
            wrong = first if start.start < self.start else last
            raise PartitionError(f"There is no partition {wrong!r}. {self._bounds()}")
        return self.numbered(*self.numbers_within(TimeWindow(start.start, end.end)))

    def describe(self) -> Description:
        """The definition as plain values; `from_description` reads it back."""
        values: Description = {
            "kind": self.kind,
            "start": self._format.key(self.start),
            "timezone": self.timezone,
            "fmt": self.fmt,
            **self._offsets(),
            "end_offset": self.end_offset,
        }
        if self.end is not None:
            values["end"] = self._format.key(self.end)
        if self.exclusions:
            values["exclusions"] = [
                each if isinstance(each, str) else _EXCLUDED_AT + each.isoformat()
                for each in self.exclusions
            ]
        return values

    def _offsets(self) -> dict[str, str | int]:
        return {"cron_schedule": self.cron_schedule}

    @property
    def _noun(self) -> str:
        return "partition" if self.kind == "time_window" else f"{self.kind} partition"

    def _bounds(self) -> str:
        first = f"The first is {self._format.key(self.start)}."
        if self.end is None:
            return first
        return f"{first} They end before {self._format.key(self.end)}."


_EXCLUDED_AT = "at "


def exclusions_from(described: Sequence[str]) -> tuple[str | datetime, ...]:
    """The exclusions that `describe` wrote."""
    return tuple(
        datetime.fromisoformat(each.removeprefix(_EXCLUDED_AT))
        if each.startswith(_EXCLUDED_AT)
        else each
        for each in described
    )


def _ticks(schedule: str, zone_name: str) -> calendar.Ticks:
    if len(schedule.split()) not in (1, _PLAIN_CRON_FIELDS):
        raise PartitionError(
            f"{schedule!r} cannot cut partitions: a cron schedule for them has five fields, "
            "minute, hour, day, month and weekday."
        )
    return calendar.ticks(schedule, zone_name)


def _instant(value: str | date | datetime, fmt: str, zone_name: str) -> datetime:
    """What a user gave as a start or an end; without a zone, what clocks there show."""
    if isinstance(value, str):
        try:
            return instant_written(value, fmt, zone_name)
        except ValueError as error:
            raise PartitionError(f"{value!r} is not a date written as {fmt}.") from error
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local to the zone
    if value.tzinfo is None:
        value = value.replace(tzinfo=calendar.zone(zone_name), fold=0)
    return value.astimezone(calendar.UTC)


@lru_cache(maxsize=256)
def _require_telling_format(schedule: str, zone_name: str, fmt: str) -> None:
    """Raise PartitionError where two windows would have the same key."""
    ticks = calendar.ticks(schedule, zone_name)
    written = key_format(fmt, ticks)
    begin = datetime(2001, 1, 1, tzinfo=calendar.UTC)
    for tick in islice(ticks.since(begin), _FORMAT_LOOKED_AT):
        key = written.key(tick)
        try:
            is_told = next(ticks.since(written.instant(key))) == tick
        except ValueError:
            is_told = False
        if not is_told:
            raise PartitionError(
                f"The format {fmt!r} gives several partitions of {schedule!r} the key {key!r}. "
                "Write what tells them apart, such as %Y-%m-%d-%H:%M."
            )
