"""Taking a snapshot from a running Airflow: what its REST API lists of every DAG.

A task is opaque here: REST tells neither its arguments nor its SQL. The files are another matter:
`fetching` brings them, and the recorder reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from adapters.airflow.api.inventory import ImportProblem, Inventory, ListedDag
from adapters.airflow.api.rows import BadRow
from adapters.airflow.legacy.about import not_loaded
from adapters.airflow.legacy.listed import Listing, base_of, dag_of, file_names
from adapters.airflow.legacy.snapshot import DagSnapshot, Finding, sorted_findings

# The latest runs of a DAG that are looked at: enough for a 90th percentile, in one request.
_RUNS = 25


def list_dags(
    inventory: Inventory,
    dags: Sequence[ListedDag],
    instance: str = "airflow",
    *,
    progress: Callable[[int, int], None] | None = None,
) -> DagSnapshot:
    """Each of these DAGs with all its tasks, the datasets they declare, and how it ran of late.

    Two requests for all, per 100 datasets and 100 broken files; three for each DAG, and a fourth
    where it has succeeded lately. `progress` hears how many DAGs are done. Raises
    RemoteUnreachableError.
    """
    names = file_names(dags)
    datasets, problems = inventory.datasets(), inventory.import_problems()
    bad = [*datasets.bad, *problems.bad]
    found = []
    for done, dag in enumerate(dags, start=1):
        listing, unread = _asked(inventory, dag, names[dag.dag_id])
        bad += unread
        found.append(dag_of(listing, datasets.good))
        if progress is not None:
            progress(done, len(dags))
    base = base_of(dags)
    return DagSnapshot(
        instance=instance,
        taken_from=("rest",),
        airflow=inventory.version,
        folder=inventory.url,
        dags=tuple(sorted(found, key=lambda dag: (dag.dag_id, dag.file))),
        findings=sorted_findings(
            [
                *(_import_error(problem, base) for problem in problems.good),
                *(_unread(row) for row in bad),
            ]
        ),
    )


def _asked(inventory: Inventory, dag: ListedDag, file: str) -> tuple[Listing, list[BadRow]]:
    tasks = inventory.tasks(dag.dag_id)
    runs = inventory.runs(dag.dag_id, _RUNS)
    begun = [run.start_date for run in runs.good if run.state == "success" and run.start_date]
    successes = inventory.successes(dag.dag_id, min(begun).isoformat()) if begun else None
    listing = Listing(
        dag=dag,
        file=file,
        details=inventory.details(dag.dag_id),
        tasks=tasks.good,
        runs=runs.good,
        successes=successes.good if successes is not None else (),
    )
    return listing, [*tasks.bad, *runs.bad, *(successes.bad if successes is not None else ())]


def _import_error(problem: ImportProblem, base: str) -> Finding:
    last = PurePosixPath(problem.filename).name
    name = problem.filename.removeprefix(base)
    return not_loaded(name, problem.stack_trace, f".*{re.escape(last)}")


def _unread(row: BadRow) -> Finding:
    message = f"what Airflow lists of {row.what} is not understood: {row.why}"
    return Finding(severity="warning", code="bad_row", message=message)
