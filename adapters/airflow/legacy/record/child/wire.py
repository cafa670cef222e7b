"""The recorded graph as JSON values, in the words of the snapshot; nothing here knows the user's
types by more than name.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH117, PTH120, PTH123, PTH202

import math
import os
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any

from .airflow_datasets import describe_schedule, uris
from .airflow_graph import DAG, as_list
from .airflow_operators import COMMON, BaseOperator, BaseSensorOperator, DynamicDatetime
from .airflow_taskflow import GroupDecorator, TaskDecorator
from .airflow_xcom import XComArg, xcom_sources
from .assumptions import AssumedText
from .bodies import Tasks
from .callables import names_in_templates, plain_function, pulls_in_templates
from .containment import TookTooLong, guard, let_it_end
from .context_use import read_callable
from .journal import journal
from .placeholders import Decorated, Unknown, UnknownBase
from .redaction import looks_secret
from .template_files import as_airflow_finds, named_in, nearest, of_another_machine
from .templating import Filling

MAX_TEXT = 256 * 1024
MAX_DEPTH, MAX_ITEMS = 12, 2000
_TEMPLATE_FILE = re.compile(
    r"^[^\s{}]{1,300}\.(sql|hql|ddl|dml|sh|bash|json|ya?ml|py|txt|html|cypher|pig)$"
)
_INCLUDES = re.compile(r"\{%-?\s*(?:include|import|from|extends)\s+['\"]([^'\"]+)['\"]")


def literal(value: Any, depth: int = 0) -> Any:  # noqa: C901, PLR0911, PLR0912 - one per kind of value
    """JSON for what is literal, `{"opaque": ...}` for what is not; never the repr of an unknown
    object.
    """
    if value is None or (isinstance(value, (bool, int)) and type(value) in (bool, int)):
        return value
    if isinstance(value, AssumedText):
        return str.__str__(value)
    if isinstance(value, str):
        text = str.__str__(value)
        return text if len(text) <= MAX_TEXT else {"opaque": "a text of more than 256 kB"}
    if isinstance(value, float):
        return value if math.isfinite(value) else {"opaque": "float"}
    if isinstance(value, (datetime, date, time)):
        return (
            {"opaque": "a date that moves"}
            if isinstance(value, DynamicDatetime)
            else value.isoformat()
        )
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return literal(value.value, depth + 1)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, XComArg):
        ids = sorted({task.task_id for task in value.operators})
        return {"xcom": ids[0] if len(ids) == 1 else ids}
    if depth > MAX_DEPTH:
        return {"opaque": "too deep"}
    if isinstance(value, dict):
        return _mapping(value, depth)
    if isinstance(value, (set, frozenset)):
        return sorted((literal(item, depth + 1) for item in value), key=str)
    if isinstance(value, (list, tuple)):
        return [literal(item, depth + 1) for item in value[:MAX_ITEMS]]
    return {"opaque": what_it_is(value)}


def _mapping(value: dict[Any, Any], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in list(value.items())[:MAX_ITEMS]:
        name = (
            str(key) if isinstance(key, (str, int, float, bool)) or key is None else what_it_is(key)
        )
        found[name] = _redacted(name, item, depth + 1)
    return found


def _redacted(name: str, item: Any, depth: int) -> Any:
    secret = isinstance(item, str) and item and looks_secret(name)
    if secret and "{{" not in item and not isinstance(item, AssumedText):
        journal.note(
            "warning",
            "secret_in_source",
            f"{name} looks like a secret written in the source; not kept",
        )
        return {"opaque": "a secret"}
    return literal(item, depth)


def what_it_is(value: Any) -> str:
    """A stable name for a thing that is not literal: its kind and qualified name, no address, no
    content.
    """
    if isinstance(value, Unknown):
        return f"unknown: {object.__getattribute__(value, '_label')}"
    if isinstance(value, UnknownBase):
        return type(value).__qualname__
    if isinstance(value, (TaskDecorator, GroupDecorator, Decorated)):
        value = plain_function(value)
    name = getattr(value, "__qualname__", None)
    if isinstance(name, str) and callable(value):
        return f"{'class' if isinstance(value, type) else 'function'} {name}"
    function = plain_function(value)
    if function is not value and hasattr(function, "__qualname__"):
        return f"function {function.__qualname__}"
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _text(value: Any) -> str | None:
    return str.__str__(value) if isinstance(value, str) and value else None


def _doc(given: dict[str, Any]) -> str | None:
    found = next(
        (_text(given.get(name)) for name in ("doc_md", "doc", "doc_rst") if _text(given.get(name))),
        None,
    )
    return found.strip()[:4000] if found else None


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _when(value: Any) -> str | None:
    if isinstance(value, DynamicDatetime) or not isinstance(value, (datetime, date)):
        return value if isinstance(value, str) and re.match(r"^\d{4}-\d\d-\d\d", value) else None
    return value.isoformat()


class Collector:
    """Turns the DAGs of one file into JSON; knows the folder, so that paths are relative."""

    def __init__(self, folder: str, file: str) -> None:
        self.folder = folder
        self.file = file
        self.functions = Tasks(folder)
        self._time_is_up = False

    def dag(self, dag: DAG) -> dict[str, Any]:
        """One DAG in the form of `snapshot.Dag`."""
        given = dag.given
        fill = Filling(dag).filled
        tasks = [_filled(self.task(task), fill) for task in dag.tasks]
        start = dag.start_date
        moving = isinstance(start, DynamicDatetime) or (
            isinstance(start, datetime) and start.microsecond
        )
        place = dag.place if dag.place[0] else (self.file, 0)
        if moving:
            journal.note(
                "warning",
                "moving_start_date",
                "start_date is another one every day",
                place=place,
                dag_id=dag.dag_id,
            )
            start = None
        zone = getattr(start, "tzinfo", None) or getattr(given.get("timezone"), "name", None)
        owners = {_text(task["owner"]) for task in tasks} | {_text(dag.default_args.get("owner"))}
        searched = [
            os.fspath(path)
            for path in as_list(dag.template_searchpath)
            if isinstance(path, (str, os.PathLike))
        ]
        schedule = describe_schedule(given)
        templates = self._templates(dag, tasks, searched)
        for task in tasks:
            _add_from_templates(task, templates)
        templates = fill(templates)
        return {
            "dag_id": dag.dag_id,
            "file": journal.relative(self.file, self.folder),
            "defined_in": journal.relative(dag.defined_in or self.file, self.folder),
            "line": (place[1] or None) if place[0] == self.file else None,
            "schedule": schedule,
            "timezone": _zone_name(zone) if zone is not None else None,
            "start_date": _when(start),
            "end_date": _when(dag.end_date),
            "catchup": dag.catchup if isinstance(dag.catchup, bool) else None,
            "tags": sorted({str(tag) for tag in as_list(dag.tags)}),
            "owners": sorted(owner for owner in owners if owner),
            "params": {
                str(key): _redacted(
                    str(key), getattr(value, "value", value) if _is_param(value) else value, 0
                )
                for key, value in dag.params.items()
            },
            "doc": _doc({"doc_md": dag.doc_md, "doc": dag.description}),
            "template_searchpath": [
                # From wherever the scheduler stands; here that is another folder each time.
                journal.relative(path, self.folder) if os.path.isabs(path) else path
                for path in searched
            ],
            "templates": templates,
            "tasks": tasks,
            "links": self._links(dag, schedule),
        }

    def task(self, task: Any) -> dict[str, Any]:
        """One task in the form of `snapshot.Task`."""
        given = task.recorder_given
        arguments = {
            str(name): _redacted(str(name), value, 0)
            for name, value in self._arguments(task).items()
            if (name not in COMMON or (name == "params" and value))
            and name not in ("task_id", "dag", "task_group", "default_args", "self", "subdag")
        }
        texts = list(_strings(arguments))
        used, pulled = _used_and_pulled(task, texts)
        group = task.task_group
        cls = type(task)
        return {
            "task_id": task.task_id,
            "operator": f"{cls.__module__}.{cls.__qualname__}".removeprefix("unusual_prefix_"),
            "bases": [
                f"{base.__module__}.{base.__qualname__}"
                for base in cls.__mro__[1:]
                if issubclass(base, BaseOperator) and base not in (BaseOperator, BaseSensorOperator)
            ],
            "file": journal.relative(task.recorder_place[0], self.folder),
            "line": task.recorder_place[1] or None,
            "arguments": arguments,
            "owner": _text(given.get("owner")),
            "trigger_rule": _text(getattr(task, "trigger_rule", None)),
            "retries": _number(given.get("retries")),
            "pool": _text(given.get("pool")),
            "queue": _text(given.get("queue")),
            "group": group.group_id if group is not None and not group.is_root else None,
            "mapped": bool(task.recorder_mapped or (group is not None and group.is_mapped())),
            "setup": bool(task.is_setup),
            "teardown": bool(task.is_teardown),
            "doc": _doc(
                {
                    name: getattr(task, name, given.get(name))
                    for name in ("doc_md", "doc", "doc_rst")
                }
            )
            or _doc(given),
            "upstream": sorted({one.task_id for one in task.upstream_tasks.values()}),
            "inlets": sorted(set(uris(getattr(task, "inlets", None)))),
            "outlets": sorted(set(uris(getattr(task, "outlets", None)))),
            "uses_xcom_of": sorted(pulled - {task.task_id}),
            "context_used": sorted(used),
            "calls": self._read_or(task, self.functions.calls, []),
            "scripts": self._read_or(task, self.functions.scripts, []),
            "pulled": self._read_or(task, self._pulled, {}),
        }

    def _pulled(self, task: Any) -> dict[str, Any]:
        """The arguments that hold results of other tasks, with these as far as they are known."""
        found: dict[str, Any] = {}
        for name, value in self._arguments(task).items():
            if "python_callable" in task.recorder_arguments or not _pulls(value):
                continue
            known = _redacted(str(name), self.functions.given(task, value), 0)
            if known != literal(value) and not (isinstance(known, dict) and "opaque" in known):
                found[str(name)] = known
        return found

    def _read_or(self, task: Any, read: Callable[[Any], Any], instead: Any) -> Any:
        """What its code does; code that cannot be read costs its task nothing else, and where the
        file's time is up, so is that for the tasks behind it.
        """
        if self._time_is_up:
            return instead
        try:
            found = read(task)
        except (Exception, TookTooLong) as error:  # noqa: BLE001 - user code is read, of any form
            if isinstance(error, TookTooLong):
                self._time_is_up = True
                let_it_end()
            message = f"what the function of {task.task_id} calls was not read"
            journal.note(
                "warning",
                "body_not_read",
                f"{message} ({type(error).__name__})",
                place=task.recorder_place,
                task_id=task.task_id,
            )
            return instead
        return found

    def _arguments(self, task: Any) -> dict[str, Any]:
        """As given, or as set afterwards (`task.sql = ...`) where that is something literal."""
        found: dict[str, Any] = {}
        for name, value in task.recorder_arguments.items():
            later = task.__dict__.get(name, value) if name in task.recorder_given else value
            found[name] = (
                later if isinstance(later, (str, int, float, list, dict, tuple)) else value
            )
        return found

    def _templates(
        self, dag: DAG, tasks: list[dict[str, Any]], searched: list[str]
    ) -> dict[str, Any]:
        """The files that arguments name, looked for as Airflow does: the search path, then the DAG
        file's folder. Where the search path is one of another machine, the nearest SQL file counts.
        """
        here = dag.place[0] or self.file
        folders = [*searched, os.path.dirname(here), self.folder]
        elsewhere = not all(map(os.path.isdir, searched))
        wanted = {
            text
            for task in tasks
            for text in _strings(task["arguments"])
            if _TEMPLATE_FILE.match(text)
        }
        found: dict[str, Any] = self._scripts(tasks, wanted, folders, here)
        while wanted:
            name = min(wanted)
            wanted.discard(name)
            path = as_airflow_finds(name, folders)
            if path is None and name.endswith((".sql", ".hql")):
                if name.startswith("/"):
                    path = of_another_machine(name, here, self.folder)
                elif elsewhere:
                    path = nearest(name, here, self.folder)
                if path is not None:
                    taken = journal.relative(path, self.folder)
                    message = f"the search path is not here: for template {name}, {taken} was taken"
                    journal.note(
                        "info", "template_assumed", message, place=dag.place, dag_id=dag.dag_id
                    )
            if path is None or not guard.may_read(os.path.realpath(path)):
                if name.endswith((".sql", ".hql")):
                    message = f"the template {name} was not found"
                    journal.note(
                        "warning", "template_not_found", message, place=dag.place, dag_id=dag.dag_id
                    )
                continue
            text = _read(path)
            found[name] = {
                "path": journal.relative(os.path.realpath(path), self.folder),
                "text": text,
            }
            wanted |= {
                included for included in _INCLUDES.findall(text or "") if included not in found
            }
        return dict(sorted(found.items()))

    def _scripts(
        self, tasks: list[dict[str, Any]], templates: set[str], folders: list[str], here: str
    ) -> dict[str, Any]:
        """The SQL files and scripts that commands name, and those that these name in turn; what is
        not in the code base is left out.
        """
        texts = [text for task in tasks for text in _strings(task["arguments"])]
        wanted = {name for text in texts for name in named_in(text)} - templates
        found: dict[str, Any] = {}
        while wanted:
            name = min(wanted)
            wanted.discard(name)
            path = as_airflow_finds(name, folders) or of_another_machine(name, here, self.folder)
            if path is not None and guard.may_read(os.path.realpath(path)):
                text = _read(path)
                real = journal.relative(os.path.realpath(path), self.folder)
                found[name] = {"path": real, "text": text}
                wanted |= {one for one in named_in(text or "") if one not in found}
        return found

    def _links(self, dag: DAG, schedule: dict[str, Any]) -> list[dict[str, Any]]:
        links: list[dict[str, Any]] = [
            {"kind": "dataset", "uri": uri} for uri in schedule.get("datasets", [])
        ]
        for task in dag.tasks:
            given = task.recorder_arguments
            names = {cls.__name__ for cls in type(task).__mro__}
            if any(name.startswith("ExternalTaskSensor") for name in names):
                ids = [given.get("external_task_id"), *as_list(given.get("external_task_ids"))]
                links.append(_link("external_task", task, given.get("external_dag_id"), ids))
            elif "ExternalTaskMarker" in names:
                ids = [given.get("external_task_id")]
                links.append(_link("external_marker", task, given.get("external_dag_id"), ids))
            elif any(name.startswith("TriggerDagRun") for name in names):
                links.append(_link("trigger_dag", task, given.get("trigger_dag_id"), []))
            elif isinstance(given.get("subdag"), DAG):
                links.append(_link("subdag", task, given["subdag"].dag_id, []))
        return links


def _filled(task: dict[str, Any], fill: Callable[[Any], Any]) -> dict[str, Any]:
    """The task with its templates filled as far as they are known."""
    parts = ("arguments", "calls", "scripts", "pulled")
    return {**task, **{part: fill(task[part]) for part in parts}}


def _link(kind: str, task: Any, dag_id: Any, task_ids: list[Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "task_id": task.task_id,
        "target_dag_id": _text(dag_id),
        "target_task_ids": sorted(text for each in task_ids if (text := _text(each))),
    }


def _used_and_pulled(task: Any, texts: list[str]) -> tuple[set[str], set[str]]:
    used = {name for text in texts for name in names_in_templates(text)}
    pulled = {name for text in texts for name in pulls_in_templates(text)}
    pulled |= {source.task_id for source in xcom_sources({**task.recorder_arguments, "dag": None})}
    for name in ("python_callable", "execution_date_fn"):
        if name in task.recorder_arguments:
            more_used, more_pulled = read_callable(task.recorder_arguments[name])
            used |= more_used
            pulled |= more_pulled
    return used, pulled


def _add_from_templates(task: dict[str, Any], templates: dict[str, Any]) -> None:
    """A template file uses the context and pulls XComs as an argument does."""
    for name in _strings(task["arguments"]):
        text = (templates.get(name) or {}).get("text")
        if text:
            task["context_used"] = sorted({*task["context_used"], *names_in_templates(text)})
            task["uses_xcom_of"] = sorted(
                {*task["uses_xcom_of"], *pulls_in_templates(text)} - {task["task_id"]}
            )


def _strings(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and depth < MAX_DEPTH:
        for item in value.values():
            yield from _strings(item, depth + 1)
    elif isinstance(value, list) and depth < MAX_DEPTH:
        for item in value:
            yield from _strings(item, depth + 1)


def _pulls(value: Any, depth: int = 0) -> bool:
    """Is the result of another task in it?"""
    if isinstance(value, XComArg):
        return True
    if isinstance(value, str):
        return "xcom_pull" in value
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple)) or depth > MAX_DEPTH:
        return False
    return any(_pulls(each, depth + 1) for each in value[:MAX_ITEMS])


def _is_param(value: Any) -> bool:
    return type(value).__name__ == "Param"


def _zone_name(zone: Any) -> str:
    for name in ("name", "key", "zone"):
        found = getattr(zone, name, None)
        if isinstance(found, str):
            return found
    return zone if isinstance(zone, str) else str(zone)


def _read(path: str) -> str | None:
    if os.path.getsize(path) > MAX_TEXT:
        return None
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
