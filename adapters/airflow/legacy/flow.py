"""How data and triggers go from DAG to DAG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from adapters.airflow.legacy.circles import Circle, circles_of
from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace, declared_uri
from adapters.airflow.legacy.snapshot import CrossDagLink, Dag

Way: TypeAlias = Literal["data", "trigger", "wait", "contains"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """`source` comes before `target`; `through` is the dataset or the task that says so."""

    source: str
    target: str
    way: Way
    through: str

    @property
    def words(self) -> str:
        """What stands between the two names in a sentence."""
        if self.way == "data":
            return f"writes {self.through} for"
        return {"trigger": "triggers", "wait": "is awaited by", "contains": "contains"}[self.way]


def flows(dags: Iterable[Dag], lineage: Mapping[TaskPlace, TaskLineage]) -> tuple[Flow, ...]:
    """Every way from one DAG to another, each once and sorted; none from a DAG to itself."""
    known = {dag.dag_id: dag for dag in dags}
    found = {*_by_data(known, lineage), *_by_links(known)}
    return tuple(sorted(found, key=lambda flow: (flow.source, flow.target, flow.way, flow.through)))


def circles_of_dags(
    dags: Iterable[Dag], lineage: Mapping[TaskPlace, TaskLineage]
) -> list[Circle[str]]:
    """DAGs that wait for each other."""
    return circles_of((flow.source, flow.target) for flow in flows(dags, lineage))


def _by_data(known: Mapping[str, Dag], lineage: Mapping[TaskPlace, TaskLineage]) -> Iterator[Flow]:
    writers: dict[str, set[str]] = {}
    readers: dict[str, set[str]] = {}
    for dag in known.values():
        for task in dag.tasks:
            what = lineage[dag.file, dag.dag_id, task.task_id]
            for ref in what.datasets:
                side = writers if ref.direction == "write" else readers
                side.setdefault(ref.uri, set()).add(dag.dag_id)
        for uri in dag.schedule.datasets:
            readers.setdefault(declared_uri(uri), set()).add(dag.dag_id)
    for uri, sources in writers.items():
        for source in sources:
            # A DAG that reads what it writes itself waits for nobody.
            for target in readers.get(uri, set()) - sources:
                yield Flow(source=source, target=target, way="data", through=uri)


def _by_links(known: Mapping[str, Dag]) -> Iterator[Flow]:
    for dag in known.values():
        for link in dag.links:
            other = link.target_dag_id
            if other is None or other not in known or other == dag.dag_id:
                continue
            flow = _of_link(dag.dag_id, other, link)
            if flow is not None:
                yield flow


def _of_link(dag_id: str, other: str, link: CrossDagLink) -> Flow | None:
    through = link.task_id or ""
    if link.kind == "external_task":
        return Flow(source=other, target=dag_id, way="wait", through=through)
    if link.kind in ("trigger_dag", "subdag"):
        way: Way = "trigger" if link.kind == "trigger_dag" else "contains"
        return Flow(source=dag_id, target=other, way=way, through=through)
    return None  # a marker repeats what the sensor at its other end says
