"""SQL checks that name their table in an argument: they read it and write nothing."""

import re

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import (
    LineageContext,
    Reading,
    class_names,
    connection_of,
    text_of,
)
from adapters.airflow.lineage.templates import render
from bridge.uris import table

_CHECKS = re.compile(r"(Column|Table|Interval)Check(Async)?Operator$")


def applies(task: Task) -> bool:
    """The check operators that take `table`."""
    return (
        any(map(_CHECKS.search, class_names(task)))
        and text_of(task.arguments.get("table")) is not None
    )


def read(task: Task, context: LineageContext) -> Reading:
    """The checked table."""
    connection = connection_of(task)
    rendered, marks, _ = render(text_of(task.arguments.get("table")) or "", {}, {})
    uri = marks.put_back(
        str(table(context.scheme(task, connection), connection or "default", rendered))
    )
    ref = context.ref(task, uri, "read", "argument", 0.95)
    return Reading(nature="quiet", datasets=(ref,), reads_known=True, writes_known=True)
