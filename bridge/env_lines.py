"""Lines `NAME=value`, as files of an environment have them."""

from __future__ import annotations

import re

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)")


def assignment(line: str) -> tuple[str, str] | None:
    """Name and value of a line, with `export`, quotes and comments as in a shell; None for any
    other.
    """
    match = _LINE.fullmatch(line.strip())
    return None if match is None else (match[1], _unquoted(match[2]))


def _unquoted(text: str) -> str:
    for quote in ("'", '"'):
        if text.startswith(quote) and text.endswith(quote) and len(text) > 1:
            return text[1:-1]
    return text.partition(" #")[0].rstrip()
