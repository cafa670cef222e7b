"""CPU of one trivial Airflow task in this process, by hand or ours, as JSON: FORM FOLDER [ASSETS].

What a worker's process has loaded of Airflow before it is handed a task is loaded here before as
well. `own_code` is what importing the user's module takes where ours is there already.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.benchmarks.layered import peak_rss_kb

# 2.11: what `airflow tasks run --raw` has loaded; 3.3: what a worker forks its task from.
_LOADED_BEFORE = {
    "2": ("airflow.cli.commands.task_command", "airflow.models.dagbag", "airflow.operators.python"),
    "3": ("airflow.sdk.execution_time.execute_workload", "airflow.sdk.execution_time.task_runner"),
}
_DAG_FILES = {
    "by_hand": """
from datetime import datetime, timezone
from adapters.airflow.compat import DAG, BaseOperator

class ByHand(BaseOperator):
    def execute(self, context):
        return {"asset": "one"}

with DAG(dag_id="bench", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)):
    task = ByHand(task_id="one")
""",
    "ours": """
from datetime import datetime, timezone
from adapters.airflow.compat import DAG
from adapters.airflow.runtime import AssetOperator

with DAG(dag_id="bench", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)):
    task = AssetOperator(task_id="one", asset_key="one")
""",
}
_DEFINITIONS = """
from bridge import Definitions, asset

def computed(name, deps):
    @asset(name=name, deps=deps)
    def compute() -> dict:
        return {{"rows": 1}}
    return compute

defs = Definitions([
    computed("one", []),
    *(computed(f"asset_{{n}}", [f"asset_{{n // 2}}"] if n > 1 else []) for n in range(1, {count})),
])
"""


def main(form: str, folder: Path, count: int) -> None:
    """Make a project, load what a worker has loaded, run the task once and print what it took."""
    os.environ |= {
        "AIRFLOW_HOME": str(folder / "home"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "BRIDGE_PROJECT": str(folder),
        "BRIDGE_STORE": f"sqlite:///{folder / 'store.db'}",
    }
    (folder / "bridge.toml").write_text('definitions = ["bench_task_definitions"]\n')
    (folder / "bench_task_definitions.py").write_text(_DEFINITIONS.format(count=count))
    for module in _LOADED_BEFORE[metadata.version("apache-airflow")[0]]:
        importlib.import_module(module)
    importlib.import_module("adapters.airflow.compat")  # nothing but names of Airflow
    before = set(sys.modules)
    taken = _own_code(folder) if form == "own_code" else _task(_DAG_FILES[form])
    loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
    third_party = loaded - sys.stdlib_module_names - {"adapters", "bridge"}
    report = {"cpu_ms": 1000 * taken, "third_party": sorted(third_party)}
    print()
    print(json.dumps(report | {"peak_rss_kb": peak_rss_kb()}))


def _own_code(folder: Path) -> float:
    importlib.import_module("adapters.airflow.steps")
    names = importlib.import_module("bridge")
    assert names.Definitions
    assert names.asset
    sys.path.insert(0, str(folder))
    begin = time.process_time()
    importlib.import_module("bench_task_definitions")
    return time.process_time() - begin


def _task(dag_file: str) -> float:
    """Reading the DAG file and executing its task, with what we read of Airflow's context."""
    run_id = f"manual__{time.time_ns()}"
    ti = SimpleNamespace(dag_id="bench", run_id=run_id, task_id="one", map_index=-1, try_number=1)
    run = SimpleNamespace(run_id=run_id, conf={}, partition_key=None)
    code = compile(dag_file, __file__, "exec")
    begin = time.process_time()
    namespace: dict[str, Any] = {"__file__": __file__, "__name__": "bench_dag"}
    exec(code, namespace)  # noqa: S102 - a DAG file is executed
    context = {"ti": ti, "dag_run": run, "task": namespace["task"], "params": {}}
    said = namespace["task"].execute(context)
    taken = time.process_time() - begin
    if said["asset"] != "one":
        raise SystemExit(f"the task said {said}")
    return taken


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
