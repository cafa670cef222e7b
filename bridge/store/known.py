"""A graph that knows which partitions the store holds: asked wherever the two meet."""

from __future__ import annotations

from bridge.graph import AssetGraph
from bridge.store.protocol import Store


def with_known_partitions(graph: AssetGraph, store: Store) -> AssetGraph:
    """The same graph, its dynamic partitions as they are in the store now.

    A graph without any is returned as it is, and the store is not asked.
    """
    names = graph.dynamic_partitions
    if not names:
        return graph
    return graph.with_dynamic_partitions({name: store.dynamic_partitions(name) for name in names})
