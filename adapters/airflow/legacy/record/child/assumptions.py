"""Texts that nobody supplied: Variables, environment values, connections; and files that are not
here.

Such a text is a made-up one, `env_STAGE`, until the code shows what it expects: it compares it with
"prod", or looks it up among the keys of a dict. Then the file is run once more with one of these.
"""

# Plain os.path: the user's code may have changed pathlib.
# ruff: noqa: PTH119

import ast
import contextlib
import importlib
import linecache
import os
import re
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any

from .containment import guard
from .each_text import each_text
from .journal import journal
from .placeholders import Unknown, shown

_PRODUCTION = ("prod", "prd", "live")
_COMPUTED = (ast.Call, ast.Subscript, ast.JoinedStr)
_FILE = "file "
_TEMPLATES = {
    "var": "var.value.{name}",
    "env": "{name}",
    "conn": "conn.{name}.{part}",
    "unknown": "{name}",  # of a file that is not here
}
_MISSED = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_NAME = "name "
_SHIPPED = "shipped "
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

    def begin(self, chosen: dict[str, str]) -> None:
        """Start a file, with the values that an earlier run of it suggested."""
        self.chosen, self.made, self.templates, self.offered = chosen, set(), {}, {}
        self.handed_out = {}

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
    if _file(str(path)) not in assumptions.chosen:
        return False
    message = f"there is no file {path}; what it holds is not known"
    journal.note("warning", "assumed_file", message)
    return True


def is_unfit(variable: str) -> bool:
    """Did an earlier run stumble over that Variable of the code base's own?"""
    if f"{_SHIPPED}{variable}" not in assumptions.chosen:
        return False
    message = f"the Variable {variable}, as the code base ships it, does not fit the code"
    journal.note("warning", "assumed_variable", message, place=(journal.file, 0))
    return True


def give_names() -> None:
    """Names that an earlier run asked of a library in vain: it is another version than the code
    knows, as Python itself may be. Each is unknown.
    """
    for origin in assumptions.chosen:
        if origin.startswith(_NAME):
            module, _, name = origin.removeprefix(_NAME).rpartition(".")
            with contextlib.suppress(ImportError):
                setattr(importlib.import_module(module), name, Unknown(f"{module}.{name}"))
                message = f"{module} has no {name} here; a stand-in was used"
                journal.note("info", "stand_in_name", message, place=(journal.file, 1))


def _file(path: str) -> str:
    """One name for a file whose own name is another one in each run."""
    name = os.path.basename(path) if guard.in_scratch(path) else path
    return _FILE + _NUMBER.sub("0", name)


def expected_by(error: BaseException) -> None:
    """Of an error: the file that is missing, and the keys of dicts that an assumed text was looked
    up in, on the way to it.
    """
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str):
        assumptions.offer(_file(error.filename), ["unknown"])
    if isinstance(error, ImportError) and not journal.is_user_file(error.path or ""):
        missed = _MISSED.match(str(error))
        if missed is not None:
            assumptions.offer(f"{_NAME}{missed[2]}.{missed[1]}", ["unknown"])
    if isinstance(error, (TypeError, AttributeError, LookupError, ValueError)):
        for variable in _stumbled_over(error):
            assumptions.offer(f"{_SHIPPED}{variable}", ["unknown"])
    if not assumptions.made:
        return
    missing = error.args[0] if isinstance(error, KeyError) and error.args else None
    for frame, line in _frames(error.__traceback__):
        for key, found in _looked_up(frame, line):
            origin = assumptions.origin_of(missing if key is None else key)
            if origin is not None and type(found) is dict:
                assumptions.offer(origin, [one for one in found if type(one) is str])


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """The user's frames and their lines, one for each line however deep a recursion goes."""
    seen: set[tuple[CodeType, int]] = set()
    while trace is not None:
        place = (trace.tb_frame.f_code, trace.tb_lineno)
        if place not in seen and journal.is_user_file(place[0].co_filename):
            seen.add(place)
            yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _stumbled_over(error: BaseException) -> Iterator[str]:
    """The Variables of the code base's own whose values are named in a line of an error."""
    for frame, line in _frames(error.__traceback__) if assumptions.handed_out else ():
        names = {**frame.f_globals, **frame.f_locals}
        for node in ast.walk(_tree_of(frame)):
            if isinstance(node, (ast.Name, ast.Attribute)) and node.lineno == line:
                known = assumptions.handed_out.get(id(_value(node, names)))
                if known is not None:
                    yield known[0]


def _tree_of(frame: FrameType) -> ast.AST:
    source = "".join(linecache.getlines(frame.f_code.co_filename))
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def _looked_up(frame: FrameType, line: int) -> Iterator[tuple[Any, Any]]:
    """(key, container) of each `container[key]` and `key in container` of the function so far; None
    for a key that is computed in the very line.
    """
    names = {**frame.f_globals, **frame.f_locals}
    for node in ast.walk(_tree_of(frame)):
        if frame.f_code.co_firstlineno <= getattr(node, "lineno", 0) <= line:
            if isinstance(node, ast.Subscript):
                is_here = line <= (node.end_lineno or 0) and isinstance(node.slice, _COMPUTED)
                key = None if is_here else _value(node.slice, names)
                if is_here or key is not None:
                    yield key, _value(node.value, names)
            elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
                yield _value(node.left, names), _value(node.comparators[0], names)


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    """What a name, an attribute, an item, a dict, or `env.lower()` stands for; nothing is run."""
    found = None
    if isinstance(node, ast.Name):
        found = names.get(node.id)
    elif isinstance(node, ast.Attribute):
        owner = _value(node.value, names)
        found = vars(owner).get(node.attr) if hasattr(owner, "__dict__") else None
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = _value(node.func.value, names)
        found = owner if isinstance(owner, AssumedText) else None
    elif isinstance(node, ast.Subscript):
        at, owner = node.slice, _value(node.value, names)
        key = at.value if isinstance(at, ast.Constant) else _value(at, names)
        if type(owner) in (dict, list):
            with contextlib.suppress(LookupError, TypeError):
                found = owner[key]
    elif isinstance(node, ast.Dict):
        found = {key.value: None for key in node.keys if isinstance(key, ast.Constant)}
    return found


def _likely(values: list[str]) -> str:
    """The value of production, if there is one: that is what a migration is about."""
    return next((one for one in values if one.lower().startswith(_PRODUCTION)), values[0])
