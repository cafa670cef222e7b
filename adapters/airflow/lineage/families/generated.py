"""Tasks that we generated: the last one about an asset declares it, the others lead there."""

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading

_MODULE = "adapters.airflow.runtime."


def applies(task: Task) -> bool:
    """Our own operators."""
    return task.operator.startswith(_MODULE)


def read(task: Task, context: LineageContext) -> Reading:
    """Nothing beyond what it declares: the task that computes comes before the checks that gate."""
    return Reading(nature="quiet", writes_known=True)
