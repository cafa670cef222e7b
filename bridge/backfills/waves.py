"""Which runs a backfill asks for next, and what a failure holds back. Pure.

Two ways. While nothing is under way, a wave: what is ready, in runs as large as policies allow.
While runs are under way, what goes one partition a run, and what can go whole: neither gains by
waiting for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from itertools import chain, islice

from bridge.backfills.cut import Cut, Subsets
from bridge.backfills.packing import PlannedRun, packing, packing_by_partition
from bridge.keys import AssetKey
from bridge.partitions import PartitionsSubset

_Unit = tuple[AssetKey, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill has come: what was asked for, what of it is there, what failed."""

    requested: Subsets = field(default_factory=dict)
    materialized: Subsets = field(default_factory=dict)
    failed: Subsets = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wave:
    """The runs to ask for now; `blocked` failed, or read what did."""

    runs: tuple[PlannedRun, ...]
    blocked: Subsets


def next_wave(cut: Cut, target: Subsets, progress: Progress, *, at_most: int | None = None) -> Wave:
    """The runs to ask for next, none where all that is left waits or is blocked.

    Only the first so many where there are more than `at_most`; the others come next time.
    """
    blocked = blocked_by(cut, target, progress.failed)
    planning = _Planning(cut, target, progress, blocked)
    if any(under_way(cut, progress).values()):
        wanted = planning.ready_now()
        ones = {key: subset for key, subset in wanted.items() if cut.takes_one(key)}
        ranges = {key: subset for key, subset in wanted.items() if key not in ones}
        runs = chain(packing_by_partition(cut, ones, at_most), packing(cut, ranges))
    else:
        runs = chain(packing(cut, planning.wave()))
    return Wave(tuple(islice(runs, at_most)), blocked)


def planned_waves(cut: Cut, target: Subsets) -> Iterator[tuple[PlannedRun, ...]]:
    """The runs wave by wave, if nothing fails."""
    done: dict[AssetKey, PartitionsSubset] = {}
    while runs := next_wave(cut, target, Progress(done, done)).runs:
        yield runs
        for key, subset in computed(cut, runs).items():
            done[key] = done.get(key, cut.none(key)) | subset


def computed(cut: Cut, runs: Iterable[PlannedRun]) -> Subsets:
    """All partitions of all assets that these runs compute."""
    names: dict[AssetKey, list[str]] = {}
    for run in runs:
        of_run = run.names(cut)
        for key in run.assets:
            names.setdefault(key, []).extend(of_run)
    return {key: cut.some(key, each) for key, each in names.items()}


def under_way(cut: Cut, progress: Progress) -> Subsets:
    """What was asked for and has not ended."""
    none = cut.none
    return {
        key: subset
        - progress.materialized.get(key, none(key))
        - progress.failed.get(key, none(key))
        for key, subset in progress.requested.items()
    }


def blocked_by(cut: Cut, target: Subsets, failed: Subsets) -> Subsets:
    """What failed, and all of the target that reads it, directly or not."""
    blocked: dict[AssetKey, PartitionsSubset] = {}
    for key in cut.graph.order:
        if key not in target:
            continue
        found = failed.get(key, cut.none(key)) & target[key]
        for parent in cut.parents(key):
            if parent != key and parent in blocked:
                found |= cut.read_by(blocked[parent], parent, key) & target[key]
        new = found if cut.graph.self_mapping(key) is not None else cut.none(key)
        while new:
            new = (cut.read_by(new, key, key) & target[key]) - found
            found |= new
        if found:
            blocked[key] = found
    return blocked


def left(cut: Cut, target: Subsets, progress: Progress, blocked: Subsets) -> Subsets:
    """What of the target is neither there nor blocked."""
    none = cut.none
    found = {
        key: subset - progress.materialized.get(key, none(key)) - blocked.get(key, none(key))
        for key, subset in target.items()
    }
    return {key: subset for key, subset in found.items() if subset}


class _Planning:
    """One look at a backfill: which partitions can be asked for now."""

    def __init__(self, cut: Cut, target: Subsets, progress: Progress, blocked: Subsets) -> None:
        self._cut = cut
        self._target = target
        self._progress = progress
        none = cut.none
        self._open = {
            key: subset
            - blocked.get(key, none(key))
            - progress.materialized.get(key, none(key))
            - progress.requested.get(key, none(key))
            for key, subset in target.items()
        }
        self._chosen: dict[AssetKey, PartitionsSubset] = {}

    def wave(self) -> Subsets:
        """What can be asked for while nothing is under way, as the reference decides it."""
        candidates = self._first()
        for unit in self._units():
            for key in unit:
                if any(self._has_ended(parent) for parent in self._cut.parents(key)):
                    candidates[key] = self._open[key]
            candidate = self._shared(unit, candidates)
            for key in unit:
                candidate = self._eligible(key, unit, candidate, whole=candidate)
            if not candidate:
                continue
            for key in unit:
                self._chosen[key] = candidate
                for child in self._cut.graph.downstream(key):
                    if child in self._open:
                        reading = self._cut.read_by(candidate, key, child)
                        candidates[child] |= reading & self._open[child]
        return self._chosen

    def ready_now(self) -> Subsets:
        """What can be asked for although runs are under way.

        One partition a run: all that it reads is there, or computed before it in the same run.
        Several a run: only where all that is left of it can go.
        """
        for unit in self._units():
            left_over = candidate = self._shared(unit, self._open)
            if all(self._cut.takes_one(key) for key in unit):
                for key in unit:
                    candidate = self._ready(key, unit, candidate)
            else:
                for key in unit:
                    candidate = self._eligible(key, unit, candidate, whole=candidate)
                candidate = candidate if candidate == left_over else self._cut.none(unit[0])
            if candidate:
                self._chosen.update(dict.fromkeys(unit, candidate))
        return self._chosen

    def _ready(self, key: AssetKey, unit: _Unit, candidate: PartitionsSubset) -> PartitionsSubset:
        """The candidates that read nothing that is still to come, but in their own run."""
        for parent in self._parents(key):
            if parent in unit and parent != key:
                continue
            lacking = self._lacking(key, parent, candidate)
            if parent != key and self._can_share_a_run(key, parent):
                lacking -= self._chosen.get(parent, self._cut.none(parent))
            candidate -= self._cut.read_by(lacking, parent, key)
        return candidate

    def _first(self) -> dict[AssetKey, PartitionsSubset]:
        """What no asset of the target leads to, also over partitions that are not in the target."""
        reached: dict[AssetKey, PartitionsSubset] = {}
        first: dict[AssetKey, PartitionsSubset] = {}
        for key in self._cut.graph.order:
            if key not in self._target:
                continue
            found = self._cut.none(key)
            for parent in self._cut.graph.upstream(key):
                if parent in reached:
                    found |= self._cut.read_by(reached[parent], parent, key)
            first[key] = (self._target[key] - found) & self._open[key]
            reached[key] = self._target[key] | found
        return first

    def _units(self) -> Iterator[_Unit]:
        """Assets that only one call can compute together, after all that they read."""
        graph = self._cut.graph
        units: dict[AssetKey, _Unit] = {}
        for key in graph.order:
            if key in self._target:
                definition = graph.nodes[key].definition
                whole = definition is not None and not definition.can_subset
                units[key] = definition.keys if whole and definition is not None else (key,)
        if all(len(unit) == 1 for unit in units.values()):
            yield from units.values()
            return
        sorter: TopologicalSorter[_Unit] = TopologicalSorter()
        for unit in dict.fromkeys(units.values()):
            before = {units[dep] for key in unit for dep in graph.upstream(key) if dep in units}
            sorter.add(unit, *(before - {unit}))
        yield from sorter.static_order()

    def _shared(self, unit: _Unit, candidates: Subsets) -> PartitionsSubset:
        """The candidates of any asset of a unit that all of it still has to compute."""
        found = candidates[unit[0]]
        for key in unit[1:]:
            found |= candidates[key]
        for key in unit:
            found &= self._open[key]
        return found

    def _parents(self, key: AssetKey) -> list[AssetKey]:
        return [parent for parent in self._cut.parents(key) if parent in self._target]

    def _has_ended(self, key: AssetKey) -> bool:
        progress = self._progress
        return bool(progress.materialized.get(key) or progress.failed.get(key))

    def _lacking(
        self, key: AssetKey, parent: AssetKey, candidate: PartitionsSubset
    ) -> PartitionsSubset:
        """What the candidates read of a parent that is to be computed and not there yet."""
        needed = self._cut.read_of(candidate, key, parent).partitions & self._target[parent]
        return needed - self._progress.materialized.get(parent, self._cut.none(parent))

    def _eligible(
        self, key: AssetKey, unit: _Unit, candidate: PartitionsSubset, *, whole: PartitionsSubset
    ) -> PartitionsSubset:
        """The candidates that can be asked for now, after or together with what they read."""
        is_with_parent = any(self._chosen.get(parent) for parent in self._parents(key))
        for parent in self._parents(key):
            if not candidate:
                break
            lacking = self._lacking(key, parent, candidate)
            waiting = self._cut.read_by(lacking, parent, key) & candidate
            if not waiting:
                continue
            if parent == key:
                candidate = self._own_past(key, candidate, waiting, lacking)
            elif not self._goes_along(key, parent, unit, candidate, whole):
                # some of it apart would be a run beside its parent's, not after it
                candidate = self._cut.none(key) if is_with_parent else candidate - waiting
        return candidate

    def _own_past(
        self,
        key: AssetKey,
        candidate: PartitionsSubset,
        waiting: PartitionsSubset,
        lacking: PartitionsSubset,
    ) -> PartitionsSubset:
        """Of an asset that reads its own past, as much as one run may compute in order."""
        policy = self._cut.policy(key)
        if policy is None:
            return candidate - waiting
        if lacking - candidate:
            candidate -= waiting
        most = policy.max_partitions_per_run
        if most is None:
            return candidate
        return self._cut.some(key, self._cut.names(candidate)[:most])

    def _goes_along(
        self,
        key: AssetKey,
        parent: AssetKey,
        unit: _Unit,
        candidate: PartitionsSubset,
        whole: PartitionsSubset,
    ) -> bool:
        """Whether a run that computes the parent can compute all the candidates after it."""
        cut, chosen = self._cut, self._chosen.get(parent)
        if candidate not in (chosen, whole if parent in unit else None):
            return False
        if cut.policy(parent) != cut.policy(key) or cut.definition(parent) != cut.definition(key):
            return False
        if chosen and parent not in unit and cut.graph.self_mapping(key) is not None:
            return False
        if cut.goes_by_key(key, parent):
            return True
        policy, asked = cut.policy(parent), len(chosen or ())
        if policy is None or self._target[parent] != self._target[key]:
            return False
        most = policy.max_partitions_per_run
        return (most is None or most > asked) and asked == len(self._target[parent])

    def _can_share_a_run(self, key: AssetKey, parent: AssetKey) -> bool:
        cut = self._cut
        return (
            cut.takes_one(parent)
            and cut.goes_by_key(key, parent)
            and cut.graph.self_mapping(key) is None
            and cut.definition(parent) == cut.definition(key)
        )
