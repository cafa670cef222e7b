"""How many files, or DAGs of a running system, are read, as a bar on a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.text import Text

from bridge.cli.drawing import started
from bridge.cli.terminal import Terminal
from bridge.cli.words import duration

if TYPE_CHECKING:
    from rich.live import Live

_BAR = 30


class FilesBar:
    """Hears of each that is read; use it as a context manager around the reading."""

    def __init__(self, terminal: Terminal, *, quiet: bool = False) -> None:
        # Not `is_terminal`: FORCE_COLOR makes that true of a pipe, and a bar is more than colour.
        on_a_terminal = terminal.out.file.isatty()
        self._console = terminal.out if on_a_terminal and not quiet else None
        self._done = self._total = 0
        self._begin = time.perf_counter()
        self._live: Live | None = None

    def __enter__(self) -> FilesBar:
        if self._console is not None:
            self._live = started(self._console, self._now)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` are read."""
        self._done, self._total = done, total

    def _now(self) -> Text:
        """Nothing until one is read: how many there are is not known before."""
        if not self._total:
            return Text("")
        full = _BAR * self._done // self._total
        return Text.assemble(
            "  ",
            ("━" * full, "blue"),
            ("─" * (_BAR - full), "dim"),
            f" {self._done:,} of {self._total:,} read",
            (f"   {duration(time.perf_counter() - self._begin)}", "dim"),
        )
