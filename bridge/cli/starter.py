"""The text of a starting project."""

from __future__ import annotations

import keyword
import re
import sys
from datetime import date
from pathlib import Path
from string import Template

IGNORED = (".bridge/", "__pycache__/")
_TAKEN = {"bridge", "adapters", "airflow", "dbt", "dags", "tests"}

_SETTINGS = Template("""\
# What `bridge` reads; all paths count from this folder.
definitions = ["$package.definitions"]

# Facts (what ran, when, with what result). For a team: "postgresql+psycopg2://user@host/database"
store = "sqlite:///.bridge/bridge.db"

# Where values of assets are kept by the default IO manager.
storage = ".bridge/storage"

# A live Airflow to observe and to move over:
# [airflow.airflow]
# url = "http://localhost:8080"
# username = "admin"
# password_env = "AIRFLOW_PASSWORD"
""")

_DEFINITIONS = Template('''\
"""The assets of this project: what there is, and how each one is computed from others."""

from __future__ import annotations

import random
from datetime import timedelta

from bridge import (
    AssetCheckResult,
    DailyPartitionsDefinition,
    Definitions,
    FreshnessPolicy,
    asset,
    asset_check,
)

daily = DailyPartitionsDefinition(start_date="$start")


@asset(group_name="raw", kinds=["python"], owners=["team:data"])
def cities() -> list[str]:
    """The cities that are measured."""
    return ["Zurich", "Nairobi", "Quito", "Oslo"]


@asset(group_name="raw", kinds=["python"], owners=["team:data"], partitions_def=daily)
def temperatures(context, cities: list[str]) -> list[dict]:
    """One day's readings, one an hour and city."""
    chance = random.Random(context.partition_key)  # the same day gives the same readings
    readings = [
        {"city": city, "hour": hour, "celsius": round(chance.uniform(-5, 30), 1)}
        for city in cities
        for hour in range(24)
    ]
    context.add_output_metadata({"cities": len(cities)})
    return readings


@asset_check(asset=temperatures)
def every_city_has_24_readings(temperatures: list[dict]) -> AssetCheckResult:
    """A day without gaps; a failure keeps what is downstream from being computed."""
    counts = {city: 0 for city in {reading["city"] for reading in temperatures}}
    for reading in temperatures:
        counts[reading["city"]] += 1
    short = sorted(city for city, count in counts.items() if count != 24)
    return AssetCheckResult(
        passed=not short,
        description=f"incomplete: {', '.join(short)}" if short else None,
        metadata={"cities": len(counts)},
    )


@asset(
    group_name="marts",
    kinds=["python"],
    owners=["team:data"],
    partitions_def=daily,
    freshness_policy=FreshnessPolicy.time_window(fail_window=timedelta(hours=26)),
)
def warmest_city(temperatures: list[dict]) -> dict:
    """The day's highest reading."""
    return max(temperatures, key=lambda reading: reading["celsius"])


defs = Definitions(
    assets=[cities, temperatures, warmest_city], asset_checks=[every_city_has_24_readings]
)
''')


def starting_files(root: Path, start: date) -> dict[Path, str]:
    """A project's files below `root` with their texts; its first partition is `start`."""
    package = package_name(root.name)
    return {
        root / "bridge.toml": _SETTINGS.substitute(package=package),
        root / package / "__init__.py": f'"""The data assets of {package}."""\n',
        root / package / "definitions.py": _DEFINITIONS.substitute(start=start.isoformat()),
    }


def package_name(folder: str) -> str:
    """A Python package's name out of a folder's, never one that hides another package."""
    name = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_") or "assets"
    is_free = name.isidentifier() and not keyword.iskeyword(name)
    is_free = is_free and name not in _TAKEN and name not in sys.stdlib_module_names
    return name if is_free else f"project_{name}"
