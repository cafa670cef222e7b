"""Opening a store: what cannot be reached or read is said with what to do, and no password."""

from __future__ import annotations

import os
import sqlite3
from datetime import datetime, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from bridge.errors import ConfigError, StoreUnreachableError
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.store import open_store, schema
from bridge.store.engine import Database
from bridge.store.prepared import Prepared

FACT = AssetEvent(
    kind="materialization",
    key=AssetKey("orders"),
    happened_at=datetime(2024, 3, 1, tzinfo=timezone.utc),
    source="test:1",
)
_PG = "postgresql"


def test_an_unreachable_postgresql_is_named_with_a_hint_and_without_its_password() -> None:
    pytest.importorskip("psycopg2", reason="the extra `postgres` installs it")

    with pytest.raises(StoreUnreachableError) as caught:
        open_store("postgresql+psycopg2://ana:s3cret@127.0.0.1:1/bridge")

    text = str(caught.value)
    assert "postgresql+psycopg2://ana:***@127.0.0.1:1/bridge did not answer" in text
    assert "BRIDGE_STORE" in text
    assert "s3cret" not in text
    assert caught.value.exit_code == 4


def test_a_password_in_the_query_is_not_shown_either() -> None:
    pytest.importorskip("psycopg2", reason="the extra `postgres` installs it")

    with pytest.raises(StoreUnreachableError) as caught:
        open_store("postgresql+psycopg2://127.0.0.1:1/bridge?user=ana&password=s3cret")

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["no url: s3cret", "postgresql://ana:s3cret@host:port/bridge"])
def test_a_url_that_cannot_be_read_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError, match=r"Write sqlite:///path/bridge\.db") as caught:
        open_store(url)

    assert "s3cret" not in str(caught.value)


def test_an_at_sign_in_a_password_is_refused_without_showing_what_is_after_it() -> None:
    with pytest.raises(ConfigError, match="Write %40") as refused:
        Database("postgresql+psycopg2://user:half@secret@127.0.0.1/db")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_url_without_a_driver_means_the_one_that_we_install(scheme: str) -> None:
    with pytest.raises(
        StoreUnreachableError, match=r"postgresql\+psycopg2://user@127\.0\.0\.1:1/db"
    ):
        Database(f"{scheme}://user@127.0.0.1:1/db")


def test_a_database_we_do_not_support_is_refused() -> None:
    with pytest.raises(ConfigError, match="neither SQLite nor PostgreSQL"):
        open_store("mysql://ana@127.0.0.1/bridge")


def test_missing_folders_of_a_sqlite_file_are_made(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/deep/er/bridge.db").close()

    assert (tmp_path / "deep/er/bridge.db").is_file()


def test_a_folder_that_cannot_be_made_is_an_unreachable_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreUnreachableError, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/bridge.db")


def test_a_file_that_is_no_database_is_an_unreachable_store(tmp_path: Path) -> None:
    (tmp_path / "bridge.db").write_bytes(b"hello world, I am no database at all" * 50)

    with pytest.raises(StoreUnreachableError, match="not a database"):
        open_store(f"sqlite:///{tmp_path}/bridge.db")


def test_a_folder_in_place_of_the_file_is_an_unreachable_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachableError, match="unable to open database file"):
        open_store(f"sqlite:///{tmp_path}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; any other user runs it")
def test_a_read_only_folder_is_an_unreachable_store(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(StoreUnreachableError):
        open_store(f"sqlite:///{tmp_path}/bridge.db")


def test_a_sqlite_store_survives_power_loss_and_readers_do_not_wait(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/bridge.db")

    with database.read() as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()

    assert (journal, synchronous) == ("wal", 2)
    database.close()


def test_a_reader_is_not_held_up_by_a_writer(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/bridge.db")

    with database.write() as writing, database.read() as reading:
        writing.exec_driver_sql("INSERT INTO bridge_cursor VALUES ('a', 'b')")
        seen = reading.exec_driver_sql("SELECT count(*) FROM bridge_cursor").scalar()

    assert seen == 0
    database.close()


def test_a_transaction_that_raises_leaves_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/bridge.db")

    def write_and_fail() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO bridge_cursor VALUES ('a', 'b')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()

    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM bridge_cursor").scalar() == 0
    database.close()


def test_the_shown_url_hides_the_password_and_opens_nothing_else(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/bridge.db")

    assert store.url == f"sqlite:///{tmp_path}/bridge.db"
    store.close()


def test_a_statement_that_the_database_refuses_halfway_leaves_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bridge.db"
    store = open_store(url)
    other = sqlite3.connect(tmp_path / "bridge.db")
    other.execute("DROP TABLE bridge_asset_state")

    with pytest.raises(StoreUnreachableError, match="no such table: bridge_asset_state"):
        store.record([FACT])
    assert other.execute("SELECT count(*) FROM bridge_event").fetchone() == (0,)
    other.close()
    store.close()


@pytest.mark.postgres
def test_a_plain_transaction_that_is_cut_is_an_unreachable_store_and_the_next_one_serves(
    clean_postgres_url: str,
) -> None:
    database = Database(clean_postgres_url)
    insert = Prepared(sa.text("INSERT INTO bridge_cursor (name, value) VALUES (:a, :a)"), _PG)
    own, cut = (
        Prepared(sa.text(text), _PG)
        for text in ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend(:pid)")
    )

    def write_while_cut_off() -> None:
        with database.plain("BEGIN IMMEDIATE") as transaction:
            insert(transaction, {"a": "first"})
            pid = own.first(transaction, {})[0]
            with database.plain("BEGIN") as other:
                cut(other, {"pid": pid})
            insert(transaction, {"a": "second"})

    with pytest.raises(StoreUnreachableError, match="did not answer"):
        write_while_cut_off()
    with database.plain("BEGIN IMMEDIATE") as transaction:
        insert(transaction, {"a": "third"})
    with database.read() as connection:
        assert [row[0] for row in connection.execute(sa.select(schema.cursor))] == ["third"]
    database.close()


def test_a_plain_transaction_that_raises_leaves_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/bridge.db")
    insert = Prepared(sa.text("INSERT INTO bridge_cursor (name, value) VALUES (:a, :a)"), "sqlite")

    def write_and_fail() -> None:
        with database.plain("BEGIN IMMEDIATE") as transaction:
            insert(transaction, {"a": "b"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()

    with database.read() as connection:
        assert connection.execute(sa.select(schema.cursor)).all() == []
    database.close()


@pytest.mark.postgres
def test_a_connection_that_is_cut_is_an_unreachable_store_and_the_next_one_serves(
    clean_postgres_url: str,
) -> None:
    database = Database(clean_postgres_url)
    insert = Prepared(sa.text("INSERT INTO bridge_cursor (name, value) VALUES (:a, :a)"), _PG)
    cut = sa.text("SELECT pg_terminate_backend(:pid)")

    def write_while_cut_off() -> None:
        with database.write() as connection:
            insert(connection, {"a": "first"})
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with database.write() as other:
                other.execute(cut, {"pid": pid})
            insert(connection, {"a": "second"})

    with pytest.raises(StoreUnreachableError, match="did not answer"):
        write_while_cut_off()
    with database.write() as connection:
        insert(connection, {"a": "third"})
    with database.read() as connection:
        rows = Prepared(sa.text("SELECT name FROM bridge_cursor"), _PG)(connection, {}).fetchall()
    assert rows == [("third",)]
    database.close()
