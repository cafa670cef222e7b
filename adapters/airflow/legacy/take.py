"""Taking a snapshot of a DAG folder from its source, with no Airflow installed."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from adapters.airflow.legacy.about import about_dag, about_file
from adapters.airflow.legacy.dbt.as_manifest import manifests
from adapters.airflow.legacy.dbt.forms import DbtProject
from adapters.airflow.legacy.dbt.places import projects_of
from adapters.airflow.legacy.record.deployed import deployed_environment
from adapters.airflow.legacy.record.folder import DagFolder, look_through
from adapters.airflow.legacy.record.runner import FileAnswer, Limits, RecordedDag, run_files
from adapters.airflow.legacy.record.shipped import Shipped, shipped_variables
from adapters.airflow.legacy.record.sql_files import definitions
from adapters.airflow.legacy.snapshot import (
    Containment,
    Dag,
    DagSnapshot,
    Finding,
    Severity,
    SourceFile,
    Task,
    sorted_findings,
)


def record_folder(
    path: str | os.PathLike[str],
    instance: str = "airflow",
    *,
    timeout_s: float = 20.0,
    memory_bytes: int = 2 << 30,
    workers: int | None = None,
    variables: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DagSnapshot:
    """The snapshot of a DAG folder (or one file); every file runs in a process of its own,
    `timeout_s` seconds at most.

    `variables` and `environment` are what the files may know of Airflow's Variables and of
    os.environ; nothing of this process's environment reaches them. What is not supplied is taken
    from an export in the code base and the files of its deployment, else assumed, and each
    assumption is a finding.

    `progress` hears, after each file, how many are done and of how many.

    Raises ImportReadError if the folder is not there or the child process cannot start.
    """
    folder = look_through(Path(path))
    answers: tuple[FileAnswer, ...] = ()
    containment = Containment()
    files = list(folder.others)
    findings = [found for other in folder.others if (found := _finding_of(other)) is not None]
    makes_tasks = "cosmos" in folder.imported
    projects = projects_of(folder.root, folder.folder) if makes_tasks else ()
    if folder.to_run:
        limits = Limits(
            timeout_s=timeout_s,
            memory_bytes=memory_bytes,
            workers=workers or min(4, os.cpu_count() or 1),
        )
        shipped = shipped_variables(folder.root)
        deployed = deployed_environment(folder.folder, folder.root)
        findings += _of_shipped(shipped)
        recording = run_files(
            folder,
            limits=limits,
            variables={**shipped.values, **(variables or {})},
            shipped=shipped.values.keys() - (variables or {}).keys(),
            environment=environment or {},
            deployed=deployed.below(environment or {}, variables or {}),
            dbt=manifests(projects, folder.folder),
            progress=progress,
        )
        answers, containment = recording.answers, recording.containment
        for file in recording.missing:
            files.append(
                SourceFile(path=file.name, outcome="failed", sha256=file.sha256, reason="no answer")
            )
            message = "not read: the recorder gave no answer"
            findings.append(about_file(file.name, "failed", message, "error"))
    for answer in answers:
        name, sha = folder.to_run[answer.index].name, folder.to_run[answer.index].sha256
        files.append(
            SourceFile(path=name, outcome=answer.outcome, sha256=sha, reason=answer.reason)
        )
        findings += answer.notes
    dags, doubles = _without_imported(folder, answers)
    if not makes_tasks and _speak_of_dbt(dags):
        projects = projects_of(folder.root, folder.folder)
    return DagSnapshot(
        instance=instance,
        folder=str(folder.folder),
        files=tuple(sorted(files, key=lambda file: file.path)),
        dags=tuple(sorted(dags, key=lambda dag: (dag.dag_id, dag.file, dag.line or 0))),
        sql_files=definitions(folder.root, dags),
        dbt_projects=projects,
        findings=sorted_findings([*findings, *doubles, *_of_dbt(projects)]),
        containment=containment,
    )


def _of_dbt(projects: tuple[DbtProject, ...]) -> list[Finding]:
    return [
        about_file(
            f"{one.path}/{what.partition(':')[0]}".removeprefix("./"),
            "dbt_not_read",
            f"a file of the dbt project {one.name} was not read: {what}",
        )
        for one in projects
        for what in one.unread
    ]


def _speak_of_dbt(dags: list[Dag]) -> bool:
    return any("dbt" in dag.model_dump_json().lower() for dag in dags)


def _of_shipped(shipped: Shipped) -> list[Finding]:
    return [
        Finding(
            severity="info",
            code="shipped_variables",
            message=f"{count} Variables are taken from {name} of the code base; --variables of the "
            "real Airflow stand above them",
        )
        for name, count in shipped.files.items()
    ]


def _finding_of(file: SourceFile) -> Finding | None:
    if file.outcome in ("zip", "failed"):
        severity: Severity = "warning" if file.outcome == "zip" else "error"
        return about_file(file.path, file.outcome, file.reason or "not read", severity)
    return None


def _without_imported(
    folder: DagFolder, answers: tuple[FileAnswer, ...]
) -> tuple[list[Dag], list[Finding]]:
    """Each DAG once where files import one another; both where two files define one dag_id, with a
    finding.
    """
    recorded = [dag for answer in answers for dag in answer.dags]
    own = {(dag.dag_id, dag.file) for dag in recorded if dag.defined_in == dag.file}
    kept: dict[tuple[str, str, int | None], RecordedDag] = {}
    for dag in recorded:
        elsewhere = dag.defined_in != dag.file and (dag.dag_id, dag.defined_in) in own
        if not elsewhere:
            kept.setdefault((dag.dag_id, dag.file, dag.line), dag)
    findings: list[Finding] = []
    first_file: dict[str, str] = {}
    for dag in kept.values():
        other = first_file.setdefault(dag.dag_id, dag.file)
        if other != dag.file:
            message = f"{dag.dag_id} is also defined in {other}; Airflow would take one of them"
            findings.append(about_dag(dag, "duplicate_dag_id", message, "error"))
    return [_plain(dag) for dag in kept.values()], findings


def _plain(dag: RecordedDag) -> Dag:
    values = {name: getattr(dag, name) for name in Dag.model_fields if name != "tasks"}
    tasks: tuple[Task, ...] = tuple(sorted(dag.tasks, key=lambda task: task.task_id))
    return Dag(**values, tasks=tasks)
