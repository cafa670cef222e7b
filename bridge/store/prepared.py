"""Statements compiled once per database, as they are first used, and run on the driver's cursor.

What Core adds to each call, compiling, contexts and results, is several times dearer than the call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, Protocol, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

_DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": postgresql.dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
}
_VALUES = re.compile(r"\bVALUES (\([^()]*(?:\(\w+\)s[^()]*)*\))")


class Transaction(Protocol):
    """What a prepared statement runs in: one of SQLAlchemy's, or `engine.Plain`."""

    @property
    def connection(self) -> Any:
        """The driver's connection."""
        ...


class Answer(Protocol):
    """The driver's cursor after a statement."""

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        ...

    def fetchall(self) -> Sequence[Any]:
        """All rows, as tuples."""
        ...


class Prepared:
    """A Core statement as the driver's own SQL, for values given by column name."""

    def __init__(
        self, statement: Any, dialect: str, columns: tuple[str, ...] | None = None
    ) -> None:
        self._statement = statement
        self._dialect = dialect
        self._columns = None if columns is None else list(columns)

    @cached_property
    def _compiled(self) -> Any:
        # at first use: a process that runs one step needs a few of them
        return self._statement.compile(dialect=_DIALECTS[self._dialect], column_keys=self._columns)

    @cached_property
    def sql(self) -> str:
        """The driver's own SQL."""
        return str(self._compiled)

    @cached_property
    def _in_order(self) -> Callable[[Mapping[str, Any]], tuple[Any, ...]] | None:
        # sqlite3 looks names up for each row anew; it gets the values in order
        return _in_order(self._compiled.positiontup) if self._dialect == "sqlite" else None

    @cached_property
    def _of_rows(self) -> re.Match[str] | None:
        # psycopg2 would send row after row; one statement with all of them is what is quick there
        return _VALUES.search(self.sql) if self._dialect == "postgresql" else None

    def __call__(self, connection: Transaction, values: Mapping[str, Any]) -> Answer:
        """Run it in the connection's transaction, which has begun; the driver's own cursor.

        Values go to the driver, and its rows and errors come back, as they are.
        """
        cursor = connection.connection.cursor()
        cursor.execute(self.sql, values if self._in_order is None else self._in_order(values))
        return cast("Answer", cursor)

    def many(self, connection: Transaction, rows: Sequence[Mapping[str, Any]]) -> Answer:
        """As for one, for each of these rows, of which an upsert may change none twice."""
        if len(rows) == 1:
            return self(connection, rows[0])
        cursor: Any = connection.connection.cursor()
        if not rows:
            return cast("Answer", cursor)
        if self._in_order is not None:
            cursor.executemany(self.sql, list(map(self._in_order, rows)))
        elif self._of_rows is not None:
            start, end = self._of_rows.span(1)
            written = [cursor.mogrify(self._of_rows[1], row) for row in rows]
            around = self.sql[:start].encode(), self.sql[end:].encode()
            cursor.execute(b",".join(written).join(around))
        return cast("Answer", cursor)

    def first(self, connection: Transaction, values: Mapping[str, Any]) -> Any:
        """Its only row, None where it has none; the cursor is done with then."""
        rows = self(connection, values).fetchall()
        return rows[0] if rows else None


def _in_order(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def upsert(
    table: sa.Table,
    dialect: str,
    columns: tuple[str, ...],
    *times: tuple[str, ...],
    derived: Mapping[str, Any] | None = None,
) -> Prepared:
    """Insert, or, per group of `times`, set the group unless its first column is newer already.

    So an imported past never hides the present. A group whose first column is None is left alone.
    `derived` columns are set to what is given, which may speak of the stored row and, as
    `excluded`, of the new one.
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
    return Prepared(_unless_known(table, dialect), dialect, columns)


class InsertUnknown:
    """Insert those rows whose `id` is not there, into a table that numbers them as they come."""

    def __init__(self, table: sa.Table, dialect: str, columns: tuple[str, ...]) -> None:
        statement = _unless_known(table, dialect)
        self._is_sqlite = dialect == "sqlite"
        if not self._is_sqlite:
            statement = statement.returning(table.c.id)
        self._insert = Prepared(statement, dialect, columns)
        number = next(iter(table.primary_key))
        self._newest = Prepared(sa.select(sa.func.max(number)), dialect)
        since = sa.select(table.c.id).where(number > sa.bindparam("newest", type_=sa.Integer))
        self._since = Prepared(since, dialect)

    def __call__(
        self, connection: Transaction, rows: Sequence[dict[str, Any]]
    ) -> Sequence[dict[str, Any]]:
        """Those that were new, in the same order; no two of `rows` have one id."""
        if not self._is_sqlite:
            cursor = self._insert.many(connection, rows)
            return rows if cursor.rowcount == len(rows) else _among(rows, cursor.fetchall())
        if len(rows) == 1:
            return rows if self._insert(connection, rows[0]).rowcount else ()
        newest = self._newest.first(connection, {})[0] or 0  # nobody else writes meanwhile
        if self._insert.many(connection, rows).rowcount == len(rows):
            return rows
        return _among(rows, self._since(connection, {"newest": newest}).fetchall())


def _among(rows: Sequence[dict[str, Any]], ids: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    new = {row[0] for row in ids}
    return [row for row in rows if row["id"] in new]


def _unless_known(table: sa.Table, dialect: str) -> Any:
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing(index_elements=["id"])
