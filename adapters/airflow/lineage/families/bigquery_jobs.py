"""What the configuration of a BigQuery job says beside its SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.certainty import rated
from adapters.airflow.lineage.context import LineageContext, text_of
from adapters.airflow.lineage.templates import render
from adapters.airflow.lineage.values import at
from bridge.errors import DefinitionError
from bridge.uris import canonical, table

_CERTAIN = 0.95
_QUERY = "configuration.query"


def default_dataset(task: Task) -> str | None:
    """Where names without a dataset are: `project.dataset`."""
    for each in at(task.arguments, f"{_QUERY}.defaultDataset"):
        if isinstance(each, dict) and (dataset := text_of(each.get("datasetId"))):
            project = text_of(each.get("projectId"))
            return f"{project}.{dataset}" if project else dataset
    return None


def destination(
    task: Task, context: LineageContext, datasets: Sequence[DatasetRef]
) -> Iterator[DatasetRef]:
    """The table that the job writes what its query selects to."""
    reads = tuple(dict.fromkeys(ref.uri for ref in datasets if ref.direction == "read"))
    for each in at(task.arguments, f"{_QUERY}.destinationTable"):
        uri = _table(each, task, context)
        if uri is not None:
            found = context.ref(task, uri, "write", "argument", rated(uri, _CERTAIN))
            yield replace(found, derived_from=reads)


def _table(given: JsonValue, task: Task, context: LineageContext) -> str | None:
    """A table as the API names one, without the partition behind `$`."""
    if not isinstance(given, dict):
        return None
    parts = [text_of(given.get(name)) for name in ("projectId", "datasetId", "tableId")]
    if parts[1] is None or parts[2] is None:
        return None
    name = ".".join(part for part in parts if part)
    rendered, marks, _ = render(name, context.values(task), context.files)
    return marks.put_back(str(table("bigquery", "default", rendered.partition("$")[0])))


def with_definitions(
    task: Task, context: LineageContext, datasets: Sequence[DatasetRef]
) -> list[DatasetRef]:
    """The files behind tables that only the job defines, in place of these."""
    found = list(datasets)
    for each in at(task.arguments, f"{_QUERY}.tableDefinitions"):
        for name, definition in each.items() if isinstance(each, dict) else ():
            found = [ref for ref in found if ref.uri.rpartition("/")[2] != name]
            for place in at(definition, "sourceUris.*"):
                if isinstance(place, str) and (uri := _place(place, task, context)):
                    sure = rated(uri, _CERTAIN)
                    found.append(context.ref(task, uri, "read", "argument", sure))
    return found


def _place(text: str, task: Task, context: LineageContext) -> str | None:
    rendered, marks, _ = render(text, context.values(task), context.files)
    try:
        return marks.put_back(str(canonical(rendered)))
    except DefinitionError:
        return None
