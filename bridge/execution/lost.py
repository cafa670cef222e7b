"""What became of a step whose process ended in the middle: asked of the store, then settled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from bridge.checks import AssetChecksDefinition, AssetCheckSpec
from bridge.errors import ClaimLostError, ClaimRefusedError
from bridge.events import AssetEvent, EventKind
from bridge.execution.checking import reported
from bridge.execution.outcome import CheckReport, StepResult, StepStatus, Writer
from bridge.execution.plan import Step
from bridge.keys import AssetKey

_ENDS: tuple[EventKind, ...] = ("materialization", "observation", "failure")


def settle(
    step: Step, writer: Writer, why: str, status: StepStatus = "failed"
) -> tuple[StepResult, ...]:
    """One result an asset: what was recorded stays, what was not is recorded as a failure.

    Claims are given back. A check that was not answered any more counts as one that raised.
    """
    found = []
    for key in step.keys:
        heard = {
            (each.kind, each.check.name if each.check else None): each
            for recorded in reversed(writer.store.events(key, run_id=writer.run_id, limit=1000))
            if (each := recorded.event).partition == step.partition
        }
        reports = tuple(_reports(step, key, heard.values(), writer, why))
        if step.definition is None:
            checked = StepResult(
                key=key, partition=step.partition, status="checked", checks=reports
            )
            found.append(checked)
            continue
        ends = [heard[kind, None] for kind in _ENDS if (kind, None) in heard]
        if ends and ends[0].kind != "failure":
            result = StepResult(
                key=key,
                partition=step.partition,
                status="succeeded",
                event=ends[0],
                checks=reports,
            )
        else:
            event = ends[0] if ends else None
            result = _failed(step, key, writer, event, why, status)
        found.append(result)
    return tuple(found)


def _failed(
    step: Step,
    key: AssetKey,
    writer: Writer,
    recorded: AssetEvent | None,
    why: str,
    status: StepStatus,
) -> StepResult:
    event = recorded or AssetEvent(
        kind="failure",
        key=key,
        partition=step.partition,
        happened_at=datetime.now(timezone.utc),
        source=writer.source,
        run_id=writer.run_id,
        message=why,
    )
    if recorded is None:
        try:
            claim = writer.store.claim(
                key, step.partition, owner=writer.owner, attempt=writer.attempt
            )
            writer.store.record([event], claim=claim, release=True)
        except (ClaimRefusedError, ClaimLostError) as error:
            why = f"{why} {error}"
    return StepResult(
        key=key,
        partition=step.partition,
        status=status,
        event=event,
        message=event.message or why,
    )


def _reports(
    step: Step, key: AssetKey, heard: Iterable[AssetEvent], writer: Writer, why: str
) -> Iterable[CheckReport]:
    answered = {each.check.name: each for each in heard if each.check}
    made = any(each.kind == "materialization" for each in heard) or step.definition is None
    for spec in _specs(step.checks, key):
        if spec.name in answered:
            event = answered[spec.name]
            assert event.check is not None  # noqa: S101 - see `answered`
            yield CheckReport(outcome=event.check, message=event.message)
        elif made:
            event, report = reported(
                spec, None, why, partition=step.partition, writer=writer, metadata={}
            )
            writer.store.record([event])
            yield report


def _specs(checks: Iterable[AssetChecksDefinition], key: AssetKey) -> list[AssetCheckSpec]:
    return [spec for check in checks for spec in check.specs if spec.asset_key == key]
