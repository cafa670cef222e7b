"""F-strings as Python 3.12 and later take them, written so that an older Python reads them: a quote
of the same kind, a backslash, a comment or a new line inside of `{…}`. Lines stay where they are.
"""

import ast
import importlib.machinery
import re
import sys
from collections.abc import Callable
from typing import Any

_LARGEST = 1 << 20
IS_OLDER = sys.version_info < (3, 12)
_BEGIN = re.compile(r"(?i)(?:\b(?:rb|br|fr|rf|[rbuf])|(?<!\w))(\"\"\"|'''|\"|')")
_OPEN, _CLOSE = "([{", ")]}"


def install() -> None:
    """From here on, modules are read so too."""
    if not IS_OLDER:
        return

    def source_to_code(loader: Any, data: Any, path: Any, **options: Any) -> Any:
        return compiled(data, path)

    setattr(importlib.machinery.SourceFileLoader, "source_to_code", source_to_code)  # noqa: B010


def compiled(source: Any, path: str) -> Any:
    """The code of a file, by what an older Python reads of it where it is too new for this one.

    Raises SyntaxError where it is no Python at all.
    """
    return _tried(source, lambda text: compile(text, path, "exec", dont_inherit=True))


def parsed(source: str) -> ast.Module:
    """The syntax tree, likewise."""
    tree: ast.Module = _tried(source, ast.parse)
    return tree


def _tried(source: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(source)
    except SyntaxError:
        text = source if isinstance(source, str) else bytes(source).decode(errors="replace")
        again = older(text)
        if again == text:
            raise
        return read(again)


def older(source: str) -> str:
    """The source with such f-strings rewritten; as it is, on a Python that reads them."""
    if not IS_OLDER or len(source) > _LARGEST:
        return source
    try:
        return _code(source, 0, "")[0]
    except (IndexError, RecursionError, ValueError, SyntaxError):
        return source


def _code(text: str, at: int, ends: str) -> tuple[str, int]:
    """Code from here to one of the signs that end it outside of brackets and strings."""
    found: list[str] = []
    depth = 0
    while at < len(text):
        sign = text[at]
        begin = _BEGIN.match(text, at)
        if begin is not None:
            piece, at = _string(text, at, begin)
            if ends and "\\" in piece and not begin[0].lower().startswith(("f", "b")):
                piece = _without_backslash(piece)
            found.append(piece)
            continue
        if sign == "#":
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            found.append("" if ends else text[at:end])
            at = end
            continue
        if not depth and sign in ends and not (sign == "!" and text[at + 1] == "="):
            break
        depth += (sign in _OPEN) - (sign in _CLOSE)
        word = re.match(r"\w+", text[at:]) if sign.isalnum() or sign == "_" else None
        piece = word[0] if word is not None else sign
        found.append(piece)
        at += len(piece)
    return "".join(found), at


def _string(text: str, at: int, begin: re.Match[str]) -> tuple[str, int]:
    quote = begin[1]
    prefix = begin[0][: -len(quote)]
    if "f" in prefix.lower():
        return _formatted(text, at + len(begin[0]), prefix, quote)
    end = at + len(begin[0])
    while not text.startswith(quote, end):
        end += 2 if text[end] == "\\" else 1
    return text[at : end + len(quote)], end + len(quote)


def _formatted(text: str, at: int, prefix: str, quote: str) -> tuple[str, int]:
    """An f-string, in quotes that none of its expressions has."""
    parts: list[str] = []
    inner: list[str] = []
    while not text.startswith(quote, at):
        if text[at] == "\\" and text[at + 1] != "{":
            end = text.index("}", at) + 1 if text.startswith("\\N{", at) else at + 2
            parts.append(text[at:end])
            at = end
        elif text[at : at + 2] in ("{{", "}}"):
            parts.append(text[at : at + 2])
            at += 2
        elif text[at] == "{":
            field, at = _field(text, at, inner)
            parts.append(field)
        else:
            parts.append(text[at])
            at += 1
    body, expressions = "".join(parts), "".join(inner)
    if len(quote) == 1 and (quote in expressions or "\n" in expressions):
        other = "'" if quote == '"' else '"'
        for wider in (quote * 3, other * 3):
            if wider not in body and not body.endswith(wider[0]):
                return f"{prefix}{wider}{body}{wider}", at + len(quote)
    return f"{prefix}{quote}{body}{quote}", at + len(quote)


def _field(text: str, at: int, inner: list[str]) -> tuple[str, int]:
    """`{expression!r:spec}`, whose spec may hold fields."""
    expression, at = _code(text, at + 1, "}:!")
    inner.append(expression)
    found = ["{", expression]
    if text[at] == "!":
        found.append(text[at : at + 2])
        at += 2
    if text[at] == ":":
        found.append(":")
        at += 1
        while text[at] != "}":
            if text[at] == "{":
                field, at = _field(text, at, inner)
                found.append(field)
            else:
                found.append(text[at])
                at += 1
    if text[at] != "}":
        raise ValueError("a field of an f-string has no end")
    return "".join([*found, "}"]), at + 1


def _without_backslash(string: str) -> str:
    """A text as an expression that has none, on as many lines."""
    value = ast.literal_eval(string)
    signs = "+".join(f"chr({ord(sign)})" for sign in value) or "str()"
    return f"({signs}{chr(10) * string.count(chr(10))})"
