"""What became of a step whose process ended in the middle: asked of the store, then settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import TypeAlias

from bridge.checks import AssetChecksDefinition, AssetCheckSpec
from bridge.errors import ClaimLostError, ClaimRefusedError
from bridge.events import AssetEvent, EventKind
from bridge.execution.checking import reported
from bridge.execution.outcome import CheckReport, StepResult, Writer
from bridge.execution.plan import Step
from bridge.keys import AssetKey
from bridge.runs import StepStatus

_Heard: TypeAlias = "dict[tuple[EventKind, str | None], AssetEvent]"
_ENDS: tuple[EventKind, ...] = ("materialization", "observation", "failure")


def settle(
    step: Step, writer: Writer, why: str, status: StepStatus = "failed"
) -> tuple[StepResult, ...]:
    """One result for each asset and partition: what was recorded stays, what was not is recorded as
    a failure.

    Claims are given back. A check that was not answered any more counts as one that raised.
    """
    found: list[StepResult] = []
    for key in step.keys:
        heard = _heard(step, key, writer)
        ends = {} if step.definition is None else {n: _end(events) for n, events in heard.items()}
        missing = [name for name, end in ends.items() if end is None]
        lost = {r.partition: r for r in _failed(key, missing, writer, why, status)}
        unanswered: list[AssetEvent] = []
        for name, events in heard.items():
            reports, failures = _reports(step, key, name, events.values(), writer, why)
            unanswered += failures
            result = lost.get(name)
            if result is None:
                result = _ended(key, name, ends.get(name), why, status)
            found.append(replace(result, checks=tuple(reports)))
        if unanswered:
            writer.store.record(unanswered)
    return tuple(found)


def _heard(step: Step, key: AssetKey, writer: Writer) -> dict[str | None, _Heard]:
    """What this run recorded last of each partition of the step, by kind and check."""
    heard: dict[str | None, _Heard] = {name: {} for name in step.partitions}
    most = 1000 + len(heard) * (3 + len(_specs(step.checks, key)))
    for recorded in reversed(writer.store.events(key, run_id=writer.run_id, limit=most)):
        event = recorded.event
        if event.partition in heard:
            heard[event.partition][event.kind, event.check.name if event.check else None] = event
    return heard


def _end(heard: _Heard) -> AssetEvent | None:
    return next((heard[kind, None] for kind in _ENDS if (kind, None) in heard), None)


def _ended(
    key: AssetKey, name: str | None, event: AssetEvent | None, why: str, status: StepStatus
) -> StepResult:
    if event is None:
        return StepResult(key=key, partition=name, status="checked")
    if event.kind != "failure":
        return StepResult(key=key, partition=name, status="succeeded", event=event)
    return StepResult(
        key=key, partition=name, status=status, event=event, message=event.message or why
    )


def _failed(
    key: AssetKey, names: Sequence[str | None], writer: Writer, why: str, status: StepStatus
) -> list[StepResult]:
    """A recorded failure of each of these partitions."""
    if not names:
        return []
    now = datetime.now(timezone.utc)
    events = [
        AssetEvent(
            kind="failure",
            key=key,
            partition=name,
            happened_at=now,
            source=writer.source,
            run_id=writer.run_id,
            message=why,
        )
        for name in names
    ]
    said = why
    try:
        claims = writer.store.claim_all(
            [(key, name) for name in names], owner=writer.owner, attempt=writer.attempt
        )
        writer.store.record(events, claim=claims, release=True)
    except (ClaimRefusedError, ClaimLostError) as error:
        said = f"{why} {error}"
    return [
        StepResult(key=key, partition=e.partition, status=status, event=e, message=said)
        for e in events
    ]


def _reports(
    step: Step,
    key: AssetKey,
    partition: str | None,
    heard: Iterable[AssetEvent],
    writer: Writer,
    why: str,
) -> tuple[list[CheckReport], list[AssetEvent]]:
    """The answers there are, and the failures to record of those that will not come any more."""
    events = list(heard)
    answered = {each.check.name: each for each in events if each.check}
    made = any(each.kind == "materialization" for each in events) or step.definition is None
    reports, unanswered = [], []
    for spec in _specs(step.checks, key):
        if spec.name in answered:
            event = answered[spec.name]
            assert event.check is not None  # noqa: S101 - see `answered`
            reports.append(CheckReport(outcome=event.check, message=event.message))
        elif made:
            event, report = reported(
                spec, None, why, partition=partition, writer=writer, metadata={}
            )
            unanswered.append(event)
            reports.append(report)
    return reports, unanswered


def _specs(checks: Iterable[AssetChecksDefinition], key: AssetKey) -> list[AssetCheckSpec]:
    return [spec for check in checks for spec in check.specs if spec.asset_key == key]
