"""The findings by what there is to do about them, and within that by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.airflow.legacy.findings.themes import OTHERS, THEMES, Theme, theme_of
from bridge.findings import Finding, FindingLevel

_LEVELS: tuple[FindingLevel, ...] = ("problem", "warning", "note")
_SIGNS = {"problem": ("✗", "bad"), "warning": ("!", "warn"), "note": ("·", "mute")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """All findings of one code and level."""

    level: FindingLevel
    code: str
    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """The code for people."""
        return self.code.replace("_", " ")

    @property
    def sign(self) -> str:
        """Before its name."""
        return _SIGNS[self.level][0]

    @property
    def tone(self) -> str:
        """The class of its colour."""
        return _SIGNS[self.level][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All findings of a theme; its kinds begin with the worst."""

    theme: Theme
    kinds: tuple[Kind, ...]

    @property
    def level(self) -> FindingLevel:
        """The worst there is."""
        return self.kinds[0].level

    @property
    def sign(self) -> str:
        """That of its worst kind."""
        return self.kinds[0].sign

    @property
    def tone(self) -> str:
        """That of its worst kind."""
        return self.kinds[0].tone

    @property
    def words(self) -> str:
        """`2 problems, 1 warning`; notes call for nothing."""
        return counted(
            [found for kind in self.kinds for found in kind.findings if kind.level != "note"]
        )


def groups_of(findings: Sequence[Finding]) -> tuple[Group, ...]:
    """In the order of what to do first; themes without a finding are left out."""
    kinds: dict[tuple[FindingLevel, str], list[Finding]] = {}
    for level in _LEVELS:
        for found in findings:
            if found.level == level:
                kinds.setdefault((level, found.code), []).append(found)
    by_theme: dict[Theme, list[Kind]] = {theme: [] for theme in (*THEMES, OTHERS)}
    for (level, code), alike in kinds.items():
        ordered = sorted(alike, key=lambda one: (one.file or "", one.line or 0, one.message))
        by_theme[theme_of(code)].append(Kind(level=level, code=code, findings=tuple(ordered)))
    return tuple(
        Group(theme=theme, kinds=tuple(found)) for theme, found in by_theme.items() if found
    )


def counted(findings: Sequence[Finding]) -> str:
    """`2 problems, 1 note`; empty for none."""
    words = []
    for level in _LEVELS:
        number = sum(found.level == level for found in findings)
        if number:
            words.append(f"{number:,} {level}{'' if number == 1 else 's'}")
    return ", ".join(words)
