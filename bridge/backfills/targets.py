"""What a backfill is to compute: partitions of assets, settled before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bridge.backfills.cut import Cut, Subsets
from bridge.errors import PartitionError, SelectionError
from bridge.keys import AssetKey
from bridge.partitions import PartitionsSubset

_SHOWN = 5


def whole_target(cut: Cut, keys: Iterable[AssetKey]) -> Subsets:
    """All partitions of these assets that exist.

    Raises SelectionError where nothing is left to compute, PartitionError where a partition could
    never be computed.
    """
    return _settled(cut, {key: cut.all(key) for key in _ours(cut, keys)})


def partitions_target(cut: Cut, wanted: Mapping[AssetKey, Collection[str] | None]) -> Subsets:
    """These partitions of each asset; None is all of them, or the whole asset.

    Raises like `whole_target`, and PartitionError for a partition that does not exist.
    """
    target: dict[AssetKey, PartitionsSubset] = {}
    for key in _ours(cut, wanted):
        names = wanted[key]
        if not cut.is_partitioned(key) and names:
            raise PartitionError(f"{key} has no partitions; leave out {', '.join(names)}.")
        if names is None or not cut.is_partitioned(key):
            target[key] = cut.all(key)
        else:
            target[key] = _existing(cut, key, names)
    return _settled(cut, target)


def roots_target(
    cut: Cut, keys: Iterable[AssetKey], names: Collection[str], *, is_range: bool = False
) -> Subsets:
    """These partitions of the first partitioned assets among `keys`, and what reads them.

    With `is_range`, `names` are the first and the last of a range.

    Downstream follows through the mappings, as far as partitioned assets among `keys` go; assets
    without partitions are computed too. Raises like `partitions_target`, and PartitionError where
    the first assets are not all cut alike.
    """
    chosen = _ours(cut, keys)
    partitioned = [key for key in chosen if cut.is_partitioned(key)]
    roots = [key for key in partitioned if not cut.graph.all_upstream(key) & set(partitioned)]
    if not roots:
        raise PartitionError(
            f"None of the selected assets has partitions; leave out {', '.join(names)}."
        )
    definition = cut.definition(roots[0])
    for root in roots[1:]:
        if cut.definition(root) != definition:
            raise PartitionError(
                f"{roots[0]} and {root} are both the first of their partitions, and cut "
                f"differently: {', '.join(names)} cannot mean both. Backfill one at a time, or "
                "name the partitions of each."
            )
    if is_range:
        names = _range(cut, roots[0], *names)
    target: dict[AssetKey, PartitionsSubset] = {root: _existing(cut, root, names) for root in roots}
    inside = set(partitioned)
    for key in cut.graph.order:
        if key not in target:
            continue
        for child in cut.graph.downstream(key):
            if child in inside:
                reading = cut.read_by(target[key], key, child)
                target[child] = target.get(child, cut.none(child)) | reading
    target |= {key: cut.all(key) for key in chosen if not cut.is_partitioned(key)}
    return _settled(cut, target)


def limited(target: Subsets, to: Subsets) -> Subsets:
    """What of a target is also in `to`."""
    kept = {key: target[key] & to[key] for key in target if key in to}
    return {key: subset for key, subset in kept.items() if subset}


def size(target: Subsets) -> int:
    """How many partitions of assets these are."""
    return sum(len(subset) for subset in target.values())


def _ours(cut: Cut, keys: Iterable[AssetKey]) -> list[AssetKey]:
    """Those that we can compute, upstream first."""
    chosen = set(keys)
    ours = [key for key in cut.graph.order if key in chosen and cut.graph.nodes[key].is_executable]
    if chosen and not ours:
        raise SelectionError(
            f"Nothing to backfill: no @asset of ours computes {', '.join(map(str, chosen))}."
        )
    for key in ours:
        definition = cut.graph.nodes[key].definition
        if definition is None or definition.can_subset or chosen.issuperset(definition.keys):
            continue
        left = ", ".join(str(each) for each in definition.keys if each not in chosen)
        raise SelectionError(
            f"{definition.name} cannot compute {key} without {left}: select all, or give it "
            f"can_subset=True. At {definition.place}"
        )
    return ours


def _range(cut: Cut, key: AssetKey, first: str, last: str) -> list[str]:
    definition = cut.definition(key)
    for edge in (first, last):
        definition.require(edge, cut.now, key)
    names = definition.range(first, last)
    if not names:
        raise PartitionError(f"The range {first}...{last} ends before it begins.")
    return names


def _existing(cut: Cut, key: AssetKey, names: Collection[str]) -> PartitionsSubset:
    definition = cut.definition(key)
    known = cut.all(key)
    for name in names:
        if name not in known:
            definition.require(name, cut.now, key)
    return cut.some(key, names)


def _settled(cut: Cut, target: dict[AssetKey, PartitionsSubset]) -> Subsets:
    """The target without what is empty; refuses what needs a partition that can never be."""
    settled = {key: target[key] for key in cut.graph.order if target.get(key)}
    if not settled:
        raise SelectionError("Nothing to backfill: none of the selected assets has a partition.")
    for key, subset in settled.items():
        for parent in cut.parents(key):
            impossible = cut.read_of(subset, key, parent).impossible
            if impossible:
                shown = ", ".join(impossible[:_SHOWN])
                more = f" and {len(impossible) - _SHOWN} more" if len(impossible) > _SHOWN else ""
                raise PartitionError(
                    f"{key} needs partitions of {parent} that do not exist: {shown}{more}. Leave "
                    "out what reads them, or let the partition_mapping allow it. At "
                    f"{cut.graph.nodes[key].spec.place}"
                )
    return settled
