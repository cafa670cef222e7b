"""Operators whose arguments name what they move: one line each, `Operator  from -> to`.

A place is a URI with arguments in braces: `{a|b}` is the first that is given, `{a?}` may be
missing, `{a=text}` has the default of the provider, `{a.b.*.c}` is inside of an argument, where `*`
is each item of a list, and `{a:table}` is a table as BigQuery's API names one. `sql:{a}` in place
of a table is every table that the SQL in it reads. Several places are apart by ` & `; `?://` is a
connection whose kind of database only its name or other tasks tell; `~` is before a place that is
a guess. A list in an argument gives a place for each item.
`Operator[a=b]` is the operator where that argument has that value, `Operator[a]` where it is given;
such lines are asked before the one without.
Arguments as of the providers of November 2026 and, after `|`, as they were called before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import class_names
from adapters.airflow.lineage.families.moves import (
    amazon,
    apache,
    azure,
    databases,
    files,
    google,
    sensors,
    services,
)
from adapters.airflow.lineage.values import at

_TABLE = re.compile(r"\{([\w.*]+):table\}")
_HEAD = re.compile(r"(\w+)(?:\[([\w.]+)(?:=(\w+))?\])?\s+")


@dataclass(frozen=True, slots=True)
class Move:
    """Where an operator takes data from and where it puts it; `argument` and `value` say when."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    argument: str | None = None
    value: str | None = None

    def holds(self, task: Task) -> bool:
        """Whether the task's arguments are those that the line is about."""
        if self.argument is None:
            return True
        given = [each for each in at(task.arguments, self.argument) if each]
        if self.value is None:
            return bool(given)
        return any(isinstance(each, str) and each.lower() == self.value.lower() for each in given)


def _places(text: str) -> tuple[str, ...]:
    found = (place.strip() for place in text.split(" & "))
    return tuple(place for place in found if place not in ("-", ""))


def _parse(texts: Iterable[str]) -> dict[str, tuple[Move, ...]]:
    moves: dict[str, tuple[Move, ...]] = {}
    for line in (line for text in texts for line in text.splitlines()):
        head = _HEAD.match(line)
        if head is None:
            continue
        places = _TABLE.sub(r"{\1.projectId?}.{\1.datasetId}.{\1.tableId}", line[head.end() :])
        source, _, target = places.partition(" -> ")
        move = Move(_places(source), _places(target), head[2], head[3])
        moves[head[1]] = (*moves.get(head[1], ()), move)
    return {
        name: tuple(sorted(each, key=lambda one: not one.argument)) for name, each in moves.items()
    }


_TEXTS = (amazon, apache, azure, databases, files, google, services)
MOVES = _parse(module.MOVES for module in _TEXTS)
WAITS = _parse((sensors.MOVES,))


def move_of(task: Task, moves: dict[str, tuple[Move, ...]]) -> Move | None:
    """The line about the task: of its own class, or of the nearest that it inherits from."""
    named = next((moves[name] for name in class_names(task) if name in moves), ())
    return next((move for move in named if move.holds(task)), None)
