"""What a run will do: assets times partitions, each after its upstream. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.errors import PartitionError, SelectionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import PartitionsDefinition

_RANGE = "..."


@dataclass(frozen=True, slots=True)
class Step:
    """One asset, or one partition of it, to compute and check."""

    definition: AssetsDefinition
    partition: str | None
    checks: tuple[AssetChecksDefinition, ...]
    waits_for: tuple[AssetKey, ...]

    @property
    def key(self) -> AssetKey:
        """The asset's key."""
        return self.definition.key


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order that works; `not_ours` were selected, but something outside writes them."""

    graph: AssetGraph
    steps: tuple[Step, ...]
    not_ours: tuple[AssetKey, ...]
    now: datetime

    @property
    def keys(self) -> tuple[AssetKey, ...]:
        """The assets to compute, each once."""
        return tuple(dict.fromkeys(step.key for step in self.steps))


def plan(
    graph: AssetGraph,
    selected: Collection[AssetKey],
    *,
    partition: str | None = None,
    now: datetime,
) -> Plan:
    """The steps for these assets: `partition` is one, or a range `first...last` with both ends.

    Raises PartitionError where a partition is missing, not wanted or does not exist at `now`, and
    SelectionError where nothing selected can be computed by us.
    """
    chosen = set(selected)
    ordered = [graph.nodes[key] for key in graph.order if key in chosen]
    ours = [node for node in ordered if node.definition is not None]
    not_ours = tuple(node.key for node in ordered if node.definition is None)
    if not ours:
        what = ", ".join(map(str, not_ours)) or "nothing"
        raise SelectionError(
            f"Nothing to materialize: the selection holds {what}, which no @asset of ours computes."
        )
    partitions = _partitions(
        {n.key: n.spec.partitions_def for n in ours if n.spec.partitions_def}, partition, now
    )
    runnable = {node.key for node in ours}
    steps = tuple(
        Step(
            definition=node.definition,
            partition=None if node.spec.partitions_def is None else name,
            checks=node.checks,
            waits_for=tuple(dep for dep in node.spec.deps if dep in runnable),
        )
        for node in ours
        for index, name in enumerate(partitions)
        if node.definition is not None and (index == 0 or node.spec.partitions_def is not None)
    )
    return Plan(graph, steps, not_ours, now)


def _partitions(
    partitioned: dict[AssetKey, PartitionsDefinition], wanted: str | None, now: datetime
) -> list[str | None]:
    if not partitioned:
        if wanted is not None:
            raise PartitionError(
                f"None of the selected assets has partitions; leave out {wanted!r}."
            )
        return [None]
    if wanted is None:
        key, definition = next(iter(partitioned.items()))
        latest = definition.latest(now)
        hint = f" The last one is {latest}: --partition {latest}" if latest else ""
        raise PartitionError(f"{key} is partitioned; say which partition to materialize.{hint}")
    first, is_range, last = wanted.partition(_RANGE)
    names: list[str] = []
    for key, definition in partitioned.items():
        names = definition.range(first, last) if is_range else [wanted]
        for edge in (first, last) if is_range else (wanted,):
            definition.require(edge, now, key)
        if not names:
            raise PartitionError(f"The range {wanted} ends before it begins.")
    return list(names)
