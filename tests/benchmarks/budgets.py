"""Budgets: what may cost how much of what it is compared with, and how that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One budget: `ours` may be at most `target` times `reference`, both in `unit`.

    None where it could not be measured; `problems` say why, or what else is wrong with it.
    """

    budget: str
    unit: str
    target: float
    ours: float | None = None
    reference: float | None = None
    ours_peak_rss_kb: int | None = None
    reference_peak_rss_kb: int | None = None
    problems: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Ours by the reference."""
        return self.ours / self.reference if self.ours is not None and self.reference else None

    @property
    def ok(self) -> bool | None:
        """Whether it is kept; None where nothing was measured."""
        return None if self.ratio is None else self.ratio <= self.target and not self.problems

    def as_json(self) -> dict[str, Any]:
        """Everything, also what is computed."""
        return asdict(self) | {"ratio": self.ratio, "ok": self.ok}


_HEADINGS = ("budget", "ours", "reference", "ratio", "target", "")
_WORDS = {True: "ok", False: "MISSED", None: "not measured"}


def table(measured: Iterable[Measured]) -> str:
    """The budgets in columns, with what is wrong below the line it is about."""
    rows: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(_HEADINGS, ())]
    for each in measured:
        cells: tuple[str, ...] = (
            each.budget,
            _amount(each.ours, each.unit),
            _amount(each.reference, each.unit),
            _ratio(each.ratio),
            _ratio(each.target),
            _WORDS[each.ok],
        )
        rows.append((cells, each.problems))
    widths = [max(len(cells[column]) for cells, _ in rows) for column in range(len(_HEADINGS))]
    lines = []
    for cells, problems in rows:
        texts = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        lines.append("  ".join(texts).rstrip())
        lines += [f"  {problem}" for problem in problems]
    return "\n".join(lines)


def _amount(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.3g} {unit}"


def _ratio(value: float | None) -> str:
    """As people say it: 1/40 below a fifth."""
    if value is None:
        return "-"
    return f"1/{1 / value:.3g}" if 0 < value < 1 / 5 else f"{value:.3g}"
