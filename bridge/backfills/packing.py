"""Sets of partitions as runs: assets with the same partitions together, ranges without gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import or_

from bridge.backfill_policy import BackfillPolicy
from bridge.backfills.cut import WHOLE, Cut, Subsets
from bridge.keys import AssetKey
from bridge.partitions import (
    MultiPartitionsDefinition,
    PartitionsDefinition,
    PartitionsSubset,
    subset_of,
)
from bridge.partitions.time import TimeWindowPartitionsDefinition

_Range = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """Assets to compute in one run, for the partitions from `first` to `last`.

    Both are None for assets without partitions.
    """

    assets: tuple[AssetKey, ...]
    first: str | None = None
    last: str | None = None

    @property
    def partition(self) -> str | None:
        """One partition, or a range `first...last`, as runs have it."""
        return self.first if self.first == self.last else f"{self.first}...{self.last}"

    def names(self, cut: Cut) -> list[str]:
        """The partitions that it computes of each of its assets."""
        if self.first is None or self.last is None:
            return [WHOLE]
        if self.first == self.last:
            return [self.first]
        return cut.definition(self.assets[0]).range(self.first, self.last)


def packed(cut: Cut, wanted: Subsets) -> tuple[PlannedRun, ...]:
    """All that `packing` yields."""
    return tuple(packing(cut, wanted))


def packing(cut: Cut, wanted: Subsets) -> Iterator[PlannedRun]:
    """The runs for these partitions: assets of the same partitions and policy go together.

    A run has at most as many partitions as its policy allows, one without a policy, and no gap.
    """
    groups: list[tuple[PartitionsSubset, BackfillPolicy | None, list[AssetKey]]] = []
    for key, subset in wanted.items():
        policy = cut.policy(key) if cut.is_partitioned(key) else None
        for theirs, shared, keys in groups:
            if policy == shared and subset == theirs:
                keys.append(key)
                break
        else:
            groups.append((subset, policy, [key]))
    for subset, policy, keys in groups:
        for ends in _ends(cut, subset, policy, is_partitioned=cut.is_partitioned(keys[0])):
            yield PlannedRun(tuple(keys), *ends)


def packed_by_partition(cut: Cut, wanted: Subsets) -> tuple[PlannedRun, ...]:
    """All that `packing_by_partition` yields."""
    return tuple(packing_by_partition(cut, wanted))


def packing_by_partition(
    cut: Cut, wanted: Subsets, at_most: int | None = None
) -> Iterator[PlannedRun]:
    """The runs for these partitions, one for each: assets that are cut alike go together.

    With `at_most`, those of only so many partitions, the first ones, of each way to cut.
    """
    groups: list[tuple[PartitionsDefinition, dict[AssetKey, PartitionsSubset]]] = []
    for key, subset in wanted.items():
        definition = cut.definition(key)
        known = next((subsets for theirs, subsets in groups if theirs == definition), None)
        if known is None:
            groups.append((definition, {key: subset}))
        else:
            known[key] = subset
    for definition, subsets in groups:
        names = cut.names(reduce(or_, subsets.values()))
        chosen = subset_of(definition, names[:at_most], cut.now)
        keys: dict[str, list[AssetKey]] = {name: [] for name in names[:at_most]}
        for key, subset in subsets.items():
            for name in cut.names(subset & chosen):
                keys[name].append(key)
        for name, together in keys.items():
            ends = () if name == WHOLE else (name, name)
            yield PlannedRun(tuple(together), *ends)


def _ends(
    cut: Cut, subset: PartitionsSubset, policy: BackfillPolicy | None, *, is_partitioned: bool
) -> Iterator[tuple[str | None, str | None]]:
    if not is_partitioned:
        yield None, None
    elif policy is None:
        yield from ((name, name) for name in cut.names(subset))
    else:
        for names in _without_gaps(cut, subset):
            most = policy.max_partitions_per_run or len(names)
            for start in range(0, len(names), most):
                chunk = names[start : start + most]
                yield chunk[0], chunk[-1]


def _without_gaps(cut: Cut, subset: PartitionsSubset) -> Iterator[list[str]]:
    """The partitions in runs of neighbours; of several dimensions, neighbours in one of them."""
    definition = getattr(subset, "definition", None)
    if isinstance(definition, MultiPartitionsDefinition):
        yield from _without_gaps_in_one_dimension(cut, definition, cut.names(subset))
        return
    names = cut.names(subset)
    begin = 0
    for first, last in subset.ranges(cut.now):
        end = names.index(last, begin) + 1
        yield names[begin:end] if names[begin] == first else []
        begin = end


def _without_gaps_in_one_dimension(
    cut: Cut, definition: MultiPartitionsDefinition, names: Sequence[str]
) -> Iterator[list[str]]:
    parts = {name: definition.split(name) for name in names}
    along = _longest(definition, list(parts.values()))
    places = {key: place for place, key in enumerate(definition.dimension(along).keys(cut.now))}
    others = [name for name, _ in definition.dimensions if name != along]

    def line(name: str) -> tuple[str, ...]:
        return tuple(parts[name][other] for other in others)

    order = {each: number for number, each in enumerate(dict.fromkeys(map(line, names)))}
    ordered = sorted(names, key=lambda name: (order[line(name)], places[parts[name][along]]))
    for _, run in groupby(
        enumerate(ordered),
        key=lambda numbered: (
            order[line(numbered[1])],
            places[parts[numbered[1]][along]] - numbered[0],
        ),
    ):
        yield [name for _, name in run]


def _longest(definition: MultiPartitionsDefinition, parts: Sequence[dict[str, str]]) -> str:
    """The dimension with most partitions here; time where others have fewer, not where as many."""
    by_time = [
        name
        for name, each in definition.dimensions
        if isinstance(each, TimeWindowPartitionsDefinition)
    ]
    names = [name for name, _ in definition.dimensions]
    if len(by_time) == 1:
        names.sort(key=lambda name: name != by_time[0])
    return max(reversed(names), key=lambda name: len({each[name] for each in parts}))
