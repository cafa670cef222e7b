"""The warehouse: one SQLite file, its staging tables, and the one way our Python steps write to it.

The file is $FLIGHTS_WAREHOUSE. The SQL operators reach the same file through the Airflow connection
`flights_warehouse`, so both have to be set (see the README).
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

CONN_ID = "flights_warehouse"
BUSY_TIMEOUT_S = 30  # a day's write takes milliseconds: who waits longer than this is stuck

STAGING_TABLES = """
CREATE TABLE IF NOT EXISTS stg_flights (
    flight_date TEXT NOT NULL,
    carrier TEXT NOT NULL,
    flight INTEGER NOT NULL,
    tailnum TEXT,
    origin TEXT NOT NULL,
    dest TEXT NOT NULL,
    sched_dep_time INTEGER NOT NULL,
    dep_time INTEGER,
    dep_delay INTEGER,
    arr_delay INTEGER,
    distance INTEGER,
    sched_dep_hour INTEGER NOT NULL,
    time_hour TEXT NOT NULL,
    PRIMARY KEY (flight_date, carrier, flight, origin)
);
CREATE TABLE IF NOT EXISTS stg_weather (
    weather_date TEXT NOT NULL,
    origin TEXT NOT NULL,
    time_hour TEXT NOT NULL,
    temp REAL,
    wind_speed REAL,
    wind_gust REAL,
    precip REAL,
    visib REAL,
    PRIMARY KEY (origin, time_hour)
);
CREATE TABLE IF NOT EXISTS stg_origin_summary (
    flight_date TEXT NOT NULL,
    origin TEXT NOT NULL,
    flights INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    avg_dep_delay REAL,
    PRIMARY KEY (flight_date, origin)
);
CREATE TABLE IF NOT EXISTS publish_log (
    flight_date TEXT PRIMARY KEY,
    departures INTEGER NOT NULL,
    published_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS report_log (
    flight_date TEXT PRIMARY KEY,
    reported_at TEXT NOT NULL
);
"""


def utc_now() -> str:
    """Now, as text that sorts by time."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def warehouse_path() -> Path:
    """$FLIGHTS_WAREHOUSE, else warehouse/flights.db beside the dags folder."""
    default = Path(__file__).resolve().parents[2] / "warehouse" / "flights.db"
    return Path(os.environ.get("FLIGHTS_WAREHOUSE") or default)


def landing_dir() -> Path:
    """Where the days' extracts land: beside the warehouse file."""
    return warehouse_path().parent / "landing"


def reports_dir() -> Path:
    """Where the CSV reports go: beside the warehouse file."""
    return warehouse_path().parent / "reports"


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """One short write transaction, committed at the end, rolled back on an error.

    BEGIN IMMEDIATE takes the write lock at once: a second writer waits instead of failing half-way.
    """
    path = warehouse_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(STAGING_TABLES)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    finally:
        connection.close()


def replace_day(table: str, date_column: str, day: str, rows: list[dict]) -> int:
    """Replace the rows of `day`, so that running again changes nothing; returns how many there are."""
    with transaction() as connection:
        connection.execute(f"DELETE FROM {table} WHERE {date_column} = ?", (day,))  # noqa: S608
        if rows:
            names = list(rows[0])
            places = ", ".join(f":{name}" for name in names)
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})",  # noqa: S608
                rows,
            )
    return len(rows)
