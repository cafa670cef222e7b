"""The fixtures themselves: what a test may rely on."""

import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.airflow.live.in_process import DagTestAirflow
from tests.airflow.live.instance import LiveAirflow

SMALL_DAG = """
import os
from datetime import datetime, timezone
try:
    from airflow.sdk import dag, task
except ImportError:
    from airflow.decorators import dag, task

@dag(dag_id="{dag_id}", schedule=None, catchup=False,
     start_date=datetime(2024, 1, 1, tzinfo=timezone.utc))
def small():
    @task
    def say():
        print("the store is " + os.environ["BRIDGE_STORE"])

    @task
    def double(number):
        return number * 2

    say() >> double.expand(number=[1, 2])

dag_object = small()
"""
FIRST_DAY = datetime(2024, 1, 2, tzinfo=timezone.utc)

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def small_dag(live_airflow: LiveAirflow) -> str:
    """A DAG of a plain and a mapped task, ready to run."""
    live_airflow.write_dag("live_small.py", SMALL_DAG.format(dag_id="live_small"))
    live_airflow.wait_for_dag("live_small")
    live_airflow.unpause("live_small")
    return "live_small"


def test_a_triggered_run_ends_in_success_and_its_log_can_be_read(
    live_airflow: LiveAirflow, live_environment: dict[str, str], small_dag: str
) -> None:
    run_id = live_airflow.trigger(small_dag, FIRST_DAY)

    assert live_airflow.wait_for_run(small_dag, run_id) == "success"
    assert live_airflow.task_states(small_dag, run_id) == {
        "say": "success",
        "double[0]": "success",
        "double[1]": "success",
    }
    log = live_airflow.logs(small_dag, run_id, "say")
    assert f"the store is {live_environment['BRIDGE_STORE']}" in log


def test_a_cleared_task_runs_again_as_a_second_try(
    live_airflow: LiveAirflow, small_dag: str
) -> None:
    run_id = live_airflow.trigger(small_dag, FIRST_DAY.replace(day=3))
    live_airflow.wait_for_run(small_dag, run_id)

    live_airflow.clear(small_dag, run_id, ["say"])

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        tries = {
            r["task_id"]: r["try_number"] for r in live_airflow.task_instances(small_dag, run_id)
        }
        if tries["say"] == 2:
            break
        time.sleep(0.2)
    assert live_airflow.wait_for_run(small_dag, run_id) == "success"
    assert tries == {"say": 2, "double": 1}


def test_a_dag_file_that_does_not_import_is_told_with_its_traceback(
    live_airflow: LiveAirflow,
) -> None:
    broken = live_airflow.write_dag(
        "live_broken.py", "from airflow import DAG\nfrom datetime import nothing\n"
    )
    try:
        with pytest.raises(AssertionError, match="cannot import name 'nothing'"):
            live_airflow.wait_for_dag("live_broken")
    finally:
        broken.unlink()


def test_dag_test_runs_in_this_process_without_a_server(
    dag_test_airflow: DagTestAirflow, tmp_path: Path
) -> None:
    file = tmp_path / "in_process.py"
    file.write_text(SMALL_DAG.format(dag_id="in_process_small"))

    run = dag_test_airflow.run(dag_test_airflow.dag(file, "in_process_small"), FIRST_DAY)

    assert run.state == "success"
    assert run.task_states == {"say": "success", "double[0]": "success", "double[1]": "success"}
