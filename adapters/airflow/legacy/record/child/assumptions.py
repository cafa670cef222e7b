"""Texts that nobody supplied: Variables, environment values, connections.

Such a text is a made-up one, `env_STAGE`, until the code shows what it expects: it compares it with
"prod", or looks it up among the keys of a dict. Then the file is run once more with one of these.
"""

import ast
import linecache
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

from .journal import journal

_PRODUCTION = ("prod", "prd", "live")
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
        return AssumedText(str.lower(self), self.origin)

    def upper(self) -> "AssumedText":
        """Still assumed."""
        return AssumedText(str.upper(self), self.origin)

    def strip(self, chars: Any = None) -> "AssumedText":
        """Still assumed."""
        return AssumedText(str.strip(self, chars), self.origin)


class Assumptions:
    """Which values this run gives to such texts, and which ones the code was seen to expect."""

    def __init__(self) -> None:
        self.chosen: dict[str, str] = {}
        self.offered: dict[str, list[str]] = {}

    def begin(self, chosen: dict[str, str]) -> None:
        """Start a file, with the values that an earlier run of it suggested."""
        self.chosen, self.offered = chosen, {}

    def offer(self, origin: str, values: list[str]) -> None:
        """The code would know what to do with any of these values."""
        if origin not in self.chosen:
            known = self.offered.setdefault(origin, [])
            known += [value for value in values if value.strip() and value not in known]

    def to_try(self) -> dict[str, str]:
        """A value for each text that the code has shown values for; {} where none is new."""
        found = {origin: _likely(values) for origin, values in self.offered.items() if values}
        return dict(list(found.items())[: _MOST - len(self.chosen)])


assumptions = Assumptions()


def assumed(kind: str, name: str) -> AssumedText:
    """`var_bucket` for the Variable `bucket`; the finding is the caller's."""
    safe = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in str(name))
    origin = f"{kind}_{safe}"
    value = assumptions.chosen.get(origin)
    if value is None:
        return AssumedText(origin)
    journal.note(
        "warning", "assumed_value", f"{origin} is taken to be {value!r}, which the code asks for"
    )
    return AssumedText(value, origin)


def keys_that_are_there(error: BaseException) -> None:
    """Of a KeyError for an assumed text: the keys of the dict that it was looked up in."""
    key = error.args[0] if isinstance(error, KeyError) and error.args else None
    if isinstance(key, AssumedText):
        for frame, line in _frames(error.__traceback__):
            for found in _looked_up(frame, line):
                if isinstance(found, dict) and key not in found:
                    assumptions.offer(key.origin, [one for one in found if type(one) is str])


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while trace is not None:
        if journal.is_user_file(trace.tb_frame.f_code.co_filename):
            yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _looked_up(frame: FrameType, line: int) -> Iterator[Any]:
    """What stands before `[…]` in that line, where it is a name or an attribute of one."""
    source = "".join(linecache.getlines(frame.f_code.co_filename))
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and node.lineno <= line <= (node.end_lineno or 0):
            yield _value(node.value, {**frame.f_globals, **frame.f_locals})


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, names)
        return vars(owner).get(node.attr) if hasattr(owner, "__dict__") else None
    if isinstance(node, ast.Dict):
        return {key.value: None for key in node.keys if isinstance(key, ast.Constant)}
    return None


def _likely(values: list[str]) -> str:
    """The value of production, if there is one: that is what a migration is about."""
    return next((one for one in values if one.lower().startswith(_PRODUCTION)), values[0])
