"""What the rules look at: every DAG once, with its lineage and who starts it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace
from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A snapshot, what its tasks read and write, and the syntax trees of files worth a look."""

    snapshot: DagSnapshot
    lineage: Mapping[TaskPlace, TaskLineage]
    trees: Mapping[str, ast.Module] = field(default_factory=dict)

    @property
    def dags(self) -> list[Dag]:
        """Of two DAGs with one id the first; the snapshot's findings name the other."""
        found: dict[str, Dag] = {}
        for dag in self.snapshot.dags:
            found.setdefault(dag.dag_id, dag)
        return list(found.values())

    def of(self, dag: Dag, task: Task) -> TaskLineage:
        """What a task reads and writes."""
        return self.lineage[dag.file, dag.dag_id, task.task_id]

    def tasks(self) -> Iterator[tuple[Dag, Task, TaskLineage]]:
        """Every task with its DAG and lineage."""
        for dag in self.dags:
            for task in dag.tasks:
                yield dag, task, self.of(dag, task)


def place(dag: Dag, task: Task) -> str:
    """`file:line` of a task, as far as known."""
    file = task.file or dag.file
    return file if task.line is None else f"{file}:{task.line}"
