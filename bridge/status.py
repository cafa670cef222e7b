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
from bridge.store import AssetState, CheckState, Claim, RouteState, Store

StatusWord: TypeAlias = Literal["running", "failed", "stale", "fresh", "done", "missing", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The latest facts that status is derived from, read in one go."""

    assets: Mapping[AssetKey, AssetState]
    checks: Mapping[AssetKey, tuple[CheckState, ...]]
    partition_counts: Mapping[AssetKey, int]
    routes: Mapping[AssetKey, RouteState]
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetStatus:
    """One line of a status table.

    `status`: running; failed (the last attempt failed, or a blocking check did); stale (its
    freshness policy failed, or `stale_because` of an upstream that is failed or stale); fresh (a
    policy passes); done (materialized, no policy); missing (ours, never materialized); unknown
    (written outside, nothing
    heard yet). `partitions`
    is done of all.
    """

    key: AssetKey
    group: str
    owners: tuple[str, ...]
    status: StatusWord
    latest: datetime | None
    freshness: FreshnessVerdict | None
    checks_passed: int
    checks_total: int
    partitions_done: int | None
    partitions_total: int | None
    route: RouteState | None
    is_executable: bool
    message: str | None = None
    stale_because: AssetKey | None = None
    row_count: int | None = None
    failed_checks: tuple[str, ...] = field(default=())


def read_facts(store: Store) -> Facts:
    """Everything the store knows now that status needs."""
    checks: dict[AssetKey, tuple[CheckState, ...]] = {}
    for check in store.check_states():
        checks[check.key] = (*checks.get(check.key, ()), check)
    return Facts(
        assets=store.asset_states(),
        checks=checks,
        partition_counts=store.partition_counts(),
        routes={key: route.state for route in store.routes() for key in route.assets},
        claims=tuple(store.claims()),
    )


def summarise(graph: AssetGraph, facts: Facts, now: datetime) -> list[AssetStatus]:
    """The status of every asset at `now`, upstream first."""
    found: dict[AssetKey, AssetStatus] = {}
    held = {claim.key for claim in facts.claims if claim.mode == "asset"}
    for key in graph.order:
        found[key] = _status(graph.nodes[key], facts, now, found, held)
    return list(found.values())


def _status(
    node: AssetNode,
    facts: Facts,
    now: datetime,
    upstream: Mapping[AssetKey, AssetStatus],
    held: Iterable[AssetKey],
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
    definition = spec.partitions_def
    return AssetStatus(
        key=key,
        group=spec.group_name,
        owners=spec.owners,
        status=_word(node, state, verdict, is_held=key in held, blocked=blocked, cause=cause),
        latest=state.materialized_at,
        freshness=verdict,
        checks_passed=sum(check.passed for check in answers.values()),
        checks_total=len({*answers, *(check.name for check in node.check_specs)}),
        partitions_done=None if definition is None else facts.partition_counts.get(key, 0),
        partitions_total=None if definition is None else definition.count(now),
        route=facts.routes.get(key) or ("observed" if node.produced_by else None),
        is_executable=node.is_executable,
        message=state.message if state.activity == "failure" else None,
        stale_because=cause,
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
    cause: AssetKey | None,
) -> StatusWord:
    if is_held and state.activity == "started":
        return "running"
    if state.activity == "failure" or blocked:
        return "failed"
    if state.materialized_at is None:
        return "missing" if node.is_executable else "unknown"
    if verdict is not None and verdict.state == "fail":
        return "stale"
    if cause is not None:
        return "stale"
    return "done" if verdict is None else "fresh"
