"""Which partitions a run takes of an asset, and whether two runs would write the same."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.errors import PartitionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.runs import RunTarget

_RANGE = "..."


def targeted(target: RunTarget, key: AssetKey, graph: AssetGraph) -> Sequence[str | None]:
    """The partitions of an asset that a target names, None for a whole asset.

    None at all of what is no longer cut so, for no run of it will write anything.
    """
    node = graph.nodes.get(key)
    definition = None if node is None else node.spec.partitions_def
    if definition is None:
        return [None]
    if target.partitions:
        return target.partitions
    if target.partition is None:
        return [None]
    first, is_range, last = target.partition.partition(_RANGE)
    try:
        return list(definition.range(first, last)) if is_range else [target.partition]
    except PartitionError:
        return []


def collision(one: RunTarget, other: RunTarget, graph: AssetGraph) -> AssetKey | None:
    """An asset of which both would write the same partition, or the whole: one would be refused."""
    for key in one.assets:
        if key in other.assets and _meet(targeted(one, key, graph), targeted(other, key, graph)):
            return key
    return None


def _meet(names: Sequence[str | None], others: Sequence[str | None]) -> bool:
    return not set(names).isdisjoint(others)
