"""Following the log: what was learned after a position, each event once, in whatever order."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.events import EventKind
from bridge.keys import AssetKey
from bridge.store import schema
from bridge.store.times import from_micros

_FOLLOWED = ("materialization", "observation", "check")
_DATA = ("materialization", "observation")


class Change(NamedTuple):
    """One event; `version` is the data's: what was given, or one that only our run has."""

    kind: EventKind
    key: AssetKey
    partition: str | None
    happened_at: datetime
    run_id: str | None
    version: str | None
    check_name: str | None


class Changes(NamedTuple):
    """What was learned after a position, in that order, and the position to go on from."""

    position: int
    changes: list[Change]


def changes(connection: Connection, after: int | None) -> Changes:
    """Materializations, observations and answers learned after a position; None only asks for it.

    On PostgreSQL it first waits for those who are writing events, a moment: their numbers may be
    lower than some that are there to see already, and would be passed over for ever.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE bridge_event IN SHARE MODE"))
    table = schema.event
    newest = connection.execute(sa.select(sa.func.max(table.c.sequence))).scalar() or 0
    if after is None or newest <= after:
        return Changes(max(newest, after or 0), [])
    query = (
        sa.select(
            table.c.kind,
            table.c.key,
            table.c.partition,
            table.c.happened_at,
            table.c.run_id,
            table.c.data_version,
            table.c.input_versions.is_not(None).label("is_ours"),
            table.c.check_name,
        )
        .where(table.c.sequence > after, table.c.sequence <= newest)
        .where(table.c.kind.in_(_FOLLOWED))
        .order_by(table.c.sequence)
    )
    keys: dict[str, AssetKey] = {}
    found = []
    for row in connection.execute(query):
        key = keys.get(row.key) or keys.setdefault(row.key, AssetKey.parse(row.key))
        found.append(
            Change(
                row.kind,
                key,
                row.partition,
                from_micros(row.happened_at),
                row.run_id,
                _version(row),
                row.check_name,
            )
        )
    return Changes(newest, found)


def version_before(
    connection: Connection, key: AssetKey, partition: str | None, position: int
) -> str | None:
    """The version of the newest data known at a position, None where nobody gave one."""
    table = schema.event
    query = (
        sa.select(
            table.c.happened_at,
            table.c.data_version,
            table.c.input_versions.is_not(None).label("is_ours"),
        )
        .where(table.c.key == str(key), table.c.kind.in_(_DATA), table.c.sequence <= position)
        .order_by(table.c.happened_at.desc(), table.c.sequence.desc())
        .limit(1)
    )
    of = table.c.partition
    query = query.where(of.is_(None) if partition is None else of == partition)
    row = connection.execute(query).first()
    return None if row is None else _version(row)


def _version(row: Any) -> str | None:
    if row.data_version is not None or not row.is_ours:
        return None if row.data_version is None else str(row.data_version)
    return f"@{row.happened_at:x}"
