"""CPU of parsing a generated DAG, rendered and by the loader, against the same by hand, as JSON.

Run it with the Python of an environment that has Airflow. Each file is read by a `DagBag` in a
process of its own, in turns; the budget is 1.3 times the hand-written file.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from adapters.airflow.generate.files import generate_files
from bridge.assets import AssetsDefinition, asset
from bridge.graph import AssetGraph
from bridge.project import find_project

ASSETS = 100
ROUNDS = 15
BUDGET = 1.3
REPOSITORY = Path(__file__).parents[2]

LOADER = """from adapters.airflow import build_dags

build_dags(globals(), manifest="../manifest.json")
"""
BY_HAND = '''"""The assets of the group bench."""

from datetime import datetime, timezone

try:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG, Asset
except ImportError:
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.operators.python import PythonOperator


def compute(key):
    pass


with DAG(
    dag_id="bench__assets",
    description="The assets of the group bench",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2000, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    tags=["bridge", "bench"],
):
'''


def upstream_of(number: int) -> list[int]:
    """Layers of ten; each asset reads two of the layer before."""
    layer, place = divmod(number, 10)
    return [] if layer == 0 else [(layer - 1) * 10 + place, (layer - 1) * 10 + (place + 1) % 10]


def main() -> None:
    """Write the three files, parse each in turns, print what it took."""
    with tempfile.TemporaryDirectory(prefix="bench-parse-") as folder:
        root = Path(folder)
        write_files(root)
        environment = {
            **os.environ,
            "AIRFLOW_HOME": str(root / "home"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "PYTHONPATH": str(REPOSITORY),
        }
        # With this, Airflow would compile all of itself each time.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        forms = ("by_hand", "rendered", "loader")
        seconds: dict[str, list[float]] = {form: [] for form in forms}
        peaks: dict[str, int] = {}
        for number in range(ROUNDS + 1):
            for form in forms:
                taken = parse_in_a_process(root / form, environment)
                peaks[form] = max(peaks.get(form, 0), taken["peak_rss_kb"])
                if number:  # the first one compiles
                    seconds[form].append(taken["cpu_s"])
    medians = {form: statistics.median(values) for form, values in seconds.items()}
    ratios = {form: round(medians[form] / medians["by_hand"], 3) for form in forms[1:]}
    report = {
        "benchmark": "parse_generated_dag",
        "airflow": taken["airflow"],
        "assets": ASSETS,
        "rounds": ROUNDS,
        "cpu_ms": {form: round(1000 * value, 1) for form, value in medians.items()},
        "peak_rss_kb": peaks,
        "ratio": ratios,
        "budget": BUDGET,
        "within_budget": max(ratios.values()) <= BUDGET,
    }
    print(json.dumps(report, indent=1))


def write_files(root: Path) -> None:
    """The generated files and the hand-written one, each in a folder of its own."""
    assets: list[AssetsDefinition] = []
    for number in range(ASSETS):

        @asset(
            name=f"asset_{number:03}",
            group_name="bench",
            deps=[assets[n] for n in upstream_of(number)],
        )
        def computed() -> None:
            pass

        assets.append(computed)
    (root / "bridge.toml").write_text(
        f'definitions = ["bench.definitions"]\ngenerated = "{root}"\n'
    )
    for file in generate_files(AssetGraph.build(assets), find_project(root)).files:
        name = file.path.name
        place = root / "rendered" / name if file.path.suffix == ".py" else root / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(file.text)
    for form, text in (("loader", LOADER), ("by_hand", by_hand())):
        (root / form).mkdir()
        (root / form / "assets.py").write_text(text)


def by_hand() -> str:
    """The DAG as a person would write it, task by task."""
    lines = [BY_HAND]
    for number in range(ASSETS):
        name = f"asset_{number:03}"
        lines.append(
            f"    {name} = PythonOperator(\n"
            f'        task_id="{name}",\n'
            "        python_callable=compute,\n"
            f'        op_kwargs={{"key": "{name}"}},\n'
            f'        outlets=[Asset(uri="x-bridge://{name}")],\n'
            "    )\n"
        )
    for number in range(ASSETS):
        names = ", ".join(f"asset_{n:03}" for n in upstream_of(number))
        if names:
            lines.append(f"    [{names}] >> asset_{number:03}\n")
    return "\n".join(lines)


def parse_in_a_process(folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What `parse_once` printed in a new process."""
    found = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("parse_once.py")), str(folder), str(ASSETS)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    main()
