"""Files that one task leaves in its working folder for another.

A relative path alone is hardly a dataset: most are scratch, gone with the task. One that a function
of the same DAG reads after another has written it outlives the task, and both run where the worker
runs. Commands of a shell begin in a folder of their own, and hand on nothing that way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from adapters.airflow.legacy.datasets import DatasetRef, Direction, TaskLineage, TaskPlace
from adapters.airflow.legacy.snapshot import DagSnapshot
from adapters.airflow.lineage.certainty import BY_SETTING
from adapters.airflow.lineage.families import bash

_HERE = "file:///{cwd}/"


def handed_on(
    found: Mapping[TaskPlace, TaskLineage], snapshot: DagSnapshot
) -> dict[TaskPlace, TaskLineage]:
    """The same lineage, with files certain that one function writes and another one reads."""
    places = {
        (dag.file, dag.dag_id, task.task_id)
        for dag in snapshot.dags
        for task in dag.tasks
        if not bash.applies(task)
    }
    writers, readers = _by_file(found, places, "write"), _by_file(found, places, "read")
    handed = {
        file for file in writers.keys() & readers.keys() if len(writers[file] | readers[file]) > 1
    }
    if not handed:
        return dict(found)
    return {
        place: replace(
            lineage,
            datasets=tuple(
                replace(ref, confidence=max(ref.confidence, BY_SETTING))
                if place in places and (place[:2], ref.uri) in handed
                else ref
                for ref in lineage.datasets
            ),
        )
        for place, lineage in found.items()
    }


def _by_file(
    found: Mapping[TaskPlace, TaskLineage], places: Iterable[TaskPlace], direction: Direction
) -> dict[tuple[tuple[str, ...], str], set[TaskPlace]]:
    """The tasks that write or read each file, by DAG and URI."""
    tasks: dict[tuple[tuple[str, ...], str], set[TaskPlace]] = {}
    for place in places:
        for ref in found[place].datasets:
            if ref.direction == direction and _is_told(ref):
                tasks.setdefault((place[:2], ref.uri), set()).add(place)
    return tasks


def _is_told(ref: DatasetRef) -> bool:
    return ref.uri.startswith(_HERE) and "{" not in ref.uri.removeprefix(_HERE)
