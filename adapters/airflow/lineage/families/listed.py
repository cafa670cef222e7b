"""Tasks that only a running Airflow's list names: it has neither arguments nor SQL."""

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading, class_names
from adapters.airflow.lineage.families import generated, quiet


def applies(task: Task) -> bool:
    """What is known by nothing but its class; one that moves no data says so by that."""
    return task.how == "listed" and not quiet.applies(task) and not generated.applies(task)


def read(task: Task, context: LineageContext) -> Reading:
    """No dataset, and a finding that says why."""
    message = (
        f"outputs unknown ({class_names(task)[0]}): Airflow lists the task without its arguments; "
        "name them in the mapping"
    )
    return Reading(nature="opaque", findings=(context.finding(task, "unknown_outputs", message),))
