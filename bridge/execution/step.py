"""One step: claim, load, compute, store, record, check.

The same for a local run and for an Airflow task.
"""

from __future__ import annotations

import logging
import os
import time
import traceback
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, TypeAlias

from bridge.assets import MaterializeResult
from bridge.checks import AssetCheckResult, AssetChecksDefinition
from bridge.context import AssetExecutionContext
from bridge.errors import BridgeError, ClaimLostError, ClaimRefusedError, DefinitionError
from bridge.events import AssetEvent, CheckOutcome, plain_scalar
from bridge.execution.heartbeat import LEASE_S, Heartbeat
from bridge.execution.plan import Step
from bridge.execution.provenance import input_versions
from bridge.execution.values import (
    io_manager_of,
    load_inputs,
    require_announced,
    row_count,
    type_name,
)
from bridge.graph import AssetGraph
from bridge.io import IOManager, OutputContext
from bridge.keys import AssetKey
from bridge.staleness import default_data_version
from bridge.store import Claim, Store

StepStatus: TypeAlias = Literal["succeeded", "failed", "refused", "skipped"]
_PACKAGE = f"{Path(__file__).parent.parent}{os.sep}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """In whose name a step runs, and with what: `owner` holds claims, `source` signs events."""

    store: Store
    graph: AssetGraph
    io_managers: Mapping[str, IOManager]
    owner: str
    source: str
    run_id: str
    attempt: int = 1
    heartbeat: Heartbeat | None = None
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("bridge.user"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """One check's outcome, with what it had to say; `raised` if it did not get to answer."""

    outcome: CheckOutcome
    message: str | None = None
    raised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How one step ended. A failed blocking check leaves it `succeeded`, but `stops_downstream`."""

    key: AssetKey
    partition: str | None
    status: StepStatus
    event: AssetEvent | None = None
    checks: tuple[CheckReport, ...] = ()
    message: str | None = None
    traceback: str | None = None

    @property
    def stops_downstream(self) -> bool:
        """Whether what depends on the asset must not run now."""
        return self.status != "succeeded" or any(c.outcome.stops_downstream for c in self.checks)

    @property
    def is_failure(self) -> bool:
        """Whether the run that holds this step has failed."""
        return (
            self.status in ("failed", "refused")
            or any(c.raised for c in self.checks)
            or (self.status == "succeeded" and self.stops_downstream)
        )


def execute_step(
    step: Step,
    writer: Writer,
    *,
    checks: Collection[AssetChecksDefinition] | None = None,
    claim: Claim | None = None,
) -> StepResult:
    """Compute one asset or partition, record it, and run its checks (all of them unless given).

    `claim` is one that the caller took and keeps. User errors end as a recorded failure, not as an
    exception; what ends the process (KeyboardInterrupt, SystemExit) is recorded and goes on.
    """
    started = _event("started", step, writer)
    try:
        held = claim or writer.store.claim(
            step.key,
            step.partition,
            owner=writer.owner,
            attempt=writer.attempt,
            lease_s=LEASE_S,
            announce=[started],
        )
        if claim is not None:
            writer.store.record([started], claim=claim)
    except (ClaimRefusedError, ClaimLostError) as error:
        return StepResult(
            key=step.key, partition=step.partition, status="refused", message=str(error)
        )
    with (
        nullcontext(writer.heartbeat) if writer.heartbeat else Heartbeat(writer.store) as heartbeat
    ):
        heartbeat.hold(held)
        try:
            result = _compute(step, writer, held, heartbeat, release=claim is None)
        finally:
            heartbeat.drop(held)
    if result.status != "succeeded":
        return result
    wanted = step.checks if checks is None else checks
    reports = tuple(run_check(check, step.partition, writer) for check in wanted)
    return StepResult(
        key=step.key,
        partition=step.partition,
        status="succeeded",
        event=result.event,
        checks=reports,
    )


def _compute(
    step: Step, writer: Writer, claim: Claim, heartbeat: Heartbeat, *, release: bool
) -> StepResult:
    begin = time.perf_counter()
    definition = step.definition
    context = AssetExecutionContext(
        asset_key=step.key,
        run_id=writer.run_id,
        partitions_def=definition.spec.partitions_def,
        partition=step.partition,
        attempt=writer.attempt,
        log=writer.log,
    )
    try:
        read = input_versions(step, writer.graph, writer.store, datetime.now(timezone.utc))
        arguments = load_inputs(
            definition.function,
            definition.arguments,
            graph=writer.graph,
            of=step.key,
            partition=step.partition,
            io_managers=writer.io_managers,
            now=datetime.now(timezone.utc),
        )
        if definition.arguments.context is not None:
            arguments[definition.arguments.context] = context
        value = definition.function(**arguments)
        facts = _store_output(step, writer, value, context, lambda: heartbeat.confirm(claim))
    except ClaimLostError as error:
        return _ended(step, "refused", error)
    except BaseException as error:
        failure = _event(
            "failure",
            step,
            writer,
            message=_first_line(error),
            duration_s=time.perf_counter() - begin,
            metadata=context.metadata,
        )
        _record_failure(writer, failure, claim, release=release)
        if not isinstance(error, Exception):
            raise
        return _ended(step, "failed", error)
    code_version = definition.spec.code_version
    given_version = facts.pop("data_version", None)
    event = _event(
        "materialization",
        step,
        writer,
        duration_s=round(time.perf_counter() - begin, 6),
        code_version=code_version,
        data_version=given_version or default_data_version(code_version, read),
        input_versions={str(key): version for key, version in read.items()},
        **facts,
    )
    try:
        writer.store.record([event], claim=claim, release=release)
    except ClaimLostError as error:
        return _ended(step, "refused", error)
    return StepResult(key=step.key, partition=step.partition, status="succeeded", event=event)


def _store_output(
    step: Step, writer: Writer, value: object, context: AssetExecutionContext, confirm: Any
) -> dict[str, Any]:
    """Hand a value to its IO manager; what is worth recording about it."""
    if isinstance(value, MaterializeResult):
        context.add_output_metadata(value.metadata or {})
        return {"metadata": context.metadata, "data_version": value.data_version}
    require_announced(step.definition.function, step.key, value)
    facts: dict[str, Any] = {"output_type": type_name(value), "row_count": row_count(value)}
    if value is None:
        return {"metadata": context.metadata}
    output = OutputContext(step.key, step.partition, writer.run_id, confirm, dict(context.metadata))
    io_manager_of(writer.graph, step.key, writer.io_managers).handle_output(output, value)
    return facts | {"metadata": output.metadata}


def run_check(check: AssetChecksDefinition, partition: str | None, writer: Writer) -> CheckReport:
    """Answer one check of one asset or partition, and record the answer."""
    spec = check.spec
    begin = time.perf_counter()
    raised = False
    context = AssetExecutionContext(
        asset_key=spec.asset_key,
        run_id=writer.run_id,
        partitions_def=writer.graph.nodes[spec.asset_key].spec.partitions_def,
        partition=partition,
        attempt=writer.attempt,
        log=writer.log,
    )
    try:
        arguments = load_inputs(
            check.function,
            check.arguments,
            graph=writer.graph,
            of=spec.asset_key,
            partition=partition,
            io_managers=writer.io_managers,
            now=datetime.now(timezone.utc),
        )
        if check.arguments.context is not None:
            arguments[check.arguments.context] = context
        result = _check_result(check, check.function(**arguments))
    except Exception as error:  # noqa: BLE001 - user code
        raised = True
        writer.log.error(  # noqa: TRY400 - the user's frames only
            "check %s of %s raised:\n%s", spec.name, spec.asset_key, _user_trace(error)
        )
        result = AssetCheckResult(passed=False, description=_first_line(error))
    outcome = result.outcome(spec)
    event = AssetEvent(
        kind="check",
        key=spec.asset_key,
        partition=partition,
        happened_at=datetime.now(timezone.utc),
        source=writer.source,
        run_id=writer.run_id,
        check=outcome,
        duration_s=round(time.perf_counter() - begin, 6),
        message=result.description,
        metadata=context.metadata | result.metadata,
    )
    writer.store.record([event])
    return CheckReport(outcome=outcome, message=result.description, raised=raised)


def _check_result(check: AssetChecksDefinition, answer: object) -> AssetCheckResult:
    if isinstance(answer, AssetCheckResult):
        return answer
    plain = plain_scalar(answer)
    if isinstance(plain, bool):
        return AssetCheckResult(passed=plain)
    raise DefinitionError(
        f"Check {check.name} of {check.asset_key} returned {type(answer).__name__}; "
        f"return an AssetCheckResult or a bool. At {check.place}"
    )


def _event(kind: Any, step: Step, writer: Writer, **facts: Any) -> AssetEvent:
    return AssetEvent(
        kind=kind,
        key=step.key,
        partition=step.partition,
        happened_at=datetime.now(timezone.utc),
        source=writer.source,
        run_id=writer.run_id,
        **facts,
    )


def _record_failure(writer: Writer, failure: AssetEvent, claim: Claim, *, release: bool) -> None:
    """Record how user code failed; an unreachable store must not hide the user's own error."""
    try:
        writer.store.record([failure], claim=claim, release=release)
    except BridgeError as error:
        writer.log.warning("the failure of %s could not be recorded: %s", failure.key, error)


def _ended(step: Step, status: StepStatus, error: BaseException) -> StepResult:
    return StepResult(
        key=step.key,
        partition=step.partition,
        status=status,
        message=_first_line(error),
        traceback=None if isinstance(error, BridgeError) else _user_trace(error),
    )


def _first_line(error: BaseException) -> str:
    if isinstance(error, BridgeError):
        return str(error)
    text = str(error).strip()
    place = _user_frame(error)
    where = f", at {place.filename}:{place.lineno}" if place else ""
    return f"{type(error).__name__}{': ' + text if text else ''}{where}"


def _user_frame(error: BaseException) -> traceback.FrameSummary | None:
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(_PACKAGE)
    ]
    return frames[0] if frames else None


def _user_trace(error: BaseException) -> str:
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(_PACKAGE)
    ]
    lines = traceback.format_list(frames) + traceback.format_exception_only(type(error), error)
    return "".join(lines).rstrip()
