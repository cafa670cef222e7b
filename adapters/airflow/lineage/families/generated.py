"""Tasks that we generated: the last one about an asset declares it, and what it is made from."""

from __future__ import annotations

from dataclasses import replace

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading
from bridge.uris import canonical

_MODULES = ("adapters.airflow.runtime.", "adapters.airflow.on_airflow_")


def applies(task: Task) -> bool:
    """Our own operators."""
    return task.operator.startswith(_MODULES)


def read(task: Task, context: LineageContext) -> Reading:
    """What each outlet is made from, and nothing beyond what it declares.

    A task without outlets leads to one that has them: the checks of an asset come before its event.
    """
    sources = _sources(task)
    read = dict.fromkeys(uri for uris in sources.values() for uri in uris)
    datasets = [context.ref(task, uri, "read", "declared", 1.0) for uri in read]
    datasets += [_write(task, context, outlet, uris) for outlet, uris in sources.items()]
    return Reading(
        nature="quiet", datasets=tuple(datasets), reads_known=bool(sources), writes_known=True
    )


def _write(task: Task, context: LineageContext, outlet: str, uris: tuple[str, ...]) -> DatasetRef:
    found = context.ref(task, outlet, "write", "declared", 1.0)
    return replace(found, derived_from=uris)


def _sources(task: Task) -> dict[str, tuple[str, ...]]:
    """For each outlet of the task the URIs that it is made from."""
    said = task.arguments.get("made_from")
    if isinstance(said, list):
        said = dict.fromkeys(task.outlets, said)
    if not isinstance(said, dict):
        return {}
    return {
        str(canonical(outlet)): tuple(str(canonical(uri)) for uri in uris if isinstance(uri, str))
        for outlet, uris in said.items()
        if isinstance(uris, list)
    }
