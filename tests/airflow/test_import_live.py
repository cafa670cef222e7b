"""Importing DAGs from a running Airflow, 2.11 or 3.3: its lists, and the files that it serves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.airflow.conftest import LEGACY_FLIGHTS, REPOSITORY
from tests.airflow.live.instance import LiveAirflow

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

HELPED = """
from datetime import datetime, timezone
from airflow import DAG
import import_helper
with DAG("import_helped", schedule="0 3 * * *", catchup=False,
         start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)) as dag:
    import_helper.add_tasks(dag)
"""
HELPER = """
from airflow.operators.bash import BashOperator
def add_tasks(dag):
    tasks = [BashOperator(task_id=f"load_{name}", bash_command="true", dag=dag) for name in "ab"]
    tasks[0] >> tasks[1]
"""
ORDERS = """
from datetime import datetime, timezone
from airflow import DAG
try:
    from airflow.sdk import Asset
except ImportError:
    from airflow.datasets import Dataset as Asset
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
with DAG("import_orders", schedule="@daily", catchup=False, tags=["core"],
         start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)):
    load = BashOperator(task_id="load", bash_command="true", outlets=[Asset("s3://shop/orders")])
    EmptyOperator(task_id="start") >> load
    load >> [EmptyOperator(task_id="end"), BashOperator(task_id="tell", bash_command="true")]
with DAG("import_report", schedule=[Asset("s3://shop/orders")], catchup=False,
         start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)):
    EmptyOperator(task_id="seen")
"""


def bridge(live: LiveAirflow, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command as a person types it, who may see all of the Airflow."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    return subprocess.run(
        [sys.executable, "-m", "bridge", *words],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(REPOSITORY), "BRIDGE_AIRFLOW_PASSWORD": live.password},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def shop(live_airflow: LiveAirflow) -> LiveAirflow:
    """The running Airflow with a DAG that ran, one that waits for it, and one from a helper."""
    (live_airflow.dags_folder / "import_helper.py").write_text(HELPER)
    live_airflow.write_dag("import_helped.py", HELPED)
    live_airflow.write_dag("import_orders.py", ORDERS)
    for dag_id in ("import_orders", "import_report", "import_helped"):
        live_airflow.wait_for_dag(dag_id)
    return live_airflow


def test_an_airflow_is_imported_by_its_url_alone(shop: LiveAirflow, tmp_path: Path) -> None:
    shop.unpause("import_orders")
    run_id = shop.trigger("import_orders")
    assert shop.wait_for_run("import_orders", run_id, timeout_s=120) == "success"
    where = ("import", "airflow", "--url", shop.url, "--username", shop.username)

    done = bridge(shop, tmp_path, *where, "--dags", "import_*", "--json")
    assert done.returncode == 0, done.stderr
    snapshot = json.loads(done.stdout)

    dags = {dag["dag_id"]: dag for dag in snapshot["dags"]}
    assert sorted(dags) == ["import_helped", "import_orders", "import_report"]
    assert snapshot["taken_from"] == ["source", "rest"]
    assert snapshot["airflow"] == ".".join(map(str, shop.version[:3]))

    orders = dags["import_orders"]
    assert orders["file"] == "import_orders.py"
    assert orders["operation"]["last_run"]
    assert orders["operation"]["durations"]["runs"] >= 1  # the scheduler may have begun another
    load = next(task for task in orders["tasks"] if task["task_id"] == "load")
    assert load["arguments"] == {"bash_command": "true"}
    assert load["upstream"] == ["start"]
    assert load["done_after"]["p90_s"] >= load["durations"]["p90_s"] > 0
    assert dags["import_report"]["schedule"]["kind"] == "datasets"
    assert orders["operation"]["is_paused"] is False
    assert dags["import_report"]["operation"]["is_paused"] is True

    # its module is not served, and yet no task is missing
    helped = dags["import_helped"]
    assert [(task["task_id"], task["how"]) for task in helped["tasks"]] == [
        ("load_a", "listed"),
        ("load_b", "listed"),
    ]
    assert helped["tasks"][1]["upstream"] == ["load_a"]
    told = {
        (found["code"], found.get("dag_id"))
        for found in snapshot["findings"]
        if found.get("file") == "import_helped.py"
    }
    assert ("module_not_served", None) in told
    assert ("not_in_source", "import_helped") in told
    disagreeing = [found for found in snapshot["findings"] if found["code"] == "takers_differ"]
    assert disagreeing == []


def test_a_dag_that_is_one_asset_is_materialized_once_a_run(
    shop: LiveAirflow, tmp_path: Path
) -> None:
    shop.unpause("import_orders")
    run_id = shop.trigger("import_orders", datetime(2024, 5, 4, tzinfo=timezone.utc))
    assert shop.wait_for_run("import_orders", run_id, timeout_s=120) == "success"
    (tmp_path / "assets.py").write_text(
        "from adapters.airflow import load_airflow_assets\n"
        "from bridge import Definitions\n"
        f"defs = Definitions(load_airflow_assets({str(tmp_path / 'migration/shop.yaml')!r}))\n"
    )
    (tmp_path / "bridge.toml").write_text(
        f'definitions = ["assets.py"]\n[airflow.shop]\nurl = "{shop.url}"\n'
        f'username = "{shop.username}"\npassword_env = "BRIDGE_AIRFLOW_PASSWORD"\n'
    )
    where = ("--instance", "shop")

    words = ("--dags", "import_orders", "--granularity", "dag")
    assert bridge(shop, tmp_path, "import", "airflow", *where, *words).returncode == 0
    assert bridge(shop, tmp_path, "observe", *where).returncode == 0
    assert bridge(shop, tmp_path, "observe", *where).returncode == 0

    shown = json.loads(bridge(shop, tmp_path, "show", "shop/import_orders", "--json").stdout)
    made = [event["partition"] for event in shown["events"] if event["kind"] == "materialization"]
    assert made.count("2024-05-04") == 1


def test_the_folder_and_the_airflow_are_imported_together(
    live_flights: LiveAirflow, tmp_path: Path
) -> None:
    for dag_id in ("flights_daily", "flights_delay_report"):
        live_flights.wait_for_dag(dag_id)
    folder = tmp_path / "dags"
    folder.mkdir()
    for file in LEGACY_FLIGHTS.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            place = folder / file.relative_to(LEGACY_FLIGHTS)
            place.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text()
            place.write_text(text.replace('schedule="@daily"', 'schedule="0 7 * * *"'))
    (tmp_path / "bridge.toml").write_text(
        f'[airflow.prod]\nurl = "{live_flights.url}"\nusername = "{live_flights.username}"\n'
        'password_env = "BRIDGE_AIRFLOW_PASSWORD"\n'
    )

    done = bridge(
        live_flights, tmp_path, "import", "airflow", "dags", "--live", "--instance", "prod",
        "--dags", "flights_d*", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    snapshot = json.loads(done.stdout)

    # the running schedule counts, the SQL is that of the folder
    daily = next(dag for dag in snapshot["dags"] if dag["dag_id"] == "flights_daily")
    assert daily["schedule"]["cron"] in ("@daily", "0 0 * * *")
    assert "insert into" in str(daily["templates"]).lower()
    assert {task["task_id"] for task in daily["tasks"]} == {
        row["task_id"] for row in live_flights.request("GET", "/dags/flights_daily/tasks")["tasks"]
    }
    told = [found["message"] for found in snapshot["findings"] if found["code"] == "takers_differ"]
    assert len(told) == 1
    assert told[0].startswith("schedule: the source says 0 7 * * *, the running Airflow says ")
    assert (tmp_path / "migration" / "prod.yaml").exists()


SALES = """
from datetime import datetime, timezone
from airflow import DAG
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
with DAG("sales_moved", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)):
    SQLExecuteQueryOperator(task_id="here", conn_id="sales", sql="truncate sales.orders")
    SQLExecuteQueryOperator(task_id="there", conn_id="sales_again", sql="truncate orders")
"""


def imported(live: LiveAirflow, folder: Path, dag_id: str, source: str) -> tuple[str, str]:
    """The mapping of a DAG that the running Airflow is asked for, and all that was printed."""
    live.write_dag(f"{dag_id}.py", source)
    live.wait_for_dag(dag_id)
    where = ("--url", live.url, "--username", live.username)
    done = bridge(live, folder, "import", "airflow", *where, "--dags", dag_id)
    assert done.returncode == 0, done.stderr
    return (folder / "migration" / "airflow.yaml").read_text(), done.stdout + done.stderr


def test_the_airflow_says_where_its_connections_lead(
    live_airflow: LiveAirflow, tmp_path: Path
) -> None:
    place = {"conn_type": "mysql", "host": "db.example", "schema": "sales", "port": 3306}
    secret = {"login": "etl", "password": "s3cret-word"}
    for name in ("sales", "sales_again"):
        body = {"connection_id": name, **place, **secret}
        live_airflow.request("POST", "/connections", json=body)

    mapping, said = imported(live_airflow, tmp_path, "sales_moved", SALES)

    assert mapping.count("uri: mysql://sales/orders") == 2
    assert "sales_again" not in mapping
    assert "s3cret-word" not in mapping + said


LANDING = """
from datetime import datetime, timezone
from airflow import DAG
from airflow.models import Variable
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
with DAG("landing_named", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)):
    SQLExecuteQueryOperator(
        task_id="load",
        conn_id="dwh",
        sql=f"insert into {Variable.get('landing_schema', default_var='nowhere')}.orders"
        " select * from {{ var.value.landing_source }}",
    )
"""


def test_the_airflow_says_what_its_variables_are(live_airflow: LiveAirflow, tmp_path: Path) -> None:
    for key, value in {"landing_schema": "raw_2024", "landing_source": "shop.orders"}.items():
        live_airflow.request("POST", "/variables", json={"key": key, "value": value})
    secret = {"key": "landing_password", "value": "s3cret-word"}
    live_airflow.request("POST", "/variables", json=secret)

    mapping, said = imported(live_airflow, tmp_path, "landing_named", LANDING)

    assert "uri: sql://dwh/raw_2024.orders" in mapping
    assert "uri: sql://dwh/shop.orders" in mapping
    assert "s3cret-word" not in mapping + said


def test_who_may_not_see_the_airflow_is_told_so_and_ends_with_4(
    live_airflow: LiveAirflow, tmp_path: Path
) -> None:
    wrong = bridge(
        live_airflow, tmp_path, "import", "airflow", "--url", live_airflow.url, "--username", "x"
    )
    assert (wrong.returncode, wrong.stdout) == (4, "")
    assert "Check" in wrong.stderr
    assert "password" in wrong.stderr

    elsewhere = bridge(
        live_airflow, tmp_path, "import", "airflow", "--url", f"{live_airflow.url}/x"
    )
    assert elsewhere.returncode == 4
    assert "not as an Airflow" in elsewhere.stderr
    assert not (tmp_path / "migration").exists()
