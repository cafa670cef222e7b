"""Runs of ours in SQL, and what is said of one whose process died."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.events import AssetEvent, Run
from bridge.keys import AssetKey
from bridge.store import schema
from bridge.store.claiming import ClaimStatements
from bridge.store.times import from_micros, optional_micros, optional_time, to_micros

_DEATH = (
    "The process that ran it ended without saying how: killed, out of memory, or the machine "
    "went down."
)
_FIELDS = ("id", "status", "host", "boot_id", "pid", "pid_started", "selection", "message")


def start(connection: Connection, statements: ClaimStatements, run: Run, lease_s: float) -> None:
    """Note that a run begins."""
    values: dict[str, Any] = {name: getattr(run, name) for name in _FIELDS}
    values |= {"started_at": to_micros(run.started_at), "ended_at": optional_micros(run.ended_at)}
    lease = _clock(connection, statements) + int(lease_s * 1_000_000)
    connection.execute(sa.insert(schema.run).values(lease_until=lease, **values))


def renew(connection: Connection, statements: ClaimStatements, run_id: str, lease_s: float) -> None:
    """Say that a run still lives."""
    lease = _clock(connection, statements) + int(lease_s * 1_000_000)
    table = schema.run
    connection.execute(sa.update(table).where(table.c.id == run_id).values(lease_until=lease))


def finish(connection: Connection, run: Run) -> bool:
    """Note how a run ended; False where it had ended already."""
    table = schema.run
    result = connection.execute(
        sa.update(table)
        .where(table.c.id == run.id, table.c.status == "running")
        .values(status=run.status, ended_at=optional_micros(run.ended_at), message=run.message)
    )
    return result.rowcount > 0


def died(run: Run, now: datetime) -> Run:
    """The run, ended by its process's death."""
    return replace(run, status="failed", ended_at=now, message=_DEATH)


def unfinished(connection: Connection, run: Run, now: datetime) -> list[AssetEvent]:
    """A failure for everything the run had started and of which nothing was heard since."""
    table = schema.event
    query = (
        sa.select(table.c.key, table.c.partition, table.c.kind, table.c.source)
        .where(table.c.run_id == run.id, table.c.kind != "check")
        .order_by(table.c.sequence)
    )
    last = {(row.key, row.partition): row for row in connection.execute(query)}
    return [
        AssetEvent(
            kind="failure",
            key=AssetKey.parse(row.key),
            partition=row.partition,
            happened_at=now,
            source=row.source,
            run_id=run.id,
            message=_DEATH,
        )
        for row in last.values()
        if row.kind == "started"
    ]


def release_claims(connection: Connection, run: Run) -> None:
    """Give back what the dead run held."""
    table = schema.claim
    connection.execute(
        sa.update(table).where(table.c.owner == f"bridge:{run.id}").values(lease_until=0)
    )


def recent(connection: Connection, *, limit: int, running_only: bool) -> list[Run]:
    """Runs, newest first."""
    table = schema.run
    query = sa.select(table).order_by(table.c.started_at.desc(), table.c.id).limit(limit)
    if running_only:
        query = query.where(table.c.status == "running")
    return [_run(row) for row in connection.execute(query).mappings()]


def expired(connection: Connection, statements: ClaimStatements) -> list[Run]:
    """Runs not ended whose lease has run out."""
    table = schema.run
    now = _clock(connection, statements)
    query = sa.select(table).where(table.c.status == "running", table.c.lease_until <= now)
    return [_run(row) for row in connection.execute(query).mappings()]


def _run(row: Any) -> Run:
    return Run(
        **{name: row[name] for name in _FIELDS},
        started_at=from_micros(row["started_at"]),
        ended_at=optional_time(row["ended_at"]),
    )


def _clock(connection: Connection, statements: ClaimStatements) -> int:
    return int(connection.execute(statements.now).scalar_one())
