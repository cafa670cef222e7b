"""DAGs that nothing seems to start."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.airflow.legacy.about import about_dag, named
from adapters.airflow.legacy.datasets import declared_uri
from adapters.airflow.legacy.findings.whole import Whole
from adapters.airflow.legacy.snapshot import Dag, Finding

_STARTS = ("trigger_dag", "subdag")


def dead_dags(whole: Whole) -> Iterator[Finding]:
    """No schedule and nobody triggers it; or a schedule on datasets that nobody updates.

    Left alone where some task triggers a DAG that is known only at run time.
    """
    links = [link for dag in whole.dags for link in dag.links if link.kind in _STARTS]
    if any(link.target_dag_id is None for link in links):
        started = None
    else:
        started = {link.target_dag_id for link in links}
    updated = {
        declared_uri(uri) for dag in whole.dags for task in dag.tasks for uri in task.outlets
    }
    updated |= {ref.uri for _, _, found in whole.tasks() for ref in found.writes}
    for dag in whole.dags:
        if dag.schedule.kind == "none" and started is not None and dag.dag_id not in started:
            message = f"has no schedule and no task here triggers it; {_how_it_runs(dag)}"
            yield about_dag(dag, "dead_dag", message, "info")
        waits = dag.schedule.datasets if dag.schedule.kind == "datasets" else ()
        if waits and not any(declared_uri(uri) in updated for uri in waits):
            message = f"runs when {named(waits)} changes, which no task here writes"
            yield about_dag(dag, "dead_dag", message, "info")


def _how_it_runs(dag: Dag) -> str:
    if dag.operation is None:
        return "whether people start it, or it is paused, the source does not say"
    ran = dag.operation.last_run
    last = "no run of it is kept" if ran is None else f"it last ran at {ran[:16]}Z"
    return f"{last}, and it is paused" if dag.operation.is_paused else last
