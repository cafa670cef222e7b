"""CPU of parsing generated DAGs, rendered and by the loader, against the same by hand, as JSON.

Run it with the Python of an environment that has Airflow: `python -m tests.benchmarks.bench_parse
DAGS TASKS`. The files of each form are read by a `DagBag` in a process of its own, in turns. The
loader is held against a loop in one file; rendered files against as many files written by hand,
for Airflow spends on each file too.
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

from tests.benchmarks.parse_files import REFERENCES, write_forms

ROUNDS = 5
REPOSITORY = Path(__file__).parents[2]


def main(dags: int, tasks: int) -> None:
    """Measure, and print one JSON object."""
    with tempfile.TemporaryDirectory(prefix="bench-parse-") as scratch:
        root = Path(scratch)
        write_forms(root, dags, tasks)
        environment = {
            **os.environ,
            "AIRFLOW_HOME": str(root / "home"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
            "PYTHONPATH": str(REPOSITORY),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        forms = [name for pair in REFERENCES.items() for name in pair]
        seconds: dict[str, list[float]] = {form: [] for form in forms}
        peaks: dict[str, int] = {}
        for number in range(ROUNDS + 1):
            for form in forms:
                taken = parse_in_a_process(root / form, dags * tasks, environment)
                peaks[form] = max(peaks.get(form, 0), taken["peak_rss_kb"])
                if number:  # the first one compiles
                    seconds[form].append(taken["cpu_s"])
    medians = {form: statistics.median(values) for form, values in seconds.items()}
    report = {
        "benchmark": "parse_generated_dags",
        "airflow": taken["airflow"],
        "dags": dags,
        "tasks": tasks,
        "rounds": ROUNDS,
        "cpu_ms": {form: round(1000 * value, 1) for form, value in medians.items()},
        "peak_rss_kb": peaks,
        "ratio": {form: round(medians[form] / medians[by], 3) for form, by in REFERENCES.items()},
        "rendered_to_loop": round(medians["rendered"] / medians["loop"], 3),
    }
    print(json.dumps(report, indent=1))


def parse_in_a_process(folder: Path, tasks: int, environment: dict[str, str]) -> dict[str, Any]:
    """What `parse_once` printed in a new process."""
    found = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("parse_once.py")), str(folder), str(tasks)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
