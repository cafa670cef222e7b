"""Texts and calls as far as they are known before a run: formatting, joining, and their JSON."""

import ast
import re
from typing import Any

from .worth_reading import MAKERS, NAMES

_MOST_ITEMS = 50
_LONGEST = 64 * 1024
_DEEPEST = 2  # lists in lists are enough
_USER = re.compile(r"(?<=://)[^/@\s]+@")  # of a URL: it may hold a password
_SECRET = re.compile(
    r"passw|pwd|secret|token|credential|(access|api|private)_?key|auth$|authoriz|headers|cookie",
    re.IGNORECASE,
)
_SECRET_WORD = re.compile(r"\b(password|passwd|pwd|token)\s*=\s*\S+", re.IGNORECASE)
_TIDY = frozenset(("strip", "rstrip", "lstrip", "lower", "upper", "replace", "removeprefix"))


class _Unknown:
    """A value that only the run knows."""


UNKNOWN = _Unknown()


class Made:
    """What a chain of calls made, such as a hook's connection's cursor."""

    def __init__(self, chain: list[dict[str, Any]]) -> None:
        self.chain = chain


def of_text(text: str, name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """What a method of a text gives; None where it is not known."""
    if name == "join" and args:
        items = args[0] if isinstance(args[0], list) else [UNKNOWN]
        return text.join(each if isinstance(each, str) else "{{ unknown }}" for each in items)
    if name == "format":
        return formatted(text.replace("{}", "%s"), args) if args else _filled(text, named)
    if name in _TIDY:
        plain = [each for each in args if isinstance(each, str)]
        try:
            return getattr(text, name)(*plain) if len(plain) == len(args) else text
        except TypeError:  # a date's `replace(tzinfo=…)`: the text stands for something else
            return text
    return None


def joined(parts: list[str]) -> str:
    """A path out of its parts."""
    first, *rest = parts
    return "/".join([first.rstrip("/"), *(each.strip("/") for each in rest)])


def shown(value: Any, node: ast.expr) -> str:
    """A value inside a text; what only the run knows is a template of its name."""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)
    is_name = isinstance(node, (ast.Name, ast.Attribute))
    name = re.sub(r"[^\w.]", "", ast.unparse(node)) if is_name else ""
    return "{{ " + (name or "unknown") + " }}"


def formatted(text: str, values: Any) -> str:
    """`text % values`, as far as they are known."""
    waiting = list(values) if isinstance(values, list) else []

    def one(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match[1] is not None:
            value = values.get(match[1], UNKNOWN) if isinstance(values, dict) else UNKNOWN
            name = match[1]
        else:
            value = waiting.pop(0) if waiting else UNKNOWN
            name = "unknown"
        is_text = isinstance(value, (str, int, float))
        return str(value) if is_text else "{{ " + name + " }}"

    return re.sub(r"%%|%(?:\((\w+)\))?[-#0-9.]*[sdirf]", one, text)


def _filled(text: str, named: dict[str, Any]) -> str:
    """`text.format(**named)`, as far as they are known."""

    def one(match: re.Match[str]) -> str:
        value = named.get(match[1], UNKNOWN)
        return str(value) if isinstance(value, (str, int, float)) else "{{ " + match[1] + " }}"

    return re.sub(r"(?<!\{)\{(\w+)\}(?!\})", one, text)


def described(name: str, args: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """A call in the form of the snapshot; of a constructor only the first argument by place, which
    may not be a password.
    """
    call: dict[str, Any] = {"name": name}
    if args:
        kept = args if name in NAMES | MAKERS else args[:1]
        call["arguments"] = [_wire(each) for each in kept]
    by_name = {key: _wire(each) for key, each in named.items() if not _SECRET.search(key)}
    if by_name:
        call["named"] = by_name
    return call


def _wire(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        if len(value) > _LONGEST:
            return {"opaque": "a long text"}
        return _SECRET_WORD.sub("", _USER.sub("", value))
    if isinstance(value, Made):
        return {"made_by": value.chain}
    if depth < _DEEPEST and isinstance(value, list):
        return [_wire(each, depth + 1) for each in value[:_MOST_ITEMS]]
    if depth < _DEEPEST and isinstance(value, dict):
        items = list(value.items())[:_MOST_ITEMS]
        return {str(key): _wire(each, depth + 1) for key, each in items}
    is_plain = value is None or isinstance(value, (bool, int, float))
    return value if is_plain else {"opaque": "known when it runs"}
