"""One step: claim, compute and record what a function computes, then ask its checks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.errors import (
    BridgeError,
    ClaimLostError,
    ClaimRefusedError,
    Failure,
    RetryRequested,
)
from bridge.events import AssetEvent
from bridge.execution.checking import run_checks
from bridge.execution.computing import Computation
from bridge.execution.heartbeat import LEASE_S, Heartbeat
from bridge.execution.outcome import CheckReport, StepLog, StepResult, Writer, first_line
from bridge.execution.plan import Step
from bridge.keys import AssetKey
from bridge.store import Claim
from bridge.store.known import with_known_partitions

_CLOCKS_DIFFER = timedelta(seconds=5)


def execute_step(
    step: Step,
    writer: Writer,
    *,
    checks: Collection[AssetChecksDefinition] | None = None,
    claim: Claim | None = None,
) -> StepResult:
    """`execute_call` for a step of one asset."""
    (result,) = execute_call(step, writer, checks=checks, claim=claim)
    return result


def execute_call(
    step: Step,
    writer: Writer,
    *,
    checks: Collection[AssetChecksDefinition] | None = None,
    claim: Claim | None = None,
) -> tuple[StepResult, ...]:
    """Compute a step's assets, record them, and ask its checks (all of them unless given).

    One result for each asset and partition: what was computed before a failure stays, and a retry
    computes the rest.
    `claim` is one that the caller took and keeps. User errors end as a recorded failure, not as an
    exception; what ends the process (KeyboardInterrupt, SystemExit) is recorded and goes on.
    """
    wanted = step.checks if checks is None else tuple(checks)
    log = StepLog(writer.log)
    # a step before this one may have added partitions, or somebody else
    known = with_known_partitions(writer.graph, writer.store)
    writer = replace(writer, log=log, graph=known)
    if step.definition is None:
        return _only_checked(step, wanted, writer, log)
    try:
        claims = {} if step.definition.is_observation else _claims(step, writer, claim)
    except (ClaimRefusedError, ClaimLostError) as error:
        return tuple(
            StepResult(key=key, partition=name, status="refused", message=str(error))
            for key in step.keys
            for name in step.partitions
        )
    with (
        nullcontext(writer.heartbeat) if writer.heartbeat else Heartbeat(writer.store) as heartbeat
    ):
        for held in claims.values():
            heartbeat.hold(*held)
        try:
            computation = Computation(step, step.definition, writer, claims, claim, heartbeat)
            _compute(computation, step.definition, writer)
        finally:
            for held in claims.values():
                heartbeat.drop(*held)
    return _with_checks(computation, wanted, writer, log)


def _claims(step: Step, writer: Writer, given: Claim | None) -> dict[AssetKey, list[Claim]]:
    """A claim for each asset and partition, all or none, and the news that the step has begun."""
    now = datetime.now(timezone.utc)
    started = [
        AssetEvent(
            kind="started",
            key=key,
            partition=name,
            happened_at=now,
            source=writer.source,
            run_id=writer.run_id,
        )
        for key in step.keys
        for name in step.partitions
    ]
    places = [(event.key, event.partition) for event in started]
    claims: list[Claim] = []
    if given is not None and (given.key, given.partition) in places:
        # it is kept when the others are refused, and they are tried first
        places.remove((given.key, given.partition))
        claims.append(given)
    if len(places) == 1 and not claims:
        ((key, name),) = places
        claims.append(
            writer.store.claim(
                key,
                name,
                owner=writer.owner,
                attempt=writer.attempt,
                lease_s=LEASE_S,
                announce=started,
            )
        )
    elif places:
        claims += writer.store.claim_all(
            places,
            owner=writer.owner,
            attempt=writer.attempt,
            lease_s=LEASE_S,
            announce=started,
        )
    else:
        writer.store.record(started, claim=given)
    found: dict[AssetKey, list[Claim]] = {key: [] for key in step.keys}
    for claim in claims:
        found[claim.key].append(claim)
    if claims and claims[-1] is not given:
        _compare_clocks(claims[-1], now, writer)
    return found


def _compare_clocks(claim: Claim, asked_at: datetime, writer: Writer) -> None:
    """Warn where this host's clock and the store's differ by more than the answer may take."""
    granted_at = claim.lease_until - timedelta(seconds=LEASE_S)
    ahead = max(asked_at - granted_at, timedelta())
    behind = max(granted_at - datetime.now(timezone.utc), timedelta())
    if max(ahead, behind) > _CLOCKS_DIFFER:
        writer.log.warning(
            "this host's clock is %.0f s %s that of the store: what it records has wrong times, "
            "by which the newest is told. Set it, as NTP does.",
            max(ahead, behind).total_seconds(),
            "ahead of" if ahead else "behind",
        )


def _compute(computation: Computation, definition: AssetsDefinition, writer: Writer) -> None:
    """Call the function until everything is there or its retries are used up."""
    retries = 0
    while True:
        error = computation.attempt()
        if error is None:
            return
        retries += 1
        pause = _pause_before(retries, error, definition)
        if pause is None or not computation.pending:
            break
        writer.log.warning(
            "%s failed (%s); retry %d in %.1f s", definition.name, first_line(error), retries, pause
        )
        writer.sleep(pause)
    computation.fail(error)


def _pause_before(retry: int, error: Exception, definition: AssetsDefinition) -> float | None:
    """Seconds before the retry that an error asks for or the policy grants, None for no more."""
    if isinstance(error, RetryRequested):
        return (error.seconds_to_wait or 0.0) if retry <= error.max_retries else None
    is_final = isinstance(error, BridgeError) and not (
        isinstance(error, Failure) and error.allow_retries
    )
    policy = definition.retry_policy
    if is_final or policy is None or retry > policy.max_retries:
        return None
    return policy.delay_s(retry)


def _with_checks(
    computation: Computation,
    checks: Sequence[AssetChecksDefinition],
    writer: Writer,
    log: StepLog,
) -> tuple[StepResult, ...]:
    """The results with all answers about each asset: its function's own, then those asked now."""
    step, results = computation.step, computation.finished()
    reports = {(r.key, r.partition): list(computation.reports_of(r.key)) for r in results}
    for check in checks:
        about = check.asset_keys
        if all(computation.has_made(key) for key in about if key in step.keys):
            for key, name, report in run_checks(check, step.partitions, writer):
                reports.setdefault((key, name), []).append(report)
    lines = tuple(log.lines)
    return tuple(
        replace(result, checks=tuple(found), log=lines) if lines or found else result
        for result in results
        for found in [reports[result.key, result.partition]]
    )


def _only_checked(
    step: Step, checks: Sequence[AssetChecksDefinition], writer: Writer, log: StepLog
) -> tuple[StepResult, ...]:
    reports: dict[tuple[AssetKey, str | None], list[CheckReport]] = {
        (key, name): [] for key in step.keys for name in step.partitions
    }
    for check in checks:
        for key, name, report in run_checks(check, step.partitions, writer):
            reports.setdefault((key, name), []).append(report)
    return tuple(
        StepResult(
            key=key,
            partition=name,
            status="checked",
            checks=tuple(found),
            log=tuple(log.lines),
        )
        for (key, name), found in reports.items()
    )
