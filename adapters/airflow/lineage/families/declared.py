"""Declared inlets and outlets: what the DAG's author says wins over anything read."""

from adapters.airflow.legacy.datasets import DatasetRef, Direction, declared_uri
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading


def applies(task: Task) -> bool:
    """Any operator."""
    return bool(task.inlets or task.outlets)


def read(task: Task, context: LineageContext) -> Reading:
    """Every declared URI; one that is no URI (an Airflow 3 asset by name) has one made for it."""
    datasets: list[DatasetRef] = []
    directions: tuple[tuple[Direction, tuple[str, ...]], ...] = (
        ("read", task.inlets),
        ("write", task.outlets),
    )
    for direction, uris in directions:
        datasets += [
            context.ref(task, declared_uri(uri), direction, "declared", 1.0) for uri in uris
        ]
    return Reading(
        datasets=tuple(datasets),
        reads_known=bool(task.inlets),
        writes_known=bool(task.outlets),
    )
