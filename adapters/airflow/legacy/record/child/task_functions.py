"""Functions of libraries that are not importable here and make a task: a company's own
`python_operator(name="load", dag=dag)`. Such a call says what an operator's would.
"""

import re
from typing import Any

from .airflow_graph import DAG, stacks
from .airflow_operators import operator_class
from .journal import journal
from .placeholders import Unknown, makers

_NO_TASKS = ("airflow.", "kubernetes.")
_KINDS = ("operator", "sensor", "task", "job", "step", "notebook")
_ASKS = re.compile(r"(get|set|is|has|find|log|on)_|.*(callback|alert|xcom)")
_NAMES = ("task_id", "name", "task_name", "id")


def make_tasks() -> None:
    """From here on, such a call makes a task of an operator of the function's name."""
    makers.append(_task_of)


def _task_of(function: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The task, or None where the call does not say that it makes one."""
    if function.startswith(_NO_TASKS) or not function.replace(".", "_").isidentifier():
        return None
    name = function.rpartition(".")[2]
    dag = next((one for one in (*named.values(), *args) if isinstance(one, DAG)), None)
    label = _label(name, args, named, has_dag=dag is not None)
    if label is None or not isinstance(dag or stacks.dag, DAG):
        return None
    journal.note(
        "info",
        "task_of_function",
        f"{function}(...) is not here and was not run; it is taken to make the task {label}",
    )
    given = {key: value for key, value in named.items() if value is not dag and key not in _NAMES}
    task = operator_class(function)(task_id=label, dag=dag, **given)
    type(task).__call__ = _called
    return task


def _called(task: Any, *args: Any, **named: Any) -> Any:
    """It was no task: what the call made is called itself, as a decorator is."""
    for tasks in (task.dag.task_dict, task.task_group.children):
        tasks.pop(task.task_id, None)
    return Unknown(type(task).__name__)(*args, **named)


def _label(name: str, args: tuple[Any, ...], named: dict[str, Any], *, has_dag: bool) -> str | None:
    """The task's id: given as one, or by a name where the call is given its DAG too."""
    texts = {key: value for key, value in named.items() if isinstance(value, str)}
    if name != name.lower() or _ASKS.match(name):
        return None  # a class, which by its name is an operator or none; or it asks of a task
    if "task_id" in texts:
        return texts["task_id"]
    if not has_dag or not name.endswith(_KINDS):
        return None
    first = next((one for one in args if isinstance(one, str)), None)
    return next((texts[key] for key in _NAMES if key in texts), first)
