"""Floors: up to when the log of an asset was cut by retention.

A fact that is delivered again, or only now, from before the floor brings the log nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bridge.store import schema
from bridge.store.prepared import Prepared, Transaction

_OLD_US = 3_600_000_000  # a fact that much older than its arrival may be from before a floor


def floors(dialect: str) -> Prepared:
    """The statement that `before_floors` asks."""
    table = schema.retention_floor
    return Prepared(sa.select(table.c.key, table.c.until), dialect)


def before_floors(
    connection: Transaction, statement: Prepared, rows: Sequence[dict[str, Any]]
) -> set[str]:
    """The ids of those rows that are from before the floor of their asset's log."""
    old = [row for row in rows if row["recorded_at"] - row["happened_at"] > _OLD_US]
    if not old:
        return set()
    until: dict[str, int] = {row[0]: row[1] for row in statement(connection, {}).fetchall()}
    return {row["id"] for row in old if row["happened_at"] <= until.get(row["key"], -1)}
