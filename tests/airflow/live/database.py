"""A metadata database for one Airflow: PostgreSQL where tests have one, else a SQLite file."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url


@contextmanager
def metadata_database(home: Path) -> Iterator[str]:
    """The SQLAlchemy url of an empty database; one made on a server is dropped at the end."""
    server = os.environ.get("BRIDGE_TEST_POSTGRES_URL")
    if not server:
        yield f"sqlite:///{home / 'airflow.db'}"
        return
    name = f"bridge_airflow_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        engine.dispose()
