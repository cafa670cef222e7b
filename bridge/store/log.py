"""The event log and the latest state kept beside it, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.events import AssetEvent, CheckOutcome, EventKind, RecordedEvent
from bridge.keys import AssetKey
from bridge.store import schema
from bridge.store.floors import before_floors, floors
from bridge.store.newest import (
    ACTIVITY,
    ASSET_COLUMNS,
    CARRIED,
    CHECK_COLUMNS,
    CHECKED,
    MADE,
    MATERIALIZED_FACTS,
    OBSERVED,
    OBSERVED_AT,
    PARTITION_ACTIVITY,
    PARTITION_COLUMNS,
    newest,
)
from bridge.store.prepared import InsertUnknown, Prepared, Transaction, upsert
from bridge.store.state import AssetState, DataState, PartitionState
from bridge.store.times import from_micros, optional_time, to_micros

# As `AssetState` has them; what was read, `data_states` has.
_STATE = AssetState._fields
_TIMES = tuple(_STATE.index(name) for name in ("activity_at", "materialized_at", "observed_at"))
_NO_METADATA: Mapping[str, Any] = MappingProxyType({})
_MOST_BY_NAME = 2000  # beyond, all are read, asked for or not
# Any number of names in one value: databases limit how many a statement may hold.
_AMONG = {
    "sqlite": "{column} IN (SELECT value FROM json_each(:names))",
    "postgresql": "{column} = ANY(:names)",
}
_NAMES: dict[str, Callable[[list[str]], Any]] = {"sqlite": json.dumps, "postgresql": list}
_decode = json.JSONDecoder().raw_decode  # what we wrote: no space around, half the time of `loads`
# What summaries of partitions must learn: a state (`summaries.STATES`), or what was to be learned
# already where this changes nothing. Of one instant, what is told last counts, as in `upsert`.
_MARK = """CASE
  WHEN (bridge_partition_state.materialized_at IS NULL AND excluded.materialized_at IS NOT NULL)
    OR (bridge_partition_state.activity_at <= excluded.activity_at
      AND (bridge_partition_state.activity = 'failure') <> (excluded.activity = 'failure'))
  THEN CASE WHEN bridge_partition_state.materialized_at IS NULL
      AND excluded.materialized_at IS NULL THEN 0 ELSE 1 END
    + CASE WHEN 'failure' = CASE
      WHEN bridge_partition_state.activity_at <= excluded.activity_at THEN excluded.activity
      ELSE bridge_partition_state.activity END THEN 2 ELSE 0 END
  ELSE bridge_partition_state.unsummarised END"""


class LogStatements:
    """How facts and latest state are written in one dialect."""

    def __init__(self, dialect: str) -> None:
        columns = tuple(column.name for column in schema.event.c if column.name != "sequence")
        self.events = InsertUnknown(schema.event, dialect, columns)
        self.floors = floors(dialect)
        asset = schema.asset_state
        self.asset = upsert(
            asset, dialect, ASSET_COLUMNS, ACTIVITY, MATERIALIZED_FACTS, OBSERVED_AT, OBSERVED
        )
        self.partition = upsert(
            schema.partition_state,
            dialect,
            PARTITION_COLUMNS,
            PARTITION_ACTIVITY,
            MADE,
            derived={"unsummarised": sa.text(_MARK)},
        )
        self.check = upsert(schema.check_state, dialect, CHECK_COLUMNS, CHECKED)
        self.states = OfAssets(dialect, _STATE)
        self.data = OfAssets(dialect, ("key", *MADE, *OBSERVED))
        table = schema.partition_state
        read: list[Any] = [table.c[name] for name in ("partition", *MADE)]
        query: Any = sa.select(*read, sa.null().label("seen_at"), sa.null().label("seen"))
        query = query.where(
            table.c.key == sa.bindparam("key", type_=sa.Text), table.c.materialized_at.is_not(None)
        )
        self.all_partitions = Prepared(query, dialect)
        some = sa.text(_AMONG[dialect].format(column="partition"))
        self.some_partitions = Prepared(query.where(some), dialect)
        self.names: Callable[[list[str]], Any] = _NAMES[dialect]


class OfAssets:
    """Columns of the latest state of some assets, or of all."""

    def __init__(self, dialect: str, columns: tuple[str, ...]) -> None:
        self._names: Callable[[list[str]], Any] = _NAMES[dialect]
        query: Any = sa.select(*(schema.asset_state.c[name] for name in columns))
        self._all = Prepared(query, dialect)
        some = sa.text(_AMONG[dialect].format(column="key"))
        self._some = Prepared(query.where(some), dialect)

    def __call__(
        self, connection: Transaction, keys: Iterable[AssetKey] | None
    ) -> Iterator[tuple[AssetKey, Sequence[Any]]]:
        """The rows of those of which anything is known, with their keys."""
        if keys is None:
            rows = self._all(connection, {}).fetchall()
            return ((AssetKey.parse(row[0]), row) for row in rows)
        named = {str(key): key for key in keys}
        if len(named) > _MOST_BY_NAME:
            rows = self._all(connection, {}).fetchall()
            return ((named[row[0]], row) for row in rows if row[0] in named)
        values = {"names": self._names(list(named))}
        return ((named[row[0]], row) for row in self._some(connection, values).fetchall())


def record(
    connection: Transaction, statements: LogStatements, events: Iterable[AssetEvent], now: datetime
) -> int:
    """Add facts, bring the latest state up to date, and return how many facts were new."""
    return record_rows(connection, statements, event_rows(events, now))


def event_rows(events: Iterable[AssetEvent], now: datetime) -> list[dict[str, Any]]:
    """Facts as rows, each id once, in one order whatever the order given.

    By asset, then as it happened; of one instant, what ended comes after what started. So two
    writers of the same assets never wait for each other, and the last row of an asset is its news.
    """
    recorded_at = to_micros(now)
    rows = [_row(event, recorded_at) for event in events]
    if len(rows) > 1:
        rows.sort(key=_turn)
        once: dict[str, dict[str, Any]] = {}
        for row in rows:
            once.setdefault(row["id"], row)
        rows = list(once.values())
    return rows


def record_rows(
    connection: Transaction, statements: LogStatements, rows: Sequence[dict[str, Any]]
) -> int:
    """Add rows that `event_rows` made; facts first, then states, so that writers take turns.

    What is from before the floor of an asset's log is no news, and only may fill a gap in states.
    """
    late = before_floors(connection, statements.floors, rows)
    todo = [row for row in rows if row["id"] not in late] if late else rows
    new = statements.events(connection, todo) if todo else ()
    changed = _in_turn(new, rows, late) if late else new
    if changed:
        latest = newest(changed)
        statements.asset.many(connection, latest.assets)
        statements.partition.many(connection, latest.partitions)
        statements.check.many(connection, latest.checks)
    return len(new)


def _in_turn(
    new: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], late: Collection[str]
) -> list[dict[str, Any]]:
    """New rows and late ones, in the order in which they were."""
    wanted = {row["id"] for row in new}.union(late)
    return [row for row in rows if row["id"] in wanted]


def _turn(row: dict[str, Any]) -> tuple[str, int, bool, str]:
    return row["key"], row["happened_at"], row["kind"] != "started", row["id"]


def _row(event: AssetEvent, recorded_at: int) -> dict[str, Any]:
    check, read, metadata = event.check, event.input_versions, event.metadata
    return {
        "id": event.id,
        "kind": event.kind,
        "key": str(event.key),
        "partition": event.partition,
        "happened_at": to_micros(event.happened_at),
        "recorded_at": recorded_at,
        "source": event.source,
        "run_id": event.run_id,
        "code_version": event.code_version,
        "data_version": event.data_version,
        "duration_s": event.duration_s,
        "row_count": event.row_count,
        "output_type": event.output_type,
        "input_versions": None if read is None else json.dumps(dict(read)),
        "check_name": check and check.name,
        "passed": check and check.passed,
        "severity": check and check.severity,
        "blocking": check and check.blocking,
        "message": event.message,
        "metadata": json.dumps(dict(metadata)) if metadata else None,
    }


def events(
    connection: Connection,
    key: AssetKey | None,
    partition: str | None,
    kinds: Sequence[EventKind],
    run_id: str | None,
    limit: int | None,
) -> list[RecordedEvent]:
    """Facts, what happened last first."""
    table = schema.event
    query = (
        sa.select(table).order_by(table.c.happened_at.desc(), table.c.sequence.desc()).limit(limit)
    )
    if key is not None:
        query = query.where(table.c.key == str(key))
    if partition is not None:
        query = query.where(table.c.partition == partition)
    if kinds:
        query = query.where(table.c.kind.in_(list(kinds)))
    if run_id is not None:
        query = query.where(table.c.run_id == run_id)
    return [_recorded(row) for row in connection.execute(query).mappings()]


def _recorded(row: Any) -> RecordedEvent:
    check = None
    if row["check_name"] is not None:
        check = CheckOutcome(row["check_name"], row["passed"], row["severity"], row["blocking"])
    event = AssetEvent(
        kind=row["kind"],
        key=AssetKey.parse(row["key"]),
        partition=row["partition"],
        happened_at=from_micros(row["happened_at"]),
        source=row["source"],
        run_id=row["run_id"],
        **{name: row[name] for name in CARRIED},
        input_versions=json.loads(row["input_versions"]) if row["input_versions"] else None,
        check=check,
        message=row["message"],
        metadata=_json(row["metadata"]),
    )
    return RecordedEvent(
        sequence=row["sequence"], recorded_at=from_micros(row["recorded_at"]), event=event
    )


def asset_states(
    connection: Transaction, statements: LogStatements, keys: Iterable[AssetKey] | None
) -> dict[AssetKey, AssetState]:
    """Latest state of the given assets, or of all."""
    return {key: _asset_state(key, row) for key, row in statements.states(connection, keys)}


def _asset_state(key: AssetKey, row: Sequence[Any]) -> AssetState:
    """From the columns of `_STATE`, which are its fields."""
    values = [key, *row[1:]]
    for place in _TIMES:
        if values[place] is not None:
            values[place] = from_micros(values[place])
    values[-1] = _decode(values[-1])[0] if values[-1] else _NO_METADATA
    return AssetState._make(values)


def data_states(
    connection: Transaction, statements: LogStatements, keys: Iterable[AssetKey]
) -> dict[AssetKey, DataState]:
    """The newest data of the given assets."""
    return {key: _data_state(row) for key, row in statements.data(connection, keys)}


def partition_data_states(
    connection: Transaction,
    statements: LogStatements,
    key: AssetKey,
    partitions: Collection[str] | None,
) -> dict[str, DataState]:
    """The newest data of the given partitions of one asset, or of all."""
    values: dict[str, Any] = {"key": str(key)}
    if partitions is None:
        rows = statements.all_partitions(connection, values).fetchall()
    else:
        values["names"] = statements.names(list(partitions))
        rows = statements.some_partitions(connection, values).fetchall()
    return {row[0]: _data_state(row) for row in rows}


def _data_state(row: Any) -> DataState:
    """From the columns after the first: those of `MADE` and of `OBSERVED`."""
    _, at, duration_s, code_version, data_version, read, seen_at, seen = row
    return DataState(
        None if at is None else from_micros(at),
        duration_s,
        code_version,
        data_version,
        _decode(read)[0] if read else None,
        None if seen_at is None else from_micros(seen_at),
        seen,
    )


def partition_states(connection: Connection, key: AssetKey) -> dict[str, PartitionState]:
    """Latest state of each partition of one asset, by partition."""
    table = schema.partition_state
    query = sa.select(table).where(table.c.key == str(key)).order_by(table.c.partition)
    return {
        row.partition: PartitionState(
            partition=row.partition,
            activity=row.activity,
            activity_at=from_micros(row.activity_at),
            materialized_at=optional_time(row.materialized_at),
            source=row.source,
        )
        for row in connection.execute(query)
    }


def _json(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}
