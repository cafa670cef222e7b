"""Tables of the warehouse as asset values: one table an asset, the rows of one day a partition."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from bridge import InputContext, IOManager, OutputContext

DATE_COLUMNS = {"stg_weather": "weather_date"}  # all others call it flight_date
PRIMARY_KEYS = {
    "stg_flights": "flight_date, carrier, flight, origin",
    "stg_weather": "origin, time_hour",
    "fct_departures": "flight_date, carrier, flight, origin",
    "rpt_delay_by_carrier": "flight_date, carrier",
}


def warehouse_path() -> Path:
    """$FLIGHTS_WAREHOUSE, the file that the legacy DAGs use too."""
    default = Path(__file__).resolve().parent.parent / "warehouse" / "flights.db"
    return Path(os.environ.get("FLIGHTS_WAREHOUSE") or default)


@contextmanager
def connection() -> Iterator[sqlite3.Connection]:
    """A connection that waits for other writers, and takes the write lock only when told to."""
    path = warehouse_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    found = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        found.execute("PRAGMA journal_mode = WAL")
        yield found
    finally:
        found.close()


class WarehouseIOManager(IOManager):
    """Stores a day's frame by replacing that day's rows; loads a day, or the whole table."""

    def handle_output(self, context: OutputContext, obj: pd.DataFrame) -> None:
        """Delete and insert in one transaction: readers see the old day or the new one."""
        table = context.asset_key.path[-1]
        date_column = DATE_COLUMNS.get(table, "flight_date")
        rows = list(obj.astype(object).where(obj.notna(), None).itertuples(index=False, name=None))
        columns, places = ", ".join(obj.columns), ", ".join("?" for _ in obj.columns)
        with connection() as warehouse:
            warehouse.execute(
                f"CREATE TABLE IF NOT EXISTS {table}"
                f" ({columns}, PRIMARY KEY ({PRIMARY_KEYS[table]}))"
            )
            warehouse.execute("BEGIN IMMEDIATE")
            try:
                warehouse.execute(
                    f"DELETE FROM {table} WHERE {date_column} = ?", (context.partition_key,)
                )
                warehouse.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)
                context.confirm()
            except BaseException:
                warehouse.execute("ROLLBACK")
                raise
            warehouse.execute("COMMIT")
        context.add_output_metadata({"table": table})

    def load_input(self, context: InputContext) -> pd.DataFrame:
        """The rows of the asked day as a frame."""
        table = context.asset_key.path[-1]
        date_column = DATE_COLUMNS.get(table, "flight_date")
        with connection() as warehouse:
            if not context.has_partition_key:
                return pd.read_sql_query(f"SELECT * FROM {table}", warehouse)
            return pd.read_sql_query(
                f"SELECT * FROM {table} WHERE {date_column} = ?",
                warehouse,
                params=(context.partition_key,),
            )
