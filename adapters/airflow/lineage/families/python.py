"""Python functions: the calls in them that name a file, a table, SQL or a command."""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.legacy.snapshot import Call, Task
from adapters.airflow.lineage.certainty import BY_SETTING, HARDLY
from adapters.airflow.lineage.context import LineageContext, Reading, class_names
from adapters.airflow.lineage.families import opaque
from adapters.airflow.lineage.families.calls import sheets
from adapters.airflow.lineage.families.calls.guesses import places_named
from adapters.airflow.lineage.families.calls.known import CALLS
from adapters.airflow.lineage.families.calls.places import Told
from adapters.airflow.lineage.families.calls.scratch import without_scratch

_ASKING = re.compile(r"Branch\w*(Python|Decorated)|ShortCircuit|PythonSensor|DecoratedSensor")
_QUIET = Reading(nature="quiet", writes_known=True)
_PLACES = {"place": "~{named}", "table": "table:{named}", "object": "~s3://{named}"}


def applies(task: Task) -> bool:
    """A task whose function, or whose own `execute`, is seen to call something worth reading, or
    whose function is given something.
    """
    return bool(task.calls) or bool(_given(task))


def is_own(task: Task) -> bool:
    """An operator of the code base whose own `execute` is seen to call something worth reading."""
    return bool(task.calls) and "python_callable" not in task.arguments


def with_own(task: Task, context: LineageContext, inherited: Reading) -> Reading:
    """What the operator's own `execute` calls, and what the class it inherits from would do on the
    side of which the calls do not say enough.
    """
    own = read(task, context)
    if not own.datasets or not inherited.datasets:
        return own if own.datasets else inherited
    kept: list[DatasetRef] = []
    for direction in ("read", "write"):
        ours = [ref for ref in own.datasets if ref.direction == direction]
        theirs = [ref for ref in inherited.datasets if ref.direction == direction]
        is_sure = any(ref.confidence >= BY_SETTING for ref in ours)
        kept += ours if is_sure or not theirs else theirs
    return replace(inherited, datasets=tuple(kept), reads_known=False, writes_known=False)


def asks(task: Task) -> bool:
    """A branch or a sensor whose function is seen to call something worth reading."""
    return bool(task.calls) and any(_ASKING.search(name) for name in class_names(task))


def read_asked(task: Task, context: LineageContext) -> Reading:
    """What the function reads to decide; it has no outputs that anybody would look for."""
    found = read(task, context)
    return replace(found, findings=(), writes_known=True) if found.datasets else _QUIET


def _without_questions(datasets: list[DatasetRef]) -> list[DatasetRef]:
    """Where the answer of an address is read, what was sent to it is the question."""
    asked = {ref.uri for ref in datasets if ref.direction == "read"}
    return [
        ref
        for ref in datasets
        if ref.direction == "read" or ref.confidence > HARDLY or ref.uri not in asked
    ]


def _given(task: Task) -> dict[str, JsonValue]:
    given = task.arguments.get("op_kwargs")
    return given if isinstance(given, dict) else {}


def read(task: Task, context: LineageContext) -> Reading:
    """What the calls name. It is a beginning: a function may do more than its texts say."""
    told = Told(task, context)
    for call in map(sheets.as_method, task.calls):
        for line, values in CALLS.fitting(call):
            if told.take(line, values, call) or not line.places:
                break
    datasets = sheets.without_whole(without_scratch(_without_questions(told.datasets)))
    if not datasets:
        for kind, text, direction in places_named(_given(task)):
            told.place(_PLACES[kind], direction, {"named": text}, Call(name="", line=task.line))
        datasets = without_scratch(told.datasets)
    unknown = opaque.read(task, context)
    if not datasets:
        return replace(unknown, findings=(*told.findings, *unknown.findings))
    has_write = any(ref.direction == "write" for ref in datasets)
    return Reading(
        datasets=tuple(datasets),
        findings=(*told.findings, *(() if has_write else unknown.findings)),
    )
