"""Tasks that run dbt: as a command line, or by an operator that is named after dbt's command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace

from pydantic import JsonValue

from adapters.airflow.legacy.dbt.forms import DbtTarget
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import (
    UNKNOWN_DATABASE,
    LineageContext,
    Reading,
    class_names,
    database_named,
)
from adapters.airflow.lineage.dbt.command import QUIET, DbtCommand, dbt_words, parsed
from adapters.airflow.lineage.dbt.effects import effect_of
from adapters.airflow.lineage.families import opaque
from adapters.airflow.lineage.templates import Marks, render

_CLASS = re.compile(r"Dbt(?P<verb>[A-Z][a-z]+)?\w*Operator")
_VERBS = {
    "Run": "run",
    "Test": "test",
    "Seed": "seed",
    "Snapshot": "snapshot",
    "Build": "build",
    "Source": "source freshness",
    **dict.fromkeys(("Deps", "Docs", "Debug", "Clean", "Compile", "Ls", "List", "Parse"), "ls"),
}
_NOT_THIS = ("Cloud", "RunOperation")
_VERB = ("dbt_command", "command", "dbt_verb", "verb", "base_cmd", "operation", "action")
_SELECT = ("select", "models", "model", "selection", "dbt_models")
_FOLDER = ("project_dir", "dir", "dbt_project_dir", "project_path", "dbt_project_path", "dbt_dir")
_SELECTOR = ("selector", "selector_name", "selectors")
_TARGET = ("target", "target_name", "dbt_target")
_VARIABLES = ("vars", "variables", "dbt_vars")
_ENVIRONMENT = ("env", "env_vars", "environment")
_DATABASE = ("database", "dbname", "catalog", "project")
_SCRIPTS = ("bash_command", "cmds", "arguments", "sql")


def applies(task: Task) -> bool:
    """`DbtRunOperator` and its like, of any package; not what dbt Cloud runs."""
    if any(name in task.arguments for name in _SCRIPTS):
        return False
    return _verb(task) is not None


def read(task: Task, context: LineageContext) -> Reading:
    """The tables of the nodes that its arguments select."""
    marks = Marks()

    def text(value: JsonValue) -> str | None:
        if isinstance(value, list):
            found = [text(one) for one in value]
            return " ".join(one or "{}" for one in found)
        if isinstance(value, str) and value:
            shown = render(value, context.values(task), context.files, marks)[0]
            return marks.put_back(shown)
        return "{}" if isinstance(value, dict) and value else None

    def first(names: tuple[str, ...]) -> str | None:
        return next((one for name in names if (one := text(task.arguments.get(name)))), None)

    words = shlex.split(_verb(task) or "")
    command = parsed(words)
    variables = next((task.arguments[one] for one in _VARIABLES if one in task.arguments), None)
    command = replace(
        command,
        select=command.select or tuple((first(_SELECT) or "").split()),
        exclude=command.exclude or tuple((first(("exclude",)) or "").split()),
        selector=command.selector or first(_SELECTOR),
        target=command.target or first(_TARGET) or _target(task),
        project_dir=command.project_dir or first(_FOLDER),
        variables=command.variables or (dict(variables) if isinstance(variables, dict) else {}),
    )
    given = next((task.arguments[one] for one in _ENVIRONMENT if one in task.arguments), None)
    environment = {
        name: shown
        for name, value in (given.items() if isinstance(given, dict) else ())
        if (shown := text(value))
    }
    return reading_of(command, None, environment, task, context, _output(task, text))


def reading_of(
    command: DbtCommand,
    folder: str | None,
    environment: Mapping[str, str],
    task: Task,
    context: LineageContext,
    output: DbtTarget | None = None,
) -> Reading:
    """What one dbt command does; unknown, with the reason, where the project does not say."""
    if command.verb in QUIET:
        return Reading(nature="quiet", reads_known=True, writes_known=True)
    does = effect_of(command, folder, environment, context.dbt, output)
    if does.problem is not None:
        message = f"{does.problem}: name its tables in the mapping"
        findings = (context.finding(task, "runs_dbt", message, "info"),)
        unknown = opaque.read(task, context).findings
        return Reading(nature="opaque", findings=(*findings, *unknown))
    datasets = [
        replace(
            context.ref(task, one.relation.uri, one.direction, "sql", one.relation.confidence),
            file=one.file,
            line=None,
            derived_from=one.made_from,
        )
        for one in does.touched
    ]
    return Reading(datasets=tuple(datasets), reads_known=True, writes_known=True)


def _target(task: Task) -> str | None:
    said = task.arguments.get("profile_config")
    name = said.get("target_name") if isinstance(said, dict) else None
    return name if isinstance(name, str) else None


def _output(task: Task, text: Callable[[JsonValue], str | None]) -> DbtTarget | None:
    """The target that Cosmos makes of a connection."""
    said = task.arguments.get("profile_config")
    if not isinstance(said, dict) or "profile_mapping" not in said:
        return None
    given = {name: text(value) for name, value in said.items()}
    kind = str(given["profile_mapping"])
    adapter = "bigquery" if kind.startswith("Google") else database_named(kind)
    return DbtTarget(
        adapter=adapter or UNKNOWN_DATABASE,
        server=given.get("conn_id"),
        database_name=next((given[name] for name in _DATABASE if given.get(name)), None),
        schema_name=given.get("schema") or given.get("dataset"),
    )


def _verb(task: Task) -> str | None:
    """The command of the operator's class, or the one that its arguments name."""
    for name in class_names(task):
        match = _CLASS.fullmatch(name)
        if match is None or any(word in name for word in _NOT_THIS):
            continue
        if match["verb"] in _VERBS:
            return _VERBS[match["verb"]]
        for argument in _VERB:
            said = task.arguments.get(argument)
            words = said.split() if isinstance(said, str) else []
            if words:
                own = dbt_words(words)
                return shlex.join(own if own is not None else words)
    return None
