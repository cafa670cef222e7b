"""The partitions that a DAG's schedule fills: one an hour, a day, a week or a month. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.airflow.legacy.mapping import PartitionsEntry, PartitionsKind
from adapters.airflow.legacy.snapshot import Dag, Schedule
from bridge.errors import PartitionError

# Once in each period, at whatever time; several times, or not in each, is no partition a run.
_PERIODS: tuple[tuple[PartitionsKind, re.Pattern[str]], ...] = (
    ("hourly", re.compile(r"\d{1,2} \* \* \* \*")),
    ("daily", re.compile(r"\d{1,2} \d{1,2} \* \* \*")),
    ("weekly", re.compile(r"\d{1,2} \d{1,2} \* \* (?P<day>[0-7])")),
    ("monthly", re.compile(r"\d{1,2} \d{1,2} \d{1,2} \* \*")),
)
_INTERVALS: dict[timedelta, PartitionsKind] = {
    timedelta(hours=1): "hourly",
    timedelta(days=1): "daily",
}
_DAYS_A_WEEK = 7


def period_of(schedule: Schedule) -> tuple[PartitionsKind, int]:
    """Which period each run is about, and on which day (0: Sunday) a week begins."""
    if schedule.kind == "interval":
        return _INTERVALS.get(timedelta(seconds=schedule.interval_s or 0), "none"), 0
    cron = schedule.plain_cron or ""
    for kind, pattern in _PERIODS:
        found = pattern.fullmatch(cron)
        if found is not None:
            return kind, int(found.groupdict().get("day") or 0) % _DAYS_A_WEEK
    return "none", 0


def partitions_of(dag: Dag) -> PartitionsEntry:
    """From the DAG's start date on, if its schedule has periods and the start is known; else
    none.
    """
    start, (kind, week_begins) = _day(dag.start_date), period_of(dag.schedule)
    if kind == "none" or start is None:
        return PartitionsEntry()
    entry = PartitionsEntry(
        kind=kind, start=start.isoformat(), week_begins=week_begins, timezone=_zone(dag)
    )
    return entry.model_copy(update={"end": _end(entry, _day(dag.end_date))})


def _end(entry: PartitionsEntry, last: date | None) -> str | None:
    """Airflow's end_date is the last day that runs; a definition's end is after its last period."""
    if last is None:
        return None
    after = last + timedelta(days=1)
    if entry.kind in ("weekly", "monthly"):
        definition = entry.definition()
        noon = datetime(last.year, last.month, last.day, 12, tzinfo=timezone.utc)
        try:
            if definition is not None:
                window = definition.window(definition.key_for(noon))
                after = window.end.astimezone(ZoneInfo(entry.timezone)).date()
        except PartitionError:
            return entry.start  # it ends before its first period is over
    return after.isoformat()


def _zone(dag: Dag) -> str:
    zone = dag.timezone or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
    return zone


def _day(text: str | None) -> date | None:
    """None for what is no date, and for `datetime.min` and `max`, which mean that there is none."""
    if text is None:
        return None
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None
