"""Local time to instants and back: zones, days and their edges (the only user of pendulum)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

import pendulum

from bridge.errors import PartitionError

UTC = timezone.utc


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
