"""Generated DAGs whose partitions read earlier ones, in a real Airflow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bridge.keys import AssetKey
from bridge.store import Store, open_store
from tests.airflow.generated_project import ShopProject, shop_project
from tests.airflow.live.in_process import DagTestAirflow

pytestmark = pytest.mark.airflow

DAG = "ledger__assets"
TOTAL, GROWTH = AssetKey("total"), AssetKey("growth")
_DEFINITIONS = '''
"""A running total, checked, and how much it grew."""
from bridge import (
    AssetIn, DailyPartitionsDefinition, Definitions, TimeWindowPartitionMapping, asset, asset_check
)

days = DailyPartitionsDefinition("2024-01-01")
before = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
until = TimeWindowPartitionMapping(start_offset=-1)


@asset(group_name="ledger", partitions_def=days,
       ins={"before": AssetIn("total", partition_mapping=before)})
def total(context, before: int = 100) -> int:
    context.add_output_metadata({"total": before + 1})
    return before + 1


@asset(group_name="ledger", partitions_def=days, ins={"total": AssetIn(partition_mapping=until)})
def growth(context, total: dict) -> int:
    context.add_output_metadata({"read": ", ".join(total)})
    return len(total)


@asset_check(asset=total)
def is_there(total: int) -> bool:
    return total > 0


defs = Definitions([total, growth], [is_there])
'''


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    return shop_project(tmp_path_factory.mktemp("ledger"), "ledger_of_past_tests", _DEFINITIONS)


@pytest.fixture
def store(tmp_path: Path, ledger: ShopProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store, which the tasks that run in this process use too."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BRIDGE_PROJECT", str(ledger.project.root))
    monkeypatch.setenv("BRIDGE_STORE", url)
    opened = open_store(url)
    yield opened
    opened.close()


def waiting(dag: Any) -> dict[str, tuple[bool, bool]]:
    return {task.task_id: (task.depends_on_past, task.wait_for_downstream) for task in dag.tasks}


def test_the_task_waits_for_its_run_before_and_its_checks_then(
    dag_test_airflow: DagTestAirflow, ledger: ShopProject, tmp_path: Path
) -> None:
    loader = ledger.write_loader(tmp_path)
    place = str(tmp_path / "manifest.json")  # the file is copied without it
    loader.write_text(loader.read_text().replace("manifest.json", place))

    for file in (ledger.rendered[DAG], loader):
        dag = dag_test_airflow.dag(file, DAG)
        assert dag.max_active_runs == 1
        assert waiting(dag) == {
            "total": (True, True),
            "total-check-is_there": (False, False),
            "growth": (False, False),
        }


def test_each_run_reads_what_the_run_before_it_made(
    dag_test_airflow: DagTestAirflow, ledger: ShopProject, store: Store
) -> None:
    dag = dag_test_airflow.dag(ledger.rendered[DAG], DAG)
    first = datetime(2024, 1, 2, tzinfo=timezone.utc)  # the first of January is over

    for day in range(3):
        run = dag_test_airflow.run(dag, first + timedelta(days=day))
        assert run.state == "success", run.task_states

    def said(key: AssetKey, name: str) -> dict[str | None, object]:
        found = (r.event for r in store.events(key, kinds=("materialization",)))
        return {event.partition: event.metadata[name] for event in found}

    assert said(TOTAL, "total") == {"2024-01-01": 101, "2024-01-02": 102, "2024-01-03": 103}
    assert said(GROWTH, "read")["2024-01-03"] == "2024-01-02, 2024-01-03"
