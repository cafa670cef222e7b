"""Run by a Python that has Airflow: the DAGs of a folder as a real DagBag loads them, as JSON.

It imports nothing of this project but the one file that loads a DagBag, so that any Airflow can run
it: `python dagbag_truth.py FOLDER > truth.json`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

_LOADER = Path(__file__).parents[2] / "adapters" / "airflow" / "legacy" / "dagbag.py"


def schedule_of(dag: Any, loader: Any) -> str:
    """When a DAG runs, in the words of `tests.accuracy.comparing.schedule_of`.

    What ticks by a cron is that cron: Airflow 3 makes another timetable of `@daily` than Airflow 2.
    """
    schedule = loader.schedule_of(dag)
    kind = schedule["kind"]
    timetable = type(dag.timetable).__name__
    if kind == "cron" or timetable in ("CronDataIntervalTimetable", "CronTriggerTimetable"):
        expression = getattr(dag.timetable, "_expression", None) or dag.timetable.expression
        return f"cron {expression}"
    if kind == "interval":
        seconds = schedule["interval_s"]
        return "interval" if seconds is None else f"interval {seconds}"
    return str(kind)


def truth(folder: str) -> dict[str, Any]:
    """Every DAG of the folder, and the files that Airflow cannot load."""
    loader = _loader()
    version, bag = loader.load_bag(folder)
    return {
        "airflow": version,
        "dags": {
            dag_id: {
                "file": loader.relative(dag.fileloc, folder),
                "schedule": schedule_of(dag, loader),
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
            loader.relative(file, folder): str(error).strip()[-300:]
            for file, error in sorted(bag.import_errors.items())
        },
    }


def _loader() -> Any:
    """The file that the product loads a DagBag with, which imports nothing of the project."""
    spec = importlib.util.spec_from_file_location("_dagbag_loader", _LOADER)
    if spec is None or spec.loader is None:
        raise ImportError(f"There is no {_LOADER}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compact(whole: dict[str, Any]) -> str:
    """The truth as a small text: of a DAG its file, its schedule and its tasks, of a task its class
    and the places of those that follow it.
    """
    dags = {}
    for dag_id, dag in whole["dags"].items():
        place = {task: at for at, task in enumerate(sorted(dag["tasks"]))}
        below: dict[str, list[int]] = {}
        for above, follower in dag["edges"]:
            below.setdefault(above, []).append(place[follower])
        tasks = [[task, dag["tasks"][task], *sorted(below.get(task, []))] for task in place]
        dags[dag_id] = [dag["file"], dag["schedule"], tasks]
    lines = [f"{json.dumps(name)}:{json.dumps(dags[name], separators=(',', ':'))}" for name in dags]
    head = {"airflow": whole["airflow"], "errors": sorted(whole["errors"])}
    return json.dumps(head)[:-1] + ',"compact":{\n' + ",\n".join(lines) + "\n}}\n"


def read(text: str) -> dict[str, Any]:
    """A truth as it was written, whole or compact."""
    found: dict[str, Any] = json.loads(text)
    if "compact" not in found:
        return found
    dags = {}
    for dag_id, (file, schedule, tasks) in found["compact"].items():
        names = [name for name, *_ in tasks]
        dags[dag_id] = {
            "file": file,
            "schedule": schedule,
            "tasks": {name: kind for name, kind, *_ in tasks},
            "edges": sorted([name, names[at]] for name, _, *below in tasks for at in below),
        }
    return {
        "airflow": found["airflow"],
        "dags": dags,
        "errors": dict.fromkeys(found["errors"], "not told"),
    }


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        found = truth(sys.argv[1])
    sys.stdout.write(json.dumps(found, indent=1, sort_keys=True) + "\n")
