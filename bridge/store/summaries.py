"""Which partitions are materialized, kept as one text an asset, and what has changed since.

A partition whose state changes is marked in the statement that changes it. Merging takes the marks
and writes the text in one transaction; a reader takes text and marks in one statement. What the
texts mean, only who knows the partitions knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.keys import AssetKey
from bridge.store.prepared import Prepared

MATERIALIZED, FAILED = 1, 2
STATES = (0, MATERIALIZED, FAILED, MATERIALIZED | FAILED)
_SUMMARY = -1

_NAMES = {
    "sqlite": "json_group_array(partition)",
    "postgresql": "CAST(json_agg(partition) AS TEXT)",
}
_READ = """
SELECT key, -1 AS state, cut, materialized, failed FROM bridge_partition_summary{of}
UNION ALL
SELECT key, unsummarised, {names}, '', '' FROM bridge_partition_state
WHERE unsummarised IS NOT NULL{and_of} GROUP BY key, unsummarised
"""
_READ_ALL = """
SELECT state, {names} FROM (
  SELECT partition, CASE WHEN materialized_at IS NULL THEN 0 ELSE 1 END
    + CASE WHEN activity = 'failure' THEN 2 ELSE 0 END AS state
  FROM bridge_partition_state WHERE key = :key
) AS known GROUP BY state
"""
# Whoever writes a partition's state has its asset's row, so that this waits for them, and they for
# this; an asset without a row has no partitions that anybody could see.
_LOCK = "SELECT key FROM bridge_asset_state WHERE key = :key FOR UPDATE"
_SAVE = """
INSERT INTO bridge_partition_summary (key, cut, materialized, failed)
VALUES (:key, :cut, :materialized, :failed)
ON CONFLICT (key) DO UPDATE SET
  cut = excluded.cut, materialized = excluded.materialized, failed = excluded.failed
"""
_UNMARK = """
UPDATE bridge_partition_state SET unsummarised = NULL
WHERE key = :key AND unsummarised IS NOT NULL
"""
_COUNT = """
SELECT key, count(*) FROM bridge_partition_state WHERE unsummarised IS NOT NULL GROUP BY key
"""


class PartitionSummary(NamedTuple):
    """What is known of an asset's partitions: two texts, and what they do not know yet.

    The texts are empty where nothing was summarised, or for partitions cut another way. `changed`
    has partitions by their state now: 0, or the sum of MATERIALIZED (ever) and FAILED (last).
    """

    materialized: str
    failed: str
    changed: Mapping[int, list[str]]


Merge: TypeAlias = Callable[[PartitionSummary], tuple[str, str]]
NOTHING = PartitionSummary("", "", {})


class SummaryStatements:
    """How summaries are read and written in one dialect."""

    def __init__(self, dialect: str) -> None:
        names = _NAMES[dialect]

        def prepared(text: str) -> Prepared:
            return Prepared(sa.text(text), dialect)

        self.one = prepared(
            _READ.format(names=names, of=" WHERE key = :key", and_of=" AND key = :key")
        )
        self.all = prepared(_READ.format(names=names, of="", and_of=""))
        self.anew = prepared(_READ_ALL.format(names=names))
        self.lock = None if dialect == "sqlite" else prepared(_LOCK)  # it has one writer anyway
        self.save = prepared(_SAVE)
        self.unmark = prepared(_UNMARK)
        self.count = prepared(_COUNT)


def summaries(
    connection: Connection, statements: SummaryStatements, cuts: Mapping[AssetKey, str]
) -> dict[AssetKey, PartitionSummary]:
    """What is known of each of these assets, whose partitions are cut now as `cuts` says."""
    named = {str(key): key for key in cuts}
    if not named:
        return {}
    if len(named) == 1:
        rows: Any = statements.one(connection, {"key": next(iter(named))}).fetchall()
    else:
        rows = statements.all(connection, {}).fetchall()
    texts: dict[str, tuple[str, str, str]] = {}
    changed: dict[str, dict[int, list[str]]] = {name: {} for name in named}
    for name, state, *found in rows:
        if name not in named:
            continue
        if state == _SUMMARY:
            texts[name] = (found[0], found[1], found[2])
        else:
            changed[name][state] = json.loads(found[0])
    return {
        key: _summary(connection, statements, key, cuts[key], texts.get(name), changed[name])
        for name, key in named.items()
    }


def summarise(
    connection: Connection, statements: SummaryStatements, key: AssetKey, cut: str, merge: Merge
) -> None:
    """Write the texts that `merge` makes of what is known, and forget what has changed."""
    values = {"key": str(key)}
    if statements.lock is not None and statements.lock.first(connection, values) is None:
        return
    known = summaries(connection, statements, {key: cut})[key]
    materialized, failed = merge(known)
    texts = {"cut": cut, "materialized": materialized, "failed": failed}
    statements.save(connection, values | texts)
    statements.unmark(connection, values)


def unsummarised_counts(
    connection: Connection, statements: SummaryStatements
) -> dict[AssetKey, int]:
    """How many partitions of each asset no summary knows."""
    rows: Any = statements.count(connection, {}).fetchall()
    return {AssetKey.parse(key): count for key, count in rows}


def _summary(
    connection: Connection,
    statements: SummaryStatements,
    key: AssetKey,
    cut: str,
    texts: tuple[str, str, str] | None,
    changed: Mapping[int, list[str]],
) -> PartitionSummary:
    if texts is None:
        return PartitionSummary("", "", changed) if changed else NOTHING
    if texts[0] == cut:
        return PartitionSummary(texts[1], texts[2], changed)
    rows: Any = statements.anew(connection, {"key": str(key)}).fetchall()
    return PartitionSummary("", "", {state: json.loads(names) for state, names in rows})
