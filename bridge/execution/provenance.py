"""What an asset reads: the versions its inputs have as it begins, recorded with what it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        asked = partitions[:1] if graph.reads_the_same(key, dep) else partitions
        needed = [partitions_read(graph, key, name, dep, now) or [] for name in asked]
        made = store.partition_data_states(dep, {name for names in needed for name in names})
        versions = [partitions_version(names, made) for names in needed]
        if len(versions) < len(found):
            versions *= len(found)
        for read, version in zip(found, versions, strict=True):
            read[dep] = version
    return found


class OwnPast:
    """What the partitions of one call read of each other: each the ones that were made before it.

    `needed` are the partitions that each reads, `made` the newest data of all of these.
    """

    def __init__(self, needed: Sequence[Sequence[str]], made: Mapping[str, DataState]) -> None:
        self._needed = needed
        self._made = dict(made)

    def version(self, number: int) -> str:
        """The version of what the partition of this number reads of its own asset."""
        return partitions_version(self._needed[number], self._made)

    def add(self, partition: str | None, at: datetime, version: str | None) -> None:
        """Note that a partition is made now."""
        if partition is not None:
            self._made[partition] = DataState(materialized_at=at, data_version=version)


def own_past(
    key: AssetKey,
    partitions: Sequence[str | None],
    graph: AssetGraph,
    store: Store,
    now: datetime,
) -> OwnPast | None:
    """What these partitions read of each other; None for one alone, and where they do not."""
    if len(partitions) == 1 or key not in graph.nodes[key].spec.reads:
        return None
    needed = [partitions_read(graph, key, name, key, now) or [] for name in partitions]
    made = store.partition_data_states(key, {name for names in needed for name in names})
    return OwnPast(needed, made)
