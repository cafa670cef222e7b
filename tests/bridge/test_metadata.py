from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import (
    AssetKey,
    MaterializeResult,
    MetadataValue,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableConstraints,
    TableRecord,
    TableSchema,
    asset,
    materialize,
)
from bridge.errors import DefinitionError
from bridge.events import metadata_values
from bridge.metadata import plain_metadata
from bridge.store import open_store

NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
SCHEMA = TableSchema(
    [
        TableColumn("id", "int", "who", TableColumnConstraints(nullable=False, unique=True)),
        TableColumn(
            "name", tags={"pii": "yes"}, constraints=TableColumnConstraints(other=["short"])
        ),
    ],
    TableConstraints(["sorted"]),
)
LINEAGE = TableColumnLineage({"name": [TableColumnDep(["raw", "people"], "first_name")], "id": []})
TYPED = {
    "text": MetadataValue.text("plain"),
    "int": MetadataValue.int(3),
    "float": MetadataValue.float(2),
    "bool": MetadataValue.bool(True),
    "null": MetadataValue.null(),
    "json": MetadataValue.json({"a": [1, None]}),
    "json text": MetadataValue.json("just text"),
    "md": MetadataValue.md("# Title\n\n*words*"),
    "url": MetadataValue.url("https://example.org/x"),
    "path": MetadataValue.path(Path("/data/x.parquet")),
    "notebook": MetadataValue.notebook("/n.ipynb"),
    "timestamp": MetadataValue.timestamp(NOON),
    "asset": MetadataValue.asset(["marts", "orders"]),
    "run": MetadataValue.run("abc"),
    "table": MetadataValue.table([TableRecord({"id": 1, "name": None})], SCHEMA),
    "table_schema": MetadataValue.table_schema(SCHEMA),
    "column_lineage": MetadataValue.column_lineage(LINEAGE),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_typed_value_survives_json(name: str) -> None:
    stored = metadata_values({name: TYPED[name]})

    assert MetadataValue.read(json.loads(json.dumps(stored))[name]) == TYPED[name]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_json_holds_comes_back_and_is_stored_as_it_is(value: Any) -> None:
    assert metadata_values({"x": value}) == {"x": value}
    assert MetadataValue.read(MetadataValue.json(value).to_metadata()).value == value


def test_storing_what_was_stored_changes_nothing() -> None:
    stored = metadata_values(TYPED)

    assert metadata_values(stored) == stored


def test_a_dictionary_of_the_users_own_that_looks_tagged_is_let_be() -> None:
    own = {"$kind": "sofa", "value": 3}

    assert metadata_values({"x": own}) == {"x": own}
    assert MetadataValue.read(own) == MetadataValue("json", own)


def test_other_systems_see_plain_values_only() -> None:
    assert plain_metadata(metadata_values(TYPED)) == {
        "text": "plain",
        "int": 3,
        "float": 2.0,
        "bool": True,
        "null": None,
        "json": {"a": [1, None]},
        "json text": "just text",
        "md": "# Title\n\n*words*",
        "url": "https://example.org/x",
        "path": "/data/x.parquet",
        "notebook": "/n.ipynb",
        "timestamp": "2026-11-22T12:00:00+00:00",
        "asset": "marts/orders",
        "run": "abc",
        "table": [{"id": 1, "name": None}],
        "table_schema": [
            {"name": "id", "type": "int", "description": "who", "nullable": False, "unique": True},
            {"name": "name", "type": "string", "other": ["short"], "tags": {"pii": "yes"}},
        ],
        "column_lineage": {"name": [{"asset": "raw/people", "column": "first_name"}], "id": []},
    }


def test_a_table_without_a_schema_has_the_columns_of_its_first_row() -> None:
    table = MetadataValue.table([{"a": 1, "b": 2.5, "c": "x", "d": True}]).value

    assert [(c.name, c.type) for c in table.schema.columns] == [
        ("a", "int"),
        ("b", "float"),
        ("c", "string"),
        ("d", "bool"),
    ]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: MetadataValue.int("3"), "str does not fit"),
        (lambda: MetadataValue.int(True), "bool does not fit"),
        (lambda: MetadataValue.bool(1), "int does not fit"),
        (lambda: MetadataValue.float(float("nan")), "JSON knows no such number"),
        (lambda: MetadataValue.md(3), "int does not fit"),
        (lambda: MetadataValue.timestamp(NOON.replace(tzinfo=None)), "no time zone"),
        (lambda: MetadataValue.table([]), "needs a schema="),
        (lambda: MetadataValue.table([{"a": 1}, {"b": 2}]), "a row has b"),
        (lambda: MetadataValue.table([{"a": [1]}]), "a cell is text"),
        (lambda: TableSchema([TableColumn("a"), TableColumn("a")]), "two columns called 'a'"),
    ],
)
def test_a_value_of_another_type_is_refused(make: Any, said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        make()


def test_a_moment_of_any_zone_is_the_same_moment() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))

    assert MetadataValue.timestamp(there) == MetadataValue.timestamp(NOON)


def test_an_asset_records_typed_metadata() -> None:
    @asset(metadata={"docs": MetadataValue.url("https://example.org")})
    def people() -> MaterializeResult:
        return MaterializeResult(
            metadata={"schema": SCHEMA, "lineage": LINEAGE, "plain": 3, "head": TYPED["table"]}
        )

    store = open_store("sqlite://")
    materialize([people], store=store)
    (event,) = store.events(people.key, kinds=("materialization",))
    noted = event.event.metadata

    assert noted["plain"] == 3
    assert MetadataValue.read(noted["schema"]).value == SCHEMA
    assert MetadataValue.read(noted["lineage"]).value == LINEAGE
    assert MetadataValue.read(noted["head"]) == TYPED["table"]
    assert MetadataValue.read(people.spec.metadata["docs"]).kind == "url"
    assert LINEAGE.deps_by_column["name"][0].asset_key == AssetKey(["raw", "people"])
