"""Which functions of a DAG are one task: those of groups and jobs named in the settings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapters.airflow.generate.bundles import Bundle
from adapters.airflow.own_tasks import is_own_task
from bridge.checks import AssetChecksDefinition
from bridge.errors import ConfigError, DefinitionError
from bridge.execution.calls import Call
from bridge.graph import AssetGraph
from bridge.keys import AssetKey


@dataclass(frozen=True, slots=True)
class Fused:
    """Calls that are one task: `keys` are all that they compute, upstream first."""

    calls: tuple[Call, ...]
    keys: tuple[AssetKey, ...]


def require_known(names: Iterable[str], graph: AssetGraph, jobs: Collection[str]) -> None:
    """Raise ConfigError for a name in `generate.fuse` that is no group and no job."""
    groups = {node.spec.group_name for node in graph}
    for name in names:
        if name not in groups and name not in jobs:
            known = ", ".join(sorted({*groups, *jobs})) or "none"
            raise ConfigError(
                f"generate.fuse names {name!r}, which is no group and no job. There are {known}."
            )


def to_fuse(bundle: Bundle, names: Collection[str]) -> frozenset[AssetKey]:
    """The assets of a DAG that settings say to fuse: all of a named job's, else by their group."""
    return frozenset(
        node.key for node in bundle.nodes if bundle.job in names or node.spec.group_name in names
    )


def fused_of(
    graph: AssetGraph,
    calls: Sequence[Call],
    checks: Iterable[AssetChecksDefinition],
    wanted: Collection[AssetKey],
) -> dict[AssetKey, Fused]:
    """For each asset to be fused with others the task that it is in: those that read each other.

    Raises DefinitionError where something between two of them is a task of its own.
    """
    found: dict[AssetKey, Fused] = {}
    for part in _connected(graph, [call for call in calls if set(call.keys).issubset(wanted)]):
        keys = {key for call in part for key in call.keys}
        fused = Fused(tuple(part), tuple(key for key in graph.order if key in keys))
        _refuse_between(graph, fused, {key for call in calls for key in call.keys})
        _refuse_late_checks(graph, fused, checks)
        found |= dict.fromkeys(fused.keys, fused)
    return found


def _connected(graph: AssetGraph, calls: Sequence[Call]) -> list[list[Call]]:
    """Several calls each, which read each other directly or by way of others of them."""
    home = {key: number for number, call in enumerate(calls) for key in call.keys}
    root = list(range(len(calls)))

    def top(number: int) -> int:
        while root[number] != number:
            number = root[number]
        return number

    for key, number in home.items():
        for dep in graph.nodes[key].spec.deps:
            if dep in home:
                first, second = sorted((top(number), top(home[dep])))
                root[second] = first
    parts: dict[int, list[Call]] = {}
    for number, call in enumerate(calls):
        parts.setdefault(top(number), []).append(call)
    return [part for part in parts.values() if len(part) > 1]


def _refuse_between(graph: AssetGraph, fused: Fused, here: Collection[AssetKey]) -> None:
    keys = set(fused.keys)
    above = {dep for key in keys for dep in graph.all_upstream(key)} - keys
    for other in sorted(above & set(here), key=lambda key: key.path):
        before = sorted(graph.all_upstream(other) & keys)
        if before:
            raise DefinitionError(
                f"{before[0]} and what reads {other} cannot be one task: {other} is a task of its "
                "own and reads the one before it is read by the other. Fuse its group too, or "
                f"leave theirs out of generate.fuse. At {graph.nodes[other].spec.place}"
            )


def _refuse_late_checks(
    graph: AssetGraph, fused: Fused, checks: Iterable[AssetChecksDefinition]
) -> None:
    """A blocking check that is a task of its own cannot stop what the fused task does next."""
    keys = set(fused.keys)
    for check in checks:
        gated = {spec.asset_key for spec in check.specs if spec.is_blocking} & keys
        if not gated or not is_own_task(check, graph, keys):
            continue
        for key in fused.keys:
            if gated & set(graph.nodes[key].spec.deps):
                raise DefinitionError(
                    f"The blocking check {check.specs[0].name} of {min(gated)} is about what the "
                    f"fused task of it does not compute, and {key} in that task waits for it. Give "
                    f"it blocking=False, or leave its group out of generate.fuse. At {check.place}"
                )


def outside_readers(
    graph: AssetGraph, home: Mapping[AssetKey, str], key: AssetKey
) -> list[AssetKey]:
    """The assets that other tasks of the DAG compute from this one."""
    return [
        other for other in home if key in graph.nodes[other].spec.deps and home[other] != home[key]
    ]
