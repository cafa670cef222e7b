"""What stands on the page, as values; the template only lays them out."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage, TaskPlace
from adapters.airflow.legacy.flow import flows
from adapters.airflow.legacy.mapping import Mapping, UnitEntry
from adapters.airflow.legacy.report.drawing import MOST_BOXES, Drawing, drawing_of
from adapters.airflow.legacy.snapshot import Containment, Dag, DagSnapshot, Operation, Taker, Task
from bridge.capabilities import ImportedDag
from bridge.findings import Finding

_EVIDENCE = {"sql": "SQL"}
_CERTAIN = 0.8
_TAKERS: MappingType[Taker, str] = {
    "source": "source",
    "dagbag": "a DagBag",
    "rest": "a running Airflow",
}
_LEVELS = (
    ("problem", "Problems", "✗", "bad"),
    ("warning", "Warnings", "!", "warn"),
    ("note", "Notes", "·", "mute"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A dataset of a task and how it is known; `is_guess` where that is not sure."""

    uri: str
    how: str
    is_guess: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task of a DAG. `is_unknown` if it runs code that does not say what it writes."""

    name: str
    operator: str
    place: str
    writes: tuple[Ref, ...]
    reads: tuple[Ref, ...]
    is_unknown: bool
    freshness: str
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DagRow:
    """One DAG of the inventory; `runs` is what a running Airflow says of it."""

    row: ImportedDag
    place: str
    tasks: tuple[TaskRow, ...]
    runs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow:
    """One dataset, with the tasks (`dag.task`) on both sides, and the DAGs that it starts."""

    uri: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """All findings of a level."""

    word: str
    sign: str
    tone: str
    findings: tuple[Finding, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.findings)

    @property
    def words(self) -> str:
        """`2 warnings`."""
        word = self.word.lower()
        return f"{self.count:,} {word.removesuffix('s') if self.count == 1 else word}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The whole page. `apart`: DAGs that neither give to nor take from another."""

    source: str
    instance: str
    taken_from: str
    dags: tuple[DagRow, ...]
    datasets: tuple[DatasetRow, ...]
    drawing: Drawing | None
    is_too_large: bool
    apart: int
    levels: tuple[Level, ...]
    tasks: int
    outputs: int
    outputs_known: int
    files: int
    files_unread: int
    containment: Containment
    most_boxes: int = MOST_BOXES


def content_of(
    snapshot: DagSnapshot,
    lineage: MappingType[TaskPlace, TaskLineage],
    *,
    mapping: Mapping,
    source: str,
    rows: Sequence[ImportedDag],
    findings: Sequence[Finding],
) -> Content:
    """`rows` are the DAGs as the terminal shows them, in the snapshot's order."""
    dags = _one_per_id(snapshot)
    units = {(unit.dag, unit.task): unit for unit in mapping.units}
    between = flows(dags, lineage)
    tied = {name for flow in between for name in (flow.source, flow.target)}
    drawing = drawing_of(between, {row.dag_id: _detail(row) for row in rows})
    return Content(
        source=source,
        instance=snapshot.instance,
        taken_from=", ".join(_TAKERS[taker] for taker in snapshot.taken_from),
        dags=tuple(
            DagRow(
                row=row,
                place=_place(dag.file, dag.line),
                tasks=_tasks(dag, lineage, units),
                runs=_runs(dag.operation),
            )
            for dag, row in _paired(snapshot, rows)
        ),
        datasets=_datasets(dags, lineage),
        drawing=drawing,
        is_too_large=drawing is None and bool(tied),
        apart=len({dag.dag_id for dag in dags} - tied),
        levels=_levels(findings),
        tasks=sum(row.tasks for row in rows),
        outputs=sum(row.outputs for row in rows),
        outputs_known=sum(row.outputs_known for row in rows),
        files=len(snapshot.files),
        files_unread=sum(file.outcome == "failed" for file in snapshot.files),
        containment=snapshot.containment,
    )


def _detail(row: ImportedDag) -> str:
    return f"{row.tasks:,} task{'' if row.tasks == 1 else 's'} · {row.schedule}"


def _paired(snapshot: DagSnapshot, rows: Sequence[ImportedDag]) -> list[tuple[Dag, ImportedDag]]:
    return list(zip(snapshot.dags, rows, strict=True))


def _one_per_id(snapshot: DagSnapshot) -> list[Dag]:
    found: dict[str, Dag] = {}
    for dag in snapshot.dags:
        found.setdefault(dag.dag_id, dag)
    return list(found.values())


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
        place=_place(task.file or dag.file, task.line),
        writes=tuple(map(_ref, found.writes)),
        reads=tuple(map(_ref, found.reads)),
        is_unknown=found.nature != "quiet" and not found.writes and not found.writes_known,
        freshness="" if freshness is None else freshness.words,
        is_in_force=freshness is not None and freshness.confirmed,
    )


def _ref(ref: DatasetRef) -> Ref:
    return Ref(
        uri=ref.uri,
        how=_EVIDENCE.get(ref.evidence, ref.evidence),
        is_guess=ref.confidence < _CERTAIN,
    )


def _datasets(
    dags: Sequence[Dag], lineage: MappingType[TaskPlace, TaskLineage]
) -> tuple[DatasetRow, ...]:
    sides: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for dag in dags:
        for task in dag.tasks:
            for ref in lineage[dag.file, dag.dag_id, task.task_id].datasets:
                writers, readers = sides.setdefault(ref.uri, ({}, {}))
                side = writers if ref.direction == "write" else readers
                side[f"{dag.dag_id}.{task.task_id}"] = None
        for uri in dag.schedule.datasets:
            sides.setdefault(uri, ({}, {}))[1][f"{dag.dag_id} (its schedule)"] = None
    return tuple(
        DatasetRow(uri=uri, writers=tuple(writers), readers=tuple(readers))
        for uri, (writers, readers) in sorted(sides.items())
    )


def _levels(findings: Sequence[Finding]) -> tuple[Level, ...]:
    return tuple(
        Level(
            word=word,
            sign=sign,
            tone=tone,
            findings=tuple(
                sorted(
                    (each for each in findings if each.level == level),
                    key=lambda each: (each.code, each.file or "", each.line or 0, each.message),
                )
            ),
        )
        for level, word, sign, tone in _LEVELS
    )


def _place(file: str, line: int | None) -> str:
    return file if line is None else f"{file}:{line}"
