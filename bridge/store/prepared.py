"""Statements compiled once per database, and run on the driver's cursor.

What Core adds to each call, compiling, contexts and results, is several times dearer than the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

_DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
}


class Prepared:
    """A Core statement as the driver's own SQL, for values given by column name."""

    def __init__(
        self, statement: Any, dialect: str, columns: tuple[str, ...] | None = None
    ) -> None:
        keys = None if columns is None else list(columns)
        self.sql = str(statement.compile(dialect=_DIALECTS[dialect], column_keys=keys))

    def __call__(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Run it in the connection's transaction, which has begun; the driver's own cursor.

        Values go to the driver, and its rows and errors come back, as they are.
        """
        cursor = connection.connection.cursor()
        cursor.execute(self.sql, values)
        return cursor

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Its only row, None where it has none; the cursor is done with then."""
        rows = self(connection, values).fetchall()
        return rows[0] if rows else None


def upsert(
    table: sa.Table,
    dialect: str,
    columns: tuple[str, ...],
    *times: tuple[str, ...],
    derived: Mapping[str, Any] | None = None,
) -> Prepared:
    """Insert, or, per group of `times`, set the group unless its first column is newer already.

    So an imported past never hides the present. `derived` columns are set to what is given, which
    may speak of the stored row and, as `excluded`, of the new one.
    """
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(table)
    new = statement.excluded
    changed: dict[str, Any] = dict(derived or {})
    for group in times:
        stored = table.c[group[0]]
        is_newer = sa.or_(stored.is_(None), stored <= new[group[0]])
        for name in group:
            changed[name] = sa.case((is_newer, new[name]), else_=table.c[name])
    statement = statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key], set_=changed
    )
    return Prepared(statement, dialect, columns)


def insert_if_unknown(table: sa.Table, dialect: str, columns: tuple[str, ...]) -> Prepared:
    """Insert a row unless its `id` is there already; `rowcount` tells."""
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return Prepared(insert(table).on_conflict_do_nothing(index_elements=["id"]), dialect, columns)
