"""The schema: made at once or step by step, it is the same, and a newer one is left alone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from bridge.errors import StoreVersionError
from bridge.store import open_store, schema
from bridge.store.migrations import upgrade


def described(url: str) -> dict[str, Any]:
    engine = sa.create_engine(url)
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        seen = sa.inspect(connection)
        for table in sorted(seen.get_table_names()):
            found[table] = {
                "columns": [
                    (c["name"], str(c["type"]), c["nullable"], c["default"])
                    for c in seen.get_columns(table)
                ],
                "primary": seen.get_pk_constraint(table),
                "unique": seen.get_unique_constraints(table),
                "indexes": sorted(_index(index) for index in seen.get_indexes(table)),
            }
    engine.dispose()
    return found


def _index(index: Any) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def emptied(url: str) -> None:
    engine = sa.create_engine(url)
    everything = sa.MetaData()
    everything.reflect(engine)
    everything.drop_all(engine)
    engine.dispose()


def migrated(url: str) -> None:
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()


def test_a_fresh_schema_equals_a_migrated_one(empty_database_url: str) -> None:
    open_store(empty_database_url).close()
    fresh = described(empty_database_url)
    emptied(empty_database_url)

    migrated(empty_database_url)

    assert described(empty_database_url) == fresh
    assert len(fresh) == len(schema.metadata.tables) + 1


def test_a_migrated_database_opens_as_a_store(empty_database_url: str) -> None:
    migrated(empty_database_url)

    store = open_store(empty_database_url)

    assert store.events() == []
    store.close()


def test_opening_again_changes_nothing(empty_database_url: str) -> None:
    open_store(empty_database_url).close()
    first = described(empty_database_url)

    open_store(empty_database_url).close()

    assert described(empty_database_url) == first


@pytest.mark.parametrize("version", ["0099", "a1b2c3"])
def test_a_store_from_a_newer_version_is_refused(empty_database_url: str, version: str) -> None:
    open_store(empty_database_url).close()
    engine = sa.create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(sa.update(schema.version).values(version_num=version))
    engine.dispose()

    with pytest.raises(StoreVersionError, match=f"has schema {version}.*upgrade airflow-asset"):
        open_store(empty_database_url)
