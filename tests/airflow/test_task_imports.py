"""What a task of a real scheduler loads beside Airflow and the user's own code."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.airflow.generated_project import shop_project
from tests.airflow.live.instance import LiveAirflow

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

_DEFINITIONS = """
from bridge import Definitions, asset

@asset
def first() -> dict:
    return {"rows": 1}

@asset
def second(first: dict) -> dict:
    return first

defs = Definitions([first, second])
"""
_DAG = """
import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

from adapters.airflow.compat import DAG
from adapters.airflow.runtime import AssetOperator

os.environ["BRIDGE_PROJECT"] = {project!r}


class Watched(AssetOperator):
    def execute(self, context):
        before = set(sys.modules)
        said = super().execute(context)
        found = {{"all": sorted(sys.modules), "new": sorted(set(sys.modules) - before)}}
        Path({report!r}, self.task_id).write_text(json.dumps(found))
        return said


start = datetime(2024, 1, 1, tzinfo=timezone.utc)
with DAG(dag_id="watched_imports", schedule=None, start_date=start):
    Watched(task_id="first", asset_key="first") >> Watched(task_id="second", asset_key="second")
"""
_HEAVY = {"alembic", "duckdb", "lark", "numpy", "pandas", "polars", "pyarrow", "rich", "typer"}
_OF_OTHERS = (
    "bridge.automation",
    "bridge.backfills",
    "bridge.cli",
    "bridge.conditions",
    "bridge.daemon",
    "bridge.execution.pool",
    "bridge.execution.run",
    "bridge.metadata",
    "bridge.partitions.multi",
    "bridge.partitions.time",
    "bridge.runs",
    "bridge.selection",
    "bridge.status",
    "bridge.store.retention",
    "bridge.store.running",
)


def test_a_task_loads_nothing_that_its_asset_does_not_need(
    live_airflow: LiveAirflow, tmp_path: Path
) -> None:
    project = shop_project(tmp_path / "project", "shop_of_imports", _DEFINITIONS).project
    live_airflow.write_dag(
        "watched_imports.py", _DAG.format(project=str(project.root), report=str(tmp_path))
    )
    live_airflow.wait_for_dag("watched_imports")
    live_airflow.unpause("watched_imports")

    run = live_airflow.trigger("watched_imports", datetime(2024, 2, 1, tzinfo=timezone.utc))

    assert live_airflow.wait_for_run("watched_imports", run) == "success"
    for task in ("first", "second"):
        found = json.loads((tmp_path / task).read_text())
        assert "networkx" not in found["all"]
        assert "bridge.execution.step" in found["new"]
        roots = {name.partition(".")[0] for name in found["new"]}
        assert roots & _HEAVY == set()
        assert [name for name in found["new"] if name.startswith(_OF_OTHERS)] == []
