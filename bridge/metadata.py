"""Typed metadata: text, numbers, links, tables and more, kept in events as plain JSON with a tag.

What has a JSON form of its own (text, numbers, truth, null, lists, dictionaries) stays that form;
everything else is `{"$kind": …, "value": …}`, which `MetadataValue.read` turns back.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from os import PathLike, fspath
from typing import Any, Literal, TypeAlias

from bridge.errors import DefinitionError
from bridge.events import TAG, PlainValue, is_tagged, metadata_value
from bridge.keys import AssetKey, CoercibleToAssetKey

MetadataKind: TypeAlias = Literal[
    "text",
    "int",
    "float",
    "bool",
    "null",
    "json",
    "md",
    "url",
    "path",
    "notebook",
    "timestamp",
    "asset",
    "run",
    "table",
    "table_schema",
    "column_lineage",
]
_AS_TEXT = frozenset({"md", "url", "path", "notebook", "run"})
_TYPES = {bool: "bool", int: "int", float: "float", str: "string"}


@dataclass(frozen=True, slots=True)
class TableColumnConstraints:
    """What holds for the values of a column; `other` in words."""

    nullable: bool = True
    unique: bool = False
    other: tuple[str, ...] | list[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "other", tuple(self.other))


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a table: its name, and its type in the words of whoever stores it."""

    name: str
    type: str = "string"
    description: str | None = None
    constraints: TableColumnConstraints = field(default_factory=TableColumnConstraints)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableConstraints:
    """What holds for a table as a whole, in words."""

    other: tuple[str, ...] | list[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "other", tuple(self.other))


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The columns of a table, in order. Raises DefinitionError for a name that comes twice."""

    columns: tuple[TableColumn, ...] | list[TableColumn]
    constraints: TableConstraints = field(default_factory=TableConstraints)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DefinitionError(f"A TableSchema has two columns called {twice!r}. Rename one.")

    @staticmethod
    def from_name_type_dict(name_type_dict: Mapping[str, str]) -> TableSchema:
        """A schema of names and types alone."""
        return TableSchema([TableColumn(name, kind) for name, kind in name_type_dict.items()])

    def to_metadata(self) -> PlainValue:
        """The tagged form of `MetadataValue.table_schema`."""
        return _tagged("table_schema", _plain_schema(self))


@dataclass(frozen=True, slots=True)
class TableRecord:
    """One row of a table: text, numbers, truth or None by the name of its column."""

    data: Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows with their schema: the value of `MetadataValue.table`."""

    records: tuple[TableRecord, ...]
    schema: TableSchema


@dataclass(frozen=True, slots=True)
class TableColumnDep:
    """One upstream column."""

    asset_key: CoercibleToAssetKey
    column_name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "asset_key", AssetKey.from_coercible(self.asset_key))


@dataclass(frozen=True, slots=True)
class TableColumnLineage:
    """For each column, the upstream columns that it is made of."""

    deps_by_column: Mapping[str, Sequence[TableColumnDep]]

    def __post_init__(self) -> None:
        found = {name: tuple(deps) for name, deps in self.deps_by_column.items()}
        object.__setattr__(self, "deps_by_column", found)

    def to_metadata(self) -> PlainValue:
        """The tagged form of `MetadataValue.column_lineage`."""
        return _tagged("column_lineage", _plain_lineage(self))


@dataclass(frozen=True, slots=True)
class MetadataValue:
    """A value of metadata that says what it is, made by `MetadataValue.md(…)`, `.url(…)` and so on.

    `value` is Python's own: text for `md`, `url`, `path`, `notebook` and `run`, seconds since 1970
    for `timestamp`, an AssetKey for `asset`, a Table for `table`. All constructors raise
    DefinitionError for a value of another type.
    """

    kind: MetadataKind
    value: Any

    @staticmethod
    def text(text: str) -> MetadataValue:
        """Text, shown as it is."""
        return MetadataValue("text", _require("text", text, str))

    @staticmethod
    def int(value: builtins.int) -> MetadataValue:
        """A whole number."""
        return MetadataValue("int", _require("int", value, int))

    @staticmethod
    def float(value: builtins.float) -> MetadataValue:
        """A number; one without a fraction is stored with one."""
        number = _require("float", value, (int, float))
        if not math.isfinite(number):
            raise DefinitionError(f"MetadataValue.float({value!r}): JSON knows no such number.")
        return MetadataValue("float", number * 1.0)

    @staticmethod
    def bool(value: builtins.bool) -> MetadataValue:
        """True or False."""
        if value is not True and value is not False:
            raise _wrong("bool", value)
        return MetadataValue("bool", value)

    @staticmethod
    def null() -> MetadataValue:
        """Nothing, on purpose."""
        return MetadataValue("null", None)

    @staticmethod
    def json(
        data: Mapping[str, Any] | Sequence[Any] | str | builtins.float | None,
    ) -> MetadataValue:
        """Anything that JSON can hold."""
        return MetadataValue("json", metadata_value("json", data))

    @staticmethod
    def md(data: str) -> MetadataValue:
        """Markdown."""
        return MetadataValue("md", _require("md", data, str))

    @staticmethod
    def url(url: str) -> MetadataValue:
        """An address to follow."""
        return MetadataValue("url", _require("url", url, str))

    @staticmethod
    def path(path: str | PathLike[str]) -> MetadataValue:
        """A file or folder."""
        return MetadataValue("path", fspath(_require("path", path, (str, PathLike))))

    @staticmethod
    def notebook(path: str | PathLike[str]) -> MetadataValue:
        """A notebook's file."""
        return MetadataValue("notebook", fspath(_require("notebook", path, (str, PathLike))))

    @staticmethod
    def timestamp(value: datetime | builtins.float) -> MetadataValue:
        """A moment: an aware datetime, or seconds since 1970 UTC."""
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise DefinitionError(
                    f"MetadataValue.timestamp({value!r}) has no time zone. Give it one: "
                    ".replace(tzinfo=timezone.utc)."
                )
            return MetadataValue("timestamp", value.timestamp())
        return MetadataValue("timestamp", _require("timestamp", value, (int, float)) * 1.0)

    @staticmethod
    def asset(asset_key: CoercibleToAssetKey) -> MetadataValue:
        """Another asset."""
        return MetadataValue("asset", AssetKey.from_coercible(asset_key))

    @staticmethod
    def run(run_id: str) -> MetadataValue:
        """A run of ours (Dagster's `dagster_run`)."""
        return MetadataValue("run", _require("run", run_id, str))

    @staticmethod
    def table(
        records: Iterable[TableRecord | Mapping[str, Any]], schema: TableSchema | None = None
    ) -> MetadataValue:
        """Rows; without `schema`, its columns and types are those of the first row."""
        rows = tuple(_record(each) for each in records)
        if schema is None:
            if not rows:
                raise DefinitionError("MetadataValue.table([]) needs a schema= to have columns.")
            schema = TableSchema(
                [TableColumn(name, _type_of(value)) for name, value in rows[0].data.items()]
            )
        names = {column.name for column in schema.columns}
        for row in rows:
            if set(row.data) - names:
                strange = ", ".join(sorted(set(row.data) - names))
                raise DefinitionError(
                    f"MetadataValue.table: a row has {strange}, which is no column of its schema."
                )
        return MetadataValue("table", Table(rows, schema))

    @staticmethod
    def table_schema(schema: TableSchema) -> MetadataValue:
        """The columns of a table."""
        return MetadataValue("table_schema", _require("table_schema", schema, TableSchema))

    @staticmethod
    def column_lineage(lineage: TableColumnLineage) -> MetadataValue:
        """Which upstream columns each column is made of."""
        return MetadataValue(
            "column_lineage", _require("column_lineage", lineage, TableColumnLineage)
        )

    def to_metadata(self) -> PlainValue:
        """What is stored: JSON's own form where there is one, else a tagged one."""
        value = self.value
        if self.kind in ("text", "int", "float", "bool", "null"):
            return value  # type: ignore[no-any-return]  # the constructors let nothing else in
        is_own = isinstance(value, list) or (isinstance(value, dict) and not is_tagged(value))
        if self.kind == "json" and is_own:
            return value  # type: ignore[no-any-return]  # a list or a dictionary, as tested
        return _tagged(self.kind, _PLAIN.get(self.kind, _same)(value))

    @staticmethod
    def read(stored: PlainValue) -> MetadataValue:
        """The value whose `to_metadata` is `stored`; what has no tag says itself what it is."""
        if isinstance(stored, Mapping) and is_tagged(stored):
            return _read_tagged(str(stored[TAG]), stored["value"])
        if stored is None:
            return MetadataValue("null", None)
        if isinstance(stored, (list, dict)):
            return MetadataValue("json", stored)
        kinds: dict[type, MetadataKind] = {bool: "bool", int: "int", float: "float"}
        return MetadataValue(kinds.get(type(stored), "text"), stored)


def plain_metadata(stored: Mapping[str, PlainValue]) -> dict[str, PlainValue]:
    """Stored metadata without tags, for systems that know plain JSON only.

    A table is a list of its rows, a schema one of its columns, a moment ISO 8601 in UTC.
    """
    return {name: _untagged(value) for name, value in stored.items()}


def _untagged(stored: PlainValue) -> PlainValue:
    if not is_tagged(stored):
        return stored
    typed = MetadataValue.read(stored)
    if typed.kind == "timestamp":
        return moment_of(typed).isoformat()
    if typed.kind == "table":
        return [dict(row.data) for row in typed.value.records]
    if typed.kind == "table_schema":
        return _plain_schema(typed.value)["columns"]
    plain: PlainValue = _PLAIN.get(typed.kind, _same)(typed.value)
    return plain


def moment_of(typed: MetadataValue) -> datetime:
    """A `timestamp` as an aware time in UTC."""
    return datetime.fromtimestamp(typed.value, timezone.utc)


def _tagged(kind: MetadataKind, value: PlainValue) -> PlainValue:
    return {TAG: kind, "value": value}


def _read_tagged(kind: str, value: Any) -> MetadataValue:
    if kind in _AS_TEXT or kind in ("timestamp", "json"):
        return MetadataValue(kind, value)  # type: ignore[arg-type]  # one of the kinds, as tested
    if kind == "asset":
        return MetadataValue("asset", AssetKey.parse(value))
    if kind == "table":
        rows = tuple(TableRecord(row) for row in value["records"])
        return MetadataValue("table", Table(rows, _schema(value["schema"])))
    if kind == "table_schema":
        return MetadataValue("table_schema", _schema(value))
    if kind == "column_lineage":
        return MetadataValue("column_lineage", _lineage(value))
    return MetadataValue("json", {TAG: kind, "value": value})  # a newer version's, or a user's own


def _require(kind: str, value: Any, allowed: type | tuple[type, ...]) -> Any:
    if isinstance(value, allowed) and not isinstance(value, bool):
        return value
    raise _wrong(kind, value)


def _wrong(kind: str, value: object) -> DefinitionError:
    return DefinitionError(
        f"MetadataValue.{kind}({value!r}): a {type(value).__name__} does not fit."
    )


def _record(row: TableRecord | Mapping[str, Any]) -> TableRecord:
    data = row.data if isinstance(row, TableRecord) else row
    found = {str(name): metadata_value(str(name), value) for name, value in data.items()}
    for name, value in found.items():
        if isinstance(value, (list, dict)):
            raise DefinitionError(
                f"MetadataValue.table: {name} holds a {type(value).__name__}; a cell is text, a "
                "number, True, False or None."
            )
    return TableRecord(found)  # type: ignore[arg-type]  # nothing nested, see above


def _type_of(value: object) -> str:
    return _TYPES.get(type(value), "string")


def _plain_schema(schema: TableSchema) -> dict[str, PlainValue]:
    columns: list[PlainValue] = []
    for column in schema.columns:
        said: dict[str, PlainValue] = {"name": column.name, "type": column.type}
        if column.description is not None:
            said["description"] = column.description
        if not column.constraints.nullable:
            said["nullable"] = False
        if column.constraints.unique:
            said["unique"] = True
        if column.constraints.other:
            said["other"] = list(column.constraints.other)
        if column.tags:
            said["tags"] = dict(column.tags)
        columns.append(said)
    found: dict[str, PlainValue] = {"columns": columns}
    if schema.constraints.other:
        found["constraints"] = list(schema.constraints.other)
    return found


def _schema(plain: Mapping[str, Any]) -> TableSchema:
    columns = [
        TableColumn(
            said["name"],
            said["type"],
            said.get("description"),
            TableColumnConstraints(
                said.get("nullable", True), said.get("unique", False), said.get("other", ())
            ),
            said.get("tags", {}),
        )
        for said in plain["columns"]
    ]
    return TableSchema(columns, TableConstraints(plain.get("constraints", ())))


def _plain_lineage(lineage: TableColumnLineage) -> dict[str, PlainValue]:
    return {
        name: [{"asset": str(dep.asset_key), "column": dep.column_name} for dep in deps]
        for name, deps in lineage.deps_by_column.items()
    }


def _lineage(plain: Mapping[str, Any]) -> TableColumnLineage:
    return TableColumnLineage(
        {
            name: [TableColumnDep(AssetKey.parse(dep["asset"]), dep["column"]) for dep in deps]
            for name, deps in plain.items()
        }
    )


def _plain_table(table: Table) -> dict[str, PlainValue]:
    rows: list[PlainValue] = [dict(row.data) for row in table.records]
    return {"records": rows, "schema": _plain_schema(table.schema)}


def _same(value: Any) -> Any:
    return value


_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "asset": str,
    "table": _plain_table,
    "table_schema": _plain_schema,
    "column_lineage": _plain_lineage,
}
