"""Values as tables of a DuckDB database: one table an asset, one set of its rows a partition.

Only who imports this module pays for pydantic; duckdb itself is loaded on first use.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field

from bridge.errors import ConfigError, InputError, OutputError
from bridge.formats import frame_library, wanted_library
from bridge.io import InputContext, OutputContext
from bridge.metadata import TableColumn, TableSchema
from bridge.partitions import (
    MultiPartitionsDefinition,
    PartitionsDefinition,
    TimeWindowPartitionsDefinition,
)
from bridge.resources import ConfigurableIOManager

COLUMN_SCHEMA = "column_schema"
_PATIENCE_S = 60.0  # for another process that has the file open
_PAUSE_S = 0.05
_MOMENT = "%Y-%m-%d %H:%M:%S"
# One process may open a file in one way at a time only; a forked worker takes turns of its own.
_IN_PROCESS: dict[int, RLock] = {}
_VALUE = "bridge_value"
Condition: TypeAlias = "tuple[str, list[str]]"


class DuckDBIOManager(ConfigurableIOManager):
    """Stores frames of pandas, polars and Arrow as tables; one writer at a time, by DuckDB's lock.

    A table is called like the last word of the asset's key; its schema is, first of these,
    `metadata={"schema": …}`, this `schema`, the word before it in the key, or "public". A
    partitioned asset says in `metadata={"partition_expr": "order_date"}` which column (or SQL
    expression, for dimensions a dictionary of them) tells the partition: its rows are deleted and
    inserted in one transaction. Windows of time are compared in the partitions' own time zone. A
    reader names `columns` in the metadata of its `AssetIn`.
    """

    model_config = ConfigDict(populate_by_name=True)

    handles_ranges: ClassVar[bool] = True  # several partitions are one set of rows as well

    database: str
    schema_: str | None = Field(default=None, alias="schema")
    connection_config: dict[str, Any] = Field(default_factory=dict)

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Replace the table, or the partition's rows, in one transaction."""
        library = frame_library(obj)
        if library is None:
            raise OutputError(
                f"{context.asset_key} returned a {type(obj).__name__}, and its IO manager stores "
                "tables: return a frame of pandas, polars or Arrow."
            )
        condition = None
        if context.has_asset_partitions:
            condition = _condition(context, OutputError)
        schema, table = self._names(context)
        name = f"{_quoted(schema)}.{_quoted(table)}"
        frame = obj if library == "pandas" else _arrow(obj)
        with self._connection(read_only=False) as connection:
            connection.register(_VALUE, frame)
            connection.execute("BEGIN")
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}")
            if condition is None:
                connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {_VALUE}")  # noqa: S608 - quoted
            else:
                _replace_rows(connection, context, name, condition)
            columns = connection.execute(f"DESCRIBE {name}").fetchall()
            context.confirm()
            connection.execute("COMMIT")
        context.add_output_metadata(
            {
                "table": f"{schema}.{table}",
                COLUMN_SCHEMA: TableSchema([TableColumn(row[0], row[1]) for row in columns]),
            }
        )

    def load_input(self, context: InputContext) -> Any:
        """The table, or the partition's rows, in the annotated type: pandas unless it says another.

        Rows of a partition that was never stored are none. Raises InputError without a table.
        """
        schema, table = self._names(context.upstream_output)
        columns = context.metadata.get("columns")
        chosen = "*"
        if isinstance(columns, list):
            chosen = ", ".join(_quoted(str(column)) for column in columns)
        query = f"SELECT {chosen} FROM {_quoted(schema)}.{_quoted(table)}"  # noqa: S608 - quoted
        values: list[str] = []
        if context.has_asset_partitions:
            where, values = _condition(context.upstream_output, InputError)
            query += f" WHERE {where}"
        with self._connection(read_only=True) as connection:
            duckdb = _duckdb()
            try:
                found = connection.sql(query, params=values)
                return _fetched(found, context.expected_type)
            except duckdb.CatalogException as error:
                raise InputError(
                    f"{context.for_asset} takes the value of {context.asset_key}, and the table "
                    f"{schema}.{table} is not there. Materialize {context.asset_key} first."
                ) from error
            except duckdb.Error as error:
                raise InputError(
                    f"{context.for_asset} takes the value of {context.asset_key}, which cannot be "
                    f"read from {schema}.{table}: {error}"
                ) from error

    def _names(self, context: OutputContext) -> tuple[str, str]:
        path = context.asset_key.path
        before = path[-2] if len(path) > 1 else "public"
        return str(context.definition_metadata.get("schema") or self.schema_ or before), path[-1]

    @contextmanager
    def _connection(self, *, read_only: bool) -> Generator[Any, None, None]:
        if self.database in ("", ":memory:"):
            raise ConfigError(
                "DuckDBIOManager(database=':memory:') would forget each table at once. Name a "
                "file, or use InMemoryIOManager."
            )
        is_file = ":" not in self.database
        if is_file:
            Path(self.database).parent.mkdir(parents=True, exist_ok=True)
            read_only = read_only and Path(self.database).exists()
        with _IN_PROCESS.setdefault(os.getpid(), RLock()):
            connection = self._opened(read_only=read_only and is_file)
            try:
                yield connection
            finally:
                connection.close()

    def _opened(self, *, read_only: bool) -> Any:
        duckdb = _duckdb()
        last = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return duckdb.connect(
                    self.database, read_only=read_only, config=self.connection_config
                )
            except duckdb.IOException as error:
                if "lock" not in str(error) or time.monotonic() > last:
                    raise OutputError(
                        f"The DuckDB database {self.database.partition('?')[0]} cannot be opened: "
                        f"{error}"
                    ) from error
            time.sleep(_PAUSE_S)


def _replace_rows(connection: Any, context: OutputContext, name: str, condition: Condition) -> None:
    where, values = condition
    duckdb = _duckdb()
    try:
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM {_VALUE} WHERE false"  # noqa: S608 - quoted
        )
        connection.execute(f"DELETE FROM {name} WHERE {where}", values)  # noqa: S608 - quoted
        outside = connection.execute(
            f"SELECT count(*) FROM {_VALUE} WHERE ({where}) IS NOT TRUE",  # noqa: S608 - quoted
            values,
        ).fetchone()[0]
        if outside:
            raise OutputError(
                f"{context.asset_key} gave {outside:,} rows for its partition {_span(context)} "
                f"that are not of it, as partition_expr says ({where}). "
                "They would be there twice after the next run; leave them out."
            )
        connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM {_VALUE}")  # noqa: S608 - quoted
    except duckdb.Error as error:
        raise OutputError(
            f"Partition {_span(context)} of {context.asset_key} cannot be stored in {name}: {error}"
        ) from error


def _condition(context: OutputContext, refusal: type[InputError | OutputError]) -> Condition:
    """Which rows of the table are those of the partitions, with the values to bind."""
    expression = context.definition_metadata.get("partition_expr")
    definition, keys = context.asset_partitions_def, context.asset_partition_keys
    if isinstance(definition, MultiPartitionsDefinition):
        said = expression if isinstance(expression, Mapping) else {}
        missing = [name for name, _ in definition.dimensions if name not in said]
        if missing:
            raise _unsaid(context, refusal, f"a dictionary with {', '.join(missing)}")
        return _any(
            _all(
                _one_of(str(said[name]), definition.dimension(name), [part])
                for name, part in definition.split(key).items()
            )
            for key in keys
        )
    if not isinstance(expression, str):
        raise _unsaid(context, refusal, "the column")
    return _one_of(expression, definition, keys)


def _one_of(
    expression: str, definition: PartitionsDefinition | None, keys: Sequence[str]
) -> Condition:
    if not isinstance(definition, TimeWindowPartitionsDefinition):
        return f"{expression} IN ({', '.join('?' for _ in keys)})", list(keys)
    spans: list[list[datetime]] = []
    for window in (definition.window(key) for key in keys):
        if spans and spans[-1][1] == window.start:
            spans[-1][1] = window.end
        else:
            spans.append([window.start, window.end])
    zone = ZoneInfo(definition.timezone)
    return _any(
        (
            f"{expression} >= CAST(? AS TIMESTAMP) AND {expression} < CAST(? AS TIMESTAMP)",
            [edge.astimezone(zone).strftime(_MOMENT) for edge in span],
        )
        for span in spans
    )


def _any(conditions: Iterable[Condition]) -> Condition:
    return _joined(" OR ", conditions)


def _all(conditions: Iterable[Condition]) -> Condition:
    return _joined(" AND ", conditions)


def _joined(word: str, conditions: Iterable[Condition]) -> Condition:
    several = list(conditions)
    text = word.join(f"({sql})" for sql, _ in several)
    return text, [value for _, values in several for value in values]


def _span(context: OutputContext) -> str:
    keys = context.asset_partition_keys
    return keys[0] if len(keys) == 1 else f"{keys[0]}...{keys[-1]}"


def _unsaid(
    context: OutputContext, refusal: type[InputError | OutputError], what: str
) -> InputError | OutputError:
    return refusal(
        f"{context.asset_key} has partitions and is kept in one table: give the asset "
        f'metadata={{"partition_expr": …}}, {what} that tells the partition of a row.'
    )


def _fetched(found: Any, expected_type: Any) -> Any:
    library = wanted_library(expected_type)
    if library == "pandas":
        return found.df()
    table = found.to_arrow_table()
    if library == "pyarrow":
        return table
    import polars as pl  # noqa: PLC0415 - optional, loaded on first use

    frame: Any = pl.from_arrow(table)
    return frame.lazy() if expected_type is pl.LazyFrame else frame


def _arrow(frame: Any) -> Any:
    """A frame of polars as one of Arrow, which shares its memory."""
    if frame_library(frame) != "polars":
        return frame
    return (frame.collect() if hasattr(frame, "collect") else frame).to_arrow()


def _duckdb() -> Any:
    try:
        import duckdb  # noqa: PLC0415 - optional, loaded on first use
    except ImportError as error:
        raise ConfigError(
            "DuckDBIOManager needs duckdb: pip install 'airflow-asset-bridge[duckdb]'."
        ) from error
    return duckdb


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
