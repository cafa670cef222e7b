"""Budgets: what may cost how much of what it is compared with, and how that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One budget: `ours` may be at most `target` times `reference`, and `at_most`, all in `unit`.

    None where it could not be measured; `problems` say why, or what else is wrong with it.
    `growth` is what ours costs for other numbers of assets.
    """

    budget: str
    unit: str
    target: float | None
    at_most: float | None = None
    ours: float | None = None
    reference: float | None = None
    ours_peak_rss_kb: int | None = None
    reference_peak_rss_kb: int | None = None
    problems: tuple[str, ...] = ()
    growth: Mapping[int, float] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Ours by the reference."""
        return self.ours / self.reference if self.ours is not None and self.reference else None

    @property
    def ok(self) -> bool | None:
        """Whether it is kept; None where nothing was measured."""
        if self.ours is None or (self.target is not None and self.ratio is None):
            return None
        kept = self.target is None or (self.ratio is not None and self.ratio <= self.target)
        return kept and not self.problems and (self.at_most is None or self.ours <= self.at_most)

    def as_json(self) -> dict[str, Any]:
        """Everything, also what is computed."""
        return asdict(self) | {"ratio": self.ratio, "ok": self.ok}


_HEADINGS = ("budget", "ours", "reference", "ratio", "target", "", "peak", "")
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
            _target(each),
            _WORDS[each.ok],
            _megabytes(each.ours_peak_rss_kb),
            _megabytes(each.reference_peak_rss_kb),
        )
        grown = (f"{count:,}: {_amount(value, each.unit)}" for count, value in each.growth.items())
        growth = (f"ours for {', '.join(grown)}",) if each.growth else ()
        rows.append((cells, (*growth, *each.problems)))
    widths = [max(len(cells[column]) for cells, _ in rows) for column in range(len(_HEADINGS))]
    lines = []
    for cells, problems in rows:
        texts = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        lines.append("  ".join(texts).rstrip())
        lines += [f"  {problem}" for problem in problems]
    return "\n".join(lines)


def _amount(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.3g} {unit}"


def _target(each: Measured) -> str:
    """What it may be, beside the reference and at all."""
    most = None if each.at_most is None else f"{each.at_most:g} {each.unit}"
    beside = None if each.target is None else _ratio(each.target)
    return " and ".join(text for text in (beside, most) if text)


def _megabytes(kilobytes: int | None) -> str:
    return "-" if kilobytes is None else f"{kilobytes / 1024:.0f} MB"


def _ratio(value: float | None) -> str:
    """As people say it: 1/40 below a fifth."""
    if value is None:
        return "-"
    return f"1/{1 / value:.3g}" if 0 < value < 1 / 5 else f"{value:.3g}"
