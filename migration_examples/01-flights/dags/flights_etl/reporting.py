"""The Python steps of `flights_delay_report`: which days to report, and the report as a CSV file."""

import csv
import logging

from airflow.providers.sqlite.hooks.sqlite import SqliteHook

from flights_etl import sources, warehouse

log = logging.getLogger(__name__)

COLUMNS = ["flight_date", "carrier", "flights", "cancelled", "avg_dep_delay", "late_15_share"]


def unreported_days() -> set[str]:
    """The days published since their last report."""
    with warehouse.transaction() as connection:
        rows = connection.execute(
            """
            SELECT flight_date FROM publish_log LEFT JOIN report_log USING (flight_date)
            WHERE reported_at IS NULL OR reported_at < published_at
            """
        ).fetchall()
    return {day for (day,) in rows}


def write_report(days: list[str]) -> list[str]:
    """Write one file a day, the latest carrier first; returns the paths."""
    hook = SqliteHook(sqlite_conn_id=warehouse.CONN_ID)
    names = sources.carrier_names()
    warehouse.reports_dir().mkdir(parents=True, exist_ok=True)
    written = []
    for day in days:
        rows = hook.get_records(
            f"SELECT {', '.join(COLUMNS)} FROM rpt_delay_by_carrier"  # noqa: S608
            " WHERE flight_date = ? ORDER BY avg_dep_delay DESC",
            parameters=(day,),
        )
        path = warehouse.reports_dir() / f"delay_by_carrier_{day}.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*COLUMNS, "carrier_name"])
            writer.writerows([*row, names.get(row[1], row[1])] for row in rows)
        with warehouse.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO report_log (flight_date, reported_at) VALUES (?, ?)",
                (day, warehouse.utc_now()),
            )
        log.info("%s: %s carriers", path, len(rows))
        written.append(str(path))
    return written
