"""What the import found against what is true: recall and precision, and what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from adapters.airflow.legacy.snapshot import Dag, DagSnapshot

_PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}
_BY_CRON = ("CronDataIntervalTimetable(", "CronTriggerTimetable(")
_NOW_CALLED = {  # one class, by its name before Airflow 2.4 and before the provider 3.0
    "DummyOperator": "EmptyOperator",
    "AWSAthenaOperator": "AthenaOperator",
}


@dataclass(frozen=True, slots=True)
class Score:
    """How much of one kind was found; `missed` and `wrong` are the differences themselves."""

    name: str
    true: int
    found: int
    right: int
    missed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def recall(self) -> float:
        """Found of what there is, in percent."""
        return 100 * self.right / self.true if self.true else 100.0

    @property
    def precision(self) -> float:
        """Right of what was found, in percent."""
        return 100 * self.right / self.found if self.found else 100.0


def compared(name: str, true: Set[str], found: Set[str]) -> Score:
    """The score of two sets of names."""
    return Score(
        name,
        len(true),
        len(found),
        len(true & found),
        tuple(sorted(true - found)),
        tuple(sorted(found - true)),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """One DAG as somebody found it: its tasks with their classes, its edges, when it runs."""

    dag_id: str
    file: str
    tasks: Mapping[str, str]
    edges: Set[tuple[str, str]]
    schedule: str


def scores(snapshot: DagSnapshot, truth: Mapping[str, Any]) -> list[Score]:
    """DAGs, tasks, edges, operators and schedules that the import found of one code base."""
    default = "interval 86400.0" if truth["airflow"].startswith(("1.", "2.")) else "none"
    return compared_dags((_found(dag, default) for dag in snapshot.dags), truth)


def compared_dags(found: Iterable[Found], truth: Mapping[str, Any]) -> list[Score]:
    """DAGs, tasks, edges, operators and schedules of one code base.

    DAGs of files that Airflow could not load are nobody's mistake: they are left out. Of two DAGs
    with one id, that of Airflow's file counts. Operators and schedules are compared for what both
    have.
    """
    theirs = truth["dags"]
    ours: dict[str, Found] = {}
    for dag in found:
        is_theirs = theirs.get(dag.dag_id, {}).get("file") == dag.file
        if is_theirs or (dag.dag_id not in ours and dag.file not in truth["errors"]):
            ours[dag.dag_id] = dag
    true_tasks = _tasks(theirs)
    our_tasks = {
        f"{dag_id}.{task_id}": _class_name(kind)
        for dag_id, dag in ours.items()
        for task_id, kind in dag.tasks.items()
    }
    both = true_tasks.keys() & our_tasks.keys()
    shared = theirs.keys() & ours.keys()
    edges = {f"{name}: {one} >> {two}" for name, dag in ours.items() for one, two in dag.edges}
    return [
        compared("DAGs", set(theirs), set(ours)),
        compared("tasks", set(true_tasks), set(our_tasks)),
        compared("edges", _edges(theirs), edges),
        compared(
            "operators",
            {f"{name}: {true_tasks[name]}" for name in both},
            {f"{name}: {our_tasks[name]}" for name in both},
        ),
        compared(
            "schedules",
            {f"{name}: {' '.join(theirs[name]['schedule'].split())}" for name in shared},
            {f"{name}: {ours[name].schedule}" for name in shared},
        ),
    ]


def _found(dag: Dag, default: str) -> Found:
    return Found(
        dag_id=dag.dag_id,
        file=dag.file,
        tasks={task.task_id: task.operator for task in dag.tasks},
        edges={(above, task.task_id) for task in dag.tasks for above in task.upstream},
        schedule=schedule_of(dag, default),
    )


def schedule_of(dag: Dag, default: str) -> str:
    """When a DAG runs, in the words of `dagbag_truth.schedule_of`."""
    schedule = dag.schedule
    if schedule.kind == "cron":
        text = " ".join((schedule.cron or schedule.text).split())
        return f"cron {_PRESETS.get(text, text)}"
    if schedule.kind == "timetable" and schedule.cron and schedule.text.startswith(_BY_CRON):
        return f"cron {' '.join(schedule.cron.split())}"
    if schedule.kind == "interval":
        return "interval" if schedule.interval_s is None else f"interval {schedule.interval_s}"
    return default if schedule.kind == "unset" else schedule.kind


def _class_name(path: str) -> str:
    name = path.rpartition(".")[2]
    return _NOW_CALLED.get(name, name)


def _tasks(dags: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{dag}.{task}": _class_name(kind)
        for dag in dags
        for task, kind in dags[dag]["tasks"].items()
    }


def _edges(dags: Mapping[str, Any]) -> set[str]:
    return {f"{dag}: {above} >> {below}" for dag in dags for above, below in dags[dag]["edges"]}
