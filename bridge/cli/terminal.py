"""What output looks like: two consoles, symbols, tables and JSON. Results go to stdout, all else to stderr."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import IO

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 100  # where there is no terminal to ask

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
    "skipped": ("–", "dim"),
    "missing": ("·", "dim"),
    "unknown": ("·", "dim"),
    "planned": ("·", "dim"),
}


def console(stream: IO[str]) -> Console:
    """A console as wide as the terminal, 100 without one; rich itself honours NO_COLOR."""
    width = shutil.get_terminal_size((WIDTH, 24)).columns if stream.isatty() else WIDTH
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
        """A table of the result."""
        self.out.print(table)

    def json(self, value: object) -> None:
        """The result for programs, and nothing else on stdout."""
        self.out.file.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def symbol(word: str, text: str | None = None) -> Text:
    """A word's symbol in its colour, then `text` in the same colour, if any."""
    sign, style = SYMBOLS[word]
    return Text(sign if text is None else f"{sign} {text}", style=style)


def line(word: str, text: str, *, indent: int = 2) -> Text:
    """`  ✓ text`: a coloured symbol before plain text."""
    return Text.assemble(" " * indent, symbol(word), " ", text)


def table(*columns: str) -> Table:
    """An empty table; a column named with a leading `>` is aligned right."""
    built = Table(box=_BOX, show_edge=False, pad_edge=False, header_style="bold", border_style="dim")
    for name in columns:
        right = name.startswith(">")
        built.add_column(name.lstrip(">"), justify="right" if right else "left", overflow="fold")
    return built


def shown_path(path: Path | str) -> str:
    """A path as short as it can be typed from here."""
    absolute, here = Path(path).absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)
