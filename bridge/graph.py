"""AssetGraph: all assets and how they depend on each other (the only user of networkx)."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from graphlib import CycleError as OrderingCycle
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from bridge.assets import DEFAULT_GROUP, AssetsDefinition, AssetSpec, replace_deps
from bridge.checks import AssetChecksDefinition, AssetCheckSpec
from bridge.dynamic import DynamicallyKnown
from bridge.errors import CycleError, DefinitionError, DuplicateKeyError, PartitionError
from bridge.keys import AssetKey
from bridge.partitions import (
    IdentityPartitionMapping,
    PartitionMapping,
    PartitionsDefinition,
    TimeWindowPartitionMapping,
    backward_dimension,
    dynamic_names,
    inferred_mapping,
    upstream_partitions,
)
from bridge.places import Place

if TYPE_CHECKING:
    import networkx as nx

_SAME = (IdentityPartitionMapping(), TimeWindowPartitionMapping())


@dataclass(frozen=True, slots=True)
class AssetNode:
    """One asset in the graph. `definition` is None where something outside writes it.

    `produced_by` names outside tasks that write it, also where it has a definition of its own;
    `observer` is the function that looks at it. A definition may compute other assets as well.
    """

    spec: AssetSpec
    definition: AssetsDefinition | None
    checks: tuple[AssetChecksDefinition, ...]
    produced_by: tuple[str, ...]
    observer: AssetsDefinition | None = None

    @property
    def key(self) -> AssetKey:
        """The asset's key."""
        return self.spec.key

    @property
    def is_executable(self) -> bool:
        """Whether we can compute it."""
        return self.definition is not None

    @property
    def own_checks(self) -> tuple[AssetCheckSpec, ...]:
        """The checks that the asset's own function answers."""
        if self.definition is None or not self.definition.check_specs:
            return ()
        return tuple(c for c in self.definition.check_specs if c.asset_key == self.key)

    @property
    def check_specs(self) -> tuple[AssetCheckSpec, ...]:
        """All its checks, whoever answers them."""
        return (
            *self.own_checks,
            *(s for check in self.checks for s in check.specs if s.asset_key == self.key),
        )


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
        resources: Collection[str] = (),
    ) -> AssetGraph:
        """The graph of these assets and checks; an argument may also be called like a resource.

        Raises DuplicateKeyError, CycleError (with the way round), or DefinitionError for an unknown
        upstream, a check on an unknown asset, or partitions that do not go with those upstream.
        """
        nodes = _unite(assets)
        by_name = _by_last_word(nodes)
        for node in tuple(nodes.values()):
            for dep in node.spec.deps:
                if dep not in nodes:
                    _settle(nodes[node.key], nodes, by_name, resources)
                    break
        _refuse_reading_oneself(nodes)
        _refuse_reading_what_is_not_made(nodes)
        _refuse_partitions_that_never_meet(nodes)
        _attach_checks(nodes, checks, resources)
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
                raise _reads_itself(self.nodes[circle[0]].spec) from error
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
                found |= dynamic_names(node.spec.partitions_def)
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
                if dynamic_names(node.spec.partitions_def)
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
        return spec.mappings.get(upstream) or inferred_mapping(theirs, spec.partitions_def)

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
        return upstream_partitions(spec.partitions_def, partition, theirs, now, said)

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


def _unite(assets: Iterable[AssetsDefinition | AssetSpec]) -> dict[AssetKey, AssetNode]:
    """One node a key: a spec that stands for what is computed elsewhere is the same asset."""
    nodes: dict[AssetKey, AssetNode] = {}
    for item in assets:
        if isinstance(item, AssetSpec):
            _add(nodes, AssetNode(item, None, (), item.produced_by))
            continue
        definition, observer = (None, item) if item.is_observation else (item, None)
        for spec in item.specs:
            _add(nodes, AssetNode(spec, definition, (), spec.produced_by, observer))
    return nodes


def _add(nodes: dict[AssetKey, AssetNode], node: AssetNode) -> None:
    known = nodes.get(node.spec.key)
    nodes[node.spec.key] = node if known is None else _one_of(known, node)


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
    deps = (*ours.spec.deps, *outside.spec.deps)
    mappings = {**outside.spec.mappings, **ours.spec.mappings}
    return replace(ours, spec=replace_deps(ours.spec, deps, mappings), produced_by=produced_by)


def _by_last_word(nodes: Mapping[AssetKey, AssetNode]) -> dict[str, list[AssetKey]]:
    found: dict[str, list[AssetKey]] = {}
    for key in nodes:
        if len(key.path) > 1:
            found.setdefault(key.path[-1], []).append(key)
    return found


def _settle(
    node: AssetNode,
    nodes: dict[AssetKey, AssetNode],
    by_name: Mapping[str, list[AssetKey]],
    resources: Collection[str],
) -> None:
    """Make every upstream known: exactly, by its last word in the prefix or group, or a resource.

    A function's other assets are settled with it: all have the same arguments.
    """
    definition = node.definition or node.observer
    inputs = {} if definition is None else definition.arguments.inputs
    guessed = {key: name for name, key in inputs.items()}
    renamed: dict[AssetKey, AssetKey | None] = {}
    together = (node,) if definition is None else tuple(nodes[key] for key in definition.keys)
    for each in together:
        for dep in each.spec.deps:
            if dep in nodes or dep in renamed:
                continue
            found = _similar(dep, each, nodes, by_name) if dep in guessed else None
            if found is None and not (dep in guessed and guessed[dep] in resources):
                raise _unknown_upstream(dep, each, nodes)
            renamed[dep] = found
    if definition is None:
        return
    settled = definition.settled(renamed)
    for spec in settled.specs:
        known = nodes[spec.key]
        nodes[spec.key] = replace(
            known,
            spec=spec,
            definition=settled if known.definition else None,
            observer=settled if known.observer else None,
        )


def _similar(
    dep: AssetKey,
    node: AssetNode,
    nodes: Mapping[AssetKey, AssetNode],
    by_name: Mapping[str, list[AssetKey]],
) -> AssetKey | None:
    """The one asset that an argument's bare name can mean; None where there is none or several."""
    beside = AssetKey((*node.key.path[:-1], *dep.path))
    if beside in nodes and (beside != node.key or dep in node.spec.mappings):
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


def _refuse_reading_oneself(nodes: Mapping[AssetKey, AssetNode]) -> None:
    """Raise CycleError where a partition may read itself, or a later one of the same asset."""
    for key, node in nodes.items():
        mapping = node.spec.mappings.get(key) if node.spec.mappings else None
        if mapping and backward_dimension(mapping, node.spec.partitions_def) is None:
            raise _reads_itself(node.spec)


def _refuse_reading_what_is_not_made(nodes: Mapping[AssetKey, AssetNode]) -> None:
    """Raise CycleError where outputs of one call read other than the same or earlier partitions."""
    for node in nodes.values():
        definition, spec = node.definition, node.spec
        if not spec.mappings or definition is None or definition.can_subset:
            continue
        for dep, mapping in spec.mappings.items():
            is_fine = (
                dep not in definition.keys
                or mapping in _SAME
                or backward_dimension(mapping, spec.partitions_def) is not None
            )
            if not is_fine:
                raise CycleError(
                    f"Asset {spec.key} reads other partitions of {dep}, by {mapping}, which the "
                    f"same call of {definition.name}() makes. Give the multi_asset "
                    f"can_subset=True, or let the mapping look back. At {spec.place}"
                )


def _reads_itself(spec: AssetSpec) -> CycleError:
    how = f" by {spec.mappings[spec.key]}" if spec.key in spec.mappings else ""
    return CycleError(
        f"Asset {spec.key} depends on itself{how}. Only windows of time may read earlier ones of "
        f"the same asset: AssetDep({str(spec.key)!r}, partition_mapping="
        "TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)), both offsets negative. "
        f"At {spec.place}"
    )


def _refuse_partitions_that_never_meet(nodes: Mapping[AssetKey, AssetNode]) -> None:
    """What outside tasks write may be cut as they like: only what we compute reads by partition."""
    for node in nodes.values():
        ours, mappings = node.spec.partitions_def, node.spec.mappings
        if (ours is None and not mappings) or not node.is_executable:
            continue
        for dep in node.spec.deps:
            theirs, said = nodes[dep].spec.partitions_def, mappings.get(dep)
            if theirs is None or (said is None and (ours is None or theirs is ours)):
                continue
            try:
                (said or inferred_mapping(theirs, ours)).validate(theirs, ours)
            except PartitionError as error:
                raise DefinitionError(
                    f"Asset {node.key} cannot read {dep} by partition. {error} At {node.spec.place}"
                ) from error


def _attach_checks(
    nodes: dict[AssetKey, AssetNode],
    checks: Iterable[AssetChecksDefinition],
    resources: Collection[str],
) -> None:
    for written in checks:
        check = _with_known_arguments(written, nodes, resources)
        for spec in check.specs:
            twin = next((c for c in nodes[spec.asset_key].check_specs if c.name == spec.name), None)
            if twin is not None:
                raise DuplicateKeyError(
                    f"Asset {spec.asset_key} has two checks called {spec.name}: at "
                    f"{_place_of_check(nodes[spec.asset_key], spec.name)} and at {check.place}. "
                    "Rename one."
                )
        for key in check.asset_keys:
            nodes[key] = replace(nodes[key], checks=(*nodes[key].checks, check))


def _place_of_check(node: AssetNode, name: str) -> Place:
    for check in node.checks:
        if any(spec.name == name and spec.asset_key == node.key for spec in check.specs):
            return check.place
    return node.spec.place


def _with_known_arguments(
    check: AssetChecksDefinition,
    nodes: Mapping[AssetKey, AssetNode],
    resources: Collection[str],
) -> AssetChecksDefinition:
    """The check, where all it names exists. An argument may also be called like a resource."""
    names = {key: name for name, key in check.arguments.inputs.items()}
    renamed: dict[AssetKey, AssetKey | None] = {}
    for key in (*check.asset_keys, *check.reads):
        if key in nodes:
            continue
        if names.get(key) in resources and key not in check.asset_keys:
            renamed[key] = None
            continue
        called = ", ".join(spec.name for spec in check.specs)
        verb = "is about" if key in check.asset_keys else "reads"
        close = difflib.get_close_matches(str(key), map(str, nodes), n=3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise DefinitionError(
            f"Check {called} {verb} {key}, which no code location defines.{hint} At {check.place}"
        )
    if not renamed:
        return check
    return replace(check, arguments=check.arguments.settled(renamed))


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
        if node.checks and any(check.reads for check in node.checks):
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
            "Give the multi_asset can_subset=True, or the check that reads what depends on its "
            f"asset blocking=False. At\n{places}"
        ) from error


def read_before_downstream(node: AssetNode) -> tuple[AssetKey, ...]:
    """Other assets that a blocking check of this one reads."""
    return tuple(
        key
        for check in node.checks
        if any(s.is_blocking and s.asset_key == node.key for s in check.specs)
        for key in check.reads
    )


def _called(node: AssetNode) -> str:
    definition = node.definition
    is_several = definition is not None and len(definition.specs) > 1
    return f"{definition.name}()" if definition is not None and is_several else str(node.key)
