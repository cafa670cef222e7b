"""Typed metadata in words: markdown as text, a table as a table, a moment in ISO 8601."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from bridge.cli.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bridge.events import PlainValue
    from bridge.metadata import Table, TableColumnLineage, TableSchema

_ROWS = 10  # of a table; `--json` has all


def named_lines(name: str, stored: PlainValue) -> Iterator[tuple[str, str]]:
    """The lines of one value, its name before the first."""
    return zip((name, *repeat("", len(found := shown(stored)))), found, strict=False)


def shown(stored: PlainValue) -> list[str]:
    """One value of stored metadata as lines for people, at least one."""
    from bridge.events import is_tagged
    from bridge.metadata import MetadataValue, moment_of

    if not is_tagged(stored):
        return str(stored).splitlines() or [""]
    typed = MetadataValue.read(stored)
    if typed.kind == "timestamp":
        moment = moment_of(typed)
        there = moment.astimezone()
        utc, local = moment.isoformat(), there.isoformat()
        return [utc if local == utc else f"{utc} ({local} here)"]
    if typed.kind == "table":
        return _table(typed.value)
    if typed.kind == "table_schema":
        return _schema(typed.value)
    if typed.kind == "column_lineage":
        return _lineage(typed.value)
    return str(typed.value).splitlines() or [""]


def _table(table: Table) -> list[str]:
    names = [column.name for column in table.schema.columns]
    rows = [[_cell(row.data.get(name)) for name in names] for row in table.records[:_ROWS]]
    lines = _aligned([names, *rows])
    lines.insert(1, "\u2500" * len(lines[0]))
    left = len(table.records) - _ROWS
    return [*lines, f"and {count(left, 'row')} more"] if left > 0 else lines


def _schema(schema: TableSchema) -> list[str]:
    rows = []
    for column in schema.columns:
        rules = [] if column.constraints.nullable else ["not null"]
        rules += ["unique"] if column.constraints.unique else []
        rules += column.constraints.other
        rows.append([column.name, column.type, ", ".join(rules), column.description or ""])
    return _aligned(rows) or ["no columns"]


def _lineage(lineage: TableColumnLineage) -> list[str]:
    found = []
    for name, deps in lineage.deps_by_column.items():
        read = ", ".join(f"{dep.asset_key}.{dep.column_name}" for dep in deps)
        found.append(f"{name} from {read or 'nothing'}")
    return found or ["no columns"]


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
