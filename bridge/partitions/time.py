"""Partitions that are windows of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bridge import calendar
from bridge.errors import PartitionError
from bridge.partitions.definition import TimeWindow


@dataclass(frozen=True, slots=True, init=False)
class DailyPartitionsDefinition:
    """One partition a local day, from `start` on; a partition exists once its window has ended.

    `start_date` and `end_date` are dates, datetimes, or strings in `fmt`; no window begins before
    the start or ends after the end.
    `hour_offset` and `minute_offset` move the edge of the day. `end_offset` adds (or, negative,
    withholds) partitions at the end, such as 1 for today's. Raises PartitionError for a bad date,
    zone or
    offset.
    """

    start: date
    end: date | None
    timezone: str
    fmt: str
    minute_offset: int
    hour_offset: int
    end_offset: int

    def __init__(
        self,
        start_date: str | date | datetime,
        end_date: str | date | datetime | None = None,
        timezone: str | None = None,
        fmt: str | None = None,
        *,
        minute_offset: int = 0,
        hour_offset: int = 0,
        end_offset: int = 0,
    ) -> None:
        if hour_offset not in range(24) or minute_offset not in range(60):
            raise PartitionError(
                f"A day cannot begin at {hour_offset}:{minute_offset:02}. "
                "hour_offset goes from 0 to 23, minute_offset from 0 to 59."
            )
        fmt = fmt or "%Y-%m-%d"
        zone_name = timezone or "UTC"
        calendar.zone(zone_name)
        edge = time(hour_offset, minute_offset)
        fields = {
            "start": _first_day(parse_start(start_date, fmt, zone_name), edge),
            "end": None
            if end_date is None
            else _end_day(parse_start(end_date, fmt, zone_name), edge),
            "timezone": zone_name,
            "fmt": fmt,
            "minute_offset": minute_offset,
            "hour_offset": hour_offset,
            "end_offset": end_offset,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _local_edge(self, day: date) -> datetime:
        return datetime.combine(day, time(self.hour_offset, self.minute_offset))

    def _edge(self, day: date) -> datetime:
        return calendar.instant(self._local_edge(day), self.timezone)

    def _key(self, day: date) -> str:
        return self._local_edge(day).strftime(self.fmt)

    def _day(self, key: str) -> date:
        try:
            day = datetime.strptime(key, self.fmt).date()  # noqa: DTZ007 - a key has no zone
        except ValueError as error:
            raise PartitionError(
                f"{key!r} is no daily partition: it is not a date written as {self.fmt}, "
                f"such as {self._key(self.start)}."
            ) from error
        if self._key(day) != key:
            raise PartitionError(f"{key!r} is no daily partition. Did you mean {self._key(day)}?")
        return day

    def _day_at(self, moment: datetime) -> date:
        """The day whose window holds `moment`; at most one from what the clocks show then."""
        day = calendar.local_time(moment, self.timezone).date()
        if moment < self._edge(day):
            return day - timedelta(days=1)
        tomorrow = day + timedelta(days=1)  # begun already where clocks went back over midnight
        return tomorrow if moment >= self._edge(tomorrow) else day

    def _past_the_last(self, now: datetime) -> date:
        """The day after the last partition that exists at `now`."""
        past = self._day_at(now) + timedelta(days=self.end_offset)
        return past if self.end is None else min(past, self.end)

    def count(self, now: datetime) -> int:
        """How many partitions exist at `now`."""
        return max(0, (self._past_the_last(now) - self.start).days)

    def keys(self, now: datetime) -> list[str]:
        """All partitions that exist at `now`, oldest first."""
        days = calendar.days_between(self.start, self._past_the_last(now))
        return [self._key(day) for day in days]

    def latest(self, now: datetime) -> str | None:
        """The newest partition that exists at `now`, None before the first."""
        past = self._past_the_last(now)
        return self._key(past - timedelta(days=1)) if past > self.start else None

    def window(self, key: str) -> TimeWindow:
        """Half-open UTC window of a partition; 23 or 25 h long on days when clocks change.

        Raises PartitionError if `key` is no date or before the first partition.
        """
        day = self._day(key)
        if day < self.start or (self.end is not None and day >= self.end):
            raise PartitionError(f"There is no partition {key!r}. {self._bounds()}")
        return TimeWindow(self._edge(day), self._edge(day + timedelta(days=1)))

    def contains(self, key: str, now: datetime) -> bool:
        """Whether `key` exists at `now`."""
        try:
            return self.start <= self._day(key) < self._past_the_last(now)
        except PartitionError:
            return False

    def require(self, key: str, now: datetime, of: object) -> None:
        """Raise PartitionError, naming the asset `of`, where `key` does not exist at `now`."""
        if not self.contains(key, now):
            day = self._day(key)
            why = (
                "its day is not over yet. "
                if day >= self.start and (self.end is None or day < self.end)
                else ""
            )
            raise PartitionError(
                f"{of} has no partition {key!r}: {why}{self._bounds()} The newest is "
                f"{self.latest(now) or 'not there yet'}."
            )

    def key_for(self, moment: datetime) -> str:
        """The partition whose window holds the instant `moment`, whether or not it exists yet.

        Raises PartitionError before the first partition and from the end on.
        """
        day = self._day_at(moment)
        if day < self.start or (self.end is not None and day >= self.end):
            raise PartitionError(f"No partition holds {moment.isoformat()}. {self._bounds()}")
        return self._key(day)

    def range(self, first: str, last: str) -> list[str]:
        """All partitions from `first` to `last`, both included."""
        start, end = self._day(first), self._day(last)
        if end < start:
            raise PartitionError(f"The range {first}...{last} ends before it begins.")
        return [self._key(day) for day in calendar.days_between(start, end + timedelta(days=1))]

    @property
    def cron_schedule(self) -> str:
        """The cron string whose ticks are the edges of the days, in the partitions' time zone."""
        return f"{self.minute_offset} {self.hour_offset} * * *"

    def describe(self) -> dict[str, str | int]:
        """The definition as plain values; `daily_from_description` reads it back."""
        values: dict[str, str | int] = {
            "kind": "daily",
            "start": self._key(self.start),
            "timezone": self.timezone,
            "fmt": self.fmt,
            "minute_offset": self.minute_offset,
            "hour_offset": self.hour_offset,
            "end_offset": self.end_offset,
        }
        if self.end is not None:
            values["end"] = self._key(self.end)
        return values

    def _bounds(self) -> str:
        first = f"The first is {self._key(self.start)}."
        return first if self.end is None else f"{first} They end before {self._key(self.end)}."


def parse_start(value: str | date | datetime, fmt: str, zone_name: str) -> datetime:
    """A naive local time out of what a user gave as a start or an end."""
    if isinstance(value, str):
        try:
            return datetime.strptime(value, fmt)  # noqa: DTZ007 - local to the partitions' zone
        except ValueError as error:
            raise PartitionError(f"{value!r} is not a date written as {fmt}.") from error
    if isinstance(value, datetime):
        return value if value.tzinfo is None else calendar.local_time(value, zone_name)
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local to the zone


def _first_day(begin: datetime, edge: time) -> date:
    """The first day that does not begin before `begin`."""
    day = begin.date()
    return day if datetime.combine(day, edge) >= begin else day + timedelta(days=1)


def _end_day(end: datetime, edge: time) -> date:
    """The day after the last one that is over by `end`."""
    day = end.date()
    return day if datetime.combine(day, edge) <= end else day - timedelta(days=1)


def daily_from_description(values: dict[str, str | int]) -> DailyPartitionsDefinition:
    """The definition that `describe` wrote."""
    fmt, zone_name = str(values["fmt"]), str(values["timezone"])
    end: datetime | None = None
    if "end" in values:
        edge = time(int(values["hour_offset"]), int(values["minute_offset"]))
        end = datetime.combine(parse_start(str(values["end"]), fmt, zone_name), edge)
    return DailyPartitionsDefinition(
        start_date=str(values["start"]),
        end_date=end,
        timezone=zone_name,
        fmt=fmt,
        minute_offset=int(values["minute_offset"]),
        hour_offset=int(values["hour_offset"]),
        end_offset=int(values["end_offset"]),
    )
