"""How late an asset of a legacy task may be, as its schedule and its recent runs suggest. Pure.

A suggestion allows more than what is usual: half as much again as nine of ten recent runs took, or
without runs a quarter of the time between two. A person confirms it in the mapping.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import islice, pairwise

from adapters.airflow.legacy.mapping import FreshnessEntry
from adapters.airflow.legacy.snapshot import Dag, Durations, Task
from bridge.calendar import shortest_interval, ticks
from bridge.errors import PartitionError

_ENOUGH_RUNS = 3
_MARGIN = 1.5
_LEAST, _MOST = timedelta(minutes=10), timedelta(hours=6)  # without runs to go by, for the latter
_STEP = timedelta(minutes=5)
_DAY_MINUTES = 24 * 60
_HOUR_MINUTES = 60
_SOME_TICKS = 400


def suggested_freshness(
    dag: Dag, task: Task, *, is_whole_dag: bool = False
) -> FreshnessEntry | None:
    """The policy that the asset of a task would keep, None for a DAG that no clock starts.

    Nor for one that is paused: its assets are late by intention.
    """
    if dag.operation is not None and dag.operation.is_paused:
        return None
    took = task.done_after
    if is_whole_dag:
        took = dag.operation.durations if dag.operation is not None else None
    if dag.schedule.kind == "interval" and dag.schedule.interval_s:
        interval = timedelta(seconds=dag.schedule.interval_s)
        allowed, why = _allowance(took, interval)
        return _by_age(interval + allowed, f"every {interval}, {why}")
    cron = dag.schedule.plain_cron
    if cron is None:
        return None
    zone = dag.timezone or "UTC"
    try:
        interval, longest = shortest_interval(cron), _longest_interval(cron, zone)
    except PartitionError:
        return None
    allowed, why = _allowance(took, interval)
    because = f"{dag.schedule.words}, {why}"
    deadline = _later(cron, allowed)
    if deadline is None or allowed > interval:
        return _by_age(longest + allowed, because)
    return FreshnessEntry(
        deadline_cron=deadline,
        lower_bound_minutes=_minutes(allowed),
        timezone=zone,
        because=because,
    )


def _by_age(window: timedelta, because: str) -> FreshnessEntry:
    return FreshnessEntry(fail_window_minutes=_minutes(window), because=because)


def _minutes(span: timedelta) -> int:
    return math.ceil(span / timedelta(minutes=1))


def _allowance(took: Durations | None, interval: timedelta) -> tuple[timedelta, str]:
    """How long after its time it may be done, and why."""
    if took is not None and took.runs >= _ENOUGH_RUNS:
        allowed = max(_LEAST, timedelta(seconds=took.p90_s * _MARGIN))
        shown = timedelta(seconds=round(took.p90_s))
        why = f"done after {shown} in 9 of 10 of its last {took.runs} runs"
    else:
        allowed = max(_LEAST, min(_MOST, interval / 4))
        why = "a quarter of the time between two runs allowed, for no run was measured"
        if allowed == _MOST:
            why = "six hours allowed, for no run was measured"
    return math.ceil(allowed / _STEP) * _STEP, why


@lru_cache(maxsize=256)
def _longest_interval(cron: str, zone: str) -> timedelta:
    since = datetime(2023, 1, 1, tzinfo=timezone.utc)
    found = islice(ticks(cron, zone).since(since), _SOME_TICKS)
    return max(later - earlier for earlier, later in pairwise(found))


def _later(cron: str, span: timedelta) -> str | None:
    """The same schedule so much later; None where no cron says that."""
    fields = cron.split()
    if len(fields) != 5 or not fields[0].isdigit():  # noqa: PLR2004 - as a cron has
        return None
    minute, hour, *days = fields
    late = int(minute) + _minutes(span)
    if hour == "*":
        is_near = late < _HOUR_MINUTES or days == ["*"] * 3
        fits = is_near and _minutes(span) <= _HOUR_MINUTES
        return " ".join([str(late % _HOUR_MINUTES), hour, *days]) if fits else None
    if not hour.isdigit():
        return None
    late += int(hour) * _HOUR_MINUTES
    if late >= _DAY_MINUTES and days != ["*"] * 3:
        return None  # another day, which `1-5` or `1 * *` does not become by adding
    late %= _DAY_MINUTES
    return " ".join([str(late % _HOUR_MINUTES), str(late // _HOUR_MINUTES), *days])
