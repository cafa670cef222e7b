"""The places of a line of a table, filled with what a call gives: datasets with a confidence."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef, Direction
from adapters.airflow.legacy.snapshot import Call, Finding, Task
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.families.bash import nowhere, read_commands
from adapters.airflow.lineage.families.calls.lines import Line
from adapters.airflow.lineage.families.calls.rating import (
    GUESS,
    HARDLY,
    ROUGH,
    SEEN,
    rated,
    says_something,
)
from adapters.airflow.lineage.families.calls.servers import UNKNOWN_SERVER, made_by, server_of
from adapters.airflow.lineage.families.sql import statement_refs
from adapters.airflow.lineage.shell import commands
from adapters.airflow.lineage.templates import Marks, render
from bridge.errors import DefinitionError
from bridge.uris import canonical, table

_PARAMETER = re.compile(r"\{([\w.|]+)(\?|=[\w]+)?\}")
_ALONE = re.compile(r"\{[\w.|]+\??\}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S")
_RELATIVE = re.compile(
    r"(?!\.\.?$)[^\s<>|*?\"';,()=]*(/[^\s<>|\"';()]*|\.[A-Za-z][A-Za-z0-9]{1,7})"
)
_TABLE = re.compile(r"[\w${}-]+([.:][\w${}-]+)*")
_NAMED_BY = (
    "Table",
    "from_string",
    "text",
    "TableReference",
    "Dataset",
    "Asset",
    "dataset",
    "table",
)
_FTP_VERB = re.compile(r"(RETR|STOR|APPE|NLST|LIST|MLSD)\s+")
_CONNECTIONS = ("con", "conn", "cur", "dbo")
_SERVERS = ("server", "host", "url")
_MOST_NAMED = 3
_WEB = "web:"
_CWD = "file:///{cwd}/"


def is_sql(value: object) -> bool:
    """Whether a text may be SQL: it has several words."""
    return isinstance(value, str) and " " in value.strip()


@dataclass(slots=True)
class Told:
    """What the calls read so far say."""

    task: Task
    context: LineageContext
    marks: Marks = field(default_factory=Marks)
    datasets: list[DatasetRef] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def take(self, line: Line, values: dict[str, JsonValue], call: Call) -> bool:
        """Note every place of a line; whether there was anything to note."""
        before = len(self.datasets) + len(self.findings)
        for direction, place in line.places:
            self.place(place, direction, values, call)
        return len(self.datasets) + len(self.findings) > before

    def place(
        self, place: str, direction: Direction, values: dict[str, JsonValue], call: Call
    ) -> None:
        """Note one place."""
        if place.startswith("mode:"):
            mode = values.get("mode")
            writes = isinstance(mode, str) and any(sign in mode for sign in "wax")
            self.place(place[5:], "write" if writes else "read", values, call)
            return
        kind, colon, rest = place.partition(":")
        server, _, name = kind.partition("@")[2].partition("/")
        if kind == "command":
            self.command(rest, values)
        elif colon and server == "" and kind == "sql":
            self.sql(_value(rest, values), self.server(values, call), call)
        elif colon and kind.startswith("sql@"):
            known = (self.text(_value(name, values)) if "{" in name else name) or UNKNOWN_SERVER
            self.sql(_value(rest, values), (server, known), call)
        elif kind == "table":
            self.tables(rest, direction, values, call)
        else:
            self.located(place, direction, values, call)

    def located(
        self, place: str, direction: Direction, values: dict[str, JsonValue], call: Call
    ) -> None:
        """Note a file, an object or a table by the place's own URI."""
        bare = place.lstrip("~")
        most = {0: SEEN, 1: GUESS}.get(len(place) - len(bare), HARDLY)
        method = values.get("method")
        if isinstance(method, str) and method.upper() not in ("GET", "HEAD"):
            most = min(most, HARDLY)  # what is sent may start something, ask for data, or be data
        is_web = bare.startswith(_WEB)
        bare = bare.removeprefix(_WEB)
        for text in self.filled(bare, values):
            found: tuple[str | None, float] = (text, most)
            if _ALONE.fullmatch(bare) is not None:
                found = _as_url(text, most) if is_web else _as_uri(_tidied(text), most)
            if found[0] is not None:
                self.uri(found[0], direction, call, found[1])

    def filled(self, place: str, values: dict[str, JsonValue]) -> Iterator[str]:
        """The place with every combination of its parameters; URLs among these are whole places.

        A parameter that is given and not known stays as `{name}` beside one that is.
        """
        given = [
            [text for text in map(self.text, _items(_value(match[0], values))) if text]
            for match in _PARAMETER.finditer(place)
        ]
        urls = [text for texts in given for text in texts if _URL.match(text)]
        if urls and not place.startswith("hdfs"):
            yield from urls
            return
        parts: list[list[str]] = []
        end, known = 0, 0
        for match, texts in zip(_PARAMETER.finditer(place), given, strict=True):
            shown = texts or _instead(match, _value(match[0], values))
            if shown is None:
                return
            parts += [[place[end : match.start()]], [_FTP_VERB.sub("", text) for text in shown]]
            end = match.end()
            end += shown == [""] and place[end : end + 1] == "."
            known += bool(texts)
        parts.append([place[end:]])
        if known:
            yield from map("".join, product(*parts))

    def tables(
        self, place: str, direction: Direction, values: dict[str, JsonValue], call: Call
    ) -> None:
        """Note a table of the server that the call's object is connected to."""
        for name in self.filled(place, values):
            parts = name.lstrip(".").split(".")
            last = [part for part in parts if part]
            if not _TABLE.fullmatch(name.strip(".")) or is_sql(name):
                continue
            kind, server = self.server(values, call)
            if server == UNKNOWN_SERVER:
                self.findings.append(nowhere(self.context, self.task, [self.shown(name)]))
            self.uri(f"{kind}://{server}/{'.'.join(last)}", direction, call, SEEN)

    def sql(self, value: JsonValue, server: tuple[str, str], call: Call) -> None:
        """Note what SQL reads and writes on a server."""
        kind, name = server
        for each in _items(value):
            text = self.text(each)
            if text is None or not is_sql(text):
                continue
            refs, findings = statement_refs(
                text, self.marks, self.task, self.context, kind, self.shown(name)
            )
            self.findings += findings
            if name == UNKNOWN_SERVER and refs:
                names = [ref.uri.partition(f"{UNKNOWN_SERVER}/")[2] for ref in refs]
                self.findings.append(nowhere(self.context, self.task, names))
            self.datasets += [
                replace(ref, confidence=rated(ref.uri, min(ref.confidence, SEEN)), line=call.line)
                for ref in refs
            ]

    def server(self, values: dict[str, JsonValue], call: Call) -> tuple[str, str]:
        """The database of the connection that is given, else of the call's object."""
        given = next((values[name] for name in _CONNECTIONS if name in values), None)
        return server_of(call, given, self.context, self.text)

    def command(self, place: str, values: dict[str, JsonValue]) -> None:
        """Note what a command line does; its words may be a list."""
        before, _, _ = place.partition("{")
        value = _value(place[len(before) :], values)
        if isinstance(value, list):
            words = [self.text(each) for each in value]
            text: str | None = shlex.join(word or "{}" for word in words)
        else:
            text = self.text(value)
        try:
            found = commands(before + (text or ""))
        except ValueError:
            return
        said = read_commands(found, self.marks, self.task, self.context)
        self.findings += [each for each in said.findings if each.code == "runs_dbt"]
        self.datasets += [
            replace(ref, confidence=rated(ref.uri, min(ref.confidence, SEEN)))
            for ref in said.datasets
        ]

    def uri(self, text: str, direction: Direction, call: Call, most: float) -> None:
        """Note a dataset by its URI."""
        kind, _, rest = text.partition("://")
        authority, _, name = rest.partition("/")
        if kind == "bigquery":
            name = name.replace(":", ".", 1).partition("$")[0]
            if "." not in name:
                return
        try:
            found = table(kind, authority, name) if kind == "bigquery" else canonical(text)
        except (DefinitionError, ValueError):
            return
        whole = self.shown(str(found))
        if "{{" in whole:  # a piece of a template that was cut apart
            return
        if not found.path and found.scheme in ("s3", "gs", "file"):
            return
        if found.scheme == "file" and not says_something(self.shown(found.path)):
            return
        ref = self.context.ref(self.task, whole, direction, "argument", rated(whole, most))
        self.datasets.append(replace(ref, line=call.line or ref.line))

    def text(self, value: JsonValue) -> str | None:
        """A text with marks for what only the run knows; None for anything else."""
        value = _named(value)
        if not isinstance(value, str) or not value:
            return None
        return render(value, self.context.values(self.task), self.context.files, self.marks)[0]

    def shown(self, text: str) -> str:
        """The text with `{name}` for each mark."""
        return self.marks.put_back(text)


def _named(value: JsonValue, depth: int = 0) -> JsonValue:
    """The name that an object was made with: `dataset("d").table("t")` is `d.t`."""
    steps = {step.name: step for step in made_by(value)}
    last = next((step for name, step in reversed(steps.items()) if name in _NAMED_BY), None)
    if last is None or not last.arguments or depth > _MOST_NAMED:
        return value
    name = _named(last.arguments[0], depth + 1)
    inside = steps.get("dataset")
    if last.name == "table" and inside is not None and inside.arguments and isinstance(name, str):
        return f"{_named(inside.arguments[0], depth + 1)}.{name}"
    return name


def _tidied(path: str) -> str:
    """A path without `./`: `data/./x` is `data/x`."""
    return path if "://" in path else re.sub(r"(?<=/)(\./|/)+", "", path)


def _as_uri(text: str, most: float) -> tuple[str | None, float]:
    """A URL, a path from the root, or a path from wherever the worker stands."""
    if _URL.match(text):
        return text, most
    if text.startswith("/") and len(text) > 1 and "\n" not in text:
        return f"file://{text}", most
    if _RELATIVE.fullmatch(text):
        inside = text.removeprefix("./")
        is_from_root = re.match(r"jinjamark\d+x/", inside) is not None
        return f"file:///{inside}" if is_from_root else _CWD + inside, min(most, ROUGH)
    return None, most


def _instead(match: re.Match[str], value: JsonValue) -> list[str] | None:
    """What stands for a parameter without a text; None where its place then says nothing."""
    name = match[1].partition("|")[0]
    if name in _SERVERS:
        return [UNKNOWN_SERVER]
    if value is None and match[2]:
        return [match[2][1:]]
    return None if value is None or isinstance(value, list) or _is_bag(value) else [f"{{{name}}}"]


def _as_url(text: str, most: float) -> tuple[str | None, float]:
    """A URL, or a path behind an address that only the run knows."""
    if _URL.match(text):
        return text, most
    return (f"http://{text}", most) if re.match(r"jinjamark\d+x/.", text) else (None, most)


def _items(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else [value]


def _is_bag(value: JsonValue) -> bool:
    """A dict that is data: neither something unknown nor an object."""
    return isinstance(value, dict) and not value.keys() & {"opaque", "made_by", "xcom"}


def _value(place: str, values: dict[str, JsonValue]) -> JsonValue:
    """What `{a|b}` or `{a.b}` stands for."""
    match = _PARAMETER.fullmatch(place)
    for path in match[1].split("|") if match else ():
        name, *inside = path.split(".")
        value = values.get(name)
        for each in inside:
            value = _item(value, each)
        if value is not None:
            return value
    return None


def _item(value: JsonValue, name: str) -> JsonValue:
    for step in reversed(made_by(value)):
        if name in step.named:
            return step.named[name]
    return value.get(name) if isinstance(value, dict) and _is_bag(value) else None
