"""What a run will do: assets times partitions, each after its upstream. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from bridge.assets import AssetsDefinition
from bridge.checks import AssetCheckKey, AssetChecksDefinition
from bridge.errors import PartitionError, SelectionError
from bridge.events import PlainValue
from bridge.execution.calls import Call, asked_checks, calls_of
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.later import Later
from bridge.places import Place

if TYPE_CHECKING:
    from bridge import runs
    from bridge.partitions import PartitionsDefinition, backward, multi, spans
    from bridge.runs import RunTarget
else:
    runs = Later("bridge.runs")
    backward = Later("bridge.partitions.backward")
    multi = Later("bridge.partitions.multi")
    spans = Later("bridge.partitions.spans")

_RANGE = "..."


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a function: an asset, or several that it computes, then their checks.

    Without `definition`, only checks are asked. `keys` are all assets of the definition unless
    given, and `waits_for` what must come before: its own key stands for earlier partitions. A call
    for several `partitions`, in order and without a gap, is called `first...last` in `partition`;
    of a whole asset the only one is None.
    """

    definition: AssetsDefinition | None
    partition: str | None
    checks: tuple[AssetChecksDefinition, ...]
    waits_for: tuple[AssetKey, ...]
    keys: tuple[AssetKey, ...] = ()
    partitions: tuple[str | None, ...] = ()

    def __post_init__(self) -> None:
        if not self.keys and self.definition is not None:
            object.__setattr__(self, "keys", self.definition.keys)
        if not self.partitions:
            object.__setattr__(self, "partitions", (self.partition,))

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

    `partition`, `partitions` and `checks` are what was asked for.
    """

    graph: AssetGraph
    steps: tuple[Step, ...]
    not_ours: tuple[AssetKey, ...]
    now: datetime
    partition: str | None = None
    checks: tuple[AssetCheckKey, ...] | None = None
    partitions: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[AssetKey, ...]:
        """The assets to compute, each once."""
        return tuple(dict.fromkeys(k for step in self.steps if step.definition for k in step.keys))

    def target(self, run_config: Mapping[str, PlainValue] | None = None) -> RunTarget:
        """What a run needs to know to plan the same again."""
        asked = (key for step in self.steps if self.checks is None for key in step.keys)
        return runs.RunTarget(
            assets=tuple(dict.fromkeys((*self.keys, *asked))),
            partition=self.partition,
            partitions=self.partitions,
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
    partitions: Collection[str] = (),
) -> Plan:
    """The steps for these assets: `partition` is one, or a range `first...last` with both ends.

    `partitions` are any of them instead. An asset's backfill policy says how many one call takes,
    one where there is none; a call never bridges a gap. `checks` are those to ask, all of the
    selected assets unless given; they may be about other assets, which are then checked as they
    are. Nothing selected is an empty plan. Raises
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
        if call.definition is not None or not all(c.is_about_whole_assets for c in call.checks)
        for key in call.keys
        if (definition := graph.nodes[key].spec.partitions_def)
    }
    partition = None if partition is None else str(partition)  # of a MultiPartitionKey its text
    partitions = tuple(map(str, partitions))
    runs = _runs(partitioned, partition, partitions, now)
    steps: list[Step] = []
    for call in calls:
        cut = next((partitioned[key] for key in call.keys if key in partitioned), None)
        begin = len(steps)
        if cut is None:
            steps.append(Step(call.definition, None, call.checks, call.after, call.keys))
        else:
            steps += _steps_of(graph, call, cut, runs[cut])
        steps[begin:-1] = map(_without_whole, steps[begin:-1])
    asked = None if checks is None else tuple(checks)
    return Plan(graph, tuple(steps), not_ours, now, partition, asked, tuple(partitions))


def _steps_of(
    graph: AssetGraph, call: Call, cut: PartitionsDefinition, runs: list[list[str]]
) -> Iterator[Step]:
    """The steps of a call: for each partition one, or as many as its policy takes at once."""
    function, after, keys = call.definition, call.after, call.keys
    policy = None if function is None else function.backfill_policy
    most = 1 if policy is None else policy.max_partitions_per_run
    names = [name for run in runs for name in run]
    ordered = _ordered(graph, call, names)
    needs_later = ordered != names  # a chunk of theirs may read what a later one makes
    if most == 1 or (most is not None and needs_later):
        for name in ordered:
            yield Step(function, name, call.checks, after, keys, (name,))
        return
    for chunk in spans.in_chunks(cut, runs, most):
        yield Step(function, _called(chunk), call.checks, after, keys, tuple(chunk))


def _without_whole(step: Step) -> Step:
    """A step that is not the last of its call: checks about whole assets wait for that."""
    checks = tuple(check for check in step.checks if not check.is_about_whole_assets)
    return step if len(checks) == len(step.checks) else replace(step, checks=checks)


def _ordered(graph: AssetGraph, call: Call, names: list[str]) -> list[str]:
    """The partitions as a call takes them: each after those of its own that it reads."""
    for spec in (graph.nodes[key].spec for key in call.keys):
        for dep, mapping in spec.mappings.items():
            if dep in call.keys and spec.partitions_def is not None:
                return backward.in_reading_order(mapping, spec.partitions_def, names)
    return names


def narrowed(step: Step, names: Collection[str | None]) -> list[Step]:
    """The step for these of its partitions only: one a run without gaps, none for none.

    A range of several dimensions stays whole: what is left of it may be no range.
    """
    if all(name in names for name in step.partitions):
        return [step]
    definition = step.definition
    if definition is not None and isinstance(
        definition.specs[0].partitions_def, multi.MultiPartitionsDefinition
    ):
        return [step] if any(name in names for name in step.partitions) else []
    runs = groupby(step.partitions, key=lambda name: name in names)
    parts = [tuple(run) for is_left, run in runs if is_left]
    return [
        replace(step, partition=_called([name for name in part if name]), partitions=part)
        for part in parts
    ]


def _called(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}{_RANGE}{names[-1]}"


def _runs(
    partitioned: Mapping[AssetKey, PartitionsDefinition],
    wanted: str | None,
    several: Collection[str],
    now: datetime,
) -> dict[PartitionsDefinition, list[list[str]]]:
    """For each way of cutting, the wanted partitions in order, as runs without gaps."""
    if not partitioned:
        if wanted is not None or several:
            named = ", ".join(several) if wanted is None else repr(wanted)
            raise PartitionError(f"None of the selected assets has partitions; leave out {named}.")
        return {}
    if wanted is None and not several:
        key, definition = next(iter(partitioned.items()))
        latest = definition.latest(now)
        hint = f" The last one is {latest}: --partition {latest}" if latest else ""
        raise PartitionError(f"{key} is partitioned; say which partition to materialize.{hint}")
    if wanted is not None and several:
        raise PartitionError(f"Give either one partition or range ({wanted!r}), or several.")
    runs: dict[PartitionsDefinition, list[list[str]]] = {}
    for key, definition in partitioned.items():
        if definition not in runs:
            runs[definition] = _runs_of(key, definition, wanted, several, now)
    return runs


def _runs_of(
    key: AssetKey,
    definition: PartitionsDefinition,
    wanted: str | None,
    several: Collection[str],
    now: datetime,
) -> list[list[str]]:
    if wanted is None:
        for name in several:
            definition.require(name, now, key)
        return spans.consecutive(definition, several, now)
    first, is_range, last = wanted.partition(_RANGE)
    if not is_range:
        definition.require(wanted, now, key)
        return [[wanted]]
    names = definition.range(first, last)
    for edge in (first, last):
        definition.require(edge, now, key)
    if not names:
        raise PartitionError(f"The range {wanted} ends before it begins.")
    return [names]
