"""Finding: something a person should know about a file, a task or a setting, instead of a guess of
ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FindingLevel: TypeAlias = Literal["note", "warning", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line for a person; `about` names what it concerns, `hint` what to type or change."""

    level: FindingLevel
    code: str
    message: str
    about: str | None = None
    file: str | None = None
    line: int | None = None
    hint: str | None = None

    @property
    def place(self) -> str:
        """File and line as far as known."""
        if self.file is None:
            return ""
        return self.file if self.line is None else f"{self.file}:{self.line}"
