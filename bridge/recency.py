"""When each asset was last brought up to date: where time cuts it, what matters is its newest part.

Computing a partition of long ago again makes nothing fresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bridge.graph import AssetGraph
from bridge.instance import Instance
from bridge.keys import AssetKey
from bridge.later import Later

if TYPE_CHECKING:
    from bridge import materialized
    from bridge.materialized import PartitionSets
    from bridge.partitions import TimeWindowPartitionsDefinition, subset, time
    from bridge.store import AssetState, Store
else:
    materialized = Later("bridge.materialized")
    subset = Later("bridge.partitions.subset")
    time = Later("bridge.partitions.time")


def last_updates(
    store: Store,
    graph: AssetGraph,
    keys: Iterable[AssetKey],
    now: datetime,
    *,
    states: Mapping[AssetKey, AssetState] | None = None,
    partitions: Mapping[AssetKey, PartitionSets] | None = None,
) -> dict[AssetKey, datetime | None]:
    """For each of these assets, the time that its freshness counts from; None if it never was.

    For windows of time: when the newest materialized window was computed, but no later than when
    the window after it had ended, since from then on a newer one was due. For all others: when any
    of it was last materialized. What is read already may be given.
    """
    wanted = list(keys)
    known = store.asset_states(wanted) if states is None else states
    cut = {key: of for key in wanted if (of := _windows(graph, key)) is not None}
    sets = materialized.partition_sets(store, cut, now) if partitions is None else partitions
    found: dict[AssetKey, datetime | None] = {}
    for key in wanted:
        state = known.get(key)
        found[key] = None if state is None else state.materialized_at
        if state is not None and key in cut and key in sets:
            found[key] = _of_windows(store, state, cut[key], sets[key], now)
    return found


class RunInstance(Instance):
    """`context.instance` in a run: the store, and which partitions each asset has."""

    __slots__ = ("_graph", "_store")

    def __init__(self, store: Store, graph: AssetGraph) -> None:
        super().__init__(store)
        self._store = store
        self._graph = graph

    def last_materialized(self, key: AssetKey, now: datetime) -> datetime | None:
        """When an asset was last brought up to date, see `last_updates`."""
        if key not in self._graph:
            return super().last_materialized(key, now)
        return last_updates(self._store, self._graph, [key], now)[key]


def _windows(graph: AssetGraph, key: AssetKey) -> TimeWindowPartitionsDefinition | None:
    definition = graph.nodes[key].spec.partitions_def
    return definition if isinstance(definition, time.TimeWindowPartitionsDefinition) else None


def _of_windows(
    store: Store,
    state: AssetState,
    definition: TimeWindowPartitionsDefinition,
    sets: PartitionSets,
    now: datetime,
) -> datetime | None:
    made = sets.materialized
    newest = made.newest(now) if isinstance(made, subset.TimeWindowPartitionsSubset) else None
    if newest is None:
        return None
    at = state.materialized_at
    if state.materialized_partition != newest:
        data = store.partition_data_states(state.key, [newest]).get(newest)
        at = None if data is None else data.materialized_at
    due = _next_due(definition, newest)
    return at if at is None or due is None else min(at, due)


def _next_due(definition: TimeWindowPartitionsDefinition, key: str) -> datetime | None:
    """When the window after this one exists, None where there will be none."""
    following = definition.next_window(definition.window(key).end)
    if definition.end is not None and following.end > definition.end:
        return None
    return definition.edge(following.end, -definition.end_offset)
