"""Which functions a run calls, in which order: several assets at once, checks that wait. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from bridge.assets import AssetsDefinition
from bridge.checks import AssetCheckKey, AssetChecksDefinition
from bridge.errors import SelectionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode, read_before_downstream
from bridge.partition_rules import reads_same_partition


@dataclass(frozen=True, slots=True)
class Call:
    """One function to call for `keys`, without a definition only checks; `after` lists others.

    Its own are listed there where it reads earlier partitions of them.
    """

    definition: AssetsDefinition | None
    keys: tuple[AssetKey, ...]
    checks: tuple[AssetChecksDefinition, ...]
    after: tuple[AssetKey, ...]


def asked_checks(
    graph: AssetGraph, chosen: Collection[AssetKey], wanted: Collection[AssetCheckKey] | None
) -> list[AssetChecksDefinition]:
    """The functions that answer the wanted checks, all of the chosen assets unless told, each once.

    One that answers more than was asked is cut down where it may be. Raises SelectionError for a
    check that does not exist, or that only the function of an asset not chosen could answer.
    """
    if wanted is None:
        found = {id(c): c for key in graph.nodes if key in chosen for c in graph.nodes[key].checks}
        return [
            _cut(check, [s.key for s in check.specs if s.asset_key in chosen])
            for check in found.values()
        ]
    found = {}
    for key in wanted:
        node = graph.nodes.get(key.asset_key)
        known = () if node is None else node.check_specs
        if node is None or all(spec.name != key.name for spec in known):
            raise SelectionError(
                f"There is no check {key.name} of {key.asset_key}."
                f"{'' if node else graph.suggest(str(key.asset_key))}"
            )
        if any(spec.name == key.name for spec in node.own_checks) and key.asset_key not in chosen:
            raise SelectionError(
                f"The function of {key.asset_key} itself answers {key.name}; select the asset."
            )
        for check in node.checks:
            if any(spec.key == key for spec in check.specs):
                found[id(check)] = check
    return [_cut(check, wanted) for check in found.values()]


def _cut(check: AssetChecksDefinition, wanted: Collection[AssetCheckKey]) -> AssetChecksDefinition:
    if not check.can_subset:
        return check
    return replace(check, specs=tuple(spec for spec in check.specs if spec.key in wanted))


def calls_of(
    graph: AssetGraph, ours: Sequence[AssetNode], checks: Sequence[AssetChecksDefinition]
) -> list[Call]:
    """The calls that compute these assets, given upstream first, and answer these checks.

    A check that needs nothing but one asset and its upstream follows it in the same call; another
    is a call of its own. Raises SelectionError where a function cannot compute some of its assets
    without the others.
    """
    runnable = {node.key for node in ours}
    beside: dict[AssetKey, list[AssetChecksDefinition]] = {}
    apart: list[AssetChecksDefinition] = []
    for check in checks:
        about = check.asset_keys
        reads = runnable.intersection(check.reads)
        is_beside = len(about) == 1 and about[0] in runnable
        if is_beside and (not reads or reads <= graph.all_upstream(about[0])):
            beside.setdefault(about[0], []).append(check)
        else:
            apart.append(check)
    if not apart and all(len(node.definition.specs) == 1 for node in ours if node.definition):
        return [
            Call(
                node.definition,
                (node.key,),
                tuple(beside.get(node.key, ())),
                tuple([dep for dep in node.spec.reads if dep in runnable]),
            )
            for node in ours
        ]
    return _in_order(graph, ours, beside, apart)


def _in_order(
    graph: AssetGraph,
    ours: Sequence[AssetNode],
    beside: Mapping[AssetKey, Sequence[AssetChecksDefinition]],
    apart: Sequence[AssetChecksDefinition],
) -> list[Call]:
    runnable = {node.key for node in ours}
    needs = {node.key: _needs(graph, node, runnable) for node in ours}
    for parts in (_parts(ours, needs), {node.key: (node.key, 0) for node in ours}):
        calls = _grouped(graph, ours, parts, beside)
        calls += [
            Call(
                None,
                check.asset_keys,
                (check,),
                tuple(key for key in check.reads if key in runnable),
            )
            for check in apart
        ]
        try:
            return _sorted(calls, needs, graph)
        except CycleError:  # two functions that take turns: compute what can be apart, apart
            continue
    raise AssertionError("the graph has no circle, so that calls of one asset have none")


def _needs(graph: AssetGraph, node: AssetNode, runnable: set[AssetKey]) -> set[AssetKey]:
    """What must come before an asset: its upstream, and what the blocking checks of that read."""
    found = {dep for dep in node.spec.deps if dep in runnable}
    read = {k for dep in found for k in read_before_downstream(graph.nodes[dep])}
    return found | (read & runnable)


def _parts(
    ours: Iterable[AssetNode], needs: Mapping[AssetKey, set[AssetKey]]
) -> dict[AssetKey, tuple[object, int]]:
    """For each asset its function, and how often the way to it left that function and came back."""
    parts: dict[AssetKey, tuple[object, int]] = {}
    times: dict[AssetKey, dict[object, int]] = {}
    for node in ours:
        definition = node.definition
        assert definition is not None  # noqa: S101 - `ours` are those with one
        function: object = definition.keys
        seen: dict[object, int] = {}
        turn = 0
        for dep in needs[node.key]:
            for other, number in times[dep].items():
                seen[other] = max(seen.get(other, 0), number)
            if function in times[dep]:
                inside = parts[dep][0] == function and reads_same_partition(node.spec, dep)
                turn = max(turn, times[dep][function] + (0 if inside else 1))
        seen[function] = turn
        times[node.key] = seen
        parts[node.key] = (function, turn)
    return parts


def _grouped(
    graph: AssetGraph,
    ours: Sequence[AssetNode],
    parts: Mapping[AssetKey, tuple[object, int]],
    beside: Mapping[AssetKey, Sequence[AssetChecksDefinition]],
) -> list[Call]:
    groups: dict[object, list[AssetNode]] = {}
    for node in ours:
        definition = node.definition
        assert definition is not None  # noqa: S101 - `ours` are those with one
        whole = definition.keys if not definition.can_subset else parts[node.key]
        groups.setdefault(whole, []).append(node)
    calls = []
    for nodes in groups.values():
        definition = nodes[0].definition
        assert definition is not None  # noqa: S101 - see above
        wanted = {node.key for node in nodes}
        keys = tuple(key for key in definition.keys if key in wanted)
        if not definition.can_subset and keys != definition.keys:
            left = ", ".join(str(key) for key in definition.keys if key not in wanted)
            raise SelectionError(
                f"{definition.name} cannot compute {', '.join(map(str, keys))} without {left}: "
                f"select all, or give it can_subset=True. At {definition.place}"
            )
        deps = (
            dep
            for spec in (node.spec for node in nodes)
            for dep in spec.reads
            if dep not in wanted or dep in spec.mappings
        )
        selected = {node.key for node in ours}
        after = tuple(dict.fromkeys(d for d in deps if d in selected))
        checks = tuple(check for key in keys for check in beside.get(key, ()))
        calls.append(Call(definition, keys, checks, after))
    return calls


def _sorted(
    calls: Sequence[Call], needs: Mapping[AssetKey, set[AssetKey]], graph: AssetGraph
) -> list[Call]:
    """Each call after those that it waits for, also for the blocking checks of its upstream."""
    home = {key: n for n, call in enumerate(calls) if call.definition for key in call.keys}
    blocking: dict[AssetKey, list[int]] = {}
    for number, call in enumerate(calls):
        if call.definition is None:
            for spec in call.checks[0].specs:
                if spec.is_blocking:
                    blocking.setdefault(spec.asset_key, []).append(number)
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for number, call in enumerate(calls):
        before: set[int] = set()
        if call.definition is None:
            before.update(home[key] for key in (*call.keys, *call.after) if key in home)
        else:
            before.update(home[dep] for key in call.keys for dep in needs[key])
            upstream = {dep for key in call.keys for dep in graph.nodes[key].spec.deps}
            before.update(n for dep in upstream - set(call.keys) for n in blocking.get(dep, ()))
        sorter.add(number, *sorted(before - {number}))
    return [calls[number] for number in sorter.static_order()]
