"""Scripts of the code base that a task starts as programs of their own, wherever these run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef, Nature, is_uri
from adapters.airflow.legacy.snapshot import Script, Task
from adapters.airflow.lineage.certainty import rated
from adapters.airflow.lineage.context import LineageContext, Reading
from adapters.airflow.lineage.families import python
from adapters.airflow.lineage.templates import names_set, render
from bridge.uris import canonical

_Given: TypeAlias = dict[str, str]
_MAKES_VIEWS = frozenset(("createOrReplaceTempView", "createTempView", "registerTempTable"))
_NAME = re.compile(r"\{(\w+)\}")
BY_NAME = 0.6  # the file has the script's name, and may be another


def applies(task: Task) -> bool:
    """A task that starts a script which is seen to call something worth reading."""
    return any(script.calls for script in task.scripts)


def added(found: Reading, task: Task, context: LineageContext) -> Reading:
    """What is known of the task, and what its scripts do. Where a script is seen to read a place, a
    guess that the task writes it is none.
    """
    given = _named(task.arguments, task, context)
    ours = [ref for script in task.scripts for ref in _of(script, given, task, context)]
    views = {view for script in task.scripts for view in _views(script, given)}
    if views:
        ours = [ref for ref in ours if ref.uri.rpartition("/")[2] not in views]
        shared = tuple(ref for ref in found.datasets if ref.uri.rpartition("/")[2] not in views)
        found = replace(found, datasets=shared)
    if not ours:
        return found
    seen = {(ref.uri, ref.direction) for ref in ours}
    told = {uri for uri, _ in seen}
    kept = [
        ref
        for ref in found.datasets
        if ref.confidence > BY_NAME or ref.uri not in told or (ref.uri, ref.direction) in seen
    ]
    is_written = any(ref.direction == "write" for ref in ours)
    nature: Nature = "quiet" if found.nature == "quiet" else "data"
    return replace(
        found,
        nature=nature,
        datasets=(*kept, *ours),
        findings=tuple(
            each for each in found.findings if not (is_written and each.code == "unknown_outputs")
        ),
        reads_known=False,
        writes_known=False,
    )


def _of(script: Script, given: _Given, task: Task, context: LineageContext) -> list[DatasetRef]:
    """What one script does, as a function with these calls does it."""
    alone = {"calls": script.calls, "scripts": (), "arguments": {}, "file": script.path}
    datasets = python.read(task.model_copy(update=alone), context).datasets
    found = [_with_given(ref, given) for ref in datasets]
    if script.is_sure:
        return found
    return [replace(ref, confidence=min(ref.confidence, BY_NAME)) for ref in found]


def _views(script: Script, given: _Given) -> Iterator[str]:
    """The views that a script makes for the SQL that it is given; they end with it."""
    for call in script.calls:
        if call.name not in _MAKES_VIEWS or not call.arguments:
            continue
        name = call.arguments[0]
        made = name.get("made_by") if isinstance(name, dict) else None
        if isinstance(made, list) and made and isinstance(last := made[-1], dict):
            keys = last.get("arguments")
            key = keys[0] if isinstance(keys, list) and keys else last.get("name")
            name = given.get(str(key).lower())
        if isinstance(name, str) and name.isidentifier():
            yield name


def _named(arguments: Mapping[str, JsonValue], task: Task, context: LineageContext) -> _Given:
    """The texts in those arguments of a task that are mappings, and what its templates set, by
    their names in small letters.
    """
    found: _Given = {}
    for value in arguments.values():
        if isinstance(value, str) and "{%" in value:
            for name, text in names_set(value, context.values(task)).items():
                found.setdefault(name.lower(), text)
        for name, each in value.items() if isinstance(value, dict) else ():
            if isinstance(each, str) and re.fullmatch(r"[\w./:{}@ -]+", each):
                text, marks, _ = render(each, context.values(task), {})
                found.setdefault(name.lower(), marks.put_back(text).strip())
    return found


def _with_given(ref: DatasetRef, given: _Given) -> DatasetRef:
    """A name of the script's that an argument of the task has too stands for its value; a guess."""

    def value(found: re.Match[str]) -> str:
        return given.get(found[1].lower(), found[0])

    uri = _NAME.sub(value, ref.uri)
    if uri == ref.uri or not is_uri(uri):
        return ref
    if uri.startswith("file:"):
        uri = re.sub(r"(?<=[^:/])/{2,}", "/", uri)  # a folder was given with its slash
    return replace(ref, uri=str(canonical(uri)), confidence=rated(uri, BY_NAME))
