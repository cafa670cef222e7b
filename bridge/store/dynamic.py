"""Dynamic partitions in SQL: names that come and go while the project runs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.later import Later
from bridge.store import schema

if TYPE_CHECKING:
    from bridge.store import switching
else:
    switching = Later("bridge.store.switching")

_TABLE = schema.dynamic_partition
_MOST_BY_NAME = 500  # beyond, all are read: databases limit how many names a statement may hold


def mark_of(name: str) -> str:
    """The cursor that has another value after every change of the partitions of this name."""
    return f"dynamic_partitions/{name}"


def keys(connection: Connection, name: str) -> list[str]:
    """The partitions of this name, in the order in which they were added."""
    query = sa.select(_TABLE.c.key).where(_TABLE.c.name == name).order_by(_TABLE.c.number)
    return [row[0] for row in connection.execute(query)]


def add(connection: Connection, name: str, wanted: Sequence[str]) -> int:
    """Add those that are not there yet, and return how many that were.

    Who adds to this table waits for its turn, so that the order is the one of adding and two who
    add the same names never wait for each other.
    """
    if connection.dialect.name == "postgresql":  # SQLite's writers take turns anyway
        connection.execute(sa.text(f"LOCK TABLE {_TABLE.name} IN SHARE ROW EXCLUSIVE MODE"))
    query = sa.select(_TABLE.c.key).where(_TABLE.c.name == name)
    if len(wanted) <= _MOST_BY_NAME:
        query = query.where(_TABLE.c.key.in_(list(wanted)))
    known = {row[0] for row in connection.execute(query)}
    rows: list[dict[str, Any]] = [
        {"name": name, "key": key} for key in dict.fromkeys(wanted) if key not in known
    ]
    if rows:
        connection.execute(sa.insert(_TABLE), rows)
        _mark(connection, name)
    return len(rows)


def delete(connection: Connection, name: str, key: str) -> bool:
    """Take one away; False where it was not there."""
    found = sa.delete(_TABLE).where(_TABLE.c.name == name, _TABLE.c.key == key)
    is_there = connection.execute(found).rowcount > 0
    if is_there:
        _mark(connection, name)
    return is_there


def _mark(connection: Connection, name: str) -> None:
    switching.set_cursor(connection, mark_of(name), uuid.uuid4().hex)
