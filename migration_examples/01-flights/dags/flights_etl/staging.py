"""The Python steps of `flights_daily`: each replaces one day, so each can be run again."""

import logging

from flights_etl import sources, warehouse

log = logging.getLogger(__name__)


def stage_flights(day: str) -> int:
    """Load the day's extract from the landing folder into stg_flights; returns its rows."""
    with (warehouse.landing_dir() / day / "flights.csv").open(newline="") as file:
        rows = [
            {
                "flight_date": day,
                "carrier": row["carrier"],
                "flight": row["flight"],
                "tailnum": row["tailnum"],
                "origin": row["origin"],
                "dest": row["dest"],
                "sched_dep_time": row["sched_dep_time"],
                "dep_time": row["dep_time"],
                "dep_delay": row["dep_delay"],
                "arr_delay": row["arr_delay"],
                "distance": row["distance"],
                "sched_dep_hour": row["hour"],
                "time_hour": row["time_hour"],
            }
            for row in sources.read_rows(file)
        ]
    count = warehouse.replace_day("stg_flights", "flight_date", day, rows)
    log.info("stg_flights %s: %s rows", day, count)
    return count


def stage_weather(day: str) -> int:
    """Load the day's weather into stg_weather; returns its rows."""
    columns = ["origin", "time_hour", "temp", "wind_speed", "wind_gust", "precip", "visib"]
    rows = [
        {"weather_date": day} | {column: row[column] for column in columns}
        for row in sources.weather_of(day)
    ]
    count = warehouse.replace_day("stg_weather", "weather_date", day, rows)
    log.info("stg_weather %s: %s rows", day, count)
    return count


def summarise_origin(origin: str, day: str) -> int:
    """Write the day's row of one airport into stg_origin_summary; returns its number of flights."""
    with warehouse.transaction() as connection:
        connection.execute(
            """
            INSERT OR REPLACE INTO stg_origin_summary
                (flight_date, origin, flights, cancelled, avg_dep_delay)
            SELECT ?, ?, count(*), count(*) - count(dep_time), round(avg(dep_delay), 2)
            FROM stg_flights WHERE flight_date = ? AND origin = ?
            """,
            (day, origin, day, origin),
        )
        (flights,) = connection.execute(
            "SELECT flights FROM stg_origin_summary WHERE flight_date = ? AND origin = ?",
            (day, origin),
        ).fetchone()
    log.info("stg_origin_summary %s %s: %s flights", day, origin, flights)
    return flights


def publish(day: str) -> int:
    """Note in publish_log that the day's departures are complete; fails where they are not."""
    with warehouse.transaction() as connection:
        (staged,) = connection.execute(
            "SELECT count(*) FROM stg_flights WHERE flight_date = ?", (day,)
        ).fetchone()
        (built,) = connection.execute(
            "SELECT count(*) FROM fct_departures WHERE flight_date = ?", (day,)
        ).fetchone()
        if built != staged:
            raise ValueError(f"{day}: stg_flights has {staged} rows, fct_departures has {built}")
        connection.execute(
            "INSERT OR REPLACE INTO publish_log (flight_date, departures, published_at)"
            " VALUES (?, ?, ?)",
            (day, built, warehouse.utc_now()),
        )
    return built
