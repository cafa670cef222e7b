"""Shell scripts: what the programs in them are known to read and write."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adapters.airflow.legacy.datasets import DatasetRef, Evidence, Nature
from adapters.airflow.legacy.record.child.shell import Command, commands
from adapters.airflow.legacy.snapshot import Finding, Task
from adapters.airflow.lineage.certainty import rated
from adapters.airflow.lineage.context import LineageContext, Reading, class_names, text_of
from adapters.airflow.lineage.dbt.command import dbt_words, parsed
from adapters.airflow.lineage.families import dbt, opaque
from adapters.airflow.lineage.families.command_words import GUESSED as PLACED
from adapters.airflow.lineage.families.command_words import (
    HERE,
    NAMED,
    SHOWN,
    Query,
    Touch,
    is_file,
)
from adapters.airflow.lineage.families.commands import effect
from adapters.airflow.lineage.families.inside import inside
from adapters.airflow.lineage.families.sql import GUESSED, Names, statement_refs
from adapters.airflow.lineage.templates import MARK, MARK_BEGINS, Marks, render
from bridge.errors import DefinitionError
from bridge.uris import canonical

_ARGUMENTS = ("bash_command", "command")
_NOWHERE = "default"
_SHELLS = frozenset(("sh", "bash", "zsh", "ksh", "dash"))
_DEEPEST = 3
_NAMED_FOLDER = re.compile(r"\{[^{}]*(?:home|dir|folder|path|root)[^{}]*\}/", re.IGNORECASE)
_UNKNOWN = re.compile(rf"\{{\w*\}}|\*|{MARK}")


def applies(task: Task) -> bool:
    """Operators that run a script: BashOperator, SSHOperator and what inherits from them."""
    names = class_names(task)
    return any(name in ("BashOperator", "SSHOperator") for name in names) and bool(_script(task))


def _script(task: Task) -> str | None:
    return next((text for name in _ARGUMENTS if (text := text_of(task.arguments.get(name)))), None)


def read(task: Task, context: LineageContext) -> Reading:
    """Every dataset of every command; unknown where one command is not known."""
    script = _script(task) or ""
    template = context.template(script) if " " not in script.strip() else None
    text = (template.text or "") if template else script
    rendered, marks, _ = render(text, context.values(task), context.files)
    environment = _environment(task, context, marks)
    try:
        found = commands(rendered, environment)
    except ValueError as error:
        unread = context.finding(task, "script_not_read", f"its script cannot be read: {error}")
        return replace(opaque.read(task, context), findings=(unread,))
    folder = text_of(task.arguments.get("cwd"))
    return read_commands(found, marks, task, context, environment, folder)


def read_commands(
    found: Iterable[Command],
    marks: Marks,
    task: Task,
    context: LineageContext,
    environment: Mapping[str, str] | None = None,
    folder: str | None = None,
) -> Reading:
    """What commands do together, without the files that they only pass on to each other. Scripts
    of the code base that they start are read too, with the variables of the `environment`; `folder`
    is where they run, if the task says it.
    """
    told = _Told(marks, task, context, environment or {}, folder)
    for command in found:
        told.take(command)
    datasets = without_scratch_files(told.without_shown())
    if told.runs_dbt:  # its project, its logs and what is copied for it are no data
        datasets = [ref for ref in datasets if not ref.uri.startswith("file:")]
    findings = list(told.findings)
    writes_something = any(ref.direction == "write" and ref.confidence >= SHOWN for ref in datasets)
    if not told.is_known and not writes_something:
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
    """Whether nothing says on which server a table is; BigQuery is one for all, and who runs Spark
    has one catalog.
    """
    return database == _NOWHERE and scheme not in ("bigquery", "spark", "awsathena")


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
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = None
    datasets: list[DatasetRef] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    shown: dict[str, bool] = field(default_factory=dict)
    is_known: bool = True
    runs_dbt: bool = False
    started: tuple[str, ...] = ()

    def take(self, command: Command) -> None:
        words = dbt_words(command.words)
        if words is not None:
            self._dbt(words)
            return
        if command.name in ("cd", "pushd") and len(command.words) > 1:
            self._enter(command.words[-1])
        if self._starts_script(command) or self._runs_elsewhere(command):
            return
        does = effect(command)
        self.is_known &= does.is_known
        for each in does.found:
            if isinstance(each, Touch):
                self._touch(each)
            else:
                self._query(each)

    def without_shown(self) -> list[DatasetRef]:
        """Without the files that the task makes and reads again only to show them in its log."""
        written = {ref.uri for ref in self.datasets if ref.direction == "write"}
        return [
            ref
            for ref in self.datasets
            if ref.direction == "write" or ref.uri not in written or not self.shown.get(ref.uri)
        ]

    def _enter(self, folder: str) -> None:
        is_below = self.folder and not folder.startswith(("/", "{", MARK_BEGINS, "~", "*"))
        self.folder = os.path.normpath(f"{self.folder}/{folder}") if is_below else folder

    def _runs_elsewhere(self, command: Command) -> bool:
        """Read what runs in a container or on another machine, but for that one's own files."""
        found = inside(command)
        before, self.datasets = self.datasets, []
        for each in found:
            self.take(each)
        kept = [ref for ref in self.datasets if not ref.uri.startswith("file:")]
        self.datasets = [*before, *kept]
        for path in filter(is_file, command.writes if found else ()):
            self._touch(Touch(f"file://{path}", "write", SHOWN))
        return bool(found)

    def _starts_script(self, command: Command) -> bool:
        """Read `bash load.sh a b`, where the script is in the code base."""
        words = [*command.words]
        if command.name in _SHELLS:
            words = words[next((i for i, w in enumerate(words) if i and w[:1] != "-"), 0) :]
            if "-c" in command.words:
                return self._runs(words[0] if words else "", (), command.words[0])
        elif command.name in ("source", "."):
            words = words[1:]
        if not words or not words[0].endswith((".sh", ".bash")):
            return False
        file = self.context.template(self.marks.put_back(words[0]))
        if file is None or file.text is None:
            return False
        return self._runs(file.text, words[1:], file.path)

    def _runs(self, text: str, given: Sequence[str], name: str) -> bool:
        if name in self.started or len(self.started) >= _DEEPEST:
            return False
        numbered = {str(number): word for number, word in enumerate(given, start=1)}
        try:
            inside = commands(text, {**self.environment, **numbered})
        except ValueError:
            return False
        before, self.started = self.started, (*self.started, name)
        for each in inside:
            self.take(each)
        self.started = before
        return True

    def _dbt(self, words: Sequence[str]) -> None:
        """What a dbt command does to tables; its project is found by the folder it runs in."""
        self.runs_dbt = True
        shown = [self.marks.put_back(word) for word in words]
        given = {name: self.marks.put_back(value) for name, value in self.environment.items()}
        does = dbt.reading_of(parsed(shown), self.folder, given, self.task, self.context)
        self.datasets += does.datasets
        self.findings += [one for one in does.findings if one.code == "runs_dbt"]
        self.is_known &= does.writes_known

    def _touch(self, touch: Touch) -> None:
        if touch.uri.startswith(HERE):
            placed = self._in_its_folder(touch.uri.removeprefix(HERE))
            if placed is None:
                return
            touch = replace(touch, uri=placed)
        try:
            found = canonical(touch.uri)
        except DefinitionError:
            self.is_known = False
            return
        shown = self.marks.put_back(str(found))
        confidence = rated(shown, touch.confidence)
        if set("{*") & set(found.authority):
            self.is_known = False  # a variable that nothing here sets
            confidence = min(confidence, GUESSED)
        self.is_known &= not self.marks.has_marks(found.authority)
        if not re.search(r"\w", _UNKNOWN.sub("", found.authority + found.path)):
            return
        if touch.direction == "read":
            self.shown[shown] = touch.shows and self.shown.get(shown, True)
        evidence: Evidence = "name" if touch.confidence in (NAMED, PLACED) else "argument"
        self.datasets.append(
            self.context.ref(self.task, shown, touch.direction, evidence, confidence)
        )

    def _in_its_folder(self, path: str) -> str | None:
        """A relative path where it is: behind what names a folder, or in the one that was entered;
        nowhere in one that ends with the task.
        """
        if _NAMED_FOLDER.match(self.marks.put_back(path)):
            return f"file:///{path}"
        if self.folder and self.folder.startswith(("/", "{", MARK_BEGINS)):
            return f"file:///{self.folder.strip('/')}/{path}".rstrip("/")
        return None

    def _query(self, query: Query) -> None:
        if query.destination is not None:
            self._touch(Touch(query.destination, "write"))
        text = query.text if query.text is not None else self._sql_of(query.file or "")
        if text is None:
            name = self.marks.put_back(query.file or "a file").removeprefix("file://")
            self.findings.append(
                self.context.finding(
                    self.task, "template_not_found", f"its SQL file {name} was not read"
                )
            )
            self.is_known = False
            return
        known = Names(self.task, query.scheme, query.database, query.inside)
        refs, findings = statement_refs(text, self.marks, self.task, self.context, known)
        if is_nowhere(query.scheme, query.database):
            names = [ref.uri.partition(f"{_NOWHERE}/")[2] for ref in refs]
            self.findings += [nowhere(self.context, self.task, names)] if names else []
            self.is_known = False
            here = f"{query.scheme}://"
            refs = [
                replace(ref, confidence=min(ref.confidence, GUESSED))
                if ref.uri.startswith(here)
                else ref
                for ref in refs
            ]
        refs = [replace(ref, confidence=rated(ref.uri, ref.confidence)) for ref in refs]
        self.datasets += refs
        self.findings += findings
        self.is_known &= not findings

    def _sql_of(self, name: str) -> str | None:
        """The text of an SQL file of the code base."""
        file = self.context.template(self.marks.put_back(name.removeprefix("file://")))
        return None if file is None else file.text


def _environment(task: Task, context: LineageContext, marks: Marks) -> dict[str, str]:
    env = task.arguments.get("env") or task.arguments.get("environment")
    given = env.items() if isinstance(env, dict) else ()
    values = context.values(task)
    return {
        name: render(value, values, context.files, marks)[0]
        for name, value in given
        if isinstance(value, str)
    }
