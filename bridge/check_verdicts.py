"""What ready-made checks decide: values and the time in, an answer out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.events import PlainValue, is_tagged
from bridge.metadata import MetadataValue, TableSchema

_COLUMN_SCHEMA = ("column_schema", "dagster/column_schema")
_BEFORE_IT = 2


@dataclass(frozen=True, slots=True)
class Found:
    """What a ready-made check found: an answer without a name and a severity."""

    passed: bool
    description: str
    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which values a number must be; None is no bound."""

    least: float | None
    most: float | None
    is_above: bool
    is_below: bool

    def __str__(self) -> str:
        words = []
        if self.least is not None:
            words.append(f"{'greater than' if self.is_above else 'at least'} {self.least}")
        if self.most is not None:
            words.append(f"{'less than' if self.is_below else 'at most'} {self.most}")
        return " and ".join(words)

    def holds(self, value: float) -> bool:
        """Whether a number is within."""
        least, most = self.least, self.most
        if least is not None and (value <= least if self.is_above else value < least):
            return False
        return most is None or (value < most if self.is_below else value <= most)


def by_age(
    updated: datetime | None, tick: datetime | None, allowed: timedelta, now: datetime
) -> Found:
    """Whether an update is not older than `allowed` at `tick`, at `now` without one."""
    bound = (tick or now) - allowed
    noted: dict[str, object] = {"lower_bound": MetadataValue.timestamp(bound)}
    if tick is not None:
        noted["latest_cron_tick"] = MetadataValue.timestamp(tick)
    if updated is None:
        return _failed("It was never materialized or observed.", noted)
    noted["last_updated"] = MetadataValue.timestamp(updated)
    since = f"The last update was at {updated.isoformat(timespec='seconds')}"
    if updated < bound:
        return _failed(
            f"{since}; one since {bound.isoformat(timespec='seconds')} was expected.",
            noted,
        )
    if tick is None:
        noted["fresh_until"] = MetadataValue.timestamp(updated + allowed)
    return _passed(f"{since}.", noted)


def by_partition(expected: str | None, tick: datetime, *, is_there: bool, is_known: bool) -> Found:
    """Whether the partition that was expected at `tick` is there."""
    noted: dict[str, object] = {"latest_cron_tick": MetadataValue.timestamp(tick)}
    if expected is None:
        return _passed("No partition was due yet.", noted)
    noted["expected_partition"] = expected
    if is_there:
        return _passed(f"Partition {expected} is there.", noted)
    before = "" if is_known else "It was never materialized. "
    return _failed(f"{before}Partition {expected} was expected and is not there.", noted)


def by_columns(newest: Sequence[TableSchema | None]) -> Found:
    """Whether the two newest materializations, newest first, have the same columns and types."""
    if len(newest) < _BEFORE_IT:
        return _passed("It was materialized fewer than two times.")
    now, before = newest[:_BEFORE_IT]
    if now is None or before is None:
        which = "last materialization" if now is None else "one before"
        return _failed(f"The {which} has no column_schema in its metadata.")
    types = {column.name: column.type for column in now.columns}
    old = {column.name: column.type for column in before.columns}
    both = [name for name in types if name in old]
    parts = {
        "added": [name for name in types if name not in old],
        "removed": [name for name in old if name not in types],
        "changed": [f"{n} from {old[n]} to {types[n]}" for n in both if old[n] != types[n]],
    }
    said = "; ".join(f"{word} {', '.join(names)}" for word, names in parts.items() if names)
    if said:
        return _failed(f"Columns: {said}.", dict(parts))
    return _passed("The columns are those of before.")


def by_bounds(noted: Mapping[str, PlainValue] | None, name: str, bounds: Bounds) -> Found:
    """Whether a number in the metadata of a materialization is within bounds."""
    if noted is None:
        return _failed("It was never materialized.")
    if name not in noted:
        return _failed(f"Its metadata has no {name!r}.")
    value = noted[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _failed(f"{name} is {value!r}, which is no number.")
    is_within = bounds.holds(value)
    said = f"{name} is {value}" + ("" if is_within else f", which is not {bounds}")
    return Found(is_within, f"{said}.", {name: value})


def _passed(description: str, noted: Mapping[str, object] | None = None) -> Found:
    return Found(passed=True, description=description, metadata=noted or {})


def _failed(description: str, noted: Mapping[str, object] | None = None) -> Found:
    return Found(passed=False, description=description, metadata=noted or {})


def columns_of(noted: Mapping[str, PlainValue]) -> TableSchema | None:
    """The columns that a materialization's metadata tells, None where it tells none."""
    for name in _COLUMN_SCHEMA:
        stored = noted.get(name)
        if is_tagged(stored):
            typed = MetadataValue.read(stored)
            if typed.kind == "table_schema":
                schema: TableSchema = typed.value
                return schema
    return None
