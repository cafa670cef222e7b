"""A graph that knows which partitions the store holds: asked wherever the two meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from weakref import WeakKeyDictionary

from bridge.graph import AssetGraph
from bridge.store.dynamic import mark_of
from bridge.store.protocol import Store

_Marks: TypeAlias = Mapping[str, "str | None"]
# What was made of a graph last, and for which marks; None stands for the graph itself. Steps of a
# run ask one after the other, and 100,000 names are read only when they have changed.
_KNOWN: WeakKeyDictionary[AssetGraph, tuple[_Marks, AssetGraph | None]] = WeakKeyDictionary()


def with_known_partitions(graph: AssetGraph, store: Store) -> AssetGraph:
    """The same graph, its dynamic partitions as they are in the store now.

    A graph without any is returned as it is, and the store is not asked.
    """
    names = graph.dynamic_partitions
    if not names:
        return graph
    marks = {name: store.cursor(mark_of(name)) for name in names}
    known_for, known = _KNOWN.get(graph, (None, None))
    if known_for == marks:
        return known or graph
    known = graph.with_dynamic_partitions({name: store.dynamic_partitions(name) for name in names})
    _KNOWN[graph] = marks, known
    _KNOWN[known] = marks, None
    return known
