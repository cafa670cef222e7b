"""Run by a Python that has Airflow: the DAGs of a folder as a real DagBag loads them, as JSON.

It imports nothing of this project, so that any Airflow can run it:
`python dagbag_truth.py FOLDER > truth.json`.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

_PLAIN = {
    "NullTimetable": "none",
    "OnceTimetable": "once",
    "ContinuousTimetable": "continuous",
}


def schedule_of(dag: Any) -> str:
    """When a DAG runs, in the words of `tests.accuracy.comparing.schedule_of`."""
    timetable = dag.timetable
    name = type(timetable).__name__
    if "Asset" in name or "Dataset" in name:
        return "datasets"
    if name in ("CronDataIntervalTimetable", "CronTriggerTimetable"):
        return f"cron {getattr(timetable, '_expression', None) or timetable.expression}"
    if name in ("DeltaDataIntervalTimetable", "DeltaTriggerTimetable"):
        delta = getattr(timetable, "_delta", None) or timetable.delta
        return (
            f"interval {delta.total_seconds()}" if hasattr(delta, "total_seconds") else "interval"
        )
    return _PLAIN.get(name, "timetable")


def truth(folder: str) -> dict[str, Any]:
    """Every DAG of the folder, and the files that Airflow cannot load."""
    import airflow  # noqa: PLC0415 - only this function needs it

    try:
        from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415 - Airflow 3
    except ImportError:
        from airflow.models.dagbag import DagBag  # noqa: PLC0415 - Airflow 2
    bag = DagBag(folder, **({} if airflow.__version__[0] == "3" else {"include_examples": False}))
    root = Path(folder)
    return {
        "airflow": airflow.__version__,
        "dags": {
            dag_id: {
                "file": str(Path(dag.fileloc).relative_to(root))
                if Path(dag.fileloc).is_relative_to(root)
                else dag.fileloc,
                "schedule": schedule_of(dag),
                "tasks": {task.task_id: task.task_type for task in dag.tasks},
                "edges": sorted(
                    [task.task_id, below]
                    for task in dag.tasks
                    for below in task.downstream_task_ids
                ),
            }
            for dag_id, dag in sorted(bag.dags.items())
        },
        "errors": {
            str(Path(file).relative_to(root)) if Path(file).is_relative_to(root) else file: str(
                error
            ).strip()[-300:]
            for file, error in sorted(bag.import_errors.items())
        },
    }


def read(text: str) -> dict[str, Any]:
    """A truth as it was written."""
    found: dict[str, Any] = json.loads(text)
    return found


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        found = truth(sys.argv[1])
    sys.stdout.write(json.dumps(found, indent=1, sort_keys=True) + "\n")
