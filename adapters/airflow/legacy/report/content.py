"""What stands on the page, as values; the template only lays them out."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace, declared_uri
from adapters.airflow.legacy.flow import flows
from adapters.airflow.legacy.mapping import Mapping
from adapters.airflow.legacy.report.drawing import Drawing, drawing_of
from adapters.airflow.legacy.report.groups import Group, counted, groups_of
from adapters.airflow.legacy.report.inventory import CERTAIN, DagRow, Known, inventory_of
from adapters.airflow.legacy.snapshot import Containment, Dag, DagSnapshot, Taker
from bridge.capabilities import ImportedDag
from bridge.findings import Finding

_TAKERS: MappingType[Taker, str] = {
    "source": "source",
    "dagbag": "a DagBag",
    "rest": "a running Airflow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow:
    """One dataset, with the tasks (`dag.task`) on both sides, and the DAGs that it starts.

    `is_guess` where nobody is sure to read or write it.
    """

    uri: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    is_guess: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The whole page. `apart`: DAGs that neither give to nor take from another."""

    source: str
    instance: str
    taken_from: str
    dags: tuple[DagRow, ...]
    datasets: tuple[DatasetRow, ...]
    drawing: Drawing | None
    not_drawn: int
    apart: int
    groups: tuple[Group, ...]
    findings: int
    findings_by_level: str
    tasks: int
    outputs: int
    outputs_known: int
    files: int
    files_unread: int
    containment: Containment

    def tasks_whose_outputs_are(self, known: Known) -> int:
        """Tasks that write, by how much is known of what."""
        return sum(task.known == known for dag in self.dags for task in dag.tasks)

    @property
    def outputs_said(self) -> str:
        """How many outputs a person has to name."""
        unknown = self.outputs - self.outputs_known
        if not unknown:
            return "every task that writes"
        return f"{unknown:,} {'needs' if unknown == 1 else 'need'} a mapping"

    @property
    def lacking(self) -> tuple[DagRow, ...]:
        """The DAGs that somebody has to look at."""
        return tuple(dag for dag in self.dags if not dag.is_complete)

    @property
    def complete(self) -> tuple[DagRow, ...]:
        """The others."""
        return tuple(dag for dag in self.dags if dag.is_complete)


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
    between = flows(dags, lineage)
    tied = {name for flow in between for name in (flow.source, flow.target)}
    drawing = drawing_of(between, {row.dag_id: _detail(row) for row in rows})
    return Content(
        source=source,
        instance=snapshot.instance,
        taken_from=", ".join(_TAKERS[taker] for taker in snapshot.taken_from),
        dags=inventory_of(snapshot, lineage, mapping.units, rows),
        datasets=_datasets(dags, lineage),
        drawing=drawing,
        not_drawn=len(tied) - (0 if drawing is None else len(drawing.boxes)),
        apart=len({dag.dag_id for dag in dags} - tied),
        groups=groups_of(findings),
        findings=len(findings),
        findings_by_level=counted(findings),
        tasks=sum(row.tasks for row in rows),
        outputs=sum(row.outputs for row in rows),
        outputs_known=sum(row.outputs_known for row in rows),
        files=len(snapshot.files),
        files_unread=sum(file.outcome == "failed" for file in snapshot.files),
        containment=snapshot.containment,
    )


def _detail(row: ImportedDag) -> str:
    return f"{row.tasks:,} task{'' if row.tasks == 1 else 's'} · {row.schedule}"


def _one_per_id(snapshot: DagSnapshot) -> list[Dag]:
    found: dict[str, Dag] = {}
    for dag in snapshot.dags:
        found.setdefault(dag.dag_id, dag)
    return list(found.values())


def _datasets(
    dags: Sequence[Dag], lineage: MappingType[TaskPlace, TaskLineage]
) -> tuple[DatasetRow, ...]:
    sides: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    sure: set[str] = set()
    for dag in dags:
        for task in dag.tasks:
            for ref in lineage[dag.file, dag.dag_id, task.task_id].datasets:
                writers, readers = sides.setdefault(ref.uri, ({}, {}))
                side = writers if ref.direction == "write" else readers
                side[f"{dag.dag_id}.{task.task_id}"] = None
                if ref.confidence >= CERTAIN:
                    sure.add(ref.uri)
        for uri in map(declared_uri, dag.schedule.datasets):
            sides.setdefault(uri, ({}, {}))[1][f"{dag.dag_id} (its schedule)"] = None
            sure.add(uri)
    return tuple(
        DatasetRow(
            uri=uri, writers=tuple(writers), readers=tuple(readers), is_guess=uri not in sure
        )
        for uri, (writers, readers) in sorted(sides.items())
    )
