"""Tasks that wait for upstream partitions, with a triggerer, without one, and when it dies."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone

import pytest

from tests.airflow.generated_project import ShopProject, shop_project
from tests.airflow.live.instance import LiveAirflow

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

DAG = "marts__assets"
WAITS = "marts.revenue-waits-"
_DEFINITIONS = '''
"""A mart that reads what two others write: nobody in Airflow, in these tests."""
from bridge import AssetIn, AssetSpec, DailyPartitionsDefinition, Definitions, asset, asset_check

days = DailyPartitionsDefinition("2024-01-01", "2024-03-01")
weather = AssetSpec(["legacy", "weather"], partitions_def=days, produced_by=("airflow:etl.load",))


@asset(key_prefix="raw", group_name="raw", partitions_def=days)
def orders() -> list:
    return [3, 4]


@asset_check(asset=orders, blocking=True)
def some_orders(orders):
    return len(orders) > 0


@asset(
    key_prefix="marts",
    group_name="marts",
    partitions_def=days,
    deps=[weather],
    ins={"orders": AssetIn(orders.key)},
    tags={"airflow/wait_poke_interval_s": "3", "airflow/wait_timeout_s": "600"},
)
def revenue(orders: list) -> int:
    return sum(orders)


defs = Definitions([weather, orders, revenue], [some_orders])
'''


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    return shop_project(tmp_path_factory.mktemp("marts"), "marts_that_wait", _DEFINITIONS)


@pytest.fixture
def running(marts: ShopProject, live_airflow: LiveAirflow) -> LiveAirflow:
    """The running Airflow with the DAG of the marts, and not that of what they read."""
    here = f"import os\n\nos.environ['BRIDGE_PROJECT'] = {str(marts.project.root)!r}\n"
    live_airflow.write_dag(f"{DAG}.py", here + marts.rendered[DAG].read_text())
    live_airflow.wait_for_dag(DAG)
    live_airflow.unpause(DAG)
    return live_airflow


def test_a_dag_goes_on_once_its_upstream_is_there_also_without_a_triggerer(
    running: LiveAirflow, marts: ShopProject
) -> None:
    if running.processes.is_running("triggerer"):
        running.processes.kill("triggerer")
    run_id = running.trigger(DAG, datetime(2024, 1, 3, tzinfo=timezone.utc))

    running.wait_for_state(DAG, run_id, WAITS, "deferred")  # nobody takes it up
    running.wait_for_state(DAG, run_id, WAITS, "up_for_reschedule")
    make("2024-01-02", running, marts)

    assert running.wait_for_run(DAG, run_id) == "success"
    log = running.logs(DAG, run_id, WAITS)
    assert "No triggerer" in log
    assert "raw/orders partition 2024-01-02, which nobody is known to have materialized" in log


def test_a_triggerer_waits_for_it_and_when_it_dies_the_task_waits_itself(
    running: LiveAirflow, marts: ShopProject
) -> None:
    running.start_triggerer()
    run_id = running.trigger(DAG, datetime(2024, 1, 6, tzinfo=timezone.utc))
    running.wait_for_state(DAG, run_id, WAITS, "deferred")
    make("2024-01-05", running, marts)

    assert running.wait_for_run(DAG, run_id) == "success"
    assert "No triggerer" not in running.logs(DAG, run_id, WAITS)

    run_id = running.trigger(DAG, datetime(2024, 1, 7, tzinfo=timezone.utc))
    running.wait_for_state(DAG, run_id, WAITS, "deferred")
    running.processes.kill("triggerer")
    running.wait_for_state(DAG, run_id, WAITS, "up_for_reschedule")
    make("2024-01-06", running, marts)

    assert running.wait_for_run(DAG, run_id) == "success"


def make(day: str, live: LiveAirflow, marts: ShopProject) -> None:
    """Materialize what the mart reads, as somebody would at a terminal, and tell of the legacy."""
    for command in (
        ["materialize", "raw/orders", "--partition", day],
        ["report", "legacy/weather", "--partition", day],
    ):
        subprocess.run(
            [sys.executable, "-m", "bridge", *command],
            cwd=marts.project.root,
            env={**live.env, "BRIDGE_PROJECT": str(marts.project.root)},
            check=True,
            capture_output=True,
        )
