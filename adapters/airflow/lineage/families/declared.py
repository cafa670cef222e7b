"""Declared inlets and outlets: what the DAG's author says wins over anything read."""

from adapters.airflow.legacy.datasets import DatasetRef, Direction
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading
from bridge.errors import DefinitionError
from bridge.uris import canonical


def applies(task: Task) -> bool:
    """Any operator."""
    return bool(task.inlets or task.outlets)


def read(task: Task, context: LineageContext) -> Reading:
    """Every declared URI; one that is no URI (an Airflow 3 asset by name) becomes `asset://<name>`."""
    datasets: list[DatasetRef] = []
    directions: tuple[tuple[Direction, tuple[str, ...]], ...] = (
        ("read", task.inlets),
        ("write", task.outlets),
    )
    for direction, uris in directions:
        for uri in uris:
            try:
                found = str(canonical(uri))
            except DefinitionError:
                found = str(canonical(f"asset://airflow/{uri}"))
            datasets.append(context.ref(task, found, direction, "declared", 1.0))
    return Reading(
        datasets=tuple(datasets),
        reads_known=bool(task.inlets),
        writes_known=bool(task.outlets),
    )
