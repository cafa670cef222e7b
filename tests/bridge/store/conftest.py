"""The store on each database it supports; every test that takes `store` runs on all three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bridge.store import Store, open_store, schema

SQLITE = ["sqlite-file", "sqlite-memory"]
POSTGRES = pytest.param("postgresql", marks=pytest.mark.postgres)


@pytest.fixture(scope="session")
def shared_postgres_url(new_postgres_database: Callable[[], str]) -> str:
    """One database for all contract tests; making one takes longer than most of them."""
    url = new_postgres_database()
    engine = create_engine(url)
    with engine.begin() as connection:  # what is tested here outlives the test, not a power cut
        connection.execute(
            text(f'ALTER DATABASE "{engine.url.database}" SET synchronous_commit = off')
        )
    engine.dispose()
    open_store(url).close()
    return url


@pytest.fixture
def clean_postgres_url(shared_postgres_url: str) -> str:
    """The shared database with its schema and no rows."""
    engine = create_engine(shared_postgres_url)
    with engine.begin() as connection:
        for table in schema.metadata.tables:
            connection.execute(text(f'DELETE FROM "{table}"'))  # TRUNCATE makes new files, 0.2 s
        connection.execute(text("ALTER SEQUENCE bridge_route_change_number_seq RESTART"))
    engine.dispose()
    return shared_postgres_url


@pytest.fixture
def emptied_postgres_url(shared_postgres_url: str) -> Iterator[str]:
    """The shared database without any table; its schema is made again afterwards."""
    engine = create_engine(shared_postgres_url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    yield shared_postgres_url
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    open_store(shared_postgres_url).close()


def _url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if kind == "postgresql":
        return str(request.getfixturevalue("clean_postgres_url"))
    return "sqlite://" if kind == "sqlite-memory" else f"sqlite:///{tmp_path / 'bridge.db'}"


@pytest.fixture(params=[*SQLITE, POSTGRES])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store."""
    opened = open_store(_url(request.param, tmp_path, request))
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite-file", POSTGRES])
def shared_store_url(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """URL of an empty store that several processes can open."""
    return _url(request.param, tmp_path, request)


@pytest.fixture(params=["sqlite-file", POSTGRES])
def empty_database_url(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """URL of a database without any table."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("emptied_postgres_url"))
    return f"sqlite:///{tmp_path / 'empty.db'}"
