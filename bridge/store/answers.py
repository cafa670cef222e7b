"""The newest answers of checks: one a check, and one a partition of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.keys import AssetKey
from bridge.store import schema
from bridge.store.state import CheckState
from bridge.store.times import from_micros

_MOST_BY_NAME = 500  # beyond, all are read: databases limit how many names a statement may hold


def check_states(connection: Connection, keys: Iterable[AssetKey] | None) -> list[CheckState]:
    """The newest answer of each check over its partitions, by asset and name."""
    table = schema.check_state
    newest = (
        sa.select(table.c.key, table.c.name, sa.func.max(table.c.happened_at).label("at"))
        .group_by(table.c.key, table.c.name)
        .subquery()
    )
    is_newest = sa.and_(
        newest.c.key == table.c.key,
        newest.c.name == table.c.name,
        newest.c.at == table.c.happened_at,
    )
    query = sa.select(table).select_from(table.join(newest, is_newest))
    # of several at one instant, the last partition's
    rows = {(row.key, row.name): row for row in _rows(connection, query, keys)}
    return [_state(row) for row in rows.values()]


def failed_check_states(
    connection: Connection, keys: Iterable[AssetKey] | None
) -> list[CheckState]:
    """Every check and partition whose newest answer is a failure, by asset, name and partition.

    An answer about the whole asset counts for each partition answered before it.
    """
    table, whole = schema.check_state, schema.check_state.alias()
    is_answered_since = sa.exists().where(
        table.c.partition != schema.WHOLE_ASSET,
        whole.c.key == table.c.key,
        whole.c.name == table.c.name,
        whole.c.partition == schema.WHOLE_ASSET,
        whole.c.happened_at >= table.c.happened_at,
    )
    query = sa.select(table).where(table.c.passed.is_(False), ~is_answered_since)
    return [_state(row) for row in _rows(connection, query, keys)]


def partition_check_states(connection: Connection, key: AssetKey) -> list[CheckState]:
    """The newest answer of each check of an asset for each partition, by name and partition."""
    query = sa.select(schema.check_state)
    return [_state(row) for row in _rows(connection, query, [key])]


def _rows(connection: Connection, query: Any, keys: Iterable[AssetKey] | None) -> list[Any]:
    table = schema.check_state
    wanted = None if keys is None else {str(key) for key in keys}
    if wanted is not None and len(wanted) <= _MOST_BY_NAME:
        query = query.where(table.c.key.in_(sorted(wanted)))
    query = query.order_by(table.c.key, table.c.name, table.c.partition)
    return [row for row in connection.execute(query) if wanted is None or row.key in wanted]


def _state(row: Any) -> CheckState:
    return CheckState(
        key=AssetKey.parse(row.key),
        name=row.name,
        partition=row.partition or None,
        passed=row.passed,
        severity=row.severity,
        blocking=row.blocking,
        happened_at=from_micros(row.happened_at),
        message=row.message,
    )
