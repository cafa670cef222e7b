"""Findings as lines: what is wrong first, then place and hint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from bridge.cli.terminal import symbol

if TYPE_CHECKING:
    from bridge.findings import Finding

_ORDER = ("problem", "warning", "note")


def print_findings(say: Callable[[Text], None], findings: Iterable[Finding]) -> None:
    """One line each, problems first."""
    for found in sorted(findings, key=lambda finding: _ORDER.index(finding.level)):
        say(finding_line(found, note="hint"))


def finding_line(found: Finding, note: str = "note") -> Text:
    """`  ! about   message   file:line   hint`; `note` is the word whose symbol a note gets."""
    return Text.assemble(
        "  ",
        symbol(note if found.level == "note" else found.level),
        " ",
        f"{found.about}  " if found.about else "",
        found.message,
        (f"  {found.place}" if found.place else "", "dim"),
        f"   {found.hint}" if found.hint else "",
    )
