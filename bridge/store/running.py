"""Runs of ours in SQL, and what is said of one whose process died."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.checks import AssetCheckKey
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.runs import DEATH, ProcessIdentity, Run, RunStatus, RunTarget
from bridge.store import remote, schema
from bridge.store.claiming import ClaimStatements
from bridge.store.prepared import insert_if_unknown
from bridge.store.times import from_micros, optional_micros, optional_time, to_micros

_FIELDS = ("id", "status", "selection", "origin", "job_name", "retry_of", "message")
_PROCESS = ("host", "boot_id", "pid", "pid_started")
_TIMES = ("created_at", "started_at", "ended_at")


def start(connection: Connection, statements: ClaimStatements, run: Run, lease_s: float) -> None:
    """Note that a run begins."""
    lease = _clock(connection, statements) + int(lease_s * 1_000_000)
    connection.execute(sa.insert(schema.run).values(lease_until=lease, **_row(run)))


class RunStatements:
    """How runs are added to the queue in one dialect."""

    def __init__(self, dialect: str) -> None:
        columns = tuple(column.name for column in schema.run.c if column.name != "lease_until")
        self.enqueue = insert_if_unknown(schema.run, dialect, columns)


def enqueue(connection: Connection, statements: RunStatements, runs: Iterable[Run]) -> int:
    """Add runs that wait; a known id changes nothing. Returns how many are new.

    In the order of their ids, so that two who ask for the same never wait for each other.
    """
    rows = [_row(run) for run in sorted(runs, key=lambda run: run.id)]
    return sum(statements.enqueue(connection, row).rowcount for row in rows)


def begin(
    connection: Connection,
    statements: ClaimStatements,
    run_id: str,
    process: ProcessIdentity,
    now: datetime,
    lease_s: float,
) -> bool:
    """Take a run out of the queue; False where it is not there any more."""
    table = schema.run
    lease = _clock(connection, statements) + int(lease_s * 1_000_000)
    values = {name: getattr(process, name) for name in _PROCESS}
    result = connection.execute(
        sa.update(table)
        .where(table.c.id == run_id, table.c.status == "queued")
        .values(status="running", started_at=to_micros(now), lease_until=lease, **values)
    )
    return result.rowcount > 0


def renew(connection: Connection, statements: ClaimStatements, run_id: str, lease_s: float) -> bool:
    """Say that a run still lives; False where somebody wants it to stop."""
    lease = _clock(connection, statements) + int(lease_s * 1_000_000)
    table = schema.run
    connection.execute(sa.update(table).where(table.c.id == run_id).values(lease_until=lease))
    wanted = sa.select(table.c.cancel_requested).where(table.c.id == run_id)
    return not connection.execute(wanted).scalar()


def is_cancel_requested(connection: Connection, run_id: str) -> bool:
    """Whether somebody wants a run to end."""
    wanted = sa.select(schema.run.c.cancel_requested).where(schema.run.c.id == run_id)
    return bool(connection.execute(wanted).scalar())


def cancel(connection: Connection, run_id: str, now: datetime) -> bool:
    """End a run that waits, ask one that runs to stop; False where it has ended."""
    table = schema.run
    waiting = connection.execute(
        sa.update(table)
        .where(table.c.id == run_id, table.c.status == "queued")
        .values(status="canceled", ended_at=to_micros(now), cancel_requested=True)
    )
    if waiting.rowcount:
        return True
    asked = connection.execute(
        sa.update(table)
        .where(table.c.id == run_id, table.c.status == "running")
        .values(cancel_requested=True)
    )
    return asked.rowcount > 0


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
    return replace(run, status="failed", ended_at=now, message=DEATH)


def unfinished(
    connection: Connection, run: Run, now: datetime, why: str = DEATH
) -> list[AssetEvent]:
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
            message=why,
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


def one(connection: Connection, run_id: str) -> Run | None:
    """One run."""
    row = connection.execute(sa.select(schema.run).where(schema.run.c.id == run_id)).mappings()
    found = row.first()
    return None if found is None else run_of(found)


def recent(
    connection: Connection, statuses: Sequence[RunStatus], origin: str | None, limit: int
) -> list[Run]:
    """Runs, newest first."""
    table = schema.run
    query = sa.select(table).order_by(table.c.created_at.desc(), table.c.id).limit(limit)
    if statuses:
        query = query.where(table.c.status.in_(sorted(statuses)))
    if origin is not None:
        query = query.where(table.c.origin == origin)
    return [run_of(row) for row in connection.execute(query).mappings()]


def reaching(connection: Connection, status: RunStatus, since: datetime) -> list[Run]:
    """Runs that reached a status at or after a moment, oldest first."""
    table = schema.run
    column = {"queued": table.c.created_at, "running": table.c.started_at}.get(
        status, table.c.ended_at
    )
    query = sa.select(table).where(column >= to_micros(since)).order_by(column, table.c.id)
    if column is table.c.ended_at:
        query = query.where(table.c.status == status)
    return [run_of(row) for row in connection.execute(query).mappings()]


def waiting(connection: Connection, limit: int) -> list[Run]:
    """Runs in the queue, the longest waiting first."""
    table = schema.run
    query = (
        sa.select(table)
        .where(table.c.status == "queued")
        .order_by(table.c.created_at, table.c.id)
        .limit(limit)
    )
    return [run_of(row) for row in connection.execute(query).mappings()]


def expired(connection: Connection, statements: ClaimStatements) -> list[Run]:
    """Runs not ended whose lease has run out."""
    table = schema.run
    now = _clock(connection, statements)
    query = sa.select(table).where(table.c.status == "running", table.c.lease_until <= now)
    return [run_of(row) for row in connection.execute(query).mappings()]


def _row(run: Run) -> dict[str, Any]:
    target = run.target
    checks = None if target.checks is None else [[str(c.asset_key), c.name] for c in target.checks]
    values: dict[str, Any] = {name: getattr(run, name) for name in _FIELDS}
    values |= {name: optional_micros(getattr(run, name)) for name in _TIMES}
    values |= {name: getattr(run.process, name, None) for name in _PROCESS}
    return values | {
        "assets": json.dumps([str(key) for key in target.assets]),
        "checks": None if checks is None else json.dumps(checks),
        "partition": target.partition,
        "partitions": json.dumps(list(target.partitions)) if target.partitions else None,
        "run_config": json.dumps(dict(target.run_config)) if target.run_config else None,
        "tags": json.dumps(dict(run.tags)) if run.tags else None,
        "cancel_requested": run.cancel_requested,
        "remote": remote.as_text(run.remote),
    }


def run_of(row: Any) -> Run:
    """A row as a run."""
    checks = None
    if row["checks"] is not None:
        named = json.loads(row["checks"])
        checks = tuple(AssetCheckKey(AssetKey.parse(key), name) for key, name in named)
    target = RunTarget(
        assets=tuple(AssetKey.parse(key) for key in json.loads(row["assets"])),
        partition=row["partition"],
        partitions=tuple(json.loads(row["partitions"])) if row["partitions"] else (),
        checks=checks,
        run_config=json.loads(row["run_config"]) if row["run_config"] else {},
    )
    process = None
    if row["host"] is not None:
        process = ProcessIdentity(**{name: row[name] for name in _PROCESS})
    return Run(
        **{name: row[name] for name in _FIELDS},
        created_at=from_micros(row["created_at"]),
        started_at=optional_time(row["started_at"]),
        ended_at=optional_time(row["ended_at"]),
        target=target,
        process=process,
        remote=remote.from_text(row["remote"]),
        tags=json.loads(row["tags"]) if row["tags"] else {},
        cancel_requested=row["cancel_requested"],
    )


def _clock(connection: Connection, statements: ClaimStatements) -> int:
    return int(connection.execute(statements.now).scalar_one())
