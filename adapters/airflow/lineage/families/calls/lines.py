"""The lines that the tables of calls are written in: `Owner.method(parameters)  reads -> writes`.

    boto3|botocore: Bucket(name).download_file(Key, Filename)   s3://{name}/{Key} -> {Filename}

Before the colon are the modules that the first name may be imported from; without them any will do.
The steps before the last are calls or attributes that lead to the object, others may be between
them; a name may have `*`, `a|b` is either, `<a>` is any attribute or item, right where it stands.
Parameters are in the order of the library, `a|b` is one that has two names, after `*` they are
given by name alone.

A place is a URI with parameters in braces: `{a?}` may be missing, `{a=text}` has a default, `{a.b}`
is an item of a dict or an argument of the object that was made. A parameter alone is a file or a
URL, after `web:` a URL whose server may not be known. `sql:{a}` and `table:{a}` are on the server
that the call's object is connected to, and on a named one in `sql@scheme/server:{a}`; `command:{a}`
is a command line; `mode:` before a place is read or written as `{mode}` says. `~` before a place is
a guess, `~~` hardly one. A line without places says that its call touches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pydantic import JsonValue

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.legacy.snapshot import Call

_STEP = re.compile(r"([\w*|\[\]<>]+)(?:\(([^)]*)\))?(?:\.|$)")
_ITEMS = ("[]", "get_database", "get_collection")
# Give data of a client of search or documents, whatever is called on it then.
_ANSWERS = frozenset(("search", "msearch", "scroll", "mget", "find_one", "hgetall", "json"))
_ASKED = re.compile(r"(get|create|make|open|connect|init|client|conn|instance|db$|self)", re.I)


@dataclass(frozen=True, slots=True)
class Step:
    """One call or attribute: the names it may have, and its parameters in order."""

    names: tuple[str, ...]
    parameters: tuple[tuple[str, ...], ...] = ()

    def fits(self, call: Call) -> bool:
        """Whether a call has one of the names."""
        return any(name == call.name or fnmatchcase(call.name, name) for name in self.names)

    @property
    def item(self) -> str | None:
        """`a` of `<a>`, which is any name or item of the object before it."""
        return self.names[0].strip("<>") if self.names[0].startswith("<") else None

    def given(self, call: Call) -> dict[str, JsonValue]:
        """What the call gives for each parameter, by its first name."""
        found: dict[str, JsonValue] = {}
        waiting = list(call.arguments)
        for names in self.parameters:
            if names == ("*",):
                waiting = []
                continue
            by_place = waiting.pop(0) if waiting else None
            by_name = [call.named[name] for name in names if name in call.named]
            value = by_name[0] if by_name else by_place
            if value is not None:
                found[names[0]] = value
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """One call of a library: how it is known, and the places that it reads and writes."""

    steps: tuple[Step, ...]
    places: tuple[tuple[Direction, str], ...]
    modules: tuple[str, ...] = ()

    def values(self, call: Call) -> dict[str, JsonValue] | None:
        """The parameters by name; None where the call is another one."""
        if self.modules and not _is_of((*call.on, call)[0].module, self.modules):
            return None
        found = self.steps[-1].given(call)
        before = list(call.on)
        for step in reversed(self.steps[:-1]):
            if step.item is not None:
                value = _item_of(before.pop()) if before else None
                if value is None:
                    return None
                found = {step.item: value, **found}
                continue
            while before and not step.fits(before[-1]):
                if self._answers(before.pop()):
                    return None
            if not before:
                return None
            found = {**step.given(before.pop()), **found}
        return found

    def _answers(self, call: Call) -> bool:
        """Whether what the call gave is data: `search(…).get("hits")` asks a dict, not a client."""
        is_called = bool(call.arguments or call.named)
        return is_called and (call.name in _ANSWERS or call.name in self.steps[-1].names)


def _item_of(call: Call) -> JsonValue:
    """`a` of `x.a`, `x["a"]` and `x.get_collection("a")`; None for any other step."""
    if call.name in _ITEMS:
        return next(iter((*call.arguments, *call.named.values())), None)
    is_name = not call.arguments and not call.named and not _ASKED.match(call.name)
    return call.name if is_name else None


def _is_of(module: str | None, among: Iterable[str]) -> bool:
    return module is not None and any(
        module == name or module.startswith(f"{name}.") for name in among
    )


def parsed(text: str) -> tuple[Line, ...]:
    """The lines of a table, without its empty lines and comments."""
    found = (line.strip() for line in text.splitlines())
    return tuple(_line(line) for line in found if line and not line.startswith("#"))


def _line(text: str) -> Line:
    pattern, _, places = text.rpartition(")")
    modules, colon, steps = f"{pattern})".rpartition(": ")
    source, _, target = places.strip().partition(" -> ")
    return Line(
        steps=tuple(_step(match[1], match[2]) for match in _STEP.finditer(steps)),
        places=(
            *(("read", place) for place in _places(source)),
            *(("write", place) for place in _places(target)),
        ),
        modules=tuple(modules.split("|")) if colon else (),
    )


def _step(name: str, parameters: str | None) -> Step:
    words = [word.strip() for word in (parameters or "").split(",")]
    return Step(tuple(name.split("|")), tuple(tuple(word.split("|")) for word in words if word))


def _places(text: str) -> list[str]:
    return [place.strip() for place in text.split(" & ") if place.strip() != "-"]


@dataclass(frozen=True, slots=True)
class Table:
    """Lines by the name of their last step."""

    lines: tuple[Line, ...]
    by_name: Mapping[str, list[Line]] = field(default_factory=dict)

    @classmethod
    def of(cls, *texts: str) -> Table:
        """The lines of several tables; among those that fit a call, the first that says something
        is taken.
        """
        lines = tuple(line for text in texts for line in parsed(text))
        by_name: dict[str, list[Line]] = {}
        for line in lines:
            for name in line.steps[-1].names:
                by_name.setdefault(name, []).append(line)
        return cls(lines, by_name)

    def fitting(self, call: Call) -> Iterable[tuple[Line, dict[str, JsonValue]]]:
        """The lines that a call fits, with its parameters, in the order of the table."""
        for line in self.by_name.get(call.name, ()):
            values = line.values(call)
            if values is not None:
                yield line, values
