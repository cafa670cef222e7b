"""Operators that no rule knows: places guessed from what their arguments are called and look like.

A guess: an operator may do anything with its arguments. What its own code says comes first. Here:
`arguments` (texts by name), and what these may name: `places`, `tables`, `stores`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from adapters.airflow.legacy.datasets import DatasetRef, Direction, Nature
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.certainty import GUESS, rated
from adapters.airflow.lineage.context import LineageContext, Reading, class_names
from adapters.airflow.lineage.families import quiet
from adapters.airflow.lineage.families.named import places, stores, tables
from adapters.airflow.lineage.families.named.arguments import Arguments, Guess
from adapters.airflow.lineage.families.sql import (
    Names,
    asks_no_sql,
    names_a_file,
    statement_refs,
    tables_read,
)
from adapters.airflow.lineage.naming import direction_named, direction_of_class
from bridge.errors import DefinitionError
from bridge.uris import canonical

# By a URL and the argument's name; by that name; by the class's.
CERTAIN, SAID, SHOWN = 0.8, 0.6, 0.4
SQL_OF_ITS_OWN, SQL_SOMEWHERE = 0.85, 0.6
_DIRECTIONS: tuple[Direction, ...] = ("read", "write")
_SQL_NAME = re.compile(
    r"(.*?)_?(?:sqls?|query|queries|statements?|select|hql)(_query|_statement|_text|_file)?"
)
_SQL = re.compile(
    r"\s*(--.*\n\s*)*(select|insert|with|merge|create|update|delete|copy|truncate)\s", re.I
)
_OF_ONE_PLACE = ("file", "hdfs", "dbfs", "gsheets")  # need no authority


def applies(task: Task) -> bool:
    """A class whose arguments may name data: no function, and nothing that moves no data."""
    if task.operator.startswith("@") or any("Python" in name for name in class_names(task)):
        return False
    return not quiet.applies(task) or _is_sensor(task)


def added(found: Reading, task: Task, context: LineageContext) -> Reading:
    """What is known of the task, and guesses where nothing but guesses is known of that
    direction.
    """
    known = {ref.direction for ref in found.datasets if ref.confidence > GUESS}
    if len(known) == len(_DIRECTIONS):
        return found
    guessed = [ref for ref in _refs(Arguments(task, context)) if ref.direction not in known]
    if not guessed:
        return found
    nature: Nature = "quiet" if found.nature == "quiet" else "data"
    return replace(found, nature=nature, datasets=(*found.datasets, *guessed))


def _is_sensor(task: Task) -> bool:
    return any(name.endswith(("Sensor", "SensorAsync")) for name in class_names(task))


def _refs(given: Arguments) -> Iterator[DatasetRef]:
    """Every place with a direction, and the tables of SQL in arguments."""
    yield from _of_sql(given)
    for kind in (places, tables, stores):
        for guess in kind.guesses(given):
            direction, sure = _direction(guess, given)
            uri = None if direction is None else _canonical(guess.uri)
            if direction is not None and uri is not None:
                named = given.marks.put_back(uri)
                confidence = rated(named, sure)
                yield given.context.ref(given.task, named, direction, "name", confidence)


def _direction(guess: Guess, given: Arguments) -> tuple[Direction | None, float]:
    if _is_sensor(given.task):
        return "read", SAID
    said = direction_named(guess.argument)
    if said is not None:
        is_told = guess.is_url and not given.task.operator.startswith("airflow.")
        return said, CERTAIN if is_told else SAID
    scheme = guess.uri.partition("://")[0]
    return direction_of_class(given.name, guess.kind, scheme), SHOWN


def _of_sql(given: Arguments) -> Iterator[DatasetRef]:
    """Tables of SQL in arguments, on the connection that the SQL's argument is about."""
    for name, begins, texts in given.named(_SQL_NAME) if not asks_no_sql(given.task) else ():
        scheme, database = tables.server(name, begins, given)
        most = SQL_SOMEWHERE if database == "default" else SQL_OF_ITS_OWN
        for text in texts:
            if names_a_file(text.strip()):
                uris, _ = tables_read(text, given.task, given.context, scheme, database)
                for uri in uris:
                    sure = min(most, rated(uri, most))
                    yield given.context.ref(given.task, uri, "read", "sql", sure)
            elif _SQL.match(text):
                names = Names(given.task, scheme, database)
                refs, _ = statement_refs(text, given.marks, given.task, given.context, names)
                yield from (
                    replace(ref, confidence=min(most, rated(ref.uri, ref.confidence)))
                    for ref in refs
                )


def _canonical(text: str) -> str | None:
    try:
        found = canonical(text)
    except DefinitionError:
        return None
    return str(found) if found.path and (found.authority or found.scheme in _OF_ONE_PLACE) else None
