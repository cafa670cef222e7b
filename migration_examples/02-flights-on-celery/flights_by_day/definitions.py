"""Assets of one day in three groups: what was delivered, what it means, what people read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bridge import (
    AssetCheckResult,
    Config,
    DailyPartitionsDefinition,
    Definitions,
    RetryPolicy,
    asset,
    asset_check,
    define_asset_job,
)
from flights_by_day.sources import one_day

DAILY = {
    "partitions_def": DailyPartitionsDefinition(start_date="2013-01-01", end_date="2014-01-01"),
    "owners": ["team:data-platform"],
    # Airflow follows it: a task that is lost with its worker, or comes while another run writes the
    # same day, is tried again.
    "retry_policy": RetryPolicy(max_retries=5, delay=2),
}


@asset(**DAILY, group_name="raw")
def raw_flights(context) -> pd.DataFrame:
    """Every flight that was to leave New York on the day, as delivered."""
    return one_day("flights.csv.zip", context.partition_key)


@asset(**DAILY, group_name="raw")
def raw_weather(context) -> pd.DataFrame:
    """The weather of each hour of the day at the three airports, as delivered."""
    return one_day("weather.csv", context.partition_key)


@asset(**DAILY, group_name="marts")
def departures(raw_flights: pd.DataFrame, raw_weather: pd.DataFrame) -> pd.DataFrame:
    """One row per flight, with the weather at its airport in its hour."""
    weather = raw_weather[["origin", "time_hour", "temp", "wind_speed", "visib"]]
    return raw_flights.merge(weather, on=["origin", "time_hour"], how="left")


@asset(**DAILY, group_name="marts")
def delay_chains(departures: pd.DataFrame) -> pd.DataFrame:
    """One row per departure that left: how much of its delay its plane may have brought along.

    That is at most what its last flight from New York on this day was late where it arrived.
    """
    left = departures.dropna(subset=["dep_delay", "tailnum"])
    left = left.sort_values(["tailnum", "sched_dep_time"], ignore_index=True)
    by_plane = left.groupby("tailnum")
    late_before = by_plane["arr_delay"].shift().fillna(0).clip(lower=0)
    brought = np.minimum(late_before, left["dep_delay"].clip(lower=0))
    columns = ["tailnum", "carrier", "flight", "origin", "dep_delay"]
    return left[columns].assign(leg=by_plane.cumcount() + 1, brought_delay=brought)


class Resampling(Config):
    """How sure the report is to be; a run's configuration may say otherwise.

    `{"partition": "2013-01-05", "run_config": {"rpt_carriers": {"resamples": 5000}}}`
    """

    resamples: int = 200


@asset(**DAILY, group_name="reports")
def rpt_carriers(config: Resampling, delay_chains: pd.DataFrame) -> pd.DataFrame:
    """One row per carrier: its delay on the day, with a 95 % interval from resampling."""
    random = np.random.default_rng(2013)
    rows = []
    for carrier, flights in delay_chains.groupby("carrier"):
        delays = flights["dep_delay"].to_numpy()
        means = [random.choice(delays, size=len(delays)).mean() for _ in range(config.resamples)]
        low, high = np.quantile(means, [0.025, 0.975])
        late, brought = delays.clip(min=0).sum(), flights["brought_delay"].sum()
        rows.append(
            {
                "carrier": carrier,
                "flights": len(flights),
                "mean_delay": round(float(delays.mean()), 2),
                "low": round(float(low), 2),
                "high": round(float(high), 2),
                "brought_share": round(float(brought / late), 3) if late else 0.0,
            }
        )
    return pd.DataFrame(rows)


@asset_check(asset=departures, additional_deps=[raw_flights])
def each_flight_once(departures: pd.DataFrame, raw_flights: pd.DataFrame) -> AssetCheckResult:
    """The join neither loses nor doubles a flight; where it does, nothing after it is computed."""
    return AssetCheckResult(
        passed=len(departures) == len(raw_flights),
        metadata={"departures": len(departures), "flights": len(raw_flights)},
    )


defs = Definitions(
    assets=[raw_flights, raw_weather, departures, delay_chains, rpt_carriers],
    asset_checks=[each_flight_once],
    # One DAG for all three groups; without the job there would be a DAG for each.
    jobs=[define_asset_job("flights_by_day", "*")],
)
