"""The places of a line of a table, filled with what a call gives: datasets with a confidence."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef, Direction, is_uri
from adapters.airflow.legacy.record.child.shell import commands
from adapters.airflow.legacy.snapshot import Call, Finding, Task
from adapters.airflow.lineage.certainty import (
    GUESS,
    HARDLY,
    SEEN,
    names_nothing,
    rated,
    says_something,
)
from adapters.airflow.lineage.context import UNKNOWN_DATABASE, LineageContext
from adapters.airflow.lineage.families.bash import nowhere, read_commands
from adapters.airflow.lineage.families.calls import sheets
from adapters.airflow.lineage.families.calls.attached import attached, in_its_place, without_frames
from adapters.airflow.lineage.families.calls.connecting import UNKNOWN_SERVER, Server, of_address
from adapters.airflow.lineage.families.calls.documents import collections
from adapters.airflow.lineage.families.calls.filling import (
    PARAMETER,
    SERVERS,
    TABLE,
    URL,
    as_uri,
    as_url,
    instead,
    items_of,
    named_by,
    tidied,
    value_at,
)
from adapters.airflow.lineage.families.calls.lines import Line
from adapters.airflow.lineage.families.calls.models import tables_named, touched
from adapters.airflow.lineage.families.calls.servers import host_of, kind_imported, server_of
from adapters.airflow.lineage.families.sql import Names, statement_refs
from adapters.airflow.lineage.table_names import whole
from adapters.airflow.lineage.templates import Marks, render
from bridge.errors import DefinitionError
from bridge.uris import canonical, table

_ALONE = re.compile(r"\{[\w.|]+\??\}")
_NO_ROWS = re.compile(r"\bVALUES\s*;?\s*$", re.IGNORECASE)  # they are given beside the SQL
_JDBC = re.compile(r"jdbc:(\w+)://([^/]+(?:/[^/]*)?)/([^/]+)")
_FTP_VERB = re.compile(r"(RETR|STOR|APPE|NLST|LIST|MLSD)\s+")
_CONNECTIONS = ("con", "conn", "cur", "dbo")
_WEB = "web:"
_OF_ATHENA = "{QueryExecutionContext.Database|query_context.Database|database}"
_IN_PARTS = ("save_as_table", "table")  # of Snowpark: one table, by the parts of its name
_OF_FOLDERS = ("smb", "ftp", "sftp")


def is_sql(value: object) -> bool:
    """Whether a text may be SQL: it has several words."""
    return isinstance(value, str) and " " in value.strip()


def _dotted(value: JsonValue) -> JsonValue:
    parts = value if isinstance(value, list) else []
    return ".".join(map(str, parts)) if parts and all(isinstance(p, str) for p in parts) else value


@dataclass(slots=True)
class Told:
    """What the calls read so far say."""

    task: Task
    context: LineageContext
    marks: Marks = field(default_factory=Marks)
    datasets: list[DatasetRef] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    attached: dict[str, Server] = field(default_factory=dict)

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
            self.command(rest, values, call)
        elif colon and server == "" and kind == "sql":
            self.sql(value_at(rest, values), self.server(values, call), call)
        elif colon and kind.startswith("sql@"):
            known = (self.text(value_at(name, values)) if "{" in name else name) or UNKNOWN_SERVER
            inside = self.text(value_at(_OF_ATHENA, values)) if server == "awsathena" else None
            self.sql(value_at(rest, values), Server(server, known, inside), call)
        elif kind == "stages":
            self.stages(rest, direction, values, call)
        elif kind == "model":
            self.model(value_at(rest, values), direction, values, call)
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
        if isinstance(method, str) and method.upper() in ("PUT", "PATCH"):
            direction, most = "write", min(most, GUESS)
        elif bare.startswith(_WEB) and values.get("files") is not None:
            direction, most = "write", SEEN  # an upload
        elif isinstance(method, str) and method.upper() not in ("GET", "HEAD"):
            most = min(most, HARDLY)  # what is sent may start something, ask for data, or be data
        values = self._with_server(bare, values, call)
        is_web = bare.startswith(_WEB)
        bare = bare.removeprefix(_WEB)
        folder = self.text(call.folder)
        for text in self.filled(bare, values):
            found: tuple[str | None, float] = (text, most)
            if _ALONE.fullmatch(bare) is not None:
                found = as_url(text, most) if is_web else as_uri(tidied(text), most, folder)
            if found[0] is not None:
                self.uri(found[0], direction, call, found[1])

    def _with_server(
        self, place: str, values: dict[str, JsonValue], call: Call
    ) -> dict[str, JsonValue]:
        """The parameters with the server that the call's object is connected to, if it is asked."""
        name = next((name for name in SERVERS if f"//{{{name}}}" in place), None)
        if name is None or self.text(values.get(name)) is not None:
            return values
        given = values.get("client")
        return {**values, name: host_of(call, values.get(name, given), self.context, self.text)}

    def stages(
        self, place: str, direction: Direction, values: dict[str, JsonValue], call: Call
    ) -> None:
        """Note the collections that the stages of a pipeline read or write."""
        for side, name in collections(values.get("pipeline")):
            if side == direction:
                self.located(place, direction, {**values, "pipeline": name}, call)

    def filled(self, place: str, values: dict[str, JsonValue]) -> Iterator[str]:
        """The place with every combination of its parameters; URLs among these are whole places.

        A parameter that is given and not known stays as `{name}` beside one that is.
        """
        given = [
            [
                sheets.as_authority(text) if match[1] == sheets.PARAMETER else text
                for text in map(self.text, items_of(value_at(match[0], values)))
                if text
            ]
            for match in PARAMETER.finditer(place)
        ]
        urls = [text for texts in given for text in texts if URL.match(text)]
        if urls and not place.startswith("hdfs"):
            yield from urls
            return
        parts: list[list[str]] = []
        end, known = 0, 0
        for match, texts in zip(PARAMETER.finditer(place), given, strict=True):
            shown = texts or instead(match, value_at(match[0], values))
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
        if call.name in _IN_PARTS:
            values = {key: _dotted(value) for key, value in values.items()}
        for name in self.filled(place, values):
            parts = name.lstrip(".").split(".")
            last = [part for part in parts if part]
            if not TABLE.fullmatch(name.strip(".")) or is_sql(name):
                continue
            server = self.server(values, call)
            if server.name == UNKNOWN_SERVER:
                self.findings.append(nowhere(self.context, self.task, [self.shown(name)]))
            self.table(server, ".".join(last), direction, call)

    def table(self, server: Server, name: str, direction: Direction, call: Call) -> None:
        """Note a table by its name on a server."""
        name = whole(name, server.kind, server.database, server.schema)
        self.uri(f"{server.kind}://{server.name}/{name}", direction, call, server.most)

    def model(
        self,
        value: JsonValue,
        direction: Direction,
        values: dict[str, JsonValue],
        call: Call,
    ) -> None:
        """Note the table of a model, or of objects of one."""
        for each in items_of(value):
            for name in tables_named(each):
                self.table(self.server(values, call), name, direction, call)

    def sql(self, value: JsonValue, server: Server, call: Call) -> None:
        """Note what SQL reads and writes on a server."""
        kind, name = server.kind, server.name
        for each in items_of(value):
            for direction, table_name in touched(each):
                self.table(server, table_name, direction, call)
            text = self.text(each)
            if text is None or not is_sql(text):
                continue
            text = _NO_ROWS.sub("VALUES (NULL)", text)
            names = Names(self.task, kind, self.shown(name), server.database, server.schema)
            refs, findings = statement_refs(text, self.marks, self.task, self.context, names)
            self.attached |= attached(text, kind)
            refs = [
                in_its_place(ref, self.attached, self.shown) for ref in without_frames(refs, call)
            ]
            self.findings += findings
            if name == UNKNOWN_SERVER and refs:
                tables = [ref.uri.partition(f"{UNKNOWN_SERVER}/")[2] for ref in refs]
                self.findings.append(nowhere(self.context, self.task, tables))
            self.datasets += [
                self._at(
                    replace(ref, confidence=rated(ref.uri, min(ref.confidence, server.most))), call
                )
                for ref in refs
            ]

    def server(self, values: dict[str, JsonValue], call: Call) -> Server:
        """The database of the connection that is given, else of the call's object."""
        given = next((values[name] for name in _CONNECTIONS if name in values), None)
        found = server_of(call, given, self.context, self.text)
        if found.kind != UNKNOWN_DATABASE:
            return found
        kind, most = kind_imported(
            call, [one for each in values.values() for one in items_of(each)]
        )
        return replace(found, kind=kind, most=most)

    def command(self, place: str, values: dict[str, JsonValue], call: Call) -> None:
        """Note what a command line does; its words may be a list."""
        before, _, _ = place.partition("{")
        value = value_at(place[len(before) :], values)
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
            self._at(replace(ref, confidence=rated(ref.uri, min(ref.confidence, SEEN))), call)
            for ref in said.datasets
        ]

    def uri(self, text: str, direction: Direction, call: Call, most: float) -> None:
        """Note a dataset by its URI."""
        jdbc = _JDBC.fullmatch(text)
        if jdbc is not None:
            self.table(of_address(jdbc[1], jdbc[2]), jdbc[3], direction, call)
            return
        kind, _, rest = text.partition("://")
        authority, _, name = rest.partition("/")
        if kind in _OF_FOLDERS:
            text = f"{kind}://{authority}/{re.sub('//+', '/', name)}"
        if kind == "bigquery":
            authority = "default" if authority == UNKNOWN_SERVER else authority
            name = name.replace(":", ".", 1).partition("$")[0]
            if "." not in name or is_sql(name):
                return
        try:
            found = table(kind, authority, name) if kind == "bigquery" else canonical(text)
        except (DefinitionError, ValueError):
            return
        whole = self.shown(str(found))
        # cut out of a template, or not even its kind known
        if names_nothing(whole) or "{{" in whole or not is_uri(whole):
            return
        if not found.path and found.scheme in ("s3", "gs", "file"):
            return
        if found.scheme == "file" and not says_something(self.shown(found.path)):
            return
        ref = self.context.ref(self.task, whole, direction, "argument", rated(whole, most))
        self.datasets.append(self._at(ref, call))

    def _at(self, ref: DatasetRef, call: Call) -> DatasetRef:
        """The dataset at its call's place, where nothing nearer is known than the task's."""
        if ref.file != (self.task.file or self.context.dag.file):
            return ref
        return replace(ref, file=call.file or ref.file, line=call.line or ref.line)

    def text(self, value: JsonValue) -> str | None:
        """A text with marks for what only the run knows; None for anything else."""
        value = named_by(value)
        if not isinstance(value, str) or not value:
            return None
        return render(value, self.context.values(self.task), self.context.files, self.marks)[0]

    def shown(self, text: str) -> str:
        """The text with `{name}` for each mark."""
        return self.marks.put_back(text)
