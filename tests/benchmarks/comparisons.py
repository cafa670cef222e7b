"""The table of budgets that both sides answer alike: what is asked of them, and what it may cost.

A measure that starts workers (several processes) has a side of its own; it belongs here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.budgets import Measured
from tests.benchmarks.measuring import Samples, by_turns, run_once

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One number of a measure: at most `target` times the reference's, and at most `at_most`."""

    title: str
    unit: str
    number: Callable[[Row], float]
    target: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A measure that both sides know, with how many of what; Dagster may be given fewer.

    `peer_count` is None where Dagster has no such thing. `growth` is asked of our side only.
    Dagster is not run more often than `most_rounds`, nor warmed up where that is one.
    """

    measure: str
    count: int
    peer_count: int | None
    budgets: tuple[Budget, ...]
    growth: tuple[int, ...] = ()
    most_rounds: int = 3


def _ms(row: Row) -> float:
    return float(row["cpu_s"]) * 1000


def _s(row: Row) -> float:
    return float(row["cpu_s"])


def _ms_each(row: Row) -> float:
    return _ms(row) / int(row["count"])


def _us_each(row: Row) -> float:
    return _ms_each(row) * 1000


def _wall_s_for_1000(row: Row) -> float:
    return float(row["wall_s"]) / int(row["count"]) * 1000


def _ms_wall_each(row: Row) -> float:
    return float(row["wall_s"]) * 1000 / int(row["count"])


def _peak_mb(row: Row) -> float:
    return int(row["peak_rss_kb"]) / 1024


_GROWTH = (1_000, 5_000, 10_000)
_DEFINE = "define, build and validate"

COMPARISONS = (
    Comparison(
        measure="graph",
        count=1_000,
        peer_count=1_000,
        budgets=(
            Budget(title=f"{_DEFINE} 1,000 assets", unit="ms CPU", number=_ms, target=1 / 25),
        ),
        growth=_GROWTH,
    ),
    Comparison(
        measure="graph",
        count=10_000,
        peer_count=10_000,
        most_rounds=1,
        budgets=(
            Budget(title=f"{_DEFINE} 10,000 assets", unit="s CPU", number=_s, target=1 / 40),
            Budget(
                title="memory with 10,000 assets loaded", unit="MB", number=_peak_mb, target=1 / 2
            ),
        ),
    ),
    Comparison(
        measure="graph",
        count=100_000,
        peer_count=None,
        budgets=(Budget(title=f"{_DEFINE} 100,000 assets", unit="s CPU", number=_s, at_most=10),),
    ),
    Comparison(
        measure="record",
        count=1_000,
        peer_count=200,
        budgets=(
            Budget(
                title="record one event from outside", unit="ms CPU", number=_ms_each, target=1 / 20
            ),
        ),
    ),
    Comparison(
        measure="bulk",
        count=100_000,
        peer_count=None,
        budgets=(
            Budget(
                title="record 100,000 events at once, each",
                unit="us CPU",
                number=_us_each,
                at_most=25,
            ),
        ),
    ),
    Comparison(
        measure="latest",
        count=1_000,
        peer_count=1_000,
        budgets=(
            Budget(
                title="latest materialization of 1,000 assets",
                unit="ms CPU",
                number=_ms,
                target=1 / 25,
            ),
        ),
        growth=_GROWTH,
    ),
    Comparison(
        measure="missing",
        count=100_000,
        peer_count=100_000,
        most_rounds=2,
        budgets=(
            Budget(
                title="missing of 100,000 hourly partitions, new process",
                unit="ms CPU",
                number=_ms,
                target=1 / 100,
                at_most=50,
            ),
        ),
    ),
    Comparison(
        measure="missing-unsummarised",
        count=100_000,
        peer_count=None,
        budgets=(
            Budget(
                title="the same where nothing was summarised yet",
                unit="ms CPU",
                number=_ms,
                at_most=100,
            ),
        ),
    ),
    Comparison(
        measure="staleness",
        count=5_000,
        peer_count=5_000,
        most_rounds=2,
        budgets=(
            Budget(
                title="staleness of 5,000 assets, inherited too",
                unit="ms CPU",
                number=_ms,
                target=1 / 30,
            ),
        ),
        growth=_GROWTH,
    ),
    Comparison(
        measure="keys-utc",
        count=87_672,
        peer_count=87_672,
        budgets=(
            Budget(title="10 years of hourly keys, UTC", unit="ms CPU", number=_ms, target=1 / 10),
        ),
    ),
    Comparison(
        measure="keys-new-york",
        count=87_672,
        peer_count=87_672,
        budgets=(
            Budget(
                title="10 years of hourly keys, New York", unit="ms CPU", number=_ms, target=1 / 10
            ),
        ),
    ),
    Comparison(
        measure="plan",
        count=1_000,
        peer_count=1_000,
        budgets=(
            Budget(
                title="plan 1,000 partitions of 5 assets", unit="ms CPU", number=_ms, target=1 / 4
            ),
        ),
    ),
    Comparison(
        measure="persist",
        count=1_000,
        peer_count=10,
        budgets=(
            Budget(
                title="persist the 1,000 runs", unit="s wall", number=_wall_s_for_1000, at_most=1
            ),
        ),
    ),
    Comparison(
        measure="workers",
        count=200,
        peer_count=20,
        most_rounds=1,
        budgets=(
            Budget(
                title="materialize in 2 workers, each",
                unit="ms wall",
                number=_ms_wall_each,
                target=1 / 30,
            ),
        ),
    ),
    Comparison(
        measure="workers-preloaded",
        count=200,
        peer_count=20,
        most_rounds=1,
        budgets=(
            Budget(
                title="the same, Dagster with a preloaded fork server",
                unit="ms wall",
                number=_ms_wall_each,
                target=1 / 15,
            ),
        ),
    ),
)


def compare(comparison: Comparison, python: str, peers: str | None, rounds: int) -> list[Measured]:
    """One verdict a budget; what Dagster is not there for has only what is asked of us alone."""
    ask = [python, "-m", "tests.benchmarks.side_bridge", comparison.measure]
    sides = {"ours": [*ask, str(comparison.count)]}
    if peers is not None and comparison.peer_count is not None:
        side = [peers, "-W", "ignore", "-m", "tests.benchmarks.side_dagster", comparison.measure]
        sides["reference"] = [*side, str(comparison.peer_count)]
    rounds = min(rounds, comparison.most_rounds)
    samples = by_turns(sides, rounds, warm=rounds > 1)
    grown = {count: run_once([*ask, str(count)]) for count in comparison.growth}
    return [_verdict(budget, comparison, samples, grown) for budget in comparison.budgets]


def _verdict(
    budget: Budget, comparison: Comparison, samples: Mapping[str, Samples], grown: Mapping[int, Row]
) -> Measured:
    ours, reference = samples["ours"], samples.get("reference")
    words = budget.title
    fewer = comparison.peer_count not in (None, comparison.count)
    if fewer and reference is not None:
        words += f" (Dagster: {comparison.peer_count:,})"
    return Measured(
        budget=words,
        unit=budget.unit,
        target=budget.target,
        at_most=budget.at_most,
        ours=ours.median_of(budget.number),
        reference=None if reference is None else reference.median_of(budget.number),
        ours_peak_rss_kb=int(ours.median("peak_rss_kb")),
        reference_peak_rss_kb=None if reference is None else int(reference.median("peak_rss_kb")),
        growth={count: budget.number(row) for count, row in grown.items()},
        details={name: [dict(row) for row in each.rows] for name, each in samples.items()},
    )
