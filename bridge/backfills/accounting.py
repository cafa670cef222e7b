"""How the runs of a backfill ended, partition by partition. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from bridge.backfills.cut import WHOLE, Cut, Subsets
from bridge.backfills.targets import size
from bridge.keys import AssetKey
from bridge.partitions import PartitionsSubset
from bridge.runs import Run
from bridge.store import BackfillCounts, Made

_RANGE = "..."


@dataclass(frozen=True, slots=True)
class Ledger:
    """All partitions that a backfill asked for, by how they ended.

    `omitted` were left out by their function. `interrupted` lost their run once, and were asked for
    again.
    """

    requested: Subsets = field(default_factory=dict)
    materialized: Subsets = field(default_factory=dict)
    failed: Subsets = field(default_factory=dict)
    omitted: Subsets = field(default_factory=dict)
    interrupted: Subsets = field(default_factory=dict)

    def of(self, key: AssetKey) -> Ledger:
        """The part that is about one asset."""
        return Ledger(**{each.name: of(getattr(self, each.name), key) for each in fields(Ledger)})


@dataclass(frozen=True, slots=True)
class Account:
    """A ledger after runs were entered; `asks_again` where partitions are to be asked for anew."""

    ledger: Ledger
    asks_again: bool


class _Names:
    """Names of partitions, asset by asset."""

    def __init__(self) -> None:
        self.of: dict[AssetKey, set[str]] = {}

    def add(self, key: AssetKey, names: Iterable[str]) -> None:
        self.of.setdefault(key, set()).update(names)

    def subsets(self, cut: Cut) -> Subsets:
        return {key: cut.some(key, names) for key, names in self.of.items() if names}


def entered(
    cut: Cut, ledger: Ledger, runs: Sequence[Run], made: Sequence[Made], *, is_stopping: bool
) -> Account:
    """The ledger with these ended runs.

    What a killed run left undone is asked for once more; what a canceled one did, too, where all of
    the backfill `is_stopping`, and has failed otherwise.
    """
    computed: dict[tuple[str, AssetKey], set[str]] = {}
    stopped: dict[tuple[str, AssetKey], set[str]] = {}
    for each in made:
        to = stopped if each.is_stopped else computed
        to.setdefault((each.run_id, each.key), set()).add(each.partition or WHOLE)
    done, failed, omitted, again, lost = (_Names() for _ in range(5))
    for run in runs:
        for key in run.target.assets:
            there = computed.get((run.id, key), set())
            held = stopped.get((run.id, key), set())
            rest = _names(cut, key, run.target.partition) - there - held
            done.add(key, there)
            failed.add(key, held)
            if run.status == "succeeded":
                omitted.add(key, rest)
            elif is_stopping or (run.status == "canceled" and run.was_cut_off):
                again.add(key, rest)
            elif run.was_cut_off:
                known = ledger.interrupted.get(key, cut.none(key))
                twice = {name for name in rest if name in known}
                failed.add(key, twice)
                again.add(key, rest - twice)
                lost.add(key, rest - twice)
            else:
                failed.add(key, rest)
    anew = again.subsets(cut)
    return Account(
        Ledger(
            requested=without(ledger.requested, anew),
            materialized=union(ledger.materialized, done.subsets(cut)),
            failed=union(ledger.failed, failed.subsets(cut)),
            omitted=union(ledger.omitted, omitted.subsets(cut)),
            interrupted=union(ledger.interrupted, lost.subsets(cut)),
        ),
        bool(anew),
    )


def open_of(ledger: Ledger) -> Subsets:
    """What was asked for and has not ended."""
    ended = union(union(ledger.materialized, ledger.failed), ledger.omitted)
    return without(ledger.requested, ended)


def given_up(ledger: Ledger) -> Ledger:
    """The ledger where nothing is under way any more: what has not ended has failed."""
    return replace(ledger, failed=union(ledger.failed, open_of(ledger)))


def counts(target: Subsets, ledger: Ledger, blocked: Subsets) -> BackfillCounts:
    """How many partitions are in which state; `blocked` holds what failed, too."""
    held = union(union(ledger.failed, ledger.omitted), ledger.materialized)
    return BackfillCounts(
        total=size(target),
        materialized=size(ledger.materialized),
        failed=size(ledger.failed),
        omitted=size(ledger.omitted),
        blocked=size(without(blocked, held)),
        under_way=size(open_of(ledger)),
    )


def of(subsets: Subsets, key: AssetKey) -> Subsets:
    """The part that is about one asset."""
    return {key: subsets[key]} if key in subsets else {}


def union(one: Subsets, other: Subsets) -> Subsets:
    """What is in either."""
    found: dict[AssetKey, PartitionsSubset] = dict(one)
    for key, subset in other.items():
        found[key] = found[key] | subset if key in found else subset
    return found


def without(one: Subsets, other: Subsets) -> Subsets:
    """What is in the first only."""
    found = {key: subset - other[key] if key in other else subset for key, subset in one.items()}
    return {key: subset for key, subset in found.items() if subset}


def _names(cut: Cut, key: AssetKey, partition: str | None) -> set[str]:
    if partition is None or not cut.is_partitioned(key):
        return {WHOLE}
    first, is_range, last = partition.partition(_RANGE)
    return set(cut.definition(key).range(first, last)) if is_range else {partition}


def as_plain(subsets: Subsets) -> Mapping[str, Mapping[str, str | list[str]]]:
    """Sets of partitions as the store keeps them."""
    return {str(key): subset.to_value() for key, subset in subsets.items() if subset}
