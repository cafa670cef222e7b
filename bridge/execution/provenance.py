"""What an asset reads: the versions its inputs have as it begins, recorded with what it makes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.staleness import asset_version, partitions_read, partitions_version
from bridge.store import DataState, Store

_NOTHING = DataState()


def input_versions(
    key: AssetKey,
    partitions: Sequence[str | None],
    graph: AssetGraph,
    store: Store,
    now: datetime,
) -> list[dict[AssetKey, str]]:
    """For each partition, the version of each direct upstream and of its own earlier partitions.

    One query for all upstream without partitions, one more for each with, however many partitions.
    Asked before values are loaded: what changes in between makes the step's data out of sync, never
    wrongly in sync.
    """
    deps = graph.nodes[key].spec.reads
    found: list[dict[AssetKey, str]] = [{} for _ in partitions]
    if not deps:
        return found
    whole = [dep for dep in deps if graph.nodes[dep].spec.partitions_def is None]
    states = store.data_states(whole) if whole else {}
    for dep in deps:
        if graph.nodes[dep].spec.partitions_def is None:
            version = asset_version(graph.nodes[dep], states.get(dep, _NOTHING))
            for read in found:
                read[dep] = version
            continue
        needed = [partitions_read(graph, key, name, dep, now) or [] for name in partitions]
        made = store.partition_data_states(dep, {name for names in needed for name in names})
        for read, names in zip(found, needed, strict=True):
            read[dep] = partitions_version(names, made)
    return found
