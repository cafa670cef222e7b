"""The plugin's own timetable: runs where the core's calendar has ticks, not where croniter has.

Loaded by DAG files, the scheduler and whoever serialises a DAG; the calendar only once it is asked.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from adapters.airflow.compat import DagRunInfo, DataInterval, Timetable, coerce_datetime

if TYPE_CHECKING:
    from bridge.automation.cadence import Cadence
    from bridge.calendar import Ticks

_INSTANT = timedelta(microseconds=1)


class TickTimetable(Timetable):
    """A run for each interval between two ticks of cron schedules in a zone, as soon as it is over.

    A tick of several of them is one. An interval that begins at one of `exclusions`, which are cron
    schedules, or moments written `at` and in ISO, is none. With `makes_up`, none is left out after
    the first run, also of the time while the DAG was paused; its first run is the newest then.
    """

    def __init__(
        self,
        *crons: str,
        timezone: str,
        exclusions: Sequence[str] = (),
        makes_up: bool = False,
    ) -> None:
        self._crons = crons
        self._timezone = timezone
        self._exclusions = tuple(exclusions)
        self._makes_up = makes_up
        self.description = f"At {self.summary} in {timezone}, as bridge counts ticks"

    @property
    def summary(self) -> str:
        """What Airflow shows in its list of DAGs."""
        return ", ".join(self._crons)

    def serialize(self) -> dict[str, Any]:
        """What `deserialize` reads."""
        return {
            "crons": list(self._crons),
            "timezone": self._timezone,
            "exclusions": list(self._exclusions),
            "makes_up": self._makes_up,
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> TickTimetable:
        """What `serialize` wrote."""
        return cls(
            *data["crons"],
            timezone=data["timezone"],
            exclusions=data["exclusions"],
            makes_up=data["makes_up"],
        )

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        """The last interval that was over at a moment."""
        return _airflows(next(self._over(run_after)))

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: Any
    ) -> DagRunInfo | None:
        """The interval after the last one; without catchup none before the newest that is over."""
        last, earliest = last_automated_data_interval, restriction.earliest
        begin = earliest
        if not restriction.catchup and not (self._makes_up and last is not None):
            newest, _ = next(self._over(datetime.now(timezone.utc)))
            begin = newest if begin is None else max(begin, newest)
        if last is not None:
            # The schedule may have been another one then.
            tick = next(self._cadence.until(last.end))
            after = max(tick, last.start + _INSTANT)
            begin = after if begin is None else max(begin, after)
        if begin is None:
            return None
        start, end = next(self._since(begin))
        if restriction.latest is not None and start > restriction.latest:
            return None
        return DagRunInfo.interval(*_airflows((start, end)))

    def _since(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The intervals that begin from a moment on."""
        for start, end in pairwise(self._cadence.since(moment)):
            if not self._is_excluded(start):
                yield start, end

    def _over(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The intervals that were over at a moment, newest first."""
        for end, start in pairwise(self._cadence.until(moment)):
            if not self._is_excluded(start):
                yield start, end

    @property
    def _cadence(self) -> Cadence:
        module = importlib.import_module("bridge.automation.cadence")
        cadence: Cadence = module.Cadence(cron_schedules=self._crons, timezone=self._timezone)
        return cadence

    def _is_excluded(self, tick: datetime) -> bool:
        return any(
            tick == datetime.fromisoformat(each.removeprefix(_AT))
            if each.startswith(_AT)
            else self._ticks_at(each, tick)
            for each in self._exclusions
        )

    def _ticks_at(self, cron: str, moment: datetime) -> bool:
        ticks: Ticks = importlib.import_module("bridge.calendar").ticks(cron, self._timezone)
        return moment in ticks.on(ticks.day_of(moment))


_AT = "at "  # as `TimeWindowPartitionsDefinition.describe` writes a moment


def _airflows(interval: tuple[datetime, datetime]) -> DataInterval:
    start, end = interval
    return DataInterval(coerce_datetime(start), coerce_datetime(end))
