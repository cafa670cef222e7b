"""Where in a user's code something was defined, for messages that name file and line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PACKAGE = f"{Path(__file__).parent}{os.sep}"


@dataclass(frozen=True, slots=True)
class Place:
    """A file (absolute path) and a line, counted from one."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def place_of(function: Callable[..., Any]) -> Place:
    """Where `function` is defined; the caller's caller where it is not written in Python."""
    code = getattr(function, "__code__", None)
    return Place(code.co_filename, code.co_firstlineno) if code is not None else calling_place(3)


def calling_place(depth: int = 2) -> Place:
    """Where the caller was called from; `depth` 2 is its direct caller."""
    frame = sys._getframe(depth)  # noqa: SLF001 - inspect.stack() reads source files, 1,000 times dearer
    return Place(frame.f_code.co_filename, frame.f_lineno)


def user_place() -> Place:
    """Where the nearest caller outside this package is, for what several of ours call."""
    frame = sys._getframe(1)  # noqa: SLF001 - see above
    own = (_PACKAGE, "<string>")  # the second is dataclasses' generated __init__
    while frame.f_back is not None and frame.f_code.co_filename.startswith(own):
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)
