"""What stands in the way of moving tasks to assets, one finding a DAG and reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from adapters.airflow.legacy.about import about_tasks
from adapters.airflow.legacy.findings.whole import Whole
from adapters.airflow.legacy.snapshot import Dag, Finding, Severity, Task

_BRANCHES = ("Branch", "ShortCircuit")
_IN_PLACE = ("all_success", "TriggerRule.ALL_SUCCESS")

_Reason: TypeAlias = tuple[Severity, str, Callable[[Dag, Task], bool]]


def blockers(whole: Whole) -> Iterator[Finding]:
    """Mapped tasks, SubDAGs, trigger rules, branches and results that go from task to task."""
    for dag in whole.dags:
        for code, (severity, message, holds) in _REASONS.items():
            tasks = [task for task in dag.tasks if holds(dag, task)]
            if tasks:
                yield about_tasks(dag, tasks, code, message, severity)


def _class(task: Task) -> str:
    return task.operator.rpartition(".")[2]


def _is_mapped(dag: Dag, task: Task) -> bool:
    return task.mapped


def _is_subdag(dag: Dag, task: Task) -> bool:
    return _class(task) == "SubDagOperator"


def _has_other_rule(dag: Dag, task: Task) -> bool:
    # What a teardown gets by itself is no choice of its author.
    return (
        task.trigger_rule is not None and task.trigger_rule not in _IN_PLACE and not task.teardown
    )


def _is_branch(dag: Dag, task: Task) -> bool:
    names = (_class(task), *(base.rpartition(".")[2] for base in task.bases))
    return any(sign in name for name in names for sign in _BRANCHES)


def _hands_on_its_result(dag: Dag, task: Task) -> bool:
    return any(task.task_id in other.uses_xcom_of for other in dag.tasks)


_REASONS: dict[str, _Reason] = {
    "mapped_tasks": (
        "warning",
        "{tasks}: mapped, one run has many copies; cannot be cut over before it is one task a run",
        _is_mapped,
    ),
    "subdag": (
        "warning",
        "{tasks}: a SubDAG, which Airflow 3 has no more; make it a task group first",
        _is_subdag,
    ),
    "trigger_rule": (
        "info",
        "{tasks}: a trigger rule other than all_success; an asset is computed only after all it "
        "reads, so cut it over in place or drop the rule",
        _has_other_rule,
    ),
    "branch": (
        "info",
        "{tasks}: decides which tasks run; assets have no branches, so what follows can be cut "
        "over in place but not generated",
        _is_branch,
    ),
    "xcom_results": (
        "warning",
        "{tasks}: other tasks take what it returns by XCom, and an asset returns nothing; write it "
        "to a dataset that they read",
        _hands_on_its_result,
    ),
}
