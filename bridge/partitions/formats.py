"""How the keys of time partitions are written and read."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from bridge import calendar

_DIRECTIVE = re.compile(r"%(-?.)")
_ABOUT_THE_DAY = frozenset("aAwdbBmyYjUWGuV")
_ABOUT_THE_TIME = frozenset("HIpMSfz")
_ANY_DAY = date(2000, 1, 1)
_NO_OFFSET = timedelta(0)


@lru_cache(maxsize=1024)
def key_format(fmt: str, ticks: calendar.Ticks) -> KeyFormat:
    """The format of the keys, shared by all who ask for the same."""
    return KeyFormat(fmt, ticks)


class KeyFormat:
    """Writes the local time of a tick with `fmt`, and reads it back.

    With partitions of every hour, a time that clocks show for the second time gets its UTC offset
    appended, as `2024-11-03-01:00-0500`.
    """

    def __init__(self, fmt: str, ticks: calendar.Ticks) -> None:
        self.fmt = fmt
        self._ticks = ticks
        self._tells_showings = "%z" in fmt
        self._parts = _day_and_time(fmt)
        self._times: dict[timedelta, list[str]] = {}

    def key(self, tick: datetime) -> str:
        """The key of the partition that begins at a tick."""
        local = self._ticks.shown(tick)
        if self._ticks.is_every_hour and not self._tells_showings and local.fold:
            return local.strftime(self.fmt + "%z")
        return local.strftime(self.fmt)

    def keys_of_day(self, day: date) -> list[str]:
        """The keys of a day of the schedule without a clock change."""
        offset = self._ticks.offset(day) if self._tells_showings else _NO_OFFSET
        if self._parts is None:
            return [at.strftime(self.fmt) for at in self._local(day, offset)]
        written = self._times.get(offset)
        if written is None:
            written = self._times[offset] = [
                at.strftime(self._parts[1]) for at in self._local(_ANY_DAY, offset)
            ]
        written_day = day.strftime(self._parts[0])
        return [written_day + at for at in written]

    def _local(self, day: date, offset: timedelta) -> list[datetime]:
        return [datetime.combine(day, at, timezone(offset)) for at in self._ticks.times]

    def instant(self, key: str) -> datetime:
        """The instant a key names, at or before the tick it is the key of.

        Raises ValueError where it is not written in this format.
        """
        return instant_written(key, self.fmt, self._ticks.zone_name)


def instant_written(text: str, fmt: str, zone_name: str) -> datetime:
    """The instant that clocks in the zone show as `text`, the first one where they do twice.

    A UTC offset may follow the format. Raises ValueError for what is not written in it.
    """
    try:
        local = datetime.strptime(text, fmt)  # noqa: DTZ007 - local to the zone
    except ValueError:
        if "%z" in fmt:
            raise
        local = datetime.strptime(text, fmt + "%z")  # noqa: DTZ007 - it has one
    if local.tzinfo is None:
        local = local.replace(tzinfo=calendar.zone(zone_name), fold=0)
    return local.astimezone(calendar.UTC)


def _day_and_time(fmt: str) -> tuple[str, str] | None:
    """The format in two: what is about the day and, after it, about the time; None if mixed."""
    cut = len(fmt)
    for found in _DIRECTIVE.finditer(fmt):
        directive = found[1].removeprefix("-")
        if directive in _ABOUT_THE_TIME:
            cut = min(cut, found.start())
        elif directive not in _ABOUT_THE_DAY or cut < found.start():
            return None
    return fmt[:cut], fmt[cut:]
