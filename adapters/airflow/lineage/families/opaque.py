"""Everything else: code that does not say what it touches. Nothing is guessed."""

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading, class_names


def applies(task: Task) -> bool:
    """Any task."""
    return True


def read(task: Task, context: LineageContext) -> Reading:
    """No dataset, and a finding that asks for one."""
    kind = class_names(task)[0]
    said = "@task" if kind.endswith("DecoratedOperator") else kind
    message = f"outputs unknown ({said}): name them in the mapping"
    return Reading(nature="opaque", findings=(context.finding(task, "unknown_outputs", message),))
