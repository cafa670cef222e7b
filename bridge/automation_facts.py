"""What automation conditions ask, read from the store; and deciding in one call.

Each thing is read when it is first asked for, what was learned before anything else: what happens
meanwhile is new at the next evaluation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cached_property

from bridge.assets import AssetsDefinition
from bridge.automation.cursor import AutomationCursor, Entity
from bridge.automation.deciding import Decision, evaluate
from bridge.automation.facts import Update
from bridge.automation.sets import Some
from bridge.checks import AssetCheckKey
from bridge.conditions import AnyDownstream, AssetMatches
from bridge.definitions import Definitions
from bridge.errors import PartitionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey, CoercibleToAssetKey
from bridge.materialized import PartitionSets, partition_sets
from bridge.partitions import PartitionsDefinition, PartitionsSubset, subset_from_value
from bridge.recency import last_updates
from bridge.runs import Run
from bridge.specs import AssetSpec
from bridge.store import (
    AssetState,
    Backfill,
    BackfillStatus,
    Change,
    CheckState,
    DataState,
    Store,
)
from bridge.store.known import with_known_partitions
from bridge.targets import targeted

_OPEN: tuple[BackfillStatus, ...] = ("requested", "in_progress", "paused", "canceling")
_MOST_RUNS = 100_000  # that have not ended; beyond, the oldest would count as ended
_NOTHING = DataState()


def decide(
    store: Store,
    graph: AssetGraph,
    cursor: str | None,
    now: datetime,
    *,
    explained: Iterable[Entity] | None = (),
) -> Decision:
    """What the automation conditions request at `now`; writes nothing.

    `cursor` is what `Decision.cursor.dump()` gave the time before, None the first time; `explained`
    are the assets and checks to explain, None all.
    """
    known = with_known_partitions(graph, store)
    before = AutomationCursor.parse(cursor)
    return evaluate(known, StoreFacts(store, known, before, now), before, now, explained=explained)


class StoreFacts:
    """`bridge.automation.facts.Facts` out of a store."""

    def __init__(
        self, store: Store, graph: AssetGraph, cursor: AutomationCursor, now: datetime
    ) -> None:
        self._store, self._graph, self._now = store, graph, now
        self._before = cursor.position
        found = store.changes(None if cursor.at is None else cursor.position)
        self.position = found.position
        self._updates, self._answered = self._sorted(found.changes)
        self._runs: dict[str, Run | None] = {}
        # Before what is there: what ends in between is then there, rather than neither there nor
        # under way, which would request it twice.
        self._in_runs, self._in_backfills  # noqa: B018 - read on first use

    def updates(self, key: AssetKey) -> Mapping[str | None, Update]:
        """What was updated since, by partition."""
        return self._updates.get(key, {})

    def version_before(self, key: AssetKey, partition: str | None) -> str | None:
        """The data version at the evaluation before."""
        return self._store.version_before(key, partition, self._before)

    def materialized(self, key: AssetKey) -> Some:
        """What is there, or was seen where something else writes it."""
        if key in self._partitions:
            return self._partitions[key].materialized
        state = self._data.get(key, _NOTHING)
        if self._graph.nodes[key].is_executable or state.materialized_at is not None:
            return state.materialized_at is not None
        return state.observed_version_at is not None

    def failed(self, key: AssetKey) -> Some:
        """What failed when last attempted."""
        if key in self._partitions:
            return self._partitions[key].failed
        state = self._assets.get(key)
        return state is not None and state.activity == "failure"

    def in_run(self, key: AssetKey) -> Some:
        """What runs that have not ended, and holders of claims, have still to do."""
        return self._in_runs.get(key, False)

    def in_backfill(self, key: AssetKey) -> Some:
        """What backfills that have not ended have still to do."""
        return self._in_backfills.get(key, False)

    def updated_at(self, key: AssetKey) -> datetime | None:
        """When the asset was last brought up to date."""
        return self._updated_at.get(key)

    def run_assets(self, run_id: str) -> Collection[AssetKey]:
        """What a run is to compute."""
        run = self._run(run_id)
        return () if run is None else run.target.assets

    def run_tags(self, run_id: str) -> Mapping[str, str]:
        """The tags of a run."""
        run = self._run(run_id)
        return {} if run is None else run.tags

    def last_run(self, key: AssetKey) -> tuple[str | None, str | None] | None:
        """The partition that was materialized last, and by which run."""
        for last in self._store.events(key, kinds=("materialization",), limit=1):
            return last.event.partition, last.event.run_id
        return None

    def check_passed(self, key: AssetCheckKey) -> bool | None:
        """The last answer, if it is about the data that is there."""
        answer = self._checks.get(key)
        if answer is None:
            return None
        data = self._data.get(key.asset_key, _NOTHING)
        if data.materialized_at is not None:
            begun = data.materialized_at - timedelta(seconds=data.duration_s or 0.0)
            if answer.happened_at < begun:
                return None
        return answer.passed

    def was_answered(self, key: AssetCheckKey) -> bool:
        """Whether it was answered since."""
        return key in self._answered

    def _run(self, run_id: str) -> Run | None:
        if run_id not in self._runs:
            self._runs[run_id] = self._store.run(run_id)
        return self._runs[run_id]

    # -- read once -----------------------------------------------------------------------------

    @cached_property
    def _data(self) -> dict[AssetKey, DataState]:
        return self._store.data_states(self._graph.nodes)

    @cached_property
    def _assets(self) -> dict[AssetKey, AssetState]:
        return self._store.asset_states(self._graph.nodes)

    @cached_property
    def _partitions(self) -> dict[AssetKey, PartitionSets]:
        return partition_sets(self._store, self._cut_and_asked(), self._now)

    @cached_property
    def _checks(self) -> dict[AssetCheckKey, CheckState]:
        return {AssetCheckKey(each.key, each.name): each for each in self._store.check_states()}

    @cached_property
    def _in_runs(self) -> dict[AssetKey, bool | set[str]]:
        found: dict[AssetKey, bool | set[str]] = {}
        for run in self._store.runs(statuses=("queued", "running"), limit=_MOST_RUNS):
            done = self._done(run)
            for key in run.target.assets:
                for partition in targeted(run.target, key, self._graph):
                    if (key, partition) not in done:
                        _add(found, key, partition)
        for claim in self._store.claims():
            if claim.mode == "asset":
                _add(found, claim.key, claim.partition)
        return found

    @cached_property
    def _in_backfills(self) -> dict[AssetKey, Some]:
        found: dict[AssetKey, Some] = {}
        for backfill in self._store.backfills(statuses=_OPEN, limit=_MOST_RUNS):
            for name in backfill.target:
                key = AssetKey.parse(name)
                left = self._left(backfill, name) if key in self._graph else False
                known = found.get(key, False)
                if isinstance(known, PartitionsSubset) and isinstance(left, PartitionsSubset):
                    found[key] = known | left
                else:
                    found[key] = left or known
        return found

    def _left(self, backfill: Backfill, name: str) -> Some:
        """What a backfill has still to compute of an asset."""
        progress = backfill.progress
        ended = (progress.materialized, progress.failed, progress.omitted)
        definition = self._graph.nodes[AssetKey.parse(name)].spec.partitions_def
        target = backfill.target[name]
        if definition is None:
            return bool(target["partitions"]) and not any(
                of[name]["partitions"] for of in ended if name in of
            )
        try:
            left = subset_from_value(definition, target)
            for of in ended:
                if name in of:
                    left -= subset_from_value(definition, of[name])
        except PartitionError:  # it was asked for partitions that are cut otherwise now
            return False
        return left

    @cached_property
    def _updated_at(self) -> dict[AssetKey, datetime | None]:
        watched = [n.key for n in self._graph if n.spec.freshness_policy is not None]
        return last_updates(self._store, self._graph, watched, self._now)

    def _done(self, run: Run) -> set[tuple[AssetKey, str | None]]:
        """What a run has made already."""
        if run.status == "queued":
            return set()
        return {(made.key, made.partition) for made in self._store.made_by([run.id])}

    def _cut_and_asked(self) -> dict[AssetKey, PartitionsDefinition]:
        """How those are cut that have a condition, and those beside them that one may ask."""
        cut = self._graph.partitioned()
        if not cut:
            return cut
        asked: set[AssetKey] = set()
        far: dict[int, bool] = {}
        for node in self._graph:
            condition = node.spec.automation_condition
            if condition is not None:
                asked |= {node.key, *node.spec.deps}
                if id(condition) not in far:
                    far[id(condition)] = any(isinstance(one, _FAR) for one in condition.walk())
        has_checks = any(
            spec.automation_condition for node in self._graph for spec in node.check_specs
        )
        if has_checks or any(far.values()):
            return cut
        return {key: definition for key, definition in cut.items() if key in asked}

    def _sorted(
        self, changes: Iterable[Change]
    ) -> tuple[dict[AssetKey, dict[str | None, Update]], set[AssetCheckKey]]:
        """The newest update of each partition, and the checks that were answered."""
        updates: dict[AssetKey, dict[str | None, Update]] = {}
        answered: set[AssetCheckKey] = set()
        for change in changes:
            if change.check_name is not None:
                answered.add(AssetCheckKey(change.key, change.check_name))
                continue
            if not self._is_update(change):
                continue
            of = updates.setdefault(change.key, {})
            known = of.get(change.partition)
            of[change.partition] = _newest(known, change)
        for key, found in updates.items():
            self._leave_out_the_past(key, found)
        return updates, answered

    def _is_update(self, change: Change) -> bool:
        """New data; of what something else writes, also that it was seen to be another."""
        node = self._graph.nodes.get(change.key)
        if node is None or change.kind == "materialization":
            return node is not None
        if node.is_executable or change.version is None:
            return False
        before = self._store.version_before(change.key, change.partition, self._before)
        return change.version != before

    def _leave_out_the_past(self, key: AssetKey, found: dict[str | None, Update]) -> None:
        """Drop what was learned late and is older than what is known: it changed nothing."""
        names = [name for name in found if name is not None]
        states: dict[str | None, DataState] = {None: self._data.get(key, _NOTHING)}
        if names and self._graph.nodes[key].spec.partitions_def is not None:
            states.update(self._store.partition_data_states(key, names).items())
        for name in list(found):
            newest = states.get(name, _NOTHING).materialized_at
            if newest is not None and newest > found[name].happened_at:
                del found[name]


_FAR = (AssetMatches, AnyDownstream)


def _newest(known: Update | None, change: Change) -> Update:
    if known is None:
        return Update(change.happened_at, change.run_id, change.version)
    if change.happened_at < known.happened_at:
        return replace(known, earlier=(*known.earlier, change.run_id))
    earlier = (*known.earlier, known.run_id)
    return Update(change.happened_at, change.run_id, change.version, earlier)


def _add(found: dict[AssetKey, bool | set[str]], key: AssetKey, partition: str | None) -> None:
    known = found.setdefault(key, set())
    if partition is None or known is True:
        found[key] = True
    elif isinstance(known, set):
        known.add(partition)


class EvaluateAutomationConditionsResult:
    """What one evaluation requested, for tests; `cursor` is for the next one."""

    def __init__(self, decision: Decision) -> None:
        self._decision = decision
        self.cursor = decision.cursor

    @property
    def total_requested(self) -> int:
        """How many partitions are requested, over all assets and checks; a whole asset is one."""
        assets = sum(len(found) for found in self._decision.assets.values())
        return assets + len(self._decision.checks)

    def get_requested_partitions(self, asset_key: CoercibleToAssetKey) -> set[str | None]:
        """The partitions of an asset that are requested; {None} is an asset without partitions."""
        found = self._decision.assets.get(AssetKey.from_coercible(asset_key))
        return set() if found is None else set(found.keys)

    def get_num_requested(self, asset_key: CoercibleToAssetKey) -> int:
        """How many partitions of an asset are requested."""
        return len(self.get_requested_partitions(asset_key))

    @property
    def requested_checks(self) -> tuple[AssetCheckKey, ...]:
        """The checks that are requested."""
        return self._decision.checks

    def explain(self, asset_key: CoercibleToAssetKey | AssetCheckKey) -> str:
        """Why an asset or a check was or was not requested, line by line."""
        entity = (
            asset_key
            if isinstance(asset_key, AssetCheckKey)
            else AssetKey.from_coercible(asset_key)
        )
        told = self._decision.explanations.get(entity)
        return f"{entity} has no automation condition" if told is None else "\n".join(told.lines())


def evaluate_automation_conditions(
    defs: Definitions | Sequence[AssetsDefinition | AssetSpec],
    instance: Store,
    *,
    evaluation_time: datetime | None = None,
    cursor: AutomationCursor | None = None,
) -> EvaluateAutomationConditionsResult:
    """Ask the automation conditions of these assets and checks once, in a test.

    `instance` is a store, such as `open_store("sqlite://")`; `cursor` is the last result's, so that
    several calls are consecutive evaluations. Without `evaluation_time` it is now.
    """
    definitions = defs if isinstance(defs, Definitions) else Definitions(defs)
    now = evaluation_time or datetime.now(timezone.utc)
    text = None if cursor is None else cursor.dump()
    return EvaluateAutomationConditionsResult(
        decide(instance, definitions.graph(), text, now, explained=None)
    )
