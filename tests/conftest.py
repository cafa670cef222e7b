"""What every test may use: which Airflow is here, and real services or a reason why not."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import NoReturn

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

AIRFLOW_FOLDERS = ("airflow", "examples")
POSTGRES = "BRIDGE_TEST_POSTGRES_URL"
POSTGRES_EXAMPLE = "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres"
REDIS = "BRIDGE_TEST_REDIS_URL"
REDIS_EXAMPLE = "redis://127.0.0.1:6379/0"

# On a loaded machine an example may take long; how long says nothing about the law it tests.
settings.register_profile("bridge", deadline=None)
settings.register_profile("bridge-ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("bridge-ci" if os.environ.get("CI") else "bridge")


def airflow_major() -> int | None:
    """2 or 3, the Airflow of this environment; None where there is none. Imports nothing of it."""
    try:
        return int(metadata.version("apache-airflow").split(".")[0])
    except metadata.PackageNotFoundError:
        return None


def pytest_configure(config: pytest.Config) -> None:
    """Beside Airflow, which warns about itself, only warnings in our own modules are errors."""
    if airflow_major() is not None:
        for line in ("ignore", r"error:::(bridge|adapters)(\.|$)"):
            config.addinivalue_line("filterwarnings", line)


def pytest_report_header() -> str:
    """Which Airflow and which services this run sees."""
    airflow = metadata.version("apache-airflow") if airflow_major() else "none"
    return (
        f"airflow: {airflow}, sqlalchemy: {metadata.version('sqlalchemy')}, "
        f"postgres: {'set' if os.environ.get(POSTGRES) else 'not set'}, "
        f"redis: {'set' if os.environ.get(REDIS) else 'not set'}"
    )


def pytest_ignore_collect(collection_path: os.PathLike[str], config: pytest.Config) -> bool | None:
    """Tests inside Airflow cannot even be imported where it is not installed."""
    tests = config.rootpath / "tests"
    if airflow_major() is None and collection_path in [tests / name for name in AIRFLOW_FOLDERS]:
        return True
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test of the Airflow that this environment does not hold."""
    wanted: dict[str, set[int | None]] = {"airflow": {2, 3}, "airflow2": {2}, "airflow3": {3}}
    for name, majors in wanted.items():
        if item.get_closest_marker(name) and airflow_major() not in majors:
            target = "test-airflow2" if name == "airflow2" else "test-airflow3"
            pytest.skip(f"needs another Airflow: `make {target}` runs it")


def missing(service: str) -> NoReturn:
    """Skip, saying what would run the test; in CI, where every service is expected, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must not skip tests of a real service: {service}", pytrace=False)
    pytest.skip(service)


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """URL of a PostgreSQL server on which databases may be created."""
    url = os.environ.get(POSTGRES)
    return url or missing(f"set {POSTGRES}, for example to {POSTGRES_EXAMPLE}")


@pytest.fixture(scope="session")
def redis_server() -> str:
    """URL of a Redis in which keys may be made, under a prefix of their own."""
    url = os.environ.get(REDIS)
    return url or missing(f"set {REDIS}, for example to {REDIS_EXAMPLE}")


@pytest.fixture(scope="session")
def new_postgres_database(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Create an empty database and return its URL; all are dropped at the end of the session."""
    server = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    names: list[str] = []

    def create() -> str:
        name = f"bridge_test_{uuid.uuid4().hex}"
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        names.append(name)
        return make_url(postgres_server).set(database=name).render_as_string(hide_password=False)

    yield create
    with server.connect() as connection:
        for name in names:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture
def postgres_url(new_postgres_database: Callable[[], str]) -> str:
    """URL of an empty PostgreSQL database of the test's own."""
    return new_postgres_database()
