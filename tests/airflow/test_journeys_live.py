"""What a person does from the terminal, against a running Airflow, 2.11 or 3.3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from adapters.airflow.generate.files import generate_files
from bridge.definitions import load_code_locations
from bridge.keys import AssetKey
from bridge.project import find_project
from bridge.store import Store, open_store
from tests.airflow.live.instance import LiveAirflow

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

REPOSITORY = Path(__file__).resolve().parents[2]

DEPARTURES = AssetKey(["flights_warehouse", "fct_departures"])
LEGACY = """
from datetime import datetime, timezone
try:
    from airflow.sdk import DAG, Asset
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.operators.bash import BashOperator

with DAG(dag_id="nightly_legacy", schedule="@daily", catchup=False,
         start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)):
    BashOperator(task_id="load", bash_command="echo {{ ds }}", outlets=[Asset("s3://lake/orders")])
"""


@pytest.fixture
def flights_store(
    live_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """The store that the tasks of the running Airflow use, whose project is the flights example."""
    for name, value in live_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(live_environment["BRIDGE_PROJECT"])
    store = open_store(live_environment["BRIDGE_STORE"])
    yield store
    store.close()


def test_the_flights_assets_run_as_generated_dags_under_a_scheduler(
    live_airflow: LiveAirflow, flights_store: Store
) -> None:
    project = find_project()
    graph = load_code_locations(project.definitions).graph()
    for file in generate_files(graph, project).files:
        live_airflow.write_dag(file.path.name, file.text)
    for dag_id in ("raw__assets", "flights__assets"):
        live_airflow.wait_for_dag(dag_id)
        live_airflow.unpause(dag_id)

    raw = live_airflow.trigger("raw__assets")
    assert live_airflow.wait_for_run("raw__assets", raw, timeout_s=120) == "success"
    daily = live_airflow.trigger(
        "flights__assets",
        datetime(2013, 1, 8, tzinfo=timezone.utc),
        {"partition": "2013-01-07"},
    )
    assert live_airflow.wait_for_run("flights__assets", daily, timeout_s=120) == "success"

    found = flights_store.events(DEPARTURES, partition="2013-01-07", kinds=["materialization"])
    assert [(each.event.row_count, each.event.source.split("/")[1]) for each in found] == [
        (933, "flights__assets")
    ]
    checks = {check.name: check.passed for check in flights_store.check_states([DEPARTURES])}
    assert checks == {"no_departure_lost": True, "most_have_weather": True}
    assert flights_store.claims() == []


def bridge(project: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command as a person types it, in a process that no other test has set up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    return subprocess.run(
        [sys.executable, "-m", "bridge", *words],
        cwd=project,
        env=kept | {"PYTHONPATH": str(REPOSITORY)} | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_observe_brings_a_finished_legacy_task_into_the_status_table_once(
    live_airflow: LiveAirflow, tmp_path: Path
) -> None:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "nightly_legacy.py").write_text(LEGACY)
    (tmp_path / "assets.py").write_text(
        "from adapters.airflow import load_airflow_assets\n"
        "from bridge import Definitions\n"
        f"defs = Definitions(load_airflow_assets({str(tmp_path / 'migration/airflow.yaml')!r}))\n"
    )
    (tmp_path / "bridge.toml").write_text(
        f'definitions = ["assets.py"]\n[airflow.airflow]\nurl = "{live_airflow.url}"\n'
        f'username = "{live_airflow.username}"\npassword_env = "LIVE_PASSWORD"\n'
    )
    live_airflow.write_dag("nightly_legacy.py", LEGACY)
    live_airflow.wait_for_dag("nightly_legacy")
    live_airflow.unpause("nightly_legacy")
    run_id = live_airflow.trigger("nightly_legacy", datetime(2024, 5, 4, tzinfo=timezone.utc))
    assert live_airflow.wait_for_run("nightly_legacy", run_id, timeout_s=120) == "success"

    assert bridge(tmp_path, "import", "airflow", "dags").returncode == 0
    password = {"LIVE_PASSWORD": live_airflow.password}
    first = json.loads(bridge(tmp_path, "observe", "--json", **password).stdout)
    again = json.loads(bridge(tmp_path, "observe", "--json", **password).stdout)
    shown = json.loads(bridge(tmp_path, "show", "lake/orders", "--json").stdout)
    told = bridge(tmp_path, "doctor", **password).stdout

    assert first[0]["events_recorded"] >= 1
    assert again[0]["events_recorded"] == 0
    assert [
        event["partition"] for event in shown["events"] if event["kind"] == "materialization"
    ].count("2024-05-04") == 1
    assert f"at {live_airflow.url}, clock skew" in told


def test_an_airflow_that_does_not_answer_ends_with_4_and_what_was_tried(tmp_path: Path) -> None:
    (tmp_path / "migration").mkdir()
    (tmp_path / "migration" / "airflow.yaml").write_text("format: 1\ninstance: airflow\n")
    (tmp_path / "bridge.toml").write_text('[airflow.airflow]\nurl = "http://127.0.0.1:9"\n')

    observed = bridge(tmp_path, "observe")
    assert observed.returncode == 4
    assert "http://127.0.0.1:9" in observed.stderr

    doctor = bridge(tmp_path, "doctor")
    assert doctor.returncode == 1
    assert "http://127.0.0.1:9" in doctor.stdout
