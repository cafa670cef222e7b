"""What a run will do: assets times partitions, each after its upstream. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.assets import AssetsDefinition
from bridge.checks import AssetCheckKey, AssetChecksDefinition
from bridge.errors import PartitionError, SelectionError
from bridge.events import PlainValue
from bridge.execution.calls import Call, asked_checks, calls_of
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import PartitionsDefinition, in_reading_order
from bridge.places import Place
from bridge.runs import RunTarget

_RANGE = "..."


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a function: an asset, or several that it computes, then their checks.

    Without `definition`, only checks are asked. `keys` are all assets of the definition unless
    given, and `waits_for` what must come before: its own key stands for earlier partitions.
    """

    definition: AssetsDefinition | None
    partition: str | None
    checks: tuple[AssetChecksDefinition, ...]
    waits_for: tuple[AssetKey, ...]
    keys: tuple[AssetKey, ...] = ()

    def __post_init__(self) -> None:
        if not self.keys and self.definition is not None:
            object.__setattr__(self, "keys", self.definition.keys)

    @property
    def key(self) -> AssetKey:
        """The asset's key, the first of several."""
        return self.keys[0]

    @property
    def place(self) -> Place:
        """Where the function is written."""
        return self.checks[0].place if self.definition is None else self.definition.place


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order that works; `not_ours` were selected, but something outside writes them.

    `partition` and `checks` are what was asked for.
    """

    graph: AssetGraph
    steps: tuple[Step, ...]
    not_ours: tuple[AssetKey, ...]
    now: datetime
    partition: str | None = None
    checks: tuple[AssetCheckKey, ...] | None = None

    @property
    def keys(self) -> tuple[AssetKey, ...]:
        """The assets to compute, each once."""
        return tuple(dict.fromkeys(k for step in self.steps if step.definition for k in step.keys))

    def target(self, run_config: Mapping[str, PlainValue] | None = None) -> RunTarget:
        """What a run needs to know to plan the same again."""
        asked = (key for step in self.steps if self.checks is None for key in step.keys)
        return RunTarget(
            assets=tuple(dict.fromkeys((*self.keys, *asked))),
            partition=self.partition,
            checks=self.checks,
            run_config=run_config or {},
        )


def plan(
    graph: AssetGraph,
    selected: Collection[AssetKey],
    *,
    partition: str | None = None,
    now: datetime,
    checks: Collection[AssetCheckKey] | None = None,
) -> Plan:
    """The steps for these assets: `partition` is one, or a range `first...last` with both ends.

    `checks` are those to ask, all of the selected assets unless given; they may be about other
    assets, which are then checked as they are. Nothing selected is an empty plan. Raises
    PartitionError where a partition is missing, not wanted or does not exist at `now`,
    SelectionError where nothing selected can be computed by us, or not without another asset.
    """
    chosen = set(selected)
    ordered = [graph.nodes[key] for key in graph.order if key in chosen]
    ours = [node for node in ordered if node.definition is not None]
    not_ours = tuple(node.key for node in ordered if node.definition is None)
    calls = calls_of(graph, ours, asked_checks(graph, chosen, checks))
    if chosen and not calls:
        what = ", ".join(map(str, not_ours))
        raise SelectionError(
            f"Nothing to materialize: the selection holds {what}, which no @asset of ours computes."
        )
    partitioned = {
        key: definition
        for call in calls
        for key in call.keys
        if (definition := graph.nodes[key].spec.partitions_def)
    }
    partitions = _partitions(partitioned, partition, now)
    steps = tuple(
        Step(call.definition, name if is_partitioned else None, call.checks, call.after, call.keys)
        for call in calls
        for is_partitioned in [any(key in partitioned for key in call.keys)]
        for index, name in enumerate(_ordered(graph, call, partitions))
        if index == 0 or is_partitioned
    )
    asked = None if checks is None else tuple(checks)
    return Plan(graph, steps, not_ours, now, partition, asked)


def _ordered(graph: AssetGraph, call: Call, partitions: list[str | None]) -> Sequence[str | None]:
    """The partitions as a call takes them: each after those of its own that it reads."""
    for spec in (graph.nodes[key].spec for key in call.keys):
        for dep, mapping in spec.mappings.items():
            if dep in call.keys and spec.partitions_def is not None:
                names = [name for name in partitions if name is not None]
                return in_reading_order(mapping, spec.partitions_def, names)
    return partitions


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
