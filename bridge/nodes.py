"""Nodes of the graph: one for each asset, its upstream and its checks settled to what exists."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition, AssetCheckSpec
from bridge.errors import DefinitionError, DuplicateKeyError
from bridge.keys import AssetKey
from bridge.places import Place
from bridge.specs import DEFAULT_GROUP, AssetSpec, replace_deps


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


def read_before_downstream(node: AssetNode) -> tuple[AssetKey, ...]:
    """Other assets that a blocking check of this one reads, or is about as well."""
    return tuple(
        key
        for check in node.checks
        if any(s.is_blocking and s.asset_key == node.key for s in check.specs)
        for key in (*check.reads, *check.asset_keys)
        if key != node.key
    )


def settled_nodes(
    assets: Iterable[AssetsDefinition | AssetSpec], resources: Collection[str]
) -> dict[AssetKey, AssetNode]:
    """One node for each key, all of whose upstream is there.

    Raises DuplicateKeyError, or DefinitionError for an unknown upstream.
    """
    nodes = _unite(assets)
    by_name = _by_last_word(nodes)
    for node in tuple(nodes.values()):
        for dep in node.spec.deps:
            if dep not in nodes:
                _settle(nodes[node.key], nodes, by_name, resources)
                break
    return nodes


def attach_checks(
    nodes: dict[AssetKey, AssetNode],
    checks: Iterable[AssetChecksDefinition],
    resources: Collection[str],
) -> None:
    """Add the checks to the nodes that they are about.

    Raises DuplicateKeyError for two of one name, or DefinitionError for an unknown asset.
    """
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
