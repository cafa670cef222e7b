"""Every DAG as a row of the page, and its tasks below it."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage, TaskPlace
from adapters.airflow.legacy.mapping import UnitEntry
from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Operation, Task
from bridge.capabilities import ImportedDag

# How much is known of what a task writes. `none`: it writes nothing.
Known: TypeAlias = Literal["certain", "guess", "unknown", "none"]

CERTAIN = 0.8
_EVIDENCE = {"sql": "SQL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A dataset of a task and how it is known; `is_guess` where that is not sure."""

    uri: str
    how: str
    is_guess: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task of a DAG."""

    name: str
    operator: str
    place: str
    writes: tuple[Ref, ...]
    reads: tuple[Ref, ...]
    known: Known
    freshness: str
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DagRow:
    """One DAG of the inventory; `runs` is what a running Airflow says of it."""

    row: ImportedDag
    place: str
    tasks: tuple[TaskRow, ...]
    runs: str = ""

    @property
    def is_complete(self) -> bool:
        """Nothing is to be done about it."""
        return self.row.outputs_known == self.row.outputs and not self.row.notes


def inventory_of(
    snapshot: DagSnapshot,
    lineage: MappingType[TaskPlace, TaskLineage],
    units: Sequence[UnitEntry],
    rows: Sequence[ImportedDag],
) -> tuple[DagRow, ...]:
    """`rows` are in the snapshot's order; those that lack something come first."""
    by_task = {(unit.dag, unit.task): unit for unit in units}
    found = [
        DagRow(
            row=row,
            place=place(dag.file, dag.line),
            tasks=_tasks(dag, lineage, by_task),
            runs=_runs(dag.operation),
        )
        for dag, row in zip(snapshot.dags, rows, strict=True)
    ]
    return tuple(sorted(found, key=lambda dag: dag.is_complete))


def place(file: str, line: int | None) -> str:
    """`file:line`."""
    return file if line is None else f"{file}:{line}"


def _runs(operation: Operation | None) -> str:
    """`paused, last 2024-03-01 05:30, 0:04:10 (90 %: 0:06:00)`."""
    if operation is None:
        return ""
    words = ["paused"] if operation.is_paused else []
    if operation.last_run is not None:
        words.append(f"last {operation.last_run[:16].replace('T', ' ')} {operation.last_state}")
    took = operation.durations
    if took is not None:
        usual, mostly = (timedelta(seconds=round(each)) for each in (took.median_s, took.p90_s))
        words.append(f"takes {usual}, 90 % within {mostly}")
    return ", ".join(words)


def _tasks(
    dag: Dag,
    lineage: MappingType[TaskPlace, TaskLineage],
    units: MappingType[tuple[str, str], UnitEntry],
) -> tuple[TaskRow, ...]:
    return tuple(
        _task(
            dag,
            task,
            lineage[dag.file, dag.dag_id, task.task_id],
            units.get((dag.dag_id, task.task_id)),
        )
        for task in dag.tasks
    )


def _task(dag: Dag, task: Task, found: TaskLineage, unit: UnitEntry | None) -> TaskRow:
    freshness = unit.freshness if unit is not None else None
    return TaskRow(
        name=task.task_id,
        operator=task.operator.rpartition(".")[2],
        place=place(task.file or dag.file, task.line),
        writes=tuple(map(_ref, found.writes)),
        reads=tuple(map(_ref, found.reads)),
        known=_known(found),
        freshness="" if freshness is None else freshness.words,
        is_in_force=freshness is not None and freshness.confirmed,
    )


def _known(found: TaskLineage) -> Known:
    if found.writes:
        return "certain" if any(ref.confidence >= CERTAIN for ref in found.writes) else "guess"
    return "none" if found.nature == "quiet" or found.writes_known else "unknown"


def _ref(ref: DatasetRef) -> Ref:
    return Ref(
        uri=ref.uri,
        how=_EVIDENCE.get(ref.evidence, ref.evidence),
        is_guess=ref.confidence < CERTAIN,
    )
