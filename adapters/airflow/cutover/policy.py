"""What the cluster policy does with one task."""

from __future__ import annotations

from typing import Any

from adapters.airflow.cutover.guarded import rule_for
from adapters.airflow.cutover.swap import swap


def guard_task(task: Any) -> None:
    """Swap the class of a guarded legacy task; a generated one claims for itself."""
    if _is_generated(task):
        return
    rule = rule_for(task.dag_id, task.task_id)
    if rule is not None:
        swap(task, rule)


def _is_generated(task: Any) -> bool:
    operator_class = getattr(task, "operator_class", type(task))
    return any(c.__module__.startswith("adapters.airflow.") for c in operator_class.__mro__)
