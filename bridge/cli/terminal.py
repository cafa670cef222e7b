"""What output looks like: symbols, tables, JSON. Results go to stdout, notes to stderr."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import IO

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

WIDTH = 100  # where there is no terminal to ask
_GAP = 3
_NARROWEST = 8  # what a column that may be folded keeps at least
_NARROWEST_NAMES = 24
_FOLDS = 1

# Only a rule under the header, with columns three apart.
_BOX = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")

SYMBOLS = {
    "running": ("●", "blue"),
    "failed": ("✗", "red"),
    "refused": ("✗", "red"),
    "problem": ("✗", "red"),
    "stale": ("!", "yellow"),
    "warned": ("!", "yellow"),
    "warning": ("!", "yellow"),
    "fresh": ("✓", "green"),
    "done": ("✓", "green"),
    "passed": ("✓", "green"),
    "succeeded": ("✓", "green"),
    "note": ("✓", "green"),
    "hint": ("·", "dim"),
    "skipped": ("–", "dim"),  # noqa: RUF001 - a dash on purpose
    "missing": ("·", "dim"),
    "unknown": ("·", "dim"),
    "planned": ("·", "dim"),
}


def console(stream: IO[str]) -> Console:
    """A console as wide as the terminal, 100 without one; rich itself honours NO_COLOR."""
    asks = stream.isatty() or "COLUMNS" in os.environ
    width = shutil.get_terminal_size((WIDTH, 24)).columns if asks else WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


class Terminal:
    """Standard output and standard error of one command."""

    def __init__(self) -> None:
        self.out = console(sys.stdout)
        self.err = console(sys.stderr)

    def say(self, text: str | Text = "") -> None:
        """A line of the result; never wrapped, so that a command in it can be copied."""
        self.out.print(text, soft_wrap=True)

    def note(self, text: str | Text) -> None:
        """A line beside the result."""
        self.err.print(text, soft_wrap=True)

    def rows(self, table: Table) -> None:
        """A table of the result; what may be copied stays in one piece where there is room.

        Into a file or a pipe nothing is folded, however wide the table is.
        """
        widths = [max(cell_len(str(cell)) for cell in _cells(column)) for column in table.columns]
        may_fold = [column.ratio == _FOLDS for column in table.columns]
        whole = sum(width for width, folds in zip(widths, may_fold, strict=True) if not folds)
        room = self.out.width - _GAP * (len(widths) - 1) - _NARROWEST * sum(may_fold)
        names_can_fold = whole - widths[0] + _NARROWEST_NAMES <= room
        for index, (column, folds) in enumerate(zip(table.columns, may_fold, strict=True)):
            column.ratio = None
            column.no_wrap = not folds and (whole <= room or (names_can_fold and index > 0))
        width = self.out.width
        if not self.out.is_terminal:
            self.out.width = max(width, sum(widths) + _GAP * (len(widths) - 1))
        self.out.print(table)
        self.out.width = width

    def json(self, value: object, indent: int | None = 2) -> None:
        """The result for programs, and nothing else on stdout."""
        self.out.file.write(json.dumps(value, indent=indent, ensure_ascii=False) + "\n")
        self.out.file.flush()


def symbol(word: str, text: str | None = None) -> Text:
    """A word's symbol in its colour, then `text` in the same colour, if any."""
    sign, style = SYMBOLS[word]
    return Text(sign if text is None else f"{sign} {text}", style=style)


def line(word: str, text: str, *, indent: int = 2) -> Text:
    """`  ✓ text`: a coloured symbol before plain text."""
    return Text.assemble(" " * indent, symbol(word), " ", text)


def table(*columns: str) -> Table:
    """An empty table; a leading `>` aligns a column right, `~` lets it be folded first."""
    built = Table(
        box=_BOX, show_edge=False, pad_edge=False, header_style="bold", border_style="dim"
    )
    for name in columns:
        built.add_column(
            name.lstrip(">~"),
            justify="right" if name.startswith(">") else "left",
            overflow="fold",
            ratio=_FOLDS if name.startswith("~") else None,
        )
    return built


def _cells(column: Column) -> list[object]:
    return [column.header, *column.cells]


def shown_path(path: Path | str) -> str:
    """A path as short as it can be typed from here."""
    absolute, here = Path(path).absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)
