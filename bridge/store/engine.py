"""Opening a database: dialect settings, transactions, and the schema's version."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, RLock
from typing import Any, Literal
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import Pool, QueuePool, StaticPool

from bridge.errors import (
    ConfigError,
    RefusedError,
    StoreUnreachableError,
    StoreVersionError,
)
from bridge.store import schema

_BUSY_S = 60
_DISMISSED_WITHIN_S = 5.0
_CACHE_KB = 16_000  # holds what thousands of facts touch in one transaction; taken as it is needed
_NETWORK_FILE_SYSTEMS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "fuse.sshfs",
    "glusterfs",
    "ceph",
    "9p",
}
_CREATION_LOCK = 0x61_62_72_69  # any fixed number: PostgreSQL's advisory lock for making the schema

_CONNECTING = RLock()  # held while a file is opened, and while the process is forked
_IN_FILES: WeakSet[Database] = WeakSet()


@dataclass(frozen=True, slots=True)
class Plain:
    """A transaction without SQLAlchemy around it."""

    connection: Any


class Database:
    """One engine with the transactions we use; `shown_url` never holds a password."""

    def __init__(self, url: str) -> None:
        self.engine, self.shown_url = _engine(url)
        self._driver: Any = self.engine.dialect.dbapi
        # A database in memory is one connection, which threads must take in turns.
        self._turn: AbstractContextManager[object] = (
            Lock() if isinstance(self.engine.pool, StaticPool) else nullcontext()
        )
        self._open: set[int] = set()  # connections, by identity
        self._left: list[Pool] = []
        sa.event.listen(self.engine, "connect", lambda made, _: self._open.add(id(made)))
        sa.event.listen(self.engine, "close", lambda made, _: self._open.discard(id(made)))
        if self.is_sqlite and not self.is_in_memory:
            _IN_FILES.add(self)
        self._reading = self.engine.execution_options(bridge_begin="BEGIN")
        try:
            self._create_or_upgrade()
        except BaseException:
            self.close()
            raise

    @property
    def is_sqlite(self) -> bool:
        """Whether it is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> str | None:
        """The embedded database's file."""
        named = self.engine.url.database
        return str(Path(named).resolve()) if self.is_sqlite and named else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write, committed at the end."""
        with (
            self._turn,
            self._explained(),
            self.engine.begin() as connection,
            self._noticed(connection),
        ):
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads and never waits for a writer."""
        # begun here: a prepared statement would not begin it
        with (
            self._turn,
            self._explained(),
            self._reading.begin() as connection,
            self._noticed(connection),
        ):
            yield connection

    @contextmanager
    def plain(self, begin: Literal["BEGIN", "BEGIN IMMEDIATE"]) -> Iterator[Plain]:
        """As `read` or `write`, for prepared statements alone: a third of what Core adds."""
        with self._turn, self._explained():
            held = self.engine.raw_connection()
            try:
                if self.is_sqlite:
                    held.cursor().execute(begin)
                yield Plain(held)
                held.commit()
            except BaseException as error:
                if self._is_cut(error, held):
                    held.invalidate(error)
                else:
                    held.rollback()
                raise
            finally:
                held.close()

    def _is_cut(self, error: BaseException, held: Any) -> bool:
        lost = (self._driver.OperationalError, self._driver.InterfaceError)
        return isinstance(error, lost) and bool(
            self.engine.dialect.is_disconnect(error, held, None)
        )

    @property
    def is_in_memory(self) -> bool:
        """Whether it is a database in this process's memory."""
        return isinstance(self.engine.pool, StaticPool)

    @contextmanager
    def detached(self) -> Iterator[None]:
        """No connection of this process is open meanwhile, nor is one opened: it may be forked.

        SQLite must not be carried through a fork, be it by another store on the same file: its
        locks belong to a process, the child would believe to hold the parent's, and what it writes
        would be lost.
        """
        with _CONNECTING:
            for database in {self, *(each for each in _IN_FILES if each.file == self.file)}:
                database.dismiss()
            yield

    def dismiss(self) -> None:
        """Close all connections, waiting a moment for those in use. Raises RefusedError."""
        self._left.append(self.engine.pool)
        self.engine.dispose()
        deadline = time.monotonic() + _DISMISSED_WITHIN_S
        while self._open:
            if time.monotonic() > deadline:
                raise RefusedError(
                    f"Another thread is using the store {self.shown_url}, so no workers can be "
                    "started from here. Start this run in a process of its own, or without workers."
                )
            time.sleep(0.01)
            self._dispose_left()
        self._left.clear()

    def _dispose_left(self) -> None:
        """Close what was given back to pools that are not used any more."""
        for pool in self._left:
            pool.dispose()

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()
        self._dispose_left()

    @contextmanager
    def _noticed(self, connection: Connection) -> Iterator[None]:
        """Drop a connection that a prepared statement found cut; SQLAlchemy hears of its own."""
        try:
            yield
        except (self._driver.OperationalError, self._driver.InterfaceError) as error:
            if self.engine.dialect.is_disconnect(error, connection.connection, None):
                connection.invalidate(error)
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            is_broken = isinstance(error, sa.exc.OperationalError) or type(error) is DatabaseError
            if error.connection_invalidated or is_broken:
                raise self._unreachable(error.orig) from error
            raise
        except self._driver.DatabaseError as error:
            is_broken = isinstance(error, self._driver.OperationalError)
            if is_broken or type(error) is self._driver.DatabaseError:
                raise self._unreachable(error) from error
            raise
        except self._driver.InterfaceError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: BaseException | None) -> StoreUnreachableError:
        return StoreUnreachableError(
            f"The store {self.shown_url} did not answer: {_first_line(error)}. Nothing was "
            "recorded. See that it runs and that BRIDGE_STORE or [tool.bridge] store "
            "names it, then try again."
        )

    def _create_or_upgrade(self) -> None:
        with self.read() as connection:
            found = _version(connection)
        if found == schema.HEAD:
            return
        if found is not None and not (found.isdigit() and int(found) < int(schema.HEAD)):
            raise StoreVersionError(
                f"The store {self.shown_url} has schema {found}, and this version knows up to "
                f"{schema.HEAD}. A newer version wrote it: upgrade airflow-asset-bridge here."
            )
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATION_LOCK)))
            found = _version(connection)
            if found is None:
                _create(connection)
            elif found != schema.HEAD:
                _upgrade(connection)


def _engine(url: str) -> tuple[Engine, str]:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # neither the text nor the error is shown: both may hold a password
        raise ConfigError(
            "The store's URL cannot be read. Write sqlite:///path/bridge.db or "
            "postgresql+psycopg2://user@host/db."
        ) from None
    if "@" in (parsed.host or ""):
        raise ConfigError(  # again not shown: part of the password is taken for the host
            "The store's URL has more than one @. Write %40 for one that is in the password."
        )
    if parsed.drivername in ("postgresql", "postgres"):  # what it means changes with SQLAlchemy
        parsed = parsed.set(drivername="postgresql+psycopg2")
    shown = parsed.set(query={}).render_as_string(hide_password=True)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(url, parsed.database), shown
    if parsed.get_backend_name() == "postgresql":
        try:
            return sa.create_engine(parsed, future=True, pool_pre_ping=True), shown
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise ConfigError(
                f"The store {shown} needs its driver: pip install 'airflow-asset-bridge[postgres]' "
                "and write postgresql+psycopg2://… ."
            ) from error
    raise ConfigError(
        f"The store {shown} is neither SQLite nor PostgreSQL, the two that are supported. Write "
        "sqlite:///path/bridge.db or postgresql+psycopg2://user@host/db."
    )


def _sqlite_engine(url: str, database: str | None) -> Engine:
    in_memory = database in (None, "", ":memory:")
    if not in_memory:
        folder = Path(str(database)).absolute().parent
        _refuse_network_file_system(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnreachableError(
                f"The store's folder {folder} cannot be made: {error.strerror}. Choose another in "
                "BRIDGE_STORE."
            ) from error
    engine = sa.create_engine(
        url,
        future=True,
        poolclass=StaticPool if in_memory else QueuePool,
        pool_reset_on_return=None,  # every transaction has ended by then
        connect_args={"check_same_thread": False, "timeout": _BUSY_S},
    )

    @sa.event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _record: object, given: Any, named: Any) -> Any:
        with _CONNECTING:
            return dialect.connect(*given, **named)

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        # we say BEGIN ourselves; the driver's own begins too late
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE waits for its turn; a deferred transaction that turns to writing fails as locked
        begin = connection.get_execution_options().get("bridge_begin", "BEGIN IMMEDIATE")
        connection.connection.cursor().execute(begin)

    return engine


def _refuse_network_file_system(folder: Path) -> None:
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        point, file_system = line.split(" ")[1:3]
        if len(point) > len(best) and (folder == Path(point) or Path(point) in folder.parents):
            best, kind = point, file_system
    if kind in _NETWORK_FILE_SYSTEMS:
        raise ConfigError(
            f"{folder} is on a network file system ({kind}), where SQLite loses data. "
            "Use a local folder, or PostgreSQL for several hosts."
        )


def _version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(schema.VERSION_TABLE):
        return None
    found = connection.execute(sa.select(schema.version.c.version_num)).scalar()
    return None if found is None else str(found)


def _create(connection: Connection) -> None:
    schema.metadata.create_all(connection)
    schema.version.create(connection)
    connection.execute(sa.insert(schema.version).values(version_num=schema.HEAD))


def _upgrade(connection: Connection) -> None:
    from bridge.store.migrations import upgrade  # noqa: PLC0415 - alembic, only when there is work

    upgrade(connection)


def _first_line(error: BaseException | None) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
