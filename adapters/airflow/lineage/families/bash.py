"""Shell scripts: what the programs in them are known to read and write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef, Evidence, Nature
from adapters.airflow.legacy.snapshot import Finding, Task
from adapters.airflow.lineage.context import LineageContext, Reading, class_names, text_of
from adapters.airflow.lineage.families import opaque
from adapters.airflow.lineage.families.commands import NAMED, Query, Touch, effect
from adapters.airflow.lineage.families.sql import statement_refs
from adapters.airflow.lineage.shell import Command, commands
from adapters.airflow.lineage.templates import Marks, render
from bridge.errors import DefinitionError
from bridge.uris import canonical

_ARGUMENTS = ("bash_command", "command")
_DBT = frozenset(("dbt", "dbtf"))
_NOWHERE = "default"


def applies(task: Task) -> bool:
    """Operators that run a script: BashOperator, SSHOperator and what inherits from them."""
    names = class_names(task)
    return any(name in ("BashOperator", "SSHOperator") for name in names) and bool(_script(task))


def _script(task: Task) -> str | None:
    return next((text for name in _ARGUMENTS if (text := text_of(task.arguments.get(name)))), None)


def read(task: Task, context: LineageContext) -> Reading:
    """Every dataset of every command; unknown where one command is not known."""
    script = _script(task) or ""
    template = context.dag.templates.get(script.strip()) or context.dag.templates.get(script)
    text = (template.text or "") if template else script
    rendered, marks, _ = render(text, context.values(task), context.files)
    try:
        found = commands(rendered, _environment(task.arguments.get("env")))
    except ValueError as error:
        unread = context.finding(task, "script_not_read", f"its script cannot be read: {error}")
        return replace(opaque.read(task, context), findings=(unread,))
    return read_commands(found, marks, task, context)


def read_commands(
    found: Iterable[Command], marks: Marks, task: Task, context: LineageContext
) -> Reading:
    """What commands do together, without the files that they only pass on to each other."""
    told = _Told(marks, task, context)
    for command in found:
        told.take(command)
    datasets = without_scratch_files(told.datasets)
    findings = list(told.findings)
    if not told.is_known:
        (unknown,) = opaque.read(task, context).findings
        findings.append(unknown)
    if not datasets:
        nature: Nature = "quiet" if told.is_known else "opaque"
        return Reading(nature=nature, findings=tuple(findings), writes_known=told.is_known)
    return Reading(
        datasets=tuple(datasets),
        findings=tuple(findings),
        reads_known=told.is_known,
        writes_known=told.is_known,
    )


def without_scratch_files(datasets: Sequence[DatasetRef]) -> list[DatasetRef]:
    """All but local files that one step of a task writes for another to read."""
    both = {ref.uri for ref in datasets if ref.direction == "write"}
    both &= {ref.uri for ref in datasets if ref.direction == "read"}
    return [ref for ref in datasets if ref.uri not in both or not ref.uri.startswith("file:")]


def is_nowhere(scheme: str, database: str) -> bool:
    """Whether nothing says on which server a table is; BigQuery is one for all."""
    return database == _NOWHERE and scheme != "bigquery"


def nowhere(context: LineageContext, task: Task, names: Iterable[str]) -> Finding:
    """That tables were seen and cannot be placed: a guess would be another table's name."""
    shown = ", ".join(dict.fromkeys(names))
    message = f"its SQL names {shown}, and nothing says on which server: name it in the mapping"
    return context.finding(task, "server_unknown", message, "info")


@dataclass(slots=True)
class _Told:
    """What the commands seen so far do."""

    marks: Marks
    task: Task
    context: LineageContext
    datasets: list[DatasetRef] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    is_known: bool = True

    def take(self, command: Command) -> None:
        if command.name in _DBT:
            message = "it runs dbt: what that builds is in the manifest of the dbt project"
            self.findings.append(self.context.finding(self.task, "runs_dbt", message, "info"))
        does = effect(command)
        self.is_known &= does.is_known
        for each in does.found:
            if isinstance(each, Touch):
                self._touch(each)
            else:
                self._query(each)

    def _touch(self, touch: Touch) -> None:
        try:
            found = canonical(touch.uri)
        except DefinitionError:
            found = None
        if found is None or "{" in found.authority:  # a variable that nothing here sets
            self.is_known = False
            return
        uri = self.marks.put_back(str(found))
        evidence: Evidence = "name" if touch.confidence == NAMED else "argument"
        self.datasets.append(
            self.context.ref(self.task, uri, touch.direction, evidence, touch.confidence)
        )

    def _query(self, query: Query) -> None:
        if query.destination is not None:
            self._touch(Touch(query.destination, "write"))
        if query.text is None:
            name = (query.file or "a file").removeprefix("file://")
            self.findings.append(
                self.context.finding(
                    self.task, "template_not_found", f"its SQL file {name} was not read"
                )
            )
            self.is_known = False
            return
        refs, findings = statement_refs(
            query.text, self.marks, self.task, self.context, query.scheme, query.database
        )
        if is_nowhere(query.scheme, query.database):
            names = [ref.uri.partition(f"{_NOWHERE}/")[2] for ref in refs]
            self.findings += [nowhere(self.context, self.task, names)] if names else []
            self.is_known = False
        else:
            self.datasets += refs
        self.findings += findings
        self.is_known &= not findings


def _environment(env: JsonValue) -> dict[str, str]:
    return {k: v for k, v in env.items() if isinstance(v, str)} if isinstance(env, dict) else {}
