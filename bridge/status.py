"""What to say of each asset now: graph, latest facts and the time give one answer for every page.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from bridge.freshness import FreshnessVerdict
from bridge.graph import AssetGraph, AssetNode
from bridge.keys import AssetKey
from bridge.materialized import PartitionSets, partition_sets
from bridge.staleness import (
    DataFacts,
    Staleness,
    in_words,
    partition_staleness,
    partitioned_inputs,
    staleness,
)
from bridge.store import AssetState, CheckState, Claim, RouteState, Store

StatusWord: TypeAlias = Literal["running", "failed", "stale", "fresh", "done", "missing", "unknown"]
Health: TypeAlias = Literal["healthy", "warning", "degraded", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The latest facts that status is derived from, read in one go."""

    assets: Mapping[AssetKey, AssetState]
    checks: Mapping[AssetKey, tuple[CheckState, ...]]
    partitions: Mapping[AssetKey, PartitionSets]
    routes: Mapping[AssetKey, RouteState]
    data: DataFacts
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetStatus:
    """One line of a status table.

    `status`: running; failed (the last attempt failed, or a blocking check did); stale (its
    freshness policy failed, it is out of sync with its code or upstream, or an upstream is failed
    or stale); fresh (a policy passes); done (materialized, no policy); missing (ours, never
    materialized); unknown (written outside, nothing heard yet). `stale_because` is the first
    upstream that makes it stale, `message` why the last attempt failed or the data is out of date.
    `partitions` is done of all.
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


def read_facts(store: Store, graph: AssetGraph, now: datetime) -> Facts:
    """Everything the store knows now that the status of these assets needs."""
    checks: dict[AssetKey, tuple[CheckState, ...]] = {}
    for check in store.check_states():
        checks[check.key] = (*checks.get(check.key, ()), check)
    data = store.data_states(graph.nodes)
    read_whole = partitioned_inputs(graph, data)
    return Facts(
        assets=store.asset_states(),
        data=DataFacts(
            assets=data,
            partitions={key: store.partition_data_states(key) for key in read_whole},
        ),
        checks=checks,
        partitions=partition_sets(store, graph.partitioned(), now),
        routes={key: route.state for route in store.routes() for key in route.assets},
        claims=tuple(store.claims()),
    )


def read_partition_staleness(
    store: Store, graph: AssetGraph, key: AssetKey, now: datetime
) -> dict[str, Staleness]:
    """Every materialized partition of one asset of ours, with the causes it has of its own."""
    deps = graph.upstream(key)
    cut = [dep for dep in deps if graph.nodes[dep].spec.partitions_def is not None]
    partitions = {each: store.partition_data_states(each) for each in (key, *cut)}
    facts = DataFacts(assets=store.data_states(deps), partitions=partitions)
    return partition_staleness(graph, key, partitions[key], facts, now)


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
    answers = {check.name: check for check in facts.checks.get(key, ())}
    failed = tuple(name for name, check in answers.items() if not check.passed)
    blocked = any(not c.passed and c.blocking and c.severity == "ERROR" for c in answers.values())
    verdict = None
    if spec.freshness_policy is not None:
        verdict = spec.freshness_policy.verdict(state.materialized_at, now)
    cause = next((dep for dep in spec.deps if upstream[dep].status in ("failed", "stale")), None)
    changed = next((c.dependency for c in sync.causes if c.dependency in upstream), None)
    is_stale = cause is not None or bool(sync.causes)
    definition, sets = spec.partitions_def, facts.partitions.get(key)
    return AssetStatus(
        key=key,
        group=spec.group_name,
        owners=spec.owners,
        status=_word(node, state, verdict, is_held=key in held, blocked=blocked, is_stale=is_stale),
        health=_health(state, verdict, tuple(answers.values())),
        latest=state.materialized_at,
        freshness=verdict,
        checks_passed=sum(check.passed for check in answers.values()),
        checks_total=len({*answers, *(check.name for check in node.check_specs)}),
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
    state: AssetState, verdict: FreshnessVerdict | None, answers: tuple[CheckState, ...]
) -> Health:
    """The worst of what materialization, checks and freshness say; unknown where none says a thing.

    As in Dagster 1.13: a failed attempt, ERROR check or policy degrades, a WARN check or policy
    warns.
    """
    failed = [answer.severity for answer in answers if not answer.passed]
    fresh = "unknown" if verdict is None else verdict.state
    if state.activity == "failure" or "ERROR" in failed or fresh == "fail":
        return "degraded"
    if failed or fresh == "warn":
        return "warning"
    return "unknown" if state.materialized_at is None and not answers else "healthy"
