"""Several snapshots of one Airflow, each taken in a way of its own, as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from adapters.airflow.legacy.about import about_dag
from adapters.airflow.legacy.merging.dags import BY_CODE, merged_dag
from adapters.airflow.legacy.merging.tasks import WORDS
from adapters.airflow.legacy.snapshot import (
    Containment,
    Dag,
    DagSnapshot,
    Finding,
    SourceFile,
    Taker,
    Task,
    sorted_findings,
)

_NAMED = 5


def merged(snapshots: Sequence[DagSnapshot]) -> DagSnapshot:
    """One snapshot of these, of which there is at least one, and one of each taker at most."""
    parts = {part.taken_from[0]: part for part in snapshots}
    ordered = [(taker, parts[taker]) for taker in BY_CODE if taker in parts]
    if len(ordered) == 1:
        return ordered[0][1]
    dags: list[Dag] = []
    findings = [found for _, part in ordered for found in part.findings]
    by_id: dict[str, dict[Taker, list[Dag]]] = {}
    for taker, part in ordered:
        for dag in part.dags:
            by_id.setdefault(dag.dag_id, {}).setdefault(taker, []).append(dag)
    for _, found in sorted(by_id.items()):
        seen, others = _seen(found)
        dag, disagreements = merged_dag(seen)
        dags += [dag, *others]
        findings += [*disagreements, *_only_in_some(seen, [taker for taker, _ in ordered])]
    versions = [parts[taker].airflow for taker in ("rest", "dagbag") if taker in parts]
    return DagSnapshot(
        instance=ordered[0][1].instance,
        taken_from=tuple(taker for taker, _ in ordered),
        airflow=versions[0],
        folder=ordered[0][1].folder,
        files=_files([part for _, part in ordered]),
        dags=tuple(sorted(dags, key=lambda dag: (dag.dag_id, dag.file, dag.line or 0))),
        sql_files=next((part.sql_files for _, part in ordered if part.sql_files), ()),
        dbt_projects=ordered[0][1].dbt_projects,
        findings=sorted_findings(findings),
        containment=parts["source"].containment if "source" in parts else Containment(),
    )


def _seen(found: Mapping[Taker, list[Dag]]) -> tuple[dict[Taker, Dag], list[Dag]]:
    """The DAG as each taker has it, and others of its id, where two files define one."""
    deployed = {dag.file for taker, dags in found.items() if taker != "source" for dag in dags}
    seen = {
        taker: next((dag for dag in dags if _is_one_of(dag.file, deployed)), dags[0])
        for taker, dags in found.items()
    }
    others = [dag for taker, dags in found.items() for dag in dags if dag is not seen[taker]]
    return seen, others


def _is_one_of(file: str, files: set[str]) -> bool:
    """REST may know a file by a longer path than we do."""
    return any(other == file or other.endswith(f"/{file}") for other in files)


def _files(parts: Sequence[DagSnapshot]) -> tuple[SourceFile, ...]:
    """Each file once, as who reads code best has it."""
    found: dict[str, SourceFile] = {}
    for part in parts:
        for file in part.files:
            found.setdefault(file.path, file)
    return tuple(found[path] for path in sorted(found))


def _only_in_some(seen: Mapping[Taker, Dag], takers: Sequence[Taker]) -> Iterator[Finding]:
    """A DAG, or tasks of one, that a taker has not and another has."""
    dag = next(seen[taker] for taker in BY_CODE if taker in seen)
    every = {task.task_id: task for each in seen.values() for task in each.tasks}
    for taker in takers:
        if taker not in seen:
            yield _missing(dag, taker, "it")
            continue
        here = {task.task_id for task in seen[taker].tasks}
        more = sorted(every.keys() - here)
        if more:
            names = ", ".join(more[:_NAMED])
            names += f" and {len(more) - _NAMED} more" if len(more) > _NAMED else ""
            yield _missing(dag, taker, names, every[more[0]])


def _missing(dag: Dag, taker: Taker, what: str, task: Task | None = None) -> Finding:
    if taker == "source":
        message = f"{WORDS[taker]} does not yield {what}; "
        how = dag.how if task is None else task.how
        message += (
            "Airflow's list of tasks has neither arguments nor SQL"
            if how == "listed"
            else "the DagBag does, with settings that the source does not have here"
        )
        return about_dag(dag, "not_in_source", message, "warning")
    message = (
        f"{WORDS[taker]} does not have {what}: not deployed yet, removed, "
        "or made only because a value was assumed"
    )
    return about_dag(dag, "not_deployed", message, "warning")
