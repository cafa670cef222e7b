"""AssetGraph: all assets and how they depend on each other (the only user of networkx)."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from graphlib import CycleError as OrderingCycle
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.dynamic import DynamicallyKnown
from bridge.errors import CycleError
from bridge.keys import AssetKey
from bridge.later import Later
from bridge.nodes import AssetNode, attach_checks, read_before_downstream, settled_nodes
from bridge.partition_rules import reads_itself, refuse_unreadable_partitions
from bridge.specs import AssetSpec

if TYPE_CHECKING:
    import networkx as nx

    from bridge import partitions
    from bridge.partitions import PartitionMapping, PartitionsDefinition
else:
    partitions = Later("bridge.partitions")


class AssetGraph:
    """Nodes by key, settled and without cycles. Reading order is the order of definition."""

    def __init__(self, nodes: Mapping[AssetKey, AssetNode]) -> None:
        self.nodes = nodes
        self._inferred: dict[tuple[AssetKey, AssetKey], PartitionMapping] = {}
        self._downstream: dict[AssetKey, list[AssetKey]] = {key: [] for key in nodes}
        for key, node in nodes.items():
            for dep in node.spec.deps:
                self._downstream[dep].append(key)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[AssetNode]:
        return iter(self.nodes.values())

    def __contains__(self, key: object) -> bool:
        return key in self.nodes

    @classmethod
    def build(
        cls,
        assets: Iterable[AssetsDefinition | AssetSpec],
        checks: Iterable[AssetChecksDefinition] = (),
        resources: Collection[str] = (),
    ) -> AssetGraph:
        """The graph of these assets and checks; an argument may also be called like a resource.

        Raises DuplicateKeyError, CycleError (with the way round), or DefinitionError for an unknown
        upstream, a check on an unknown asset, or partitions that do not go with those upstream.
        """
        nodes = settled_nodes(assets, resources)
        refuse_unreadable_partitions(nodes)
        attach_checks(nodes, checks, resources)
        graph = cls(nodes)
        graph.order  # noqa: B018 - raises CycleError
        _refuse_calls_in_circles(graph)
        return graph

    @cached_property
    def order(self) -> tuple[AssetKey, ...]:
        """Every key after all of its upstream. Raises CycleError."""
        sorter = TopologicalSorter({key: node.spec.deps for key, node in self.nodes.items()})
        try:
            return tuple(sorter.static_order())
        except OrderingCycle as error:
            circle = list(reversed(error.args[1]))
            if len(set(circle)) == 1:
                raise reads_itself(self.nodes[circle[0]].spec) from error
            places = "\n".join(f"  {self.nodes[key].spec.place}" for key in circle[:-1])
            raise CycleError(
                f"Assets depend on each other in a circle: {' -> '.join(map(str, circle))}\n"
                f"Break it at one of\n{places}"
            ) from error

    @cached_property
    def dynamic_partitions(self) -> frozenset[str]:
        """The names of all dynamic partitions, also of those that are a dimension."""
        found: frozenset[str] = frozenset()
        for node in self:
            if node.spec.partitions_def is not None:
                found |= partitions.dynamic_names(node.spec.partitions_def)
        return found

    def with_dynamic_partitions(self, known: Mapping[str, Sequence[str]]) -> AssetGraph:
        """The same graph, its dynamic partitions handed the keys that are known by their name."""
        told = DynamicallyKnown(known)
        graph = AssetGraph(
            {
                key: replace(
                    node,
                    spec=told.spec(node.spec),
                    definition=told.definition(node.definition),
                    observer=told.definition(node.observer),
                )
                if partitions.dynamic_names(node.spec.partitions_def)
                else node
                for key, node in self.nodes.items()
            }
        )
        graph.order = self.order
        return graph

    def without_conditions(self, keys: Collection[AssetKey]) -> AssetGraph:
        """The same graph; the automation conditions of these assets are asked elsewhere."""
        graph = AssetGraph(
            {
                key: replace(node, spec=node.spec.replace_attributes(automation_condition=None))
                if key in keys
                else node
                for key, node in self.nodes.items()
            }
        )
        graph.order = self.order
        return graph

    def upstream(self, key: AssetKey) -> tuple[AssetKey, ...]:
        """Direct upstream, in the order of definition."""
        return self.nodes[key].spec.deps

    def downstream(self, key: AssetKey) -> tuple[AssetKey, ...]:
        """Direct downstream, in the order of definition."""
        return tuple(self._downstream[key])

    def partitioned(self) -> dict[AssetKey, PartitionsDefinition]:
        """How the assets that have partitions are cut."""
        cut = {key: node.spec.partitions_def for key, node in self.nodes.items()}
        return {key: definition for key, definition in cut.items() if definition is not None}

    def mapping(self, downstream: AssetKey, upstream: AssetKey) -> PartitionMapping | None:
        """Which partitions of two assets belong together: as declared, else by what both are.

        None where the upstream has no partitions. An asset and itself: see `self_mapping`.
        """
        theirs = self.nodes[upstream].spec.partitions_def
        if theirs is None:
            return None
        spec = self.nodes[downstream].spec
        said = spec.mappings.get(upstream) or self._inferred.get((downstream, upstream))
        if said is None:
            said = self._inferred[downstream, upstream] = partitions.inferred_mapping(
                theirs, spec.partitions_def
            )
        return said

    def self_mapping(self, key: AssetKey) -> PartitionMapping | None:
        """Which earlier partitions of its own an asset reads, None where it reads none."""
        return self.nodes[key].spec.mappings.get(key)

    def partitions_read(
        self, key: AssetKey, partition: str | None, upstream: AssetKey, now: datetime
    ) -> list[str | None]:
        """The partitions of an asset that one of its user needs; [None] is a whole asset.

        By the declared mapping; else time overlaps, whether or not windows are over and whatever
        their zones. Raises PartitionError where a needed partition cannot exist.
        """
        theirs = self.nodes[upstream].spec.partitions_def
        spec = self.nodes[key].spec
        said = spec.mappings.get(upstream) if spec.mappings else None
        return partitions.upstream_partitions(spec.partitions_def, partition, theirs, now, said)

    def reads_the_same(self, key: AssetKey, upstream: AssetKey) -> bool:
        """Whether all partitions of an asset read the same ones of another, as it declared."""
        mapping = self.nodes[key].spec.mappings.get(upstream)
        return mapping is not None and mapping.is_same_for_all

    def all_upstream(self, key: AssetKey) -> frozenset[AssetKey]:
        """All upstream, direct or not, without loading networkx."""
        found: set[AssetKey] = set()
        todo = [key]
        while todo:
            new = [dep for dep in self.nodes[todo.pop()].spec.deps if dep not in found]
            found.update(new)
            todo.extend(new)
        return frozenset(found)

    @cached_property
    def network(self) -> nx.DiGraph[AssetKey]:
        """The graph for networkx's algorithms; edges point downstream.

        Loads networkx on first use.
        """
        import networkx as nx  # noqa: PLC0415 - 0.2 s that tasks and short commands do not pay

        network: nx.DiGraph[AssetKey] = nx.DiGraph()
        network.add_nodes_from(self.nodes)
        network.add_edges_from(
            (dep, key) for key, node in self.nodes.items() for dep in node.spec.deps
        )
        return network

    def ancestors(self, key: AssetKey) -> set[AssetKey]:
        """All upstream, direct or not."""
        import networkx as nx  # noqa: PLC0415 - see `network`

        return set(nx.ancestors(self.network, key))

    def descendants(self, key: AssetKey) -> set[AssetKey]:
        """All downstream, direct or not."""
        import networkx as nx  # noqa: PLC0415 - see `network`

        return set(nx.descendants(self.network, key))

    def suggest(self, text: str) -> str:
        """A sentence with the keys most like `text`, empty where none is."""
        close = difflib.get_close_matches(text, [str(key) for key in self.nodes], n=3)
        return f" Did you mean {' or '.join(close)}?" if close else ""


def _refuse_calls_in_circles(graph: AssetGraph) -> None:
    """Raise CycleError where a call, or a blocking check, would have to wait for itself.

    A function that cannot compute its assets apart is one call; what depends on an asset waits for
    its blocking checks, and these for all that they read.
    """
    calls: dict[AssetKey, tuple[AssetKey, ...]] = {}
    waits: dict[AssetKey, tuple[AssetKey, ...]] = {}
    for key, node in graph.nodes.items():
        definition = node.definition
        if definition is not None and len(definition.specs) > 1 and not definition.can_subset:
            calls[key] = definition.keys
        if node.checks and any(check.reads or len(check.specs) > 1 for check in node.checks):
            waits[key] = read_before_downstream(node)
    if not calls and not waits:
        return
    first = {key: calls[key][0] if key in calls else key for key in graph.nodes}
    after: dict[AssetKey, set[AssetKey]] = {}
    for key, node in graph.nodes.items():
        needed = {*node.spec.deps, *(k for dep in node.spec.deps for k in waits.get(dep, ()))}
        after.setdefault(first[key], set()).update(
            {key} & needed, {first[dep] for dep in needed} - {first[key]}
        )
    try:
        tuple(TopologicalSorter(after).static_order())
    except OrderingCycle as error:
        circle = list(reversed(error.args[1]))
        places = "\n".join(f"  {graph.nodes[key].spec.place}" for key in circle[:-1])
        raise CycleError(
            "Functions would have to wait for themselves: "
            f"{' -> '.join(_called(graph.nodes[key]) for key in circle)}\n"
            "Give the multi_asset can_subset=True, or the check that reads, or is about, what "
            f"depends on its asset blocking=False. At\n{places}"
        ) from error


def _called(node: AssetNode) -> str:
    definition = node.definition
    is_several = definition is not None and len(definition.specs) > 1
    return f"{definition.name}()" if definition is not None and is_several else str(node.key)
