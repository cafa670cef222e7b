"""What an asset reads: the versions its inputs have as it begins, recorded with what it makes."""

from __future__ import annotations

from datetime import datetime

from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.staleness import asset_version, partitions_read, partitions_version
from bridge.store import DataState, Store

_NOTHING = DataState()


def input_versions(
    key: AssetKey, partition: str | None, graph: AssetGraph, store: Store, now: datetime
) -> dict[AssetKey, str]:
    """The version of each direct upstream, and of its own earlier partitions where it reads some.

    One query for all upstream without partitions, one more for each with. Asked before values are
    loaded: what changes in between makes the step's data out of sync, never wrongly in sync.
    """
    deps = graph.nodes[key].spec.reads
    if not deps:
        return {}
    needed = {dep: partitions_read(graph, key, partition, dep, now) for dep in deps}
    whole = [dep for dep, names in needed.items() if names is None]
    states = store.data_states(whole) if whole else {}
    return {
        dep: asset_version(graph.nodes[dep], states.get(dep, _NOTHING))
        if names is None
        else partitions_version(names, store.partition_data_states(dep, names))
        for dep, names in needed.items()
    }
