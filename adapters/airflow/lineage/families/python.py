"""Python functions: the calls in them that name a file, a table, SQL or a command."""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic import JsonValue

from adapters.airflow.legacy.snapshot import Call, Task
from adapters.airflow.lineage.context import LineageContext, Reading, class_names
from adapters.airflow.lineage.families import opaque
from adapters.airflow.lineage.families.calls.guesses import places_named
from adapters.airflow.lineage.families.calls.known import CALLS
from adapters.airflow.lineage.families.calls.places import Told, is_sql
from adapters.airflow.lineage.families.calls.scratch import without_scratch

_RUN_SQL = frozenset(("run", "execute", "executemany", "get_records", "get_first", "get_pandas_df"))
_ASKING = re.compile(r"Branch\w*(Python|Decorated)|ShortCircuit|PythonSensor|DecoratedSensor")
_QUIET = Reading(nature="quiet", writes_known=True)
_PLACES = {"place": "~{named}", "table": "table:{named}", "object": "~s3://{named}"}


def applies(task: Task) -> bool:
    """A task whose function, or whose own `execute`, is seen to call something worth reading, or
    whose function is given something.
    """
    return bool(task.calls) or bool(_given(task))


def runs_sql(task: Task) -> bool:
    """An operator of the code base whose own `execute` says over which connection its SQL runs."""
    return "python_callable" not in task.arguments and any(
        call.name in _RUN_SQL and any(map(is_sql, call.arguments)) for call in task.calls
    )


def asks(task: Task) -> bool:
    """A branch or a sensor whose function is seen to call something worth reading."""
    return bool(task.calls) and any(_ASKING.search(name) for name in class_names(task))


def read_asked(task: Task, context: LineageContext) -> Reading:
    """What the function reads to decide; it has no outputs that anybody would look for."""
    found = read(task, context)
    return replace(found, findings=(), writes_known=True) if found.datasets else _QUIET


def _given(task: Task) -> dict[str, JsonValue]:
    given = task.arguments.get("op_kwargs")
    return given if isinstance(given, dict) else {}


def read(task: Task, context: LineageContext) -> Reading:
    """What the calls name. It is a beginning: a function may do more than its texts say."""
    told = Told(task, context)
    for call in task.calls:
        for line, values in CALLS.fitting(call):
            if told.take(line, values, call):
                break
    datasets = without_scratch(told.datasets)
    if not datasets:
        for kind, text, direction in places_named(_given(task)):
            told.place(_PLACES[kind], direction, {"named": text}, Call(name="", line=task.line))
        datasets = told.datasets
    unknown = opaque.read(task, context)
    if not datasets:
        return replace(unknown, findings=(*told.findings, *unknown.findings))
    has_write = any(ref.direction == "write" for ref in datasets)
    return Reading(
        datasets=tuple(datasets),
        findings=(*told.findings, *(() if has_write else unknown.findings)),
    )
