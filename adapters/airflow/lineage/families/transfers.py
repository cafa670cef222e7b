"""Operators that move data from one named place to another; which ones, `moves` lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import DatasetRef, Direction, Evidence
from adapters.airflow.legacy.snapshot import Finding, Task
from adapters.airflow.lineage.certainty import GUESS, rated
from adapters.airflow.lineage.context import UNKNOWN_DATABASE, LineageContext, Reading
from adapters.airflow.lineage.families.moves import MOVES, Move, move_of
from adapters.airflow.lineage.families.sql import names_a_file, tables_read
from adapters.airflow.lineage.objects import object_url
from adapters.airflow.lineage.templates import render
from adapters.airflow.lineage.values import at
from bridge.errors import DefinitionError
from bridge.uris import table

CERTAIN = 0.95
_ARGUMENT = re.compile(r"\{([\w.*|]+)(\?|=\w+)?\}")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://")
_NAME = re.compile(r"[\w$]+(\.[\w$]+)*")
_QUERY = "/sql:"
_ANY_DATABASE = "?"
_GUESSED = "~"
_CHUNK = "{}"  # numbers the files of a large export
# These say where the operator's own table is, not what its query is about.
_OF_THE_TARGET = ("schema", "database")


def applies(task: Task) -> bool:
    """The operators of the list, and what inherits from them."""
    return move_of(task, MOVES) is not None


def read(task: Task, context: LineageContext) -> Reading:
    """Every place that the arguments name; a side with a place that they do not is not known."""
    move = move_of(task, MOVES)
    return Reading() if move is None else moved(move, task, context, CERTAIN)


def moved(move: Move, task: Task, context: LineageContext, confidence: float) -> Reading:
    """What a task reads and writes by one line of the table."""
    sides = {
        direction: _Side(direction, confidence, task, context) for direction in ("read", "write")
    }
    reads, writes = sides["read"], sides["write"]
    for place in move.reads:
        reads.take(place)
    for place in move.writes:
        writes.take(place)
    moves_nothing = not move.writes and not reads.found
    return Reading(
        nature="quiet" if moves_nothing else "data",
        datasets=(*reads.found, *writes.found),
        findings=(*reads.findings, *writes.findings),
        reads_known=bool(reads.found) and not reads.findings,
        writes_known=bool(writes.found) or not move.writes,
    )


@dataclass(slots=True)
class _Side:
    """What is read, or what is written."""

    direction: Direction
    confidence: float
    task: Task
    context: LineageContext
    found: list[DatasetRef] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def take(self, place: str) -> None:
        """Add what one place stands for in this task: nothing where an argument is missing."""
        sure = GUESS if place.startswith(_GUESSED) else self.confidence
        place = place.removeprefix(_GUESSED)
        before, is_query, argument = place.partition(_QUERY)
        if is_query:
            self._query(before, argument)
            return
        for text in filled(place, given(self.task)):
            rendered, marks, _ = render(text, self.context.values(self.task), {})
            uri = self._uri(rendered)
            if uri is not None:
                self._add(marks.put_back(uri), "argument", sure)

    def _add(self, uri: str, how: Evidence, sure: float) -> None:
        self.found.append(self.context.ref(self.task, uri, self.direction, how, rated(uri, sure)))

    def _uri(self, text: str) -> str | None:
        text = object_url(text)
        if text.startswith("file://") and not text.startswith("file:///"):
            return None  # relative to wherever the worker stands
        scheme, separator, rest = text.partition("://")
        authority, _, name = rest.partition("/")
        if not separator or not authority + name:
            return None
        if scheme == "bigquery":
            name = name.replace(":", ".", 1).partition("$")[0]
        if scheme == "hive":
            name = name.partition("/")[0]
        try:
            return str(table(self._scheme(scheme, authority), authority, name))
        except DefinitionError:
            return None

    def _scheme(self, scheme: str, connection: str) -> str:
        known = self.context.schemes.get(connection, UNKNOWN_DATABASE)
        return known if scheme == _ANY_DATABASE else self.context.spoken(scheme, connection)

    def _query(self, place: str, argument: str) -> None:
        arguments = given(self.task)
        names = argument.strip("{}").split("|")
        value = next((arguments[name] for name in names if arguments.get(name)), None)
        scheme, _, connection = next(filled(place, arguments), "").partition("://")
        connection = connection.strip("/")
        if not scheme or not value:
            return
        scheme = self._scheme(scheme, connection)
        name = value.strip() if isinstance(value, str) else ""
        if _NAME.fullmatch(name) and not names_a_file(name):
            self._add(str(table(scheme, connection, name)), "argument", self.confidence)
            return
        kept = {key: one for key, one in arguments.items() if key not in _OF_THE_TARGET}
        asked = self.task.model_copy(update={"arguments": kept})
        uris, findings = tables_read(value, asked, self.context, scheme, connection)
        for uri in uris:
            self._add(uri, "sql", self.confidence)
        self.findings += findings


def given(task: Task) -> Mapping[str, JsonValue]:
    """The task's arguments, with those over which it is mapped."""
    over = task.arguments.get("expand")
    return {**task.arguments, **over} if isinstance(over, dict) else task.arguments


def filled(place: str, arguments: Mapping[str, JsonValue]) -> Iterator[str]:
    """The place with every combination of its arguments; URLs among these are whole places."""
    parts: list[tuple[str, ...]] = []
    end = 0
    for match in _ARGUMENT.finditer(place):
        values = _values(match[1], arguments)
        urls = [value for value in values if _URL.match(object_url(value))]
        if urls:
            yield from urls
            return
        parts.append((place[end : match.start()],))
        end = match.end()
        if match[2] == "?" and (not values or _is_dotted(place[end:], arguments)):
            end += place[end : end + 1] == "."
            values = ("",)
        parts.append(values or ((match[2][1:],) if match[2] else ()))
    parts.append((place[end:],))
    yield from map("".join, product(*parts))


def _is_dotted(rest: str, arguments: Mapping[str, JsonValue]) -> bool:
    """Whether the name after `{schema?}.` has its schema already."""
    after = _ARGUMENT.match(rest, 1) if rest.startswith(".") else None
    if after is None or after[2]:
        return False
    return any("." in re.sub(r"\{.*\}", "", value) for value in _values(after[1], arguments))


def _values(names: str, arguments: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The texts of the first of these arguments that is given; none where it is computed."""
    for name in names.split("|"):
        found: list[str] = []
        for value in at(dict(arguments), name):
            texts = value if isinstance(value, list) else [value]
            found += [text.replace(_CHUNK, "*") for text in texts if isinstance(text, str) and text]
        if found:
            return tuple(found)
    return ()
