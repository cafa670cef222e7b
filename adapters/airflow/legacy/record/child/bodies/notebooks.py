"""The Python of a script or notebook as one syntax tree: code cells, and SQL cells as the calls
that run them.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from . import sources

_LARGEST = 1 << 20
_MAGIC = re.compile(r"^\s*[%!?].*$", re.MULTILINE)
_SQL = re.compile(r"\s*%%?(?:spark)?sql\b[^\n]*\n(.*)", re.DOTALL)
_CELLS = re.compile(r"^# COMMAND -+\s*$", re.MULTILINE)
_EXPORTED = "# Databricks notebook source"
_LINE = re.compile(r"^# MAGIC ?", re.MULTILINE)
_OTHER_LANGUAGE = re.compile(
    r"\s*%%?(?:scala|r|sh|bash|md|fs|html|javascript|js|pip|run|writefile)\b"
)


def tree_of(path: str, named: dict[str, Any]) -> ast.Module | None:
    """The syntax tree of a script; of a notebook, with the `named` values that it is given."""
    text = sources.text_of(path, _LARGEST)
    if text is None:
        return None
    if path.endswith(".ipynb"):
        return parsed("\n".join(_of_notebook(text, named)))
    if text.startswith(_EXPORTED):
        return parsed("".join(map(_in_place, _CELLS.split(text))))
    return sources.tree(path)


def parsed(text: str) -> ast.Module | None:
    """The syntax tree of a text; None where it is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _of_notebook(text: str, named: dict[str, Any]) -> Iterator[str]:
    try:
        cells = json.loads(text).get("cells", [])
    except (ValueError, AttributeError, RecursionError):
        return
    given = [  # nothing where no cell says that it is replaced
        f"{name} = {value!r}"
        for name, value in named.items()
        if name.isidentifier() and isinstance(value, (str, int, float, bool))
    ]
    for cell in cells if isinstance(cells, list) else ():
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        yield _of_cell("".join(source) if isinstance(source, list) else str(source))
        metadata = cell.get("metadata")
        if isinstance(metadata, dict) and "parameters" in (metadata.get("tags") or ()):
            yield from given
            given = []


def _in_place(cell: str) -> str:
    """A cell of a notebook that Databricks wrote as a file, with as many lines as it has."""
    found = _of_cell(_LINE.sub("", cell))
    return found + "\n" * (cell.count("\n") - found.count("\n"))


def _of_cell(text: str) -> str:
    """A cell's Python, without what only notebooks know; nothing of a cell that has none."""
    text = re.sub(r"\A(?:\s|#[^\n]*\n)*(?=%)", "", text)
    sql = _SQL.match(text)
    if sql:
        return "\n".join(f"spark.sql({each!r})" for each in sql[1].split(";") if each.strip())
    if _OTHER_LANGUAGE.match(text):
        return ""
    plain = _MAGIC.sub("", text)
    return plain if parsed(plain) is not None else ""
