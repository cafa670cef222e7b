"""Findings at their place: about a file, a DAG or some of its tasks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from adapters.airflow.legacy.snapshot import Dag, Finding, Severity, Task

_NAMED_AT_MOST = 5
_LONGEST = 400


def about_file(
    file: str,
    code: str,
    message: str,
    severity: Severity = "warning",
    line: int | None = None,
) -> Finding:
    """A finding at a line of a file."""
    return Finding(severity=severity, code=code, message=message, file=file, line=line)


def not_loaded(file: str, trace: str, seen_as: str) -> Finding:
    """A file that an Airflow could not load, at the line of it that the trace names last.

    `seen_as`: a pattern of the path by which the trace knows the file.
    """
    lines = re.findall(rf'File "{seen_as}", line (\d+)', trace)
    return about_file(
        file,
        "import_error",
        f"Airflow does not load it: {last_line(trace)}",
        "error",
        int(lines[-1]) if lines else None,
    )


def last_line(trace: str) -> str:
    """What an error came to."""
    return (trace.strip().splitlines() or ["it does not say why"])[-1].strip()[:_LONGEST]


def about_dag(
    dag: Dag, code: str, message: str, severity: Severity = "warning", task_id: str | None = None
) -> Finding:
    """A finding at the place of a DAG, about all of it or about a task whose place is not known."""
    return Finding(
        severity=severity,
        code=code,
        message=message,
        file=dag.file,
        line=dag.line,
        dag_id=dag.dag_id,
        task_id=task_id,
    )


def about_tasks(
    dag: Dag, tasks: Sequence[Task], code: str, message: str, severity: Severity = "warning"
) -> Finding:
    """A finding about some tasks of a DAG, at the place of the first; `{tasks}` is their names."""
    first = tasks[0]
    return Finding(
        severity=severity,
        code=code,
        message=message.replace("{tasks}", named(task.task_id for task in tasks)),
        file=first.file or dag.file,
        line=first.line,
        dag_id=dag.dag_id,
    )


def about_task(dag: Dag, task: Task, *, code: str, message: str, severity: Severity) -> Finding:
    """A finding at the place of one task."""
    return about_tasks(dag, [task], code, message, severity).model_copy(
        update={"task_id": task.task_id}
    )


def named(names: Iterable[str]) -> str:
    """`a, b and 3 more`, each once."""
    each = list(dict.fromkeys(names))
    more = len(each) - _NAMED_AT_MOST
    return ", ".join(each[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
