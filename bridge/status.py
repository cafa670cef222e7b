"""What to say of each asset now: graph, latest facts and the time give one answer for every page.

Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from bridge.freshness import FreshnessVerdict
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.materialized import PartitionSets, partition_sets
from bridge.nodes import AssetNode
from bridge.recency import last_updates
from bridge.specs import AssetSpec
from bridge.staleness import (
    DataFacts,
    Staleness,
    asset_version,
    in_words,
    partition_staleness,
    partitioned_inputs,
    staleness,
)
from bridge.store import AssetState, CheckState, Claim, DataState, RouteState, Store

StatusWord: TypeAlias = Literal["running", "failed", "stale", "fresh", "done", "missing", "unknown"]
Health: TypeAlias = Literal["healthy", "warning", "degraded", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The latest facts that status is derived from, read in one go.

    `failing` are checks whose newest answer is a failure, by partition; `updates` the times that
    freshness counts from, of assets with a policy.
    """

    assets: Mapping[AssetKey, AssetState]
    checks: Mapping[AssetKey, tuple[CheckState, ...]]
    partitions: Mapping[AssetKey, PartitionSets]
    routes: Mapping[AssetKey, RouteState]
    data: DataFacts
    failing: Mapping[AssetKey, tuple[CheckState, ...]] = field(default_factory=dict)
    updates: Mapping[AssetKey, datetime | None] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetStatus:
    """One line of a status table.

    `status`: running; failed (the last attempt failed, or a blocking check did); stale (its
    freshness policy failed, it is out of sync with its code or upstream, or an upstream is failed
    or stale); fresh (a policy passes); done (materialized, no policy); missing (ours, never
    materialized); unknown (written outside, nothing heard yet). `stale_because` is the first
    upstream that makes it stale, `message` why the last attempt failed or the data is out of date.
    `partitions` is done of all. A check counts as failed while it fails for any partition that
    exists. `freshness` of an asset cut by time looks at its newest window (`bridge.recency`).
    """

    key: AssetKey
    group: str
    owners: tuple[str, ...]
    status: StatusWord
    health: Health
    latest: datetime | None
    freshness: FreshnessVerdict | None
    checks_passed: int
    checks_total: int
    partitions_done: int | None
    partitions_total: int | None
    route: RouteState | None
    is_executable: bool
    staleness: Staleness
    message: str | None = None
    stale_because: AssetKey | None = None
    row_count: int | None = None
    failed_checks: tuple[str, ...] = field(default=())
    failed_partitions: int = 0


def read_facts(store: Store, graph: AssetGraph, now: datetime) -> Facts:
    """Everything the store knows now that the status of these assets needs."""
    checks: dict[AssetKey, tuple[CheckState, ...]] = {}
    for check in store.check_states():
        checks[check.key] = (*checks.get(check.key, ()), check)
    failing: dict[AssetKey, tuple[CheckState, ...]] = {}
    for check in store.failed_check_states():
        failing[check.key] = (*failing.get(check.key, ()), check)
    data = store.data_states(graph.nodes)
    read_whole = partitioned_inputs(graph, data)
    states, sets = store.asset_states(), partition_sets(store, graph.partitioned(), now)
    watched = [node.key for node in graph if node.spec.freshness_policy is not None]
    return Facts(
        assets=states,
        data=DataFacts(
            assets=data,
            partitions={key: store.partition_data_states(key) for key in read_whole},
        ),
        checks=checks,
        failing=failing,
        partitions=sets,
        updates=last_updates(store, graph, watched, now, states=states, partitions=sets),
        routes={key: route.state for route in store.routes() for key in route.assets},
        claims=tuple(store.claims()),
    )


def read_partition_staleness(
    store: Store, graph: AssetGraph, key: AssetKey, now: datetime
) -> dict[str, Staleness]:
    """The partitions of one asset of ours that are out of sync, with the causes of their own.

    Where each reads the partitions of its own name, the database says which to look at: few of
    100,000.
    """
    spec = graph.nodes[key].spec
    cut = [dep for dep in spec.deps if graph.nodes[dep].spec.partitions_def is not None]
    whole = store.data_states(dep for dep in spec.deps if dep not in cut)
    wanted: list[str] | None = None
    if _reads_own_names(graph, key, cut):
        versions = {
            dep: None
            if dep in cut
            else asset_version(graph.nodes[dep], whole.get(dep, DataState()))
            for dep in spec.deps
        }
        wanted = store.suspect_partitions(key, spec.code_version, versions)
    read = {each: store.partition_data_states(each, wanted) for each in (key, *cut)}
    facts = DataFacts(assets=whole, partitions=read)
    found = partition_staleness(graph, key, read[key], facts, now)
    return {name: each for name, each in found.items() if each.causes}


def _reads_own_names(graph: AssetGraph, key: AssetKey, cut: Iterable[AssetKey]) -> bool:
    """Whether every partition reads, of what has partitions, those of the same name only."""
    spec = graph.nodes[key].spec
    return not spec.mappings and all(
        graph.nodes[dep].spec.partitions_def == spec.partitions_def for dep in cut
    )


def summarise(graph: AssetGraph, facts: Facts, now: datetime) -> list[AssetStatus]:
    """The status of every asset at `now`, upstream first."""
    found: dict[AssetKey, AssetStatus] = {}
    held = {claim.key for claim in facts.claims if claim.mode == "asset"}
    stale = staleness(graph, facts.data, now)
    for key in graph.order:
        found[key] = _status(graph.nodes[key], facts, now, found, held, stale[key])
    return list(found.values())


def _status(
    node: AssetNode,
    facts: Facts,
    now: datetime,
    upstream: Mapping[AssetKey, AssetStatus],
    held: Iterable[AssetKey],
    sync: Staleness,
) -> AssetStatus:
    key, spec = node.key, node.spec
    state = facts.assets.get(key) or AssetState(key=key)
    answered = {check.name for check in facts.checks.get(key, ())}
    failing = _failing(spec, facts.failing.get(key, ()), now)
    failed = tuple(dict.fromkeys(check.name for check in failing))
    blocked = any(c.blocking and c.severity == "ERROR" for c in failing)
    verdict = None
    if spec.freshness_policy is not None:
        verdict = spec.freshness_policy.verdict(facts.updates.get(key), now)
    cause = next((dep for dep in spec.deps if upstream[dep].status in ("failed", "stale")), None)
    changed = next((c.dependency for c in sync.causes if c.dependency in upstream), None)
    is_stale = cause is not None or bool(sync.causes)
    definition, sets = spec.partitions_def, facts.partitions.get(key)
    failed_partitions = 0 if sets is None else len(sets.failed.existing(now))
    return AssetStatus(
        key=key,
        group=spec.group_name,
        owners=spec.owners,
        status=_word(node, state, verdict, is_held=key in held, blocked=blocked, is_stale=is_stale),
        health=_health(state, verdict, answered, failing, failed_partitions),
        latest=state.materialized_at,
        freshness=verdict,
        checks_passed=len(answered) - len(failed),
        checks_total=len({*answered, *(check.name for check in node.check_specs)}),
        partitions_done=None if sets is None else len(sets.materialized.existing(now)),
        partitions_total=None if definition is None else definition.count(now),
        route=facts.routes.get(key) or ("observed" if node.produced_by else None),
        is_executable=node.is_executable,
        staleness=sync,
        message=state.message
        if state.activity == "failure"
        else _stale_words(sync, None if cause is None else upstream[cause]),
        stale_because=cause or changed,
        row_count=state.row_count,
        failed_checks=failed,
        failed_partitions=failed_partitions,
    )


def _failing(
    spec: AssetSpec, states: Iterable[CheckState], now: datetime
) -> tuple[CheckState, ...]:
    """The failures that are about the asset as it is cut now."""
    definition = spec.partitions_def
    return tuple(
        state
        for state in states
        if state.partition is None
        or (definition is not None and definition.contains(state.partition, now))
    )


def _word(
    node: AssetNode,
    state: AssetState,
    verdict: FreshnessVerdict | None,
    *,
    is_held: bool,
    blocked: bool,
    is_stale: bool,
) -> StatusWord:
    if is_held and state.activity == "started":
        return "running"
    if state.activity == "failure" or blocked:
        return "failed"
    if state.materialized_at is None:
        return "missing" if node.is_executable else "unknown"
    if verdict is not None and verdict.state == "fail":
        return "stale"
    if is_stale:
        return "stale"
    return "done" if verdict is None else "fresh"


def _stale_words(sync: Staleness, upstream: AssetStatus | None) -> str | None:
    """Why its data is out of date: its own causes first, else an upstream that is no better."""
    if sync.causes:
        return f"stale because {', and '.join(in_words(cause) for cause in sync.causes)}"
    return None if upstream is None else f"stale because {upstream.key} is {upstream.status}"


def _health(
    state: AssetState,
    verdict: FreshnessVerdict | None,
    answered: Collection[str],
    failing: Collection[CheckState],
    failed_partitions: int,
) -> Health:
    """The worst of what materialization, checks and freshness say; unknown where none says a thing.

    As in Dagster 1.13: a failed attempt, also of one partition, an ERROR check or policy degrades,
    a WARN check or policy warns.
    """
    fresh = "unknown" if verdict is None else verdict.state
    is_failed = state.activity == "failure" or failed_partitions > 0
    if is_failed or any(each.severity == "ERROR" for each in failing) or fresh == "fail":
        return "degraded"
    if failing or fresh == "warn":
        return "warning"
    return "unknown" if state.materialized_at is None and not answered else "healthy"
