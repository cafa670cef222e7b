"""What became of each asset in a run: the log's own words, completed by what the log does not tell.

A step that ran, succeeded and said nothing has no row here: its events are its history.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.runs import LogLine, StepRecord, StepStatus, StepText
from bridge.store import schema
from bridge.store.prepared import Prepared
from bridge.store.times import from_micros, optional_micros, optional_time, to_micros

_ENDS: Mapping[str, StepStatus] = {
    "started": "running",
    "materialization": "succeeded",
    "observation": "succeeded",
    "failure": "failed",
}


class HistoryStatements:
    """How steps and their texts are added in one dialect; what is there already stays."""

    def __init__(self, dialect: str) -> None:
        insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
        self.step, self.text = (
            Prepared(
                insert(table).on_conflict_do_nothing(
                    index_elements=[column.name for column in table.primary_key]
                ),
                dialect,
                tuple(column.name for column in table.c),
            )
            for table in (schema.step, schema.step_text)
        )


def note(
    connection: Connection,
    statements: HistoryStatements,
    records: Iterable[StepRecord],
    texts: Iterable[StepText],
) -> None:
    """Add what a run has to say of its steps."""
    for record in records:
        statements.step(connection, _record_row(record))
    for text in texts:
        statements.text(connection, _text_row(text))


def steps(connection: Connection, run_id: str, events: Iterable[AssetEvent]) -> list[StepRecord]:
    """One record for each asset, partition and step that only asked checks; in order of begin.

    `events` are the run's, in the order in which they were recorded.
    """
    found: dict[tuple[str, str | None, str], StepRecord] = {}
    failed: dict[tuple[str, str | None], list[tuple[str, bool]]] = {}
    for event in events:
        key = (str(event.key), event.partition)
        if event.check is not None:
            if not event.check.passed:
                failed.setdefault(key, []).append((event.check.name, event.check.stops_downstream))
            continue
        place = (str(event.key), event.partition, "")
        found[place] = _heard(found.get(place), event, run_id)
    rows = connection.execute(sa.select(schema.step).where(schema.step.c.run_id == run_id))
    for row in rows.mappings():
        place = (row["key"], row["partition"] or None, row["checks"])
        found[place] = _noted(found.get(place), row)
    records = []
    for (name, partition, _), record in found.items():
        wrong = failed.get((name, partition), [])
        about = [each for each in wrong if not record.checks or each[0] in record.checks]
        made = record.status in ("succeeded", "checked")
        records.append(
            replace(
                record,
                failed_checks=tuple(each[0] for each in about),
                is_failure=record.is_failure or (made and any(stops for _, stops in about)),
            )
        )
    never = max((r.started_at for r in records if r.started_at), default=None)
    return sorted(records, key=lambda r: (r.started_at is None, r.started_at or never))


def texts(connection: Connection, run_id: str, key: AssetKey | None) -> list[StepText]:
    """What the calls of a run said and printed, of one asset where it is given."""
    table = schema.step_text
    query = sa.select(table).where(table.c.run_id == run_id)
    query = query.order_by(table.c.key, table.c.partition, table.c.checks)
    found = [_text(row) for row in connection.execute(query).mappings()]
    return [text for text in found if key is None or key in text.keys]


def _heard(before: StepRecord | None, event: AssetEvent, run_id: str) -> StepRecord:
    ended = event.kind != "started"
    if before is None:
        before = StepRecord(
            run_id=run_id,
            key=event.key,
            partition=event.partition,
            status="running",
            started_at=event.happened_at,
        )
    if not ended:
        return before
    return replace(
        before,
        status=_ENDS.get(event.kind, before.status),
        is_failure=event.kind == "failure",
        ended_at=event.happened_at,
        message=event.message,
    )


def _noted(heard: StepRecord | None, row: Any) -> StepRecord:
    return StepRecord(
        run_id=row["run_id"],
        key=AssetKey.parse(row["key"]),
        partition=row["partition"] or None,
        status=row["status"],
        checks=tuple(json.loads(row["checks"])) if row["checks"] else (),
        is_failure=row["is_failure"],
        started_at=heard.started_at if heard else optional_time(row["started_at"]),
        ended_at=(heard.ended_at if heard else None) or optional_time(row["ended_at"]),
        attempts=row["attempts"],
        message=row["message"],
        cause=None if row["cause"] is None else AssetKey.parse(row["cause"]),
    )


def _checks_text(checks: tuple[str, ...]) -> str:
    return json.dumps(checks) if checks else ""


def _record_row(record: StepRecord) -> dict[str, Any]:
    return {
        "run_id": record.run_id,
        "key": str(record.key),
        "partition": record.partition or schema.WHOLE_ASSET,
        "checks": _checks_text(record.checks),
        "status": record.status,
        "is_failure": record.is_failure,
        "started_at": optional_micros(record.started_at),
        "ended_at": optional_micros(record.ended_at),
        "attempts": record.attempts,
        "message": record.message,
        "cause": None if record.cause is None else str(record.cause),
    }


def _text_row(text: StepText) -> dict[str, Any]:
    log = [[to_micros(line.at), line.level, line.message] for line in text.log]
    return {
        "run_id": text.run_id,
        "key": str(text.keys[0]),
        "partition": text.partition or schema.WHOLE_ASSET,
        "checks": _checks_text(text.checks),
        "keys": json.dumps([str(key) for key in text.keys]),
        "stdout": text.stdout,
        "stderr": text.stderr,
        "log": json.dumps(log),
    }


def _text(row: Any) -> StepText:
    return StepText(
        run_id=row["run_id"],
        keys=tuple(AssetKey.parse(key) for key in json.loads(row["keys"])),
        partition=row["partition"] or None,
        checks=tuple(json.loads(row["checks"])) if row["checks"] else (),
        stdout=row["stdout"],
        stderr=row["stderr"],
        log=tuple(
            LogLine(from_micros(at), level, message)
            for at, level, message in json.loads(row["log"])
        ),
    )
