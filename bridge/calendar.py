"""Local time to instants and back, and cron (the only user of pendulum and cronsim)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import islice, pairwise

import pendulum
from cronsim import CronSim, CronSimError

from bridge.errors import PartitionError

UTC = timezone.utc
_HOURS_A_DAY, _FIELDS = 24, 5
_LAST_YEAR = 9998
_MANY_TICKS = 1000  # enough for every gap there is: months, say, repeat after 48


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

    A time that is skipped becomes the end of the gap. One that is shown twice is the second
    showing, but a midnight the first, so that a day holds all that its clocks show.
    """
    place = zone(zone_name)
    earlier = local.replace(tzinfo=place, fold=0)
    later = local.replace(tzinfo=place, fold=1)
    if earlier.utcoffset() == later.utcoffset():
        return earlier.astimezone(UTC)
    shown = later.astimezone(UTC)
    if shown.astimezone(place).replace(tzinfo=None) == local:
        return earlier.astimezone(UTC) if local.time() == time() else shown
    return _end_of_gap(later.astimezone(UTC), earlier.astimezone(UTC), place)


def local_time(moment: datetime, zone_name: str) -> datetime:
    """What clocks in the zone show at `moment`, naive."""
    return moment.astimezone(zone(zone_name)).replace(tzinfo=None)


def days_between(first: date, last: date) -> list[date]:
    """All days from `first` up to and without `last`."""
    return [first + timedelta(days=n) for n in range((last - first).days)]


def tick_after(schedule: str, zone_name: str, moment: datetime) -> datetime:
    """The first tick of a cron schedule in a zone after `moment`.

    One of every hour ticks at each showing of its times, any other once for each: as `instant`
    says. Raises PartitionError for what is no zone or schedule.
    """
    return next(_ticks_after(schedule, zone_name, moment))


@lru_cache(maxsize=256)
def shortest_interval(schedule: str) -> timedelta:
    """The shortest time between two ticks of a cron schedule in UTC.

    Raises PartitionError for what is no schedule.
    """
    found = islice(_ticks_after(schedule, "UTC", datetime(2023, 1, 1, tzinfo=UTC)), _MANY_TICKS)
    return min(later - earlier for earlier, later in pairwise(found))


def _ticks_after(schedule: str, zone_name: str, moment: datetime) -> Iterator[datetime]:
    place, cron = zone(zone_name), _cron(schedule)
    is_every_hour = len(cron.hours) == _HOURS_A_DAY
    times = [time(hour, minute) for hour in sorted(cron.hours) for minute in sorted(cron.minutes)]
    day = local_time(moment, zone_name).date()
    while day.year <= _LAST_YEAR:
        if day.month in cron.months and cron.match_day(day):
            shown = [datetime.combine(day, at) for at in times]
            if is_every_hour:
                found = {tick for local in shown for tick in _showings(local, place)}
            else:
                found = {instant(local, zone_name) for local in shown}
            yield from sorted(tick for tick in found if tick > moment)
        day += timedelta(days=1)


def _showings(local: datetime, place: tzinfo) -> Iterator[datetime]:
    """The instants at which clocks show `local`: none, one or two."""
    for fold in (0, 1):
        tick = local.replace(tzinfo=place, fold=fold).astimezone(UTC)
        if tick.astimezone(place).replace(tzinfo=None) == local:
            yield tick


@lru_cache(maxsize=256)
def _cron(schedule: str) -> CronSim:
    try:
        if len(schedule.split()) != _FIELDS:
            raise CronSimError("Wrong number of fields")  # noqa: TRY301
        return CronSim(schedule, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise PartitionError(
            f"{schedule!r} is no cron schedule ({error}). It has minute, hour, day, month and "
            "weekday, such as 30 6 * * mon-fri."
        ) from error


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
