"""Time zones and cron: local time to instants and back (the only user of pendulum and cronsim)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import islice, pairwise

import pendulum
from cronsim import CronSim, CronSimError

from bridge.errors import PartitionError

UTC = timezone.utc
_DAYS_KEPT = 64
_DAY = timedelta(days=1)
# Where clocks usually change. Dagster moves only what falls between 1:00 and 3:59 (1.13,
# `_utils/schedules.py`), and whoever changes over keeps the instants there were.
_SMALL_HOURS = (1, 2, 3)
_FIRST_YEAR, _LAST_YEAR = 2, 9998
_LOOKED_OVER = 4
_MANY_TICKS = 1000  # enough for every gap there is: months, say, repeat after 48
_HOURS_A_DAY, _WEEKDAYS, _LONGEST_MONTH, _MONTHS = 24, 7, 31, 12
_A_YEAR_OF_DAYS = tuple(date(2000, 1, 1) + timedelta(days=n) for n in range(366))
_PLAIN_FIELDS, _FIELDS_WITH_SECONDS = 5, 6

_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6), (0, 59))
_MONTH_NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WEEKDAY_NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_NAMES = {
    **{name: number for number, name in enumerate(_MONTH_NAMES, 1)},
    **{name: number for number, name in enumerate(_WEEKDAY_NAMES)},
}
_BACKWARD_RANGE = re.compile(r"(\w+)-(\w+)")
_LAST_WEEKDAY_OF_MONTH = re.compile(r"L(\d)")
_NOT_IN_THE_REFERENCE = re.compile(r"\d+W|LW|\dL")


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The time zone of an IANA name. Raises PartitionError where there is none."""
    try:
        return pendulum.timezone(name)
    except Exception as error:  # pendulum raises several kinds for a bad name
        raise PartitionError(
            f"{name!r} is no time zone. Use an IANA name such as Europe/Zurich or UTC."
        ) from error


def instant(local: datetime, zone_name: str) -> datetime:
    """The UTC instant at which clocks in the zone show `local` (naive).

    From 1:00 to 3:59, a time that is skipped becomes the end of the gap, and one that is shown
    twice is the second showing. At other hours the offset from before the change holds, so that a
    day which begins at midnight holds all that its clocks show. A time of a day that was skipped
    whole is the same time of the next day.
    """
    place = zone(zone_name)
    earlier = local.replace(tzinfo=place, fold=0)
    later = local.replace(tzinfo=place, fold=1)
    if earlier.utcoffset() == later.utcoffset() or local.hour not in _SMALL_HOURS:
        return earlier.astimezone(UTC)
    shown = later.astimezone(UTC)
    if shown.astimezone(place).replace(tzinfo=None) == local:
        return shown
    resumed = _end_of_gap(shown, earlier.astimezone(UTC), place)
    is_same_day = resumed.astimezone(place).date() == local.date()
    return resumed if is_same_day else earlier.astimezone(UTC)


def local_time(moment: datetime, zone_name: str) -> datetime:
    """What clocks in the zone show at `moment`, naive."""
    return moment.astimezone(zone(zone_name)).replace(tzinfo=None)


@lru_cache(maxsize=4096)
def changing_days(zone_name: str, year: int) -> frozenset[date]:
    """The local days of a year with a clock change on them, or skipped minutes right before them.

    Looks at two days a week first: no zone has ever changed its clocks back within four days.
    """
    place = zone(zone_name)

    def offsets(day: date) -> set[timedelta | None]:
        midnight = datetime.combine(day, time(), tzinfo=place)
        return {midnight.utcoffset(), midnight.replace(fold=1).utcoffset()}

    found: set[date] = set()
    begin = date(year, 1, 1) - _LOOKED_OVER * _DAY
    for number in range(0, 366 + 2 * _LOOKED_OVER, _LOOKED_OVER):
        days = [begin + (number + more) * _DAY for more in range(-1, _LOOKED_OVER + 2)]
        if len(offsets(days[0]) | offsets(days[-1])) > 1:
            shown = [offsets(day) for day in days]
            found.update(
                day
                for day, of_day, of_next in zip(days, shown, shown[1:], strict=False)
                if len(of_day | of_next) > 1 or _skips_up_to_midnight(day, place)
            )
    return frozenset(day for day in found if day.year == year)


def _skips_up_to_midnight(day: date, place: tzinfo) -> bool:
    """Whether the day before lacks its last second."""
    midnight = datetime.combine(day, time(), tzinfo=place).astimezone(UTC)
    before = (midnight - timedelta(seconds=1)).astimezone(place)
    return (before.date(), before.hour) != (day - _DAY, _HOURS_A_DAY - 1)


@lru_cache(maxsize=1024)
def ticks(schedule: str, zone_name: str) -> Ticks:
    """The ticks of a cron schedule in a zone, shared by all who ask for the same.

    Raises PartitionError for what is no cron schedule, or one that never ticks.
    """
    return Ticks(schedule, zone_name)


class Ticks:
    """The instants of a cron schedule in a zone, by local day.

    A schedule of every hour ticks whenever the clocks show a time of it: never at one that is
    skipped, twice at one that is shown twice. Any other ticks once for each of its times: as
    `instant` says, but with several times a day one that is shown twice is always the second
    showing. Two times that become one instant are one tick.
    """

    def __init__(self, schedule: str, zone_name: str) -> None:
        self.zone_name = zone_name
        self._place = zone(zone_name)
        self._cron, has_seconds = _parsed(schedule)
        self.times = tuple(
            time(hour, minute, second)
            for hour in sorted(self._cron.hours)
            for minute in sorted(self._cron.minutes)
            for second in (sorted(self._cron.seconds) if has_seconds else (0,))
        )
        self.is_every_hour = len(self._cron.hours) == _HOURS_A_DAY
        self._is_every_day = len(self._cron.months) == _MONTHS and all(
            self._cron.match_day(day) for day in _A_YEAR_OF_DAYS
        )
        self._months: dict[tuple[int, int], tuple[date, ...]] = {}
        self._lately: dict[date, tuple[datetime, ...]] = {}

    def days(self, year: int, month: int) -> tuple[date, ...]:
        """The days of a month that may have ticks: the schedule's, and those of clock changes."""
        known = self._months.get((year, month))
        if known is None:
            changing = changing_days(self.zone_name, year)
            known = self._months[year, month] = tuple(
                day
                for number in range(1, monthrange(year, month)[1] + 1)
                if self._matches(day := date(year, month, number)) or day in changing
            )
        return known

    def is_regular(self, day: date) -> bool:
        """Whether the ticks of a day are just the schedule's times, all at one UTC offset."""
        return day not in changing_days(self.zone_name, day.year)

    def offset(self, day: date) -> timedelta:
        """The UTC offset of a regular day."""
        return datetime.combine(day, time(), tzinfo=self._place).utcoffset() or timedelta(0)

    def on(self, day: date) -> tuple[datetime, ...]:
        """The ticks between the first instant of a local day and that of the next, in order."""
        known = self._lately.get(day)
        if known is None:
            if len(self._lately) >= _DAYS_KEPT:  # questions about one partition stay around a day
                self._lately.clear()
            known = self._lately[day] = self._on(day)
        return known

    def _on(self, day: date) -> tuple[datetime, ...]:
        if self.is_regular(day):
            if not self._matches(day):
                return ()
            offset = self.offset(day)
            return tuple(datetime.combine(day, at, tzinfo=UTC) - offset for at in self.times)
        begin, end = self._beginning(day), self._beginning(day + _DAY)
        around = (day - _DAY, day, day + _DAY)
        found = {
            moment
            for near in around
            if self._matches(near)
            for at in self.times
            for moment in self._instants(datetime.combine(near, at))
            if begin <= moment < end
        }
        return tuple(sorted(found))

    def day_of(self, moment: datetime) -> date:
        """The local day that `on` counts an instant to: mostly what the clocks show."""
        day = moment.astimezone(self._place).date()
        if self.is_regular(day):
            return day
        if moment < self._beginning(day):
            return day - _DAY
        return day + _DAY if moment >= self._beginning(day + _DAY) else day

    def shown(self, tick: datetime) -> datetime:
        """The local time that names a tick: the schedule's own, also where clocks skipped it."""
        local = tick.astimezone(self._place)
        if self.is_every_hour or self.is_regular(local.date()) or local.time() in self.times:
            return local
        skipped = (
            datetime.combine(local.date(), at, tzinfo=self._place)
            for at in self.times
            if at.hour not in _SMALL_HOURS
        )
        return next((each for each in skipped if each.astimezone(UTC) == tick), local)

    def since(self, moment: datetime) -> Iterator[datetime]:
        """The ticks from `moment` on, itself included."""
        first = self.day_of(moment)
        for day in self._days_from(first):
            yield from (tick for tick in self.on(day) if day > first or tick >= moment)

    def until(self, moment: datetime) -> Iterator[datetime]:
        """The ticks up to `moment`, itself included, newest first."""
        last = self.day_of(moment)
        for day in self._days_back_from(last):
            yield from (tick for tick in reversed(self.on(day)) if day < last or tick <= moment)

    def _matches(self, day: date) -> bool:
        return self._is_every_day or (day.month in self._cron.months and self._cron.match_day(day))

    def _beginning(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self._place).astimezone(UTC)

    def _instants(self, local: datetime) -> list[datetime]:
        if not self.is_every_hour and len(self.times) == 1:
            return [instant(local, self.zone_name)]
        showings = [local.replace(tzinfo=self._place, fold=fold) for fold in (0, 1)]
        instants = [showing.astimezone(UTC) for showing in showings]
        real = [moment for moment in instants if local_time(moment, self.zone_name) == local]
        if self.is_every_hour:
            return real
        return real[-1:] or [instant(local, self.zone_name)]

    def _days_from(self, first: date) -> Iterator[date]:
        year, month = first.year, first.month
        while year <= _LAST_YEAR:
            yield from (day for day in self.days(year, month) if day >= first)
            year, month = (year, month + 1) if month < _MONTHS else (year + 1, 1)

    def _days_back_from(self, last: date) -> Iterator[date]:
        year, month = last.year, last.month
        while year > _FIRST_YEAR:
            yield from (day for day in reversed(self.days(year, month)) if day <= last)
            year, month = (year, month - 1) if month > 1 else (year - 1, _MONTHS)


def _parsed(schedule: str) -> tuple[CronSim, bool]:
    """What cronsim understands of a schedule, and whether it has a field of seconds, the last."""
    text = schedule.strip()
    fields = _ALIASES.get(text.lower(), text).upper().split()
    has_seconds = len(fields) == _FIELDS_WITH_SECONDS
    try:
        if len(fields) not in (_PLAIN_FIELDS, _FIELDS_WITH_SECONDS):
            raise CronSimError("Wrong number of fields")  # noqa: TRY301
        fields = [
            ",".join(_for_cronsim(term, bounds) for term in field.split(","))
            for field, bounds in zip(fields, _BOUNDS, strict=False)
        ]
        minute_to_weekday, seconds = fields[:_PLAIN_FIELDS], fields[_PLAIN_FIELDS:]
        cron = CronSim(" ".join([*seconds, *minute_to_weekday]), datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise PartitionError(
            f"{schedule!r} is no cron schedule ({error}). It has minute, hour, day, month and "
            "weekday, such as 30 6 * * mon-fri."
        ) from error
    # Days and weekdays that are both restricted meet in an "or", as in Dagster; Debian's cron, and
    # so cronsim, makes an exception of */2.
    weekdays = {day % _WEEKDAYS for day in cron.weekdays if isinstance(day, int)}
    cron.day_and = len(cron.days) == _LONGEST_MONTH or len(weekdays) == _WEEKDAYS
    return cron, has_seconds


def _for_cronsim(term: str, bounds: tuple[int, int]) -> str:
    """One term of a field in cronsim's words: ranges that wrap, and the last weekday of a month."""
    if _NOT_IN_THE_REFERENCE.fullmatch(term):
        raise CronSimError(f"{term} is not supported")
    if term == "?":
        return "*"
    last = _LAST_WEEKDAY_OF_MONTH.fullmatch(term)
    if last and bounds == _BOUNDS[4]:
        return f"{last[1]}L"
    found = _BACKWARD_RANGE.fullmatch(term)
    if not found:
        return term
    first, end = (
        _NAMES.get(word, int(word) if word.isdigit() else None) for word in found.groups()
    )
    if first is None or end is None or first <= end or not bounds[0] <= first <= bounds[1]:
        return term
    return f"{first}-{bounds[1]},{bounds[0]}-{end}"


def _end_of_gap(before: datetime, after: datetime, place: tzinfo) -> datetime:
    """The first instant after the clock change between `before` and `after`, to the second."""
    old = before.astimezone(place).utcoffset()
    while (after - before) > timedelta(seconds=1):
        middle = before + (after - before) / 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(place).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def tick_after(schedule: str, zone_name: str, moment: datetime) -> datetime:
    """The first tick of a cron schedule in a zone after `moment`.

    Raises PartitionError for what is no zone or schedule.
    """
    return next(tick for tick in ticks(schedule, zone_name).since(moment) if tick > moment)


@lru_cache(maxsize=256)
def shortest_interval(schedule: str) -> timedelta:
    """The shortest time between two ticks of a cron schedule in UTC.

    Raises PartitionError for what is no schedule.
    """
    found = islice(ticks(schedule, "UTC").since(datetime(2023, 1, 1, tzinfo=UTC)), _MANY_TICKS)
    return min(later - earlier for earlier, later in pairwise(found))
