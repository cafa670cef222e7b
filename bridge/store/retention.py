"""What is deleted of the past, by age and by count; what is known of the present stays.

The latest state of assets, partitions and checks is never touched, nor the newest materializations
of an asset. Up to where an asset's log was cut, its floor says (`bridge.store.floors`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.store import schema
from bridge.store.times import to_micros

# Nothing younger is ever deleted: what counts has long been read by whoever follows the log.
_SHORTEST = timedelta(days=1)
_AT_ONCE = 500  # rows a statement: SQLite takes 999 values at least
_STATEMENTS = 10  # a transaction, so that others write in between
_ENDED = ("succeeded", "failed", "canceled")
_Doomed: TypeAlias = "list[tuple[int, str, int]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """How much of the past is kept; None keeps all.

    `events_per_asset` counts the newest of all kinds. The newest `materializations_per_asset` stay
    whatever else is said, and nothing younger than a day is deleted. `logs_days` is for what
    functions said and printed; it goes with its run at the latest.
    """

    events_days: int | None = None
    events_per_asset: int | None = None
    materializations_per_asset: int = 10
    runs_days: int | None = None
    runs_count: int | None = None
    logs_days: int | None = None

    @property
    def deletes_anything(self) -> bool:
        """Whether anything is to be deleted at all."""
        return any(
            (self.events_days, self.events_per_asset, self.runs_days, self.runs_count)
        ) or bool(self.logs_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much was deleted: facts, runs with their steps, and what their functions printed."""

    events: int = 0
    runs: int = 0
    logs: int = 0


def counted(connection: Connection, policy: RetentionPolicy, now: datetime) -> Pruned:
    """How much `prune` would delete."""
    runs = _doomed_runs(connection, policy, now)
    return Pruned(
        events=len(_doomed_events(connection, policy, now)),
        runs=len(runs),
        logs=_count_logs(connection, set(runs) | set(_silent_runs(connection, policy, now))),
    )


def prune(
    read: Callable[[], AbstractContextManager[Connection]],
    write: Callable[[], AbstractContextManager[Connection]],
    policy: RetentionPolicy,
    now: datetime,
) -> Pruned:
    """Delete what the policy does not keep, oldest first, a few thousand rows a transaction."""
    with read() as connection:
        events = _doomed_events(connection, policy, now)
        runs = _doomed_runs(connection, policy, now)
        silent = _silent_runs(connection, policy, now)
    logs = 0
    for part in _batches(events):
        with write() as connection:
            _delete_events(connection, part)
    for doomed in _batches([*runs, *silent]):
        with write() as connection:
            logs += _delete_where(connection, schema.step_text.c.run_id, doomed)
    for doomed in _batches(runs):
        with write() as connection:
            _delete_where(connection, schema.step.c.run_id, doomed)
            _delete_where(connection, schema.run.c.id, doomed)
    return Pruned(events=len(events), runs=len(runs), logs=logs)


def _doomed_events(connection: Connection, policy: RetentionPolicy, now: datetime) -> _Doomed:
    """Sequence, key and time of the facts to delete, oldest first."""
    if policy.events_days is None and policy.events_per_asset is None:
        return []
    event = schema.event
    newest = (event.c.happened_at.desc(), event.c.sequence.desc())
    ranked = sa.select(
        event.c.sequence,
        event.c.key,
        event.c.kind,
        event.c.happened_at,
        sa.func.row_number().over(partition_by=event.c.key, order_by=newest).label("place"),
        sa.func.row_number()
        .over(partition_by=(event.c.key, event.c.kind), order_by=newest)
        .label("place_of_kind"),
    ).subquery()
    row = ranked.c
    is_kept = sa.and_(
        row.kind == "materialization", row.place_of_kind <= policy.materializations_per_asset
    )
    rules = []
    if policy.events_days is not None:
        rules.append(row.happened_at < _before(now, policy.events_days))
    if policy.events_per_asset is not None:
        rules.append(
            sa.and_(
                row.place > policy.events_per_asset,
                row.happened_at < to_micros(now - _SHORTEST),
            )
        )
    # the highest number stays, or SQLite would give it again, and followers overlook its new owner
    last = sa.select(sa.func.coalesce(sa.func.max(event.c.sequence), 0)).scalar_subquery()
    query = (
        sa.select(row.sequence, row.key, row.happened_at)
        .where(sa.or_(*rules), sa.not_(is_kept), row.sequence != last)
        .order_by(row.happened_at, row.sequence)
    )
    return [(found[0], found[1], found[2]) for found in connection.execute(query)]


def _delete_events(connection: Connection, doomed: _Doomed) -> None:
    _delete_where(connection, schema.event.c.sequence, [sequence for sequence, _, _ in doomed])
    newest = {key: at for _, key, at in doomed}  # oldest first, so that the last one stays
    table = schema.retention_floor
    floors: dict[str, int] = {}
    keys = sorted(newest)
    for start in range(0, len(keys), _AT_ONCE):
        query = sa.select(table.c.key, table.c.until)
        query = query.where(table.c.key.in_(keys[start : start + _AT_ONCE]))
        floors |= {row[0]: row[1] for row in connection.execute(query)}
    _raise_floors(connection, floors, newest)


def _raise_floors(connection: Connection, floors: dict[str, int], newest: dict[str, int]) -> None:
    table = schema.retention_floor
    for key, at in newest.items():
        if key not in floors:
            connection.execute(sa.insert(table).values(key=key, until=at))
        elif floors[key] < at:
            connection.execute(sa.update(table).where(table.c.key == key).values(until=at))


def _doomed_runs(connection: Connection, policy: RetentionPolicy, now: datetime) -> list[str]:
    """The ids of the runs to delete; those of a backfill that goes on are kept.

    Those of sensors too: a run key is asked for once, for ever, and the run is what remembers it.
    """
    if policy.runs_days is None and policy.runs_count is None:
        return []
    run, backfill = schema.run, schema.backfill
    place = sa.func.row_number().over(order_by=(run.c.created_at.desc(), run.c.id))
    ranked = sa.select(
        run.c.id, run.c.status, run.c.origin, run.c.ended_at, place.label("place")
    ).subquery()
    row = ranked.c
    rules = []
    if policy.runs_days is not None:
        rules.append(row.ended_at < _before(now, policy.runs_days))
    if policy.runs_count is not None:
        rules.append(row.place > policy.runs_count)
    open_backfills = [
        f"backfill:{found[0]}"
        for found in connection.execute(
            sa.select(backfill.c.id).where(backfill.c.ended_at.is_(None))
        )
    ]
    query = (
        sa.select(row.id, row.origin)
        .where(
            row.status.in_(_ENDED),
            row.ended_at < to_micros(now - _SHORTEST),
            sa.not_(row.origin.like("sensor:%")),
            sa.or_(*rules),
        )
        .order_by(row.ended_at)
    )
    return [found[0] for found in connection.execute(query) if found[1] not in open_backfills]


def _silent_runs(connection: Connection, policy: RetentionPolicy, now: datetime) -> list[str]:
    """The ids of the runs that keep no logs any more."""
    if policy.logs_days is None:
        return []
    run = schema.run
    has_logs = sa.exists().where(schema.step_text.c.run_id == run.c.id)
    query = sa.select(run.c.id).where(
        run.c.status.in_(_ENDED), run.c.ended_at < _before(now, policy.logs_days), has_logs
    )
    return [found[0] for found in connection.execute(query)]


def _count_logs(connection: Connection, runs: set[str]) -> int:
    column, total = schema.step_text.c.run_id, 0
    several = sorted(runs)
    for start in range(0, len(several), _AT_ONCE):
        query = sa.select(sa.func.count()).where(column.in_(several[start : start + _AT_ONCE]))
        total += int(connection.execute(query).scalar_one())
    return total


def _delete_where(connection: Connection, column: Any, values: Sequence[Any]) -> int:
    deleted = 0
    for start in range(0, len(values), _AT_ONCE):
        query = sa.delete(column.table).where(column.in_(values[start : start + _AT_ONCE]))
        deleted += connection.execute(query).rowcount
    return deleted


def _batches(rows: list[Any]) -> Iterable[list[Any]]:
    size = _AT_ONCE * _STATEMENTS
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _before(now: datetime, days: int) -> int:
    return to_micros(now - max(timedelta(days=days), _SHORTEST))
