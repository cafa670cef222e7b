"""Operators that a function makes and executes itself: `PostgresOperator(…).execute(context)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adapters.airflow.legacy.snapshot import Call, Task

_OPERATOR = re.compile(r"_?[A-Z]\w*(Operator|Sensor|Transfer)")
_OF_THE_TASK = ("task_id", "dag", "default_args", "task_group")


def operators(task: Task) -> Iterator[Task]:
    """Each of them as a task of its own, at the place where it is executed."""
    for call in task.calls:
        made = _made(call)
        if made is not None:
            yield Task(
                task_id=task.task_id,
                operator=f"{made.module}.{made.name}" if made.module else made.name,
                file=call.file or task.file,
                line=call.line,
                arguments={
                    name: value for name, value in made.named.items() if name not in _OF_THE_TASK
                },
            )


def _made(call: Call) -> Call | None:
    """The operator of a provider that is executed; those of the code base are followed."""
    if call.name != "execute" or not call.on:
        return None
    made = call.on[-1]
    is_of_airflow = (made.module or "airflow").startswith("airflow")
    return made if is_of_airflow and _OPERATOR.fullmatch(made.name) else None
