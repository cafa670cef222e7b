"""The first example from end to end, by the script that `make demo` runs, on either Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.events import RecordedEvent
from bridge.keys import AssetKey
from bridge.store import open_store

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
DEPARTURES = AssetKey(["flights_warehouse", "fct_departures"])


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the demo leaves behind."""
    folder = tmp_path_factory.mktemp("demo") / "flights"
    done = subprocess.run(
        [sys.executable, "migration_examples/01-flights/demo.py", str(folder)],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return folder


def _environment() -> dict[str, str]:
    """Without what other tests of the session set for their own projects."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    return kept | {"PYTHONPATH": str(ROOT)}


def materializations(work: Path) -> dict[str, RecordedEvent]:
    """Of the departures, by partition."""
    store = open_store(f"sqlite:///{work / '.bridge' / 'bridge.db'}")
    try:
        found = store.events(DEPARTURES, kinds=["materialization"])
    finally:
        store.close()
    assert len(found) == len({each.event.partition for each in found})
    return {str(each.event.partition): each for each in found}


def test_each_way_of_running_a_day_is_recorded_once_and_signed_by_whoever_ran_it(
    work: Path,
) -> None:
    sources = {day: each.event.source for day, each in materializations(work).items()}

    assert sorted(sources) == [f"2013-01-0{day}" for day in range(5, 10)]
    legacy = "airflow:airflow/flights_daily/"
    assert sources["2013-01-05"].startswith(legacy)
    assert sources["2013-01-06"].startswith("bridge:")
    assert sources["2013-01-07"].startswith("airflow:airflow/flights__assets/")
    assert sources["2013-01-08"].startswith(legacy)
    assert sources["2013-01-09"].startswith(legacy)


def test_no_table_of_the_warehouse_has_two_names(work: Path) -> None:
    mapping = (work / "migration" / "airflow.yaml").read_text()
    assert mapping.count("sqlite://flights_warehouse/stg_weather\n") == 2  # written and read
    assert "flights.db/" not in mapping


def test_only_the_asset_counts_rows_so_the_cut_over_day_is_the_assets_work(work: Path) -> None:
    rows = {day: each.event.row_count for day, each in materializations(work).items()}

    assert rows == {
        "2013-01-05": None,
        "2013-01-06": 832,
        "2013-01-07": 933,
        "2013-01-08": 899,
        "2013-01-09": None,
    }


def test_the_legacy_files_are_as_they_were(work: Path) -> None:
    before = ROOT / "migration_examples" / "01-flights" / "dags"
    for file in before.rglob("*.py"):
        assert (work / "dags" / file.relative_to(before)).read_bytes() == file.read_bytes()


def test_the_cut_over_and_its_undoing_are_on_record(work: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "migrate", "status", "--json"],
        cwd=work,
        env=_environment() | {"BRIDGE_PROJECT": str(work)},
        capture_output=True,
        text=True,
        check=True,
    )
    units = {row["unit"]: row for row in json.loads(done.stdout)}

    unit = units["airflow:flights_daily.build_fct_departures"]
    assert (unit["state"], unit["last_change"]["id"]) == ("observed", "c-0002")
