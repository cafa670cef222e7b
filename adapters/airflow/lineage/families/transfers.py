"""Operators that move data from one named place to another; which ones, `moves` lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import Evidence
from adapters.airflow.legacy.snapshot import Finding, Task
from adapters.airflow.lineage.context import (
    UNKNOWN_DATABASE,
    LineageContext,
    Reading,
    class_names,
)
from adapters.airflow.lineage.families.moves import MOVES
from adapters.airflow.lineage.families.sql import names_a_file, tables_read
from adapters.airflow.lineage.templates import render
from bridge.errors import DefinitionError
from bridge.uris import table

CERTAIN = 0.95
_ARGUMENT = re.compile(r"\{([a-z0-9_|]+)(\?|=[a-z0-9_]+)?\}")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://")
_NAME = re.compile(r"[\w$]+(\.[\w$]+)*")
_QUERY = "/sql:"
_ANY_DATABASE = "?"
_CHUNK = "{}"  # numbers the files of a large export


def applies(task: Task) -> bool:
    """The operators of the list, and what inherits from them."""
    return any(name in MOVES for name in class_names(task))


def read(task: Task, context: LineageContext) -> Reading:
    """Every place that the arguments name; a side with a place that they do not is not known."""
    move = next(MOVES[name] for name in class_names(task) if name in MOVES)
    reads = _Side(task, context)
    writes = _Side(task, context)
    for place in move.reads:
        reads.take(place)
    for place in move.writes:
        writes.take(place)
    return Reading(
        datasets=(
            *(context.ref(task, uri, "read", how, CERTAIN) for uri, how in reads.found),
            *(context.ref(task, uri, "write", how, CERTAIN) for uri, how in writes.found),
        ),
        findings=(*reads.findings, *writes.findings),
        reads_known=bool(reads.found) and not reads.findings,
        writes_known=bool(writes.found) or not move.writes,
    )


@dataclass(slots=True)
class _Side:
    """What is read, or what is written: each dataset with how it is known."""

    task: Task
    context: LineageContext
    found: list[tuple[str, Evidence]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def take(self, place: str) -> None:
        """Add what one place stands for in this task: nothing where an argument is missing."""
        before, is_query, argument = place.partition(_QUERY)
        if is_query:
            self._query(before, self.task.arguments.get(argument.strip("{}")))
            return
        for text in _filled(place, self.task.arguments):
            rendered, marks, _ = render(text, {}, {})
            uri = self._uri(rendered)
            if uri is not None:
                self.found.append((marks.put_back(uri), "argument"))

    def _uri(self, text: str) -> str | None:
        if text.startswith("file://") and not text.startswith("file:///"):
            return None  # relative to wherever the worker stands
        scheme, separator, rest = text.partition("://")
        authority, _, name = rest.partition("/")
        if not separator or not authority + name:
            return None
        if scheme == "bigquery":
            name = name.replace(":", ".", 1).partition("$")[0]
        try:
            return str(table(self._scheme(scheme, authority), authority, name))
        except DefinitionError:
            return None

    def _scheme(self, scheme: str, connection: str) -> str:
        known = self.context.schemes.get(connection, UNKNOWN_DATABASE)
        return known if scheme == _ANY_DATABASE else scheme

    def _query(self, place: str, value: JsonValue) -> None:
        scheme, _, connection = next(_filled(place, self.task.arguments), "").partition("://")
        connection = connection.strip("/")
        if not scheme or not value:
            return
        name = value.strip() if isinstance(value, str) else ""
        if _NAME.fullmatch(name) and not names_a_file(name):
            self.found.append((str(table(scheme, connection, name)), "argument"))
            return
        uris, findings = tables_read(
            value, self.task, self.context, self._scheme(scheme, connection), connection
        )
        self.found += [(uri, "sql") for uri in uris]
        self.findings += findings


def _filled(place: str, arguments: Mapping[str, JsonValue]) -> Iterator[str]:
    """The place with every combination of its arguments; URLs among these are whole places."""
    parts: list[tuple[str, ...]] = []
    end = 0
    for match in _ARGUMENT.finditer(place):
        values = _values(match[1], arguments)
        urls = [value for value in values if _URL.match(value)]
        if urls:
            yield from urls
            return
        parts.append((place[end : match.start()],))
        end = match.end()
        if not values and match[2] == "?":
            end += place[end : end + 1] == "."
            values = ("",)
        parts.append(values or ((match[2][1:],) if match[2] else ()))
    parts.append((place[end:],))
    yield from map("".join, product(*parts))


def _values(names: str, arguments: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The texts of the first of these arguments that is given; none where it is computed."""
    for name in names.split("|"):
        value = arguments.get(name)
        texts = value if isinstance(value, list) else [value]
        found = [text.replace(_CHUNK, "*") for text in texts if isinstance(text, str) and text]
        if found:
            return tuple(found)
    return ()
