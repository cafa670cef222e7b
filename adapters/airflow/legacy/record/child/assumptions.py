"""Texts that nobody supplied: Variables, environment values, connections; and files that are not
here.

Such a text is a made-up one, `env_STAGE`, until the code shows what it expects: it compares it with
"prod", or looks it up among the keys of a dict. Then the file is run once more with one of these.
"""

# Plain os.path: the user's code may have changed pathlib.
# ruff: noqa: PTH119

import contextlib
import importlib
import os
import re
from typing import Any

from .containment import guard
from .each_text import each_text
from .journal import journal
from .placeholders import Unknown, shown

_PRODUCTION = ("prod", "prd", "live")
_FILE = "file "
_TEMPLATES = {
    "var": "var.value.{name}",
    "env": "{name}",
    "conn": "conn.{name}.{part}",
    "unknown": "{name}",  # of a file that is not here
}
NAME = "name "
SHIPPED = "shipped "
_CHANGED = "changed "
_WANTED = "wanted "
_NUMBER = re.compile(r"\d+")
_MOST = 6  # that many texts of one file are given a value


class AssumedText(str):
    """A text nobody supplied: usable as text, number or JSON; `origin` is what it stands for."""

    __slots__ = ("origin",)
    origin: str

    def __new__(cls, text: str, origin: str = "") -> "AssumedText":
        """The text; of what is made from an assumed one, `origin` is the same."""
        made = super().__new__(cls, text)
        made.origin = origin or text
        return made

    def __eq__(self, other: object) -> bool:
        same = str.__eq__(self, other)
        if same is False and type(other) is str:
            assumptions.offer(self.origin, [other])
        return same is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __int__(self) -> int:
        return 1

    __index__ = __int__

    def __float__(self) -> float:
        return 1.0

    def __deepcopy__(self, memo: Any) -> "AssumedText":
        return self

    def lower(self) -> "AssumedText":
        """Still assumed."""
        return self._as(str.lower(self))

    def upper(self) -> "AssumedText":
        """Still assumed."""
        return self._as(str.upper(self))

    def strip(self, chars: Any = None) -> "AssumedText":
        """Still assumed."""
        return self._as(str.strip(self, chars))

    def split(self, sep: Any = None, maxsplit: Any = -1) -> list[str]:
        """Its parts; noted, since the code knows how many there are."""
        assumptions.last_split = (self.origin, " " if sep is None else str(sep))
        return str.split(self, sep, maxsplit)

    def _as(self, text: str) -> "AssumedText":
        if self == self.origin and self.origin in assumptions.templates:
            assumptions.templates[text] = assumptions.templates[self.origin]
        return AssumedText(text, self.origin)


class Assumptions:
    """Which values this run gives to such texts, and which ones the code was seen to expect."""

    def __init__(self) -> None:
        self.chosen: dict[str, str] = {}
        self.made: set[str] = set()
        self.templates: dict[str, str] = {}
        self.offered: dict[str, list[str]] = {}
        self.shipped: frozenset[str] = frozenset()
        self.handed_out: dict[int, tuple[str, Any]] = {}
        self.last_split = ("", "")  # of a text: its origin, and the sign
        self.without: set[str] = set()  # environment variables that were empty by default

    def begin(self, chosen: dict[str, str]) -> None:
        """Start a file, with the values that an earlier run of it suggested."""
        self.chosen, self.made, self.templates, self.offered = chosen, set(), {}, {}
        self.handed_out = {}
        self.last_split = ("", "")
        self.without = set()

    def hand_out(self, variable: str, value: Any) -> None:
        """Remember which Variable of the code base's own a list or a dict is, and what is in it."""
        if variable in self.shipped and isinstance(value, (list, dict)):
            items = value.values() if isinstance(value, dict) else value
            for each in (value, *items):
                if isinstance(each, (list, dict)):
                    self.handed_out[id(each)] = (variable, each)

    def origin_of(self, text: Any) -> str | None:
        """What an assumed text stands for, also where it was put into another text alone."""
        if isinstance(text, AssumedText):
            return text.origin
        return text if isinstance(text, str) and text in self.made else None

    def offer(self, origin: str, values: list[str]) -> None:
        """The code would know what to do with any of these values."""
        if origin not in self.chosen:
            known = self.offered.setdefault(origin, [])
            known += [value for value in values if value.strip() and value not in known]

    def give_way(self, origin: str, values: list[str]) -> None:
        """The value that was chosen was looked up in vain among these: one of them takes its place,
        once.
        """
        tried, changed = self.chosen.get(origin), f"{_CHANGED}{origin}"
        if tried is not None and values and tried not in values and changed not in self.chosen:
            self.offered[changed] = [tried]
            self.offered[origin] = values

    def want(self, message: str) -> None:
        """The code ended with this message: what it names of the environment is wanted."""
        for variable in self.without:
            if re.search(rf"\b{re.escape(variable)}\b", message):
                self.offer(f"{_WANTED}{variable}", [variable])

    def is_wanted(self, variable: str) -> bool:
        """Did an earlier run end for want of it?"""
        return f"{_WANTED}{variable}" in self.chosen

    def expect(self, origin: str, values: list[str]) -> None:
        """The code asks for one of these, whatever else it compared the text with."""
        if origin not in self.chosen:
            self.offered[origin] = values

    def has_files(self) -> bool:
        """Does this run read a file that is not here?"""
        return any(origin.startswith(_FILE) for origin in self.chosen)

    def to_try(self) -> dict[str, str]:
        """A value for each text that the code has shown values for; {} where none is new."""
        found = {origin: _likely(values) for origin, values in self.offered.items() if values}
        return dict(list(found.items())[: _MOST - len(self.chosen)])


assumptions = Assumptions()


def assumed(kind: str, name: str, part: str = "") -> AssumedText:
    """`var_bucket` for the Variable `bucket`, `conn_dwh_host` for a part of a connection; the
    finding is the caller's.
    """
    words = f"{kind}_{name}_{part}".rstrip("_")
    origin = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in words)
    if kind in _TEMPLATES:
        assumptions.templates[origin] = _TEMPLATES[kind].format(name=name, part=part)
    assumptions.made.add(origin)
    value = assumptions.chosen.get(origin)
    if value is None:
        return AssumedText(origin)
    journal.note(
        "warning", "assumed_value", f"{origin} is taken to be {value!r}, which the code asks for"
    )
    return AssumedText(value, origin)


def as_templates(value: Any) -> Any:
    """JSON in which each made-up text is the template that an operator would write for it."""
    named = {**assumptions.templates, **shown}
    if not named:
        return value
    longest_first = sorted(map(re.escape, named), key=len, reverse=True)
    made_up = re.compile(rf"({'|'.join(longest_first)})(?![A-Za-z0-9])")

    def written(text: str) -> str:
        return made_up.sub(lambda found: f"{{{{ {named[found[1]]} }}}}", text)

    return each_text(value, written)


def is_assumed_file(path: object) -> bool:
    """Is it a file that an earlier run asked for in vain? Then what is in it is unknown."""
    if name_of_file(str(path)) not in assumptions.chosen:
        return False
    message = f"there is no file {path}; what it holds is not known"
    journal.note("warning", "assumed_file", message)
    return True


def is_unfit(variable: str) -> bool:
    """Did an earlier run stumble over that Variable of the code base's own?"""
    if f"{SHIPPED}{variable}" not in assumptions.chosen:
        return False
    message = f"the Variable {variable}, as the code base ships it, does not fit the code"
    journal.note("warning", "assumed_variable", message, place=(journal.file, 0))
    return True


def give_names() -> None:
    """Names that an earlier run asked of a library in vain: it is another version than the code
    knows, as Python itself may be. Each is unknown.
    """
    for origin in assumptions.chosen:
        if origin.startswith(NAME):
            module, _, name = origin.removeprefix(NAME).rpartition(".")
            with contextlib.suppress(ImportError):
                setattr(importlib.import_module(module), name, Unknown(f"{module}.{name}"))
                message = f"{module} has no {name} here; a stand-in was used"
                journal.note("info", "stand_in_name", message, place=(journal.file, 1))


def name_of_file(path: str) -> str:
    """One name for a file whose own name is another one in each run."""
    name = os.path.basename(path) if guard.in_scratch(path) else path
    return _FILE + _NUMBER.sub("0", name)


def _likely(values: list[str]) -> str:
    """The value of production, if there is one: that is what a migration is about."""
    return next((one for one in values if one.lower().startswith(_PRODUCTION)), values[0])
