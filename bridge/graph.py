"""AssetGraph: all assets and how they depend on each other (the only user of networkx)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import CycleError as OrderingCycle
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from bridge.assets import DEFAULT_GROUP, AssetsDefinition, AssetSpec, replace_deps
from bridge.checks import AssetChecksDefinition
from bridge.errors import CycleError, DefinitionError, DuplicateKeyError
from bridge.keys import AssetKey

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class AssetNode:
    """One asset in the graph. `definition` is None where something outside writes it.

    `produced_by` names outside tasks that write it, also where it has a definition of its own.
    """

    spec: AssetSpec
    definition: AssetsDefinition | None
    checks: tuple[AssetChecksDefinition, ...]
    produced_by: tuple[str, ...]

    @property
    def key(self) -> AssetKey:
        """The asset's key."""
        return self.spec.key

    @property
    def is_executable(self) -> bool:
        """Whether we can compute it."""
        return self.definition is not None


class AssetGraph:
    """Nodes by key, settled and without cycles. Reading order is the order of definition."""

    def __init__(self, nodes: Mapping[AssetKey, AssetNode]) -> None:
        self.nodes = nodes
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
    ) -> AssetGraph:
        """The graph of these assets and checks.

        Raises DuplicateKeyError, CycleError (with the way round), or DefinitionError for an unknown
        upstream or a check on an unknown asset.
        """
        nodes = _unite(assets)
        by_name = _by_last_word(nodes)
        for key, node in nodes.items():
            nodes[key] = _settle(node, nodes, by_name)
        _attach_checks(nodes, checks)
        graph = cls(nodes)
        graph.order  # noqa: B018 - raises CycleError
        return graph

    @cached_property
    def order(self) -> tuple[AssetKey, ...]:
        """Every key after all of its upstream. Raises CycleError."""
        sorter = TopologicalSorter({key: node.spec.deps for key, node in self.nodes.items()})
        try:
            return tuple(sorter.static_order())
        except OrderingCycle as error:
            circle = list(reversed(error.args[1]))
            places = "\n".join(f"  {self.nodes[key].spec.place}" for key in circle[:-1])
            raise CycleError(
                f"Assets depend on each other in a circle: {' -> '.join(map(str, circle))}\n"
                f"Break it at one of\n{places}"
            ) from error

    def upstream(self, key: AssetKey) -> tuple[AssetKey, ...]:
        """Direct upstream, in the order of definition."""
        return self.nodes[key].spec.deps

    def downstream(self, key: AssetKey) -> tuple[AssetKey, ...]:
        """Direct downstream, in the order of definition."""
        return tuple(self._downstream[key])

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


def _unite(assets: Iterable[AssetsDefinition | AssetSpec]) -> dict[AssetKey, AssetNode]:
    """One node a key: a spec that stands for what is computed elsewhere is the same asset."""
    nodes: dict[AssetKey, AssetNode] = {}
    for item in assets:
        definition = item if isinstance(item, AssetsDefinition) else None
        spec = item.spec if isinstance(item, AssetsDefinition) else item
        node = AssetNode(spec, definition, (), spec.produced_by)
        known = nodes.get(spec.key)
        nodes[spec.key] = node if known is None else _one_of(known, node)
    return nodes


def _one_of(first: AssetNode, second: AssetNode) -> AssetNode:
    ours, outside = (second, first) if second.is_executable else (first, second)
    is_stand_in = ours.is_executable and not outside.is_executable
    if not (is_stand_in or (outside.produced_by and not outside.is_executable)):
        raise DuplicateKeyError(
            f"Two assets have the key {ours.key}: at {first.spec.place} and at "
            f"{second.spec.place}. Rename one, or give it a key_prefix."
        )
    produced_by = tuple(dict.fromkeys((*ours.produced_by, *outside.produced_by)))
    if ours.is_executable:
        return replace(ours, produced_by=produced_by)
    if ours.spec.deps == outside.spec.deps:
        return replace(ours, produced_by=produced_by)
    deps = tuple(dict.fromkeys((*ours.spec.deps, *outside.spec.deps)))
    return replace(ours, spec=replace_deps(ours.spec, deps), produced_by=produced_by)


def _by_last_word(nodes: Mapping[AssetKey, AssetNode]) -> dict[str, list[AssetKey]]:
    found: dict[str, list[AssetKey]] = {}
    for key in nodes:
        if len(key.path) > 1:
            found.setdefault(key.path[-1], []).append(key)
    return found


def _settle(
    node: AssetNode, nodes: Mapping[AssetKey, AssetNode], by_name: Mapping[str, list[AssetKey]]
) -> AssetNode:
    """The node with every upstream known: exactly, or by its last word in its prefix or group."""
    missing = [dep for dep in node.spec.deps if dep not in nodes]
    if not missing:
        return node
    renamed: dict[AssetKey, AssetKey] = {}
    inputs = {} if node.definition is None else node.definition.arguments.inputs
    guessed = set(inputs.values())
    for dep in missing:
        found = _similar(dep, node, nodes, by_name) if dep in guessed else None
        if found is None:
            raise _unknown_upstream(dep, node, nodes)
        renamed[dep] = found
    deps = tuple(dict.fromkeys(renamed.get(dep, dep) for dep in node.spec.deps))
    if node.definition is None:
        return replace(node, spec=replace_deps(node.spec, deps))
    settled = {argument: renamed.get(key, key) for argument, key in inputs.items()}
    definition = node.definition.with_inputs(settled, deps)
    return replace(node, spec=definition.spec, definition=definition)


def _similar(
    dep: AssetKey,
    node: AssetNode,
    nodes: Mapping[AssetKey, AssetNode],
    by_name: Mapping[str, list[AssetKey]],
) -> AssetKey | None:
    """The one asset that an argument's bare name can mean; None where there is none or several."""
    beside = AssetKey((*node.key.path[:-1], *dep.path))
    if beside in nodes and beside != node.key:
        return beside
    group = node.spec.group_name
    named = [key for key in by_name.get(dep.path[-1], []) if key != node.key]
    same_group = [key for key in named if nodes[key].spec.group_name == group]
    if group != DEFAULT_GROUP and len(same_group) == 1:
        return same_group[0]
    return None


def _unknown_upstream(
    dep: AssetKey, node: AssetNode, nodes: Mapping[AssetKey, AssetNode]
) -> DefinitionError:
    others = [str(key) for key in nodes if key != node.key]
    close = difflib.get_close_matches(str(dep), others, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return DefinitionError(
        f"Asset {node.key} depends on {dep}, which no code location defines.{hint} "
        f"If something outside writes it, add AssetSpec({str(dep)!r}). At {node.spec.place}"
    )


def _attach_checks(
    nodes: dict[AssetKey, AssetNode], checks: Iterable[AssetChecksDefinition]
) -> None:
    for check in checks:
        node = nodes.get(check.asset_key)
        if node is None:
            close = difflib.get_close_matches(str(check.asset_key), map(str, nodes), n=3)
            hint = f" Did you mean {' or '.join(close)}?" if close else ""
            raise DefinitionError(
                f"Check {check.name} is about {check.asset_key}, which no code location "
                f"defines.{hint} At {check.place}"
            )
        twin = next((known for known in node.checks if known.name == check.name), None)
        if twin is not None:
            raise DuplicateKeyError(
                f"Asset {node.key} has two checks called {check.name}: at {twin.place} and at "
                f"{check.place}. Rename one."
            )
        nodes[node.key] = replace(node, checks=(*node.checks, check))
