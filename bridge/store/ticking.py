"""Ticks, what is on and who leads, in SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.later import Later
from bridge.store import claiming, dynamic, schema
from bridge.store.engine import Database
from bridge.store.prepared import Prepared, insert_if_unknown
from bridge.store.times import from_micros, optional_time, to_micros

if TYPE_CHECKING:
    from bridge.partitions import DynamicPartitionsRequest, keyed, requests
    from bridge.runs import Run
    from bridge.store import running, ticks
    from bridge.store.ticks import InstigatorKind, InstigatorState, Lease, Pulse, Tick, TickStatus
else:
    keyed = Later("bridge.partitions.keyed")
    requests = Later("bridge.partitions.requests")
    running = Later("bridge.store.running")
    ticks = Later("bridge.store.ticks")

_MEET = """
INSERT INTO bridge_instigator (name, kind, is_on, since, version)
VALUES (:name, :kind, :is_on, :since, 0) ON CONFLICT (name) DO NOTHING
"""
_LEAD = """
INSERT INTO bridge_lease (name, owner, since, renewed_at, lease_until)
VALUES (:name, :owner, {clock}, {clock}, {clock} + :lease)
ON CONFLICT (name) DO UPDATE SET
  since = CASE WHEN bridge_lease.owner = excluded.owner AND bridge_lease.lease_until > 0
    THEN bridge_lease.since ELSE excluded.since END,
  owner = excluded.owner, renewed_at = excluded.renewed_at, lease_until = excluded.lease_until
WHERE bridge_lease.lease_until <= {clock} OR bridge_lease.owner = excluded.owner
"""
_PULSE = sa.select(
    sa.select(sa.func.max(schema.event.c.sequence)).scalar_subquery(),
    sa.select(sa.func.max(schema.run.c.created_at)).scalar_subquery(),
    sa.select(sa.func.max(schema.run.c.ended_at)).scalar_subquery(),
)
_IDS_A_QUERY = 500  # SQLite takes 999 values at least
_TICK = ("id", "name", "kind", "happened_at", "evaluated_at", "status", "duration_s", "run_ids")


class TickStatements:
    """The statements for one dialect."""

    def __init__(self, dialect: str) -> None:
        clock = claiming.clock_of(dialect)
        self.meet = Prepared(sa.text(_MEET), dialect)
        self.lead = Prepared(sa.text(_LEAD.format(clock=clock)), dialect)
        self.now = sa.text(f"SELECT {clock}")
        self.add = insert_if_unknown(schema.tick, dialect, (*_TICK, "message"))


class SqlTicks:
    """See `bridge.store.ticks.KeepsTicks` for what each method promises."""

    _database: Database
    _ticks: TickStatements

    _dialect: str

    @cached_property
    def _runs(self) -> running.RunStatements:
        return running.RunStatements(self._dialect)

    def instigators(self, kind: InstigatorKind | None = None) -> dict[str, InstigatorState]:
        """What is kept of each, by name."""
        query = sa.select(schema.instigator)
        if kind is not None:
            query = query.where(schema.instigator.c.kind == kind)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings()
            return {row["name"]: _state(row) for row in rows}

    def meet_instigators(
        self, known: Iterable[tuple[str, InstigatorKind]], *, now: datetime
    ) -> None:
        """Note those that are not known yet."""
        with self._database.write() as connection:
            for name, kind in known:
                _meet(connection, self._ticks, name, kind, now, is_on=None)

    def turn_instigator(self, name: str, kind: InstigatorKind, *, on: bool, now: datetime) -> None:
        """Say that one ticks, or not."""
        table = schema.instigator
        with self._database.write() as connection:
            _meet(connection, self._ticks, name, kind, now, is_on=on)
            is_other = sa.or_(table.c.is_on.is_(None), table.c.is_on != on)
            connection.execute(
                sa.update(table)
                .where(table.c.name == name, is_other)
                .values(is_on=on, version=table.c.version + 1, **_from_now(on=on, now=now))
            )

    def set_instigator_cursor(self, name: str, cursor: str | None) -> bool:
        """Move what a sensor notes for itself."""
        table = schema.instigator
        with self._database.write() as connection:
            changed = connection.execute(
                sa.update(table)
                .where(table.c.name == name)
                .values(cursor=cursor, version=table.c.version + 1)
            )
            return changed.rowcount > 0

    def record_tick(
        self,
        tick: Tick,
        *,
        expected: InstigatorState,
        cursor: str | None,
        run_key: str | None = None,
        runs: Sequence[Run] = (),
        partitions: Sequence[DynamicPartitionsRequest] = (),
        is_noted: bool = True,
    ) -> bool:
        """Note a tick with all that follows from it, or nothing."""
        with self._database.write() as connection:
            if not _advance(connection, tick, expected, cursor, run_key):
                return False
            for request in partitions:
                _change(connection, request)
            running.enqueue(connection, self._runs, runs)
            if is_noted:
                self._ticks.add(connection, _tick_row(tick))
            return True

    def ticks(
        self, name: str | None = None, *, limit: int = 20, statuses: Sequence[TickStatus] = ()
    ) -> list[Tick]:
        """Ticks, newest first."""
        table = schema.tick
        query = sa.select(table).order_by(table.c.happened_at.desc(), table.c.id).limit(limit)
        if name is not None:
            query = query.where(table.c.name == name)
        if statuses:
            query = query.where(table.c.status.in_(sorted(statuses)))
        with self._database.read() as connection:
            return [_tick(row) for row in connection.execute(query).mappings()]

    def delete_ticks(self, before: datetime) -> int:
        """Forget ticks that happened before a moment."""
        table = schema.tick
        with self._database.write() as connection:
            old = sa.delete(table).where(table.c.happened_at < to_micros(before))
            return int(connection.execute(old).rowcount)

    def take_lease(self, name: str, owner: str, lease_s: float) -> bool:
        """Take, or prolong, the right to lead."""
        values = {"name": name, "owner": owner, "lease": int(lease_s * 1_000_000)}
        with self._database.write() as connection:
            return self._ticks.lead(connection, values).rowcount > 0

    def give_lease(self, name: str, owner: str) -> None:
        """Give the right back."""
        table = schema.lease
        with self._database.write() as connection:
            connection.execute(
                sa.update(table)
                .where(table.c.name == name, table.c.owner == owner)
                .values(lease_until=0)
            )

    def lease(self, name: str) -> Lease | None:
        """Who leads, or led last."""
        table = schema.lease
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(table.c.name == name)).first()
            now = connection.execute(self._ticks.now).scalar_one()
        if row is None:
            return None
        return ticks.Lease(
            name=row.name,
            owner=row.owner,
            since=from_micros(row.since),
            renewed_at=from_micros(row.renewed_at),
            until=from_micros(row.lease_until),
            is_alive=row.lease_until > now,
        )

    def pulse(self) -> Pulse:
        """What changes whenever something happened."""
        with self._database.read() as connection:
            row = connection.execute(_PULSE).one()
        return ticks.Pulse(row[0] or 0, optional_time(row[1]), optional_time(row[2]))

    def known_run_ids(self, run_ids: Iterable[str]) -> set[str]:
        """Those of these ids that belong to a run that is there."""
        column, asked = schema.run.c.id, list(run_ids)
        found: set[str] = set()
        with self._database.read() as connection:
            for begin in range(0, len(asked), _IDS_A_QUERY):
                some = asked[begin : begin + _IDS_A_QUERY]
                found.update(
                    connection.execute(sa.select(column).where(column.in_(some))).scalars()
                )
        return found

    def queued_runs(self, limit: int = 1000) -> list[Run]:
        """Runs that wait to be done, the longest waiting first."""
        with self._database.read() as connection:
            return running.waiting(connection, limit)


def _meet(
    connection: Connection,
    statements: TickStatements,
    name: str,
    kind: InstigatorKind,
    now: datetime,
    *,
    is_on: bool | None,
) -> None:
    values = {"name": name, "kind": kind, "is_on": is_on, "since": to_micros(now)}
    statements.meet(connection, values)


def _from_now(*, on: bool, now: datetime) -> dict[str, int]:
    return {"since": to_micros(now)} if on else {}


def _advance(
    connection: Connection,
    tick: Tick,
    expected: InstigatorState,
    cursor: str | None,
    run_key: str | None,
) -> bool:
    """Move on from the state that the tick was made from; False where it is another by now."""
    table = schema.instigator
    values: dict[str, Any] = {
        "position": to_micros(tick.happened_at),
        "cursor": cursor,
        "last_status": tick.status,
        "last_message": tick.message,
        "last_evaluated_at": to_micros(tick.evaluated_at),
        "version": expected.version + 1,
    }
    if run_key is not None:
        values["last_run_key"] = run_key
    moved = connection.execute(
        sa.update(table)
        .where(table.c.name == expected.name, table.c.version == expected.version)
        .values(**values)
    )
    return moved.rowcount > 0


def _change(connection: Connection, request: DynamicPartitionsRequest) -> None:
    name, keys = request.partitions_def_name, request.partition_keys
    if isinstance(request, requests.AddDynamicPartitionsRequest):
        dynamic.add(connection, name, keyed.require_partition_names(keys))
        return
    for key in keys:
        dynamic.delete(connection, name, key)


def _tick_row(tick: Tick) -> dict[str, Any]:
    return {
        "id": tick.id,
        "name": tick.name,
        "kind": tick.kind,
        "happened_at": to_micros(tick.happened_at),
        "evaluated_at": to_micros(tick.evaluated_at),
        "status": tick.status,
        "duration_s": tick.duration_s,
        "run_ids": json.dumps(tick.run_ids) if tick.run_ids else None,
        "message": tick.message,
    }


def _tick(row: Any) -> Tick:
    return ticks.Tick(
        name=row["name"],
        kind=row["kind"],
        happened_at=from_micros(row["happened_at"]),
        evaluated_at=from_micros(row["evaluated_at"]),
        status=row["status"],
        duration_s=row["duration_s"],
        run_ids=tuple(json.loads(row["run_ids"])) if row["run_ids"] else (),
        message=row["message"],
    )


def _state(row: Any) -> InstigatorState:
    return ticks.InstigatorState(
        name=row["name"],
        kind=row["kind"],
        since=from_micros(row["since"]),
        is_on=None if row["is_on"] is None else bool(row["is_on"]),
        position=optional_time(row["position"]),
        cursor=row["cursor"],
        last_run_key=row["last_run_key"],
        last_status=row["last_status"],
        last_message=row["last_message"],
        last_evaluated_at=optional_time(row["last_evaluated_at"]),
        version=row["version"],
    )
