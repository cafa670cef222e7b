"""The event log and the latest state kept beside it, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.events import AssetEvent, CheckOutcome, EventKind, RecordedEvent
from bridge.keys import AssetKey
from bridge.store import schema
from bridge.store.prepared import Prepared, insert_if_unknown, upsert
from bridge.store.state import AssetState, CheckState, DataState, PartitionState
from bridge.store.summaries import FAILED, MATERIALIZED
from bridge.store.times import from_micros, optional_time, to_micros

_CARRIED = ("code_version", "data_version", "duration_s", "row_count", "output_type")
_ACTIVITY = ("activity_at", "activity", "activity_source", "activity_partition", "message")
_MATERIALIZED = (
    "materialized_at",
    "materialized_source",
    "materialized_partition",
    *_CARRIED,
    "metadata",
    "input_versions",
)
_MADE = ("materialized_at", "duration_s", "code_version", "data_version", "input_versions")
_OBSERVED = ("observed_version_at", "observed_version")
_SHOWN = (*_ACTIVITY, *_MATERIALIZED[:-1])  # what was read has `data_states`
_PARTITION_ACTIVITY = ("activity_at", "activity", "source")
_MOST_BY_NAME = 500  # beyond, all are read: databases limit how many names a statement may hold
_decode = json.JSONDecoder().raw_decode  # what we wrote: no space around, half the time of `loads`
_NEWS: dict[EventKind, int] = {"materialization": MATERIALIZED, "failure": FAILED}
_CHECKED = ("happened_at", "passed", "severity", "blocking", "message")
# What summaries of partitions must learn: a state (`summaries.STATES`), or what was to be learned
# already where this changes nothing. Of one instant, what is told last counts, as in `upsert`.
_MARK_MATERIALIZED = """CASE
  WHEN bridge_partition_state.activity = 'failure'
    AND bridge_partition_state.activity_at > excluded.activity_at
  THEN CASE WHEN bridge_partition_state.materialized_at IS NULL THEN 3
    ELSE bridge_partition_state.unsummarised END
  WHEN bridge_partition_state.activity <> 'failure'
    AND bridge_partition_state.materialized_at IS NOT NULL
  THEN bridge_partition_state.unsummarised
  ELSE 1 END"""
_MARK_ACTIVITY = """CASE
  WHEN bridge_partition_state.activity_at > excluded.activity_at
    OR (bridge_partition_state.activity = 'failure') = (excluded.activity = 'failure')
  THEN bridge_partition_state.unsummarised
  ELSE CASE WHEN bridge_partition_state.materialized_at IS NULL THEN 0 ELSE 1 END
    + CASE WHEN excluded.activity = 'failure' THEN 2 ELSE 0 END
  END"""


class LogStatements:
    """How facts and latest state are written in one dialect."""

    def __init__(self, dialect: str) -> None:
        columns = tuple(column.name for column in schema.event.c if column.name != "sequence")
        self.event = insert_if_unknown(schema.event, dialect, columns)
        asset, partition = schema.asset_state, schema.partition_state
        self.activity = upsert(asset, dialect, ("key", *_ACTIVITY), _ACTIVITY)
        self.materialized = upsert(
            asset, dialect, ("key", *_ACTIVITY, *_MATERIALIZED), _ACTIVITY, _MATERIALIZED
        )
        self.observed = upsert(asset, dialect, ("key", "observed_at"), ("observed_at",))
        self.observed_version = upsert(
            asset, dialect, ("key", "observed_at", *_OBSERVED), ("observed_at",), _OBSERVED
        )
        primary = ("key", "partition", "unsummarised")
        self.partition_activity = upsert(
            partition,
            dialect,
            (*primary, *_PARTITION_ACTIVITY),
            _PARTITION_ACTIVITY,
            derived={"unsummarised": sa.text(_MARK_ACTIVITY)},
        )
        self.partition_materialized = upsert(
            partition,
            dialect,
            (*primary, *_PARTITION_ACTIVITY, *_MADE),
            _PARTITION_ACTIVITY,
            _MADE,
            derived={"unsummarised": sa.text(_MARK_MATERIALIZED)},
        )
        self.check = upsert(
            schema.check_state, dialect, ("key", "name", "partition", *_CHECKED), _CHECKED
        )
        self._dialect = dialect
        self._data: Any = sa.select(*(asset.c[name] for name in ("key", *_MADE, *_OBSERVED)))
        self.all_data = Prepared(self._data, dialect)
        self._data_of: dict[int, Prepared] = {}

    def data_of(self, count: int) -> Prepared:
        """The newest data of `count` assets, which are `key_0` and so on; each count made once."""
        if count not in self._data_of:
            names: list[Any] = [sa.bindparam(f"key_{n}", type_=sa.Text) for n in range(count)]
            query = self._data.where(schema.asset_state.c.key.in_(names))
            self._data_of[count] = Prepared(query, self._dialect)
        return self._data_of[count]


def record(
    connection: Connection, statements: LogStatements, events: Iterable[AssetEvent], now: datetime
) -> int:
    """Add facts, bring the latest state up to date, and return how many facts were new.

    In one order whatever the order given, so that two writers of the same assets never wait for
    each other.
    """
    count, recorded_at = 0, to_micros(now)
    todo = list(events)
    if len(todo) > 1:
        todo.sort(key=_turn)
    for event in todo:
        row = _row(event, recorded_at)
        if statements.event(connection, row).rowcount > 0:
            count += 1
            _update_state(connection, statements, event.kind, row)
    return count


def _turn(event: AssetEvent) -> tuple[str, datetime, bool, str]:
    """By asset, then as it happened; of one instant, what ended comes after what started."""
    return str(event.key), event.happened_at, event.kind != "started", event.id


def _row(event: AssetEvent, recorded_at: int) -> dict[str, Any]:
    check = event.check
    return {
        "id": event.id,
        "kind": event.kind,
        "key": str(event.key),
        "partition": event.partition,
        "happened_at": to_micros(event.happened_at),
        "recorded_at": recorded_at,
        "source": event.source,
        "run_id": event.run_id,
        **{name: getattr(event, name) for name in _CARRIED},
        "input_versions": None
        if event.input_versions is None
        else json.dumps(dict(event.input_versions)),
        "check_name": check and check.name,
        "passed": check and check.passed,
        "severity": check and check.severity,
        "blocking": check and check.blocking,
        "message": event.message,
        "metadata": json.dumps(dict(event.metadata)) if event.metadata else None,
    }


def _update_state(
    connection: Connection, statements: LogStatements, kind: EventKind, row: dict[str, Any]
) -> None:
    key, at, partition = row["key"], row["happened_at"], row["partition"]
    if kind == "check":
        values = {name: row[name] for name in _CHECKED}
        values |= {
            "key": key,
            "name": row["check_name"],
            "partition": partition or schema.WHOLE_ASSET,
        }
        statements.check(connection, values)
        return
    if kind == "observation":
        values = {"key": key, "observed_at": at}
        if row["data_version"] is None:
            statements.observed(connection, values)
        else:
            values |= {"observed_version_at": at, "observed_version": row["data_version"]}
            statements.observed_version(connection, values)
        return
    values = {
        "key": key,
        "activity_at": at,
        "activity": kind,
        "activity_source": row["source"],
        "activity_partition": partition,
        "message": row["message"],
    }
    in_partition = {"key": key, "partition": partition, "activity_at": at, "activity": kind}
    in_partition |= {"source": row["source"], "unsummarised": _NEWS.get(kind)}
    if kind == "materialization":
        values |= {"materialized_at": at, "materialized_source": row["source"]}
        values |= {"materialized_partition": partition, "metadata": row["metadata"]}
        values |= {name: row[name] for name in (*_CARRIED, "input_versions")}
        statements.materialized(connection, values)
        if partition is not None:
            in_partition |= {name: values[name] for name in _MADE}
            statements.partition_materialized(connection, in_partition)
        return
    statements.activity(connection, values)
    if partition is not None:
        statements.partition_activity(connection, in_partition)


def events(
    connection: Connection,
    key: AssetKey | None,
    partition: str | None,
    kinds: Sequence[EventKind],
    run_id: str | None,
    limit: int,
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
        **{name: row[name] for name in _CARRIED},
        input_versions=json.loads(row["input_versions"]) if row["input_versions"] else None,
        check=check,
        message=row["message"],
        metadata=_json(row["metadata"]),
    )
    return RecordedEvent(
        sequence=row["sequence"], recorded_at=from_micros(row["recorded_at"]), event=event
    )


def asset_states(
    connection: Connection, keys: Iterable[AssetKey] | None
) -> dict[AssetKey, AssetState]:
    """Latest state of the given assets, or of all."""
    wanted = None if keys is None else {str(key) for key in keys}
    query = sa.select(schema.asset_state)
    if wanted is not None and len(wanted) <= _MOST_BY_NAME:
        query = query.where(schema.asset_state.c.key.in_(sorted(wanted)))
    states = (
        _asset_state(row)
        for row in connection.execute(query).mappings()
        if wanted is None or row["key"] in wanted
    )
    return {state.key: state for state in states}


def _asset_state(row: Any) -> AssetState:
    times = ("activity_at", "materialized_at", "observed_at")
    values: dict[str, Any] = {name: row[name] for name in _SHOWN}
    values |= {"key": AssetKey.parse(row["key"]), "metadata": _json(row["metadata"])}
    values |= {name: optional_time(row[name]) for name in times}
    return AssetState(**values)


def data_states(
    connection: Connection, statements: LogStatements, keys: Iterable[AssetKey]
) -> dict[AssetKey, DataState]:
    """The newest data of the given assets."""
    named = {str(key): key for key in keys}
    if len(named) <= _MOST_BY_NAME:
        values = {f"key_{number}": name for number, name in enumerate(named)}
        rows = statements.data_of(len(named))(connection, values).fetchall()
    else:
        rows = [row for row in statements.all_data(connection, {}) if row[0] in named]
    return {named[row[0]]: _data_state(row) for row in rows}


def partition_data_states(
    connection: Connection, key: AssetKey, partitions: Collection[str] | None
) -> dict[str, DataState]:
    """The newest data of the given partitions of one asset, or of all."""
    table = schema.partition_state
    columns: list[Any] = [table.c[name] for name in ("partition", *_MADE)]
    query = sa.select(*columns, sa.null().label("seen_at"), sa.null().label("seen"))
    query = query.where(table.c.key == str(key), table.c.materialized_at.is_not(None))
    if partitions is not None and len(partitions) <= _MOST_BY_NAME:
        query = query.where(table.c.partition.in_(sorted(partitions)))
    wanted = None if partitions is None else set(partitions)
    return {
        row[0]: _data_state(row)
        for row in connection.execute(query)
        if wanted is None or row[0] in wanted
    }


def _data_state(row: Any) -> DataState:
    """From the columns after the first: those of `_MADE` and of `_OBSERVED`."""
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


def partition_counts(connection: Connection) -> dict[AssetKey, int]:
    """How many partitions of each asset are materialized."""
    table = schema.partition_state
    query = (
        sa.select(table.c.key, sa.func.count())
        .where(table.c.materialized_at.is_not(None))
        .group_by(table.c.key)
    )
    return {AssetKey.parse(key): count for key, count in connection.execute(query)}


def check_states(connection: Connection, keys: Iterable[AssetKey] | None) -> list[CheckState]:
    """The newest answer of each check over its partitions, by asset and name."""
    table = schema.check_state
    query = sa.select(table).order_by(table.c.key, table.c.name, table.c.happened_at)
    wanted = None if keys is None else {str(key) for key in keys}
    newest = {
        (row.key, row.name): row
        for row in connection.execute(query)
        if wanted is None or row.key in wanted
    }
    return [
        CheckState(
            key=AssetKey.parse(row.key),
            name=row.name,
            partition=row.partition or None,
            passed=row.passed,
            severity=row.severity,
            blocking=row.blocking,
            happened_at=from_micros(row.happened_at),
            message=row.message,
        )
        for row in newest.values()
    ]


def _json(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}
