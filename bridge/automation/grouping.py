"""What conditions request as runs: together what one run can compute together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bridge.automation.deciding import Decision, Requested
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.runs import RunTarget


def run_targets(graph: AssetGraph, decision: Decision) -> list[RunTarget]:
    """One run for all assets without partitions, and one for each partition of those cut alike.

    Where a function takes several partitions at once, neighbours are one run, as many as it takes.
    Checks are one run, but for those whose asset is computed anyway: that asks them.
    """
    targets: list[RunTarget] = []
    for group in _cut_alike(decision):
        targets += _targets(graph, group)
    checks = tuple(key for key in decision.checks if key.asset_key not in decision.assets)
    if checks:
        targets.append(RunTarget(checks=checks))
    return targets


def _cut_alike(decision: Decision) -> list[dict[AssetKey, Requested]]:
    groups: list[dict[AssetKey, Requested]] = []
    for key, found in decision.assets.items():
        cut = found.partitions.definition
        for group in groups:
            if next(iter(group.values())).partitions.definition == cut:
                group[key] = found
                break
        else:
            groups.append({key: found})
    return groups


def _targets(graph: AssetGraph, group: dict[AssetKey, Requested]) -> Iterator[RunTarget]:
    partitions = next(iter(group.values())).partitions
    by_partition: dict[str | None, list[AssetKey]] = {}
    for key, found in group.items():
        for name in found.keys:
            by_partition.setdefault(name, []).append(key)
    union = 0
    for found in group.values():
        union |= found.bits
    places = (place for place in range(union.bit_length()) if union >> place & 1)
    requested = [
        (place, name, tuple(by_partition[name]))
        for place, name in zip(places, partitions.keys(union), strict=True)
    ]
    for (_, assets), run in groupby(
        enumerate(requested), key=lambda each: (each[1][0] - each[0], each[1][2])
    ):
        names = [name for _, (_, name, _) in run]
        most = _most_at_once(graph, assets) or len(names)
        for first in range(0, len(names), most):
            yield RunTarget(assets=assets, partition=_range(names[first : first + most]))


def _most_at_once(graph: AssetGraph, assets: tuple[AssetKey, ...]) -> int | None:
    """How many partitions a run takes: what the assets agree on, else one; None is any number."""
    limits = set()
    for key in assets:
        definition = graph.nodes[key].definition
        policy = None if definition is None else definition.backfill_policy
        limits.add(1 if policy is None else policy.max_partitions_per_run)
    return limits.pop() if len(limits) == 1 else 1


def _range(names: list[str | None]) -> str | None:
    first, last = names[0], names[-1]
    return first if len(names) == 1 else f"{first}...{last}"
