"""Two databases and the keys in Redis, made for one cluster and removed with it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url


@contextmanager
def new_databases(server: str, *names: str) -> Iterator[list[str]]:
    """URLs of new databases on a PostgreSQL server; they are dropped at the end."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    made: list[str] = []
    try:
        for name in names:
            unique = f"{name}_{secrets.token_hex(4)}"
            with engine.connect() as connection:
                connection.exec_driver_sql(f'CREATE DATABASE "{unique}"')
            made.append(unique)
        yield [
            make_url(server).set(database=name).render_as_string(hide_password=False)
            for name in made
        ]
    finally:
        with engine.connect() as connection:
            for name in made:
                connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        engine.dispose()


@contextmanager
def new_queue(redis_url: str) -> Iterator[str]:
    """A name for a queue, also the beginning of all keys; they are deleted at the end."""
    name = f"flights-{secrets.token_hex(4)}"
    client = redis.Redis.from_url(redis_url)
    try:
        client.ping()
        yield name
    finally:
        for key in client.scan_iter(match=f"{name}:*"):
            client.delete(key)
        client.close()
