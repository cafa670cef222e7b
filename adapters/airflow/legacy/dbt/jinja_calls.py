"""The calls `config(…)`, `ref(…)`, `source(…)` in a model or a macro, read without rendering it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

_CALL = re.compile(r"\b(config|ref|source)\s*\(")
_BRACKETS = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[()]", re.DOTALL)
_CONSTANTS = {"true": True, "false": False, "none": None}
_TAG = re.compile(
    r"[-+]?\s*(?:(?P<kind>macro|test|data_test|snapshot)\s+(?P<name>\w+)\b"
    r"|end(?P<end>macro|test|data_test|snapshot)\b)"
)
_LONGEST_CALL, _MOST_CALLS, _DEEPEST = 20_000, 2_000, 20
# A model by name, perhaps with its package, or a source by its two names.
Reference: TypeAlias = "tuple[str, ...]"


@dataclass(frozen=True, slots=True)
class Argument:
    """A name that a macro is called with, where a text is not written out."""

    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """`ref` or `source` with its arguments; `version` is asked for of a model."""

    kind: str
    arguments: tuple[str | Argument, ...]
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A macro, generic test or snapshot: its name, its text, and all of it with its tags."""

    kind: str
    name: str
    text: str
    whole: str

    @property
    def is_test(self) -> bool:
        """Whether it is a generic test; older ones are macros."""
        return "test" in self.kind or (self.kind == "macro" and self.name.startswith("test_"))


@dataclass(frozen=True, slots=True)
class Said:
    """What a text configures and asks for."""

    config: Mapping[str, object]
    asked: tuple[Asked, ...]


def calls(text: str) -> Said:
    """Every call of the text; a later `config` adds to an earlier one."""
    config: dict[str, object] = {}
    asked: dict[Asked, None] = {}
    for name, node in _calls(_uncommented(text)):
        named = {word.arg: word.value for word in node.keywords if word.arg is not None}
        if name == "config":
            values = {key: value_of(each) for key, each in named.items()}
            for each in node.args:
                one = value_of(each)
                config.update(one if isinstance(one, dict) else {})
            config.update(values)
            continue
        arguments = tuple(_argument(each) for each in node.args)
        version = named.get("v", named.get("version"))
        if arguments and None not in arguments:
            said = str(value_of(version)) if version is not None else None
            asked[Asked(name, tuple(one for one in arguments if one is not None), said)] = None
    return Said(config, tuple(asked))


def blocks(text: str) -> Iterator[Block]:
    """What a file defines between tags of its own, in order."""
    begun: tuple[re.Match[str], list[str]] | None = None
    for part in _uncommented(text).split("{%")[1:]:
        tag = _TAG.match(part)
        if tag is not None and tag["kind"]:
            begun = (tag, [])
        if begun is None:
            continue
        first, parts = begun
        if tag is not None and tag["end"] == first["kind"]:
            whole = "{%".join(["", *parts, part.partition("%}")[0] + "%}"])
            inside = "{%".join(parts).partition("%}")[2]
            yield Block(first["kind"], first["name"], inside, whole)
            begun = None
        else:
            parts.append(part)


def _uncommented(text: str) -> str:
    parts = text.split("{#")
    return "".join([parts[0], *(part.partition("#}")[2] for part in parts[1:])])


def value_of(node: ast.expr) -> object:
    """A literal's value; for anything else the Jinja that gives it."""
    if isinstance(node, ast.Name) and node.id.lower() in _CONSTANTS:
        return _CONSTANTS[node.id.lower()]
    if isinstance(node, ast.List | ast.Tuple):
        return [value_of(each) for each in node.elts]
    if isinstance(node, ast.Dict):
        return {
            str(value_of(key)): value_of(value)
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        }
    if isinstance(node, ast.Constant):
        return node.value
    return "{{ " + ast.unparse(node) + " }}"


def _argument(node: ast.expr) -> str | Argument | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return Argument(node.id) if isinstance(node, ast.Name) else None


def _calls(text: str) -> Iterator[tuple[str, ast.Call]]:
    for match in islice(_CALL.finditer(text), _MOST_CALLS):
        inside = _inside(text, match.end())
        if inside is None:
            continue
        try:
            node = ast.parse(f"f({inside})".replace("\n", " "), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if isinstance(node, ast.Call):
            yield match[1], node


def _inside(text: str, start: int) -> str | None:
    """What stands between an opened bracket and the one that closes it."""
    depth = 1
    for match in _BRACKETS.finditer(text, start, start + _LONGEST_CALL):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return text[start : match.start()]
        if depth > _DEEPEST:
            return None
    return None
