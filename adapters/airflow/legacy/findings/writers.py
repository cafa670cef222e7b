"""Datasets that several tasks write."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.airflow.legacy.about import about_task, named
from adapters.airflow.legacy.findings.whole import Whole, place
from adapters.airflow.legacy.snapshot import Dag, Finding, Task


def two_writers(whole: Whole) -> Iterator[Finding]:
    """One finding a dataset, at its first writer, naming all with file and line."""
    writers: dict[str, list[tuple[Dag, Task]]] = {}
    for dag, task, found in whole.tasks():
        for uri in dict.fromkeys(ref.uri for ref in found.writes):
            writers.setdefault(uri, []).append((dag, task))
    for uri, all_of_it in sorted(writers.items()):
        if len(all_of_it) == 1:
            continue
        dag, task = all_of_it[0]
        names = named(f"{one.dag_id}.{two.task_id} ({place(one, two)})" for one, two in all_of_it)
        message = f"{uri} is written by {len(all_of_it)} tasks: {names}"
        yield about_task(dag, task, code="two_writers", message=message, severity="warning")
