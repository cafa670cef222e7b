"""Counting what a process does with SQLite, whichever library opens the connections."""

from __future__ import annotations

import sqlite3
import sqlite3.dbapi2
from collections import Counter
from pathlib import Path
from typing import Any

_FULL = 2
_MODULES: tuple[Any, ...] = (sqlite3, sqlite3.dbapi2)


class SqliteWatch:
    """Counts connections, commits and statements from now on; too slow for a timed run."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.settings: set[str] = set()
        # Whoever connects looks `connect` up then. (The audit event of a connection comes before
        # its trace callback can be set.)
        self._connect = sqlite3.connect
        for module in _MODULES:
            module.connect = self._watched

    def report(self, folder: Path) -> dict[str, Any]:
        """The counts, and whether every database file below `folder` is as durable as we claim."""
        self.stop()
        return {
            "connections": self.counts["connections"],
            "commits": self.counts["commits"],
            "statements": self.counts["statements"],
            "is_durable": self._is_full() and _are_wal(folder),
        }

    def stop(self) -> None:
        """Leave new connections alone."""
        for module in _MODULES:
            module.connect = self._connect

    def _watched(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = self._connect(*arguments, **options)
        connection.set_trace_callback(self._statement)
        self.counts["connections"] += 1
        return connection

    def _statement(self, sql: str) -> None:
        words = sql.strip().rstrip(";").upper()
        self.counts["statements"] += 1
        self.counts["commits"] += words.startswith("COMMIT")
        if words.startswith("PRAGMA SYNCHRONOUS"):
            self.settings.add(words.partition("=")[2].strip())

    def _is_full(self) -> bool:
        """Nobody lowered `synchronous`, and it is FULL where nobody says."""
        default = sqlite3.connect(":memory:").execute("PRAGMA synchronous").fetchone()[0]
        return default >= _FULL and self.settings <= {"FULL", "EXTRA", "2", "3"}


def _are_wal(folder: Path) -> bool:
    files = [file for file in folder.rglob("*") if file.is_file() and _is_database(file)]
    modes = set()
    for file in files:
        connection = sqlite3.connect(file)
        modes.add(connection.execute("PRAGMA journal_mode").fetchone()[0])
        connection.close()
    return modes == {"wal"}


def _is_database(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(15) == b"SQLite format 3"
