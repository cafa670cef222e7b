"""Backfills in SQL, and how their runs ended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.backfill_policy import BackfillPolicy
from bridge.keys import AssetKey
from bridge.runs import Run
from bridge.store import running, schema
from bridge.store.backfills import Backfill, BackfillCounts, BackfillProgress, BackfillStatus
from bridge.store.times import from_micros, optional_micros, optional_time, to_micros

_TABLE = schema.backfill
_PLAIN = ("id", "status", "selection", "parallel", "attempt", "message")
_MOST_BY_ID = 500  # databases limit how many values a statement may hold
_ENDED = ("canceled", "failed", "succeeded")
_SINGLE_RUN = 0  # a policy's number where one run takes all there is


@dataclass(frozen=True, slots=True)
class Made:
    """A partition that a run computed; `is_stopped` where a blocking check of it failed then."""

    run_id: str
    key: AssetKey
    partition: str | None
    is_stopped: bool


def add(connection: Connection, backfill: Backfill) -> None:
    """Note a new backfill."""
    connection.execute(sa.insert(_TABLE).values(**_row(backfill), version=backfill.version))


def change(connection: Connection, backfill: Backfill) -> bool:
    """Note how far it has come; False where somebody else did since it was read."""
    result = connection.execute(
        sa.update(_TABLE)
        .where(_TABLE.c.id == backfill.id, _TABLE.c.version == backfill.version)
        .values(**_row(backfill), version=backfill.version + 1)
    )
    return result.rowcount > 0


def one(connection: Connection, backfill_id: str) -> Backfill | None:
    """One backfill."""
    query = sa.select(_TABLE).where(_TABLE.c.id == backfill_id)
    found = connection.execute(query).mappings().first()
    return None if found is None else _backfill(found)


def recent(
    connection: Connection, statuses: Sequence[BackfillStatus], limit: int
) -> list[Backfill]:
    """Backfills, newest first."""
    query = sa.select(_TABLE).order_by(_TABLE.c.created_at.desc(), _TABLE.c.id).limit(limit)
    if statuses:
        query = query.where(_TABLE.c.status.in_(sorted(statuses)))
    return [_backfill(row) for row in connection.execute(query).mappings()]


def ended_runs(connection: Connection, run_ids: Sequence[str]) -> tuple[list[Run], set[str]]:
    """Those of these runs that have ended, and the ids of those that are not in the store."""
    table = schema.run
    query = sa.select(table.c.id, table.c.status)
    known: dict[str, str] = {
        run_id: status
        for some in _chunks(run_ids)
        for run_id, status in connection.execute(query.where(table.c.id.in_(some)))
    }
    ended = [run_id for run_id in run_ids if known.get(run_id, "queued") in _ENDED]
    found = [
        running.run_of(row)
        for some in _chunks(ended)
        for row in connection.execute(sa.select(table).where(table.c.id.in_(some))).mappings()
    ]
    return found, set(run_ids) - set(known)


def waiting(connection: Connection, origin: str, limit: int) -> list[str]:
    """The runs of an origin that wait, what was asked for first comes first."""
    table = schema.run
    query = (
        sa.select(table.c.id)
        .where(table.c.origin == origin, table.c.status == "queued")
        .order_by(table.c.created_at, table.c.id)
        .limit(limit)
    )
    return [str(row[0]) for row in connection.execute(query)]


def made(connection: Connection, run_ids: Sequence[str]) -> list[Made]:
    """What these runs computed, each partition of an asset once."""
    table = schema.event
    is_failed_check = sa.and_(
        table.c.kind == "check",
        table.c.passed.is_(False),
        table.c.blocking.is_(True),
        table.c.severity == "ERROR",
    )
    query = sa.select(table.c.run_id, table.c.key, table.c.partition, table.c.kind).where(
        sa.or_(table.c.kind == "materialization", is_failed_check)
    )
    computed: set[tuple[str, str, str | None]] = set()
    stopped: set[tuple[str, str, str | None]] = set()
    for some in _chunks(run_ids):
        for run_id, key, partition, kind in connection.execute(
            query.where(table.c.run_id.in_(some))
        ):
            (stopped if kind == "check" else computed).add((run_id, key, partition))
    return [
        Made(run_id, AssetKey.parse(key), partition, (run_id, key, partition) in stopped)
        for run_id, key, partition in computed
    ]


def cancel_runs(connection: Connection, origin: str, now: datetime, *, stop_running: bool) -> int:
    """End the waiting runs of an origin, and ask those that run to stop where `stop_running`."""
    table = schema.run
    waiting = connection.execute(
        sa.update(table)
        .where(table.c.origin == origin, table.c.status == "queued")
        .values(status="canceled", ended_at=to_micros(now), cancel_requested=True)
    )
    asked = 0
    if stop_running:
        asked = connection.execute(
            sa.update(table)
            .where(table.c.origin == origin, table.c.status == "running")
            .values(cancel_requested=True)
        ).rowcount
    return waiting.rowcount + asked


def _chunks(run_ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(run_ids), _MOST_BY_ID):
        yield list(run_ids[start : start + _MOST_BY_ID])


def _row(backfill: Backfill) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(backfill, name) for name in _PLAIN}
    policy = backfill.policy
    return values | {
        "created_at": to_micros(backfill.created_at),
        "ended_at": optional_micros(backfill.ended_at),
        "policy": None if policy is None else policy.max_partitions_per_run or _SINGLE_RUN,
        "tags": json.dumps(dict(backfill.tags)) if backfill.tags else None,
        "target": json.dumps(backfill.target),
        "progress": json.dumps(asdict(backfill.progress)),
        "counts": json.dumps(asdict(backfill.counts)),
    }


def _backfill(row: Any) -> Backfill:
    progress = json.loads(row["progress"])
    progress["open_runs"] = tuple(progress["open_runs"])
    policy = row["policy"]
    return Backfill(
        **{name: row[name] for name in _PLAIN},
        created_at=from_micros(row["created_at"]),
        ended_at=optional_time(row["ended_at"]),
        policy=None if policy is None else BackfillPolicy(policy or None),
        tags=json.loads(row["tags"]) if row["tags"] else {},
        target=json.loads(row["target"]),
        progress=BackfillProgress(**progress),
        counts=BackfillCounts(**json.loads(row["counts"])),
        version=row["version"],
    )
