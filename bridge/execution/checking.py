"""Asking checks: what a check's function gets, what it answers, and recording the answer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import TypeAlias

from bridge.checks import (
    AssetCheckKey,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSpec,
    spec_answered,
)
from bridge.context import AssetExecutionContext
from bridge.errors import DefinitionError
from bridge.events import AssetEvent, PlainValue, plain_scalar
from bridge.execution.outcome import CheckReport, Writer, first_line, user_trace
from bridge.execution.values import given_arguments, load_inputs
from bridge.keys import AssetKey
from bridge.recency import RunInstance

_RECORD_EVERY_S = 1.0
Answer: TypeAlias = tuple[AssetKey, "str | None", CheckReport]


def run_check(check: AssetChecksDefinition, partition: str | None, writer: Writer) -> CheckReport:
    """Answer one check of one asset or partition, and record the answer."""
    check.spec  # noqa: B018 - raises DefinitionError where there are several
    ((_, _, report),) = run_checks(check, (partition,), writer)
    return report


def run_checks(
    check: AssetChecksDefinition, partitions: Sequence[str | None], writer: Writer
) -> list[Answer]:
    """Answer all checks of one function, partition by partition, and record the answers.

    Those left unanswered, because it raised or forgot them, count as failed. The answers of quick
    checks are recorded together, so that thousands of partitions take few transactions.
    """
    answers: list[Answer] = []
    unrecorded: list[AssetEvent] = []
    recorded_at = time.perf_counter()
    try:
        # one about whole assets belongs to the last of them
        is_whole = check.is_about_whole_assets
        for partition in partitions[-1:] if is_whole else partitions:
            for event, key, report in _asked(check, None if is_whole else partition, writer):
                unrecorded.append(event)
                answers.append((key, partition, report))
            if time.perf_counter() - recorded_at > _RECORD_EVERY_S:
                writer.store.record(unrecorded)
                unrecorded, recorded_at = [], time.perf_counter()
    finally:
        if unrecorded:
            writer.store.record(unrecorded)
    return answers


def _asked(
    check: AssetChecksDefinition, partition: str | None, writer: Writer
) -> list[tuple[AssetEvent, AssetKey, CheckReport]]:
    begin = time.perf_counter()
    context = AssetExecutionContext(
        asset_key=check.specs[0].asset_key,
        run_id=writer.run_id,
        partitions_def=writer.graph.nodes[check.specs[0].asset_key].spec.partitions_def,
        partitions=() if partition is None else (partition,),
        attempt=writer.attempt,
        log=writer.log,
        selected_asset_check_keys=frozenset(spec.key for spec in check.specs),
        given=writer.resources,
        instance=RunInstance(writer.store, writer.graph),
    )
    answered: dict[AssetCheckKey, AssetCheckResult] = {}
    why = "its function did not answer it"
    try:
        arguments = load_inputs(
            check.function,
            check.arguments,
            graph=writer.graph,
            of=check.specs[0].asset_key,
            partitions=(partition,),
            resources=writer.resources,
            now=datetime.now(timezone.utc),
        )
        arguments |= given_arguments(check.arguments, writer.resources, check.specs[0].name)
        if check.arguments.context is not None:
            arguments[check.arguments.context] = context
        for spec, result in _answers(check, check.function(**arguments)):
            answered[spec.key] = result
    except Exception as error:  # noqa: BLE001 - user code
        names = ", ".join(spec.name for spec in check.specs)
        writer.log.error(  # noqa: TRY400 - the user's frames only
            "check %s of %s raised:\n%s", names, check.specs[0].asset_key, user_trace(error)
        )
        why = first_line(error)
    took_s = round(time.perf_counter() - begin, 6)
    found_out = []
    for spec in check.specs:
        found = answered.get(spec.key)
        own = _own_partition(writer, spec, partition)
        event, report = reported(
            spec, found, why, partition=own, writer=writer, metadata=context.metadata, took_s=took_s
        )
        found_out.append((event, spec.asset_key, report))
    return found_out


def reported(
    spec: AssetCheckSpec,
    result: AssetCheckResult | None,
    why_not: str,
    *,
    partition: str | None,
    writer: Writer,
    metadata: Mapping[str, PlainValue],
    took_s: float | None = None,
) -> tuple[AssetEvent, CheckReport]:
    """The answer to one check as the fact to record and as the caller hears it."""
    answer = result or AssetCheckResult(passed=False, description=why_not)
    outcome = answer.outcome(spec)
    event = AssetEvent(
        kind="check",
        key=spec.asset_key,
        partition=partition,
        happened_at=datetime.now(timezone.utc),
        source=writer.source,
        run_id=writer.run_id,
        check=outcome,
        duration_s=took_s,
        message=answer.description,
        metadata={**metadata, **answer.metadata},
    )
    return event, CheckReport(outcome=outcome, message=answer.description, raised=result is None)


def _own_partition(writer: Writer, spec: AssetCheckSpec, partition: str | None) -> str | None:
    is_partitioned = writer.graph.nodes[spec.asset_key].spec.partitions_def is not None
    return partition if is_partitioned and not spec.whole_asset else None


def _answers(
    check: AssetChecksDefinition, answer: object
) -> Iterator[tuple[AssetCheckSpec, AssetCheckResult]]:
    if isinstance(answer, AssetCheckResult):
        yield spec_answered(answer, check.specs), answer
        return
    plain = plain_scalar(answer)
    if isinstance(plain, bool) and len(check.specs) == 1:
        yield check.spec, AssetCheckResult(passed=plain)
        return
    if isinstance(answer, Iterable) and not isinstance(answer, (str, bytes)):
        for each in answer:
            if not isinstance(each, AssetCheckResult):
                raise _no_answer(check, each)
            yield spec_answered(each, check.specs), each
        return
    raise _no_answer(check, answer)


def _no_answer(check: AssetChecksDefinition, answer: object) -> DefinitionError:
    called = ", ".join(spec.name for spec in check.specs)
    about = ", ".join(map(str, check.asset_keys))
    wanted = "an AssetCheckResult or a bool" if len(check.specs) == 1 else "AssetCheckResults"
    return DefinitionError(
        f"Check {called} of {about} returned {type(answer).__name__}; "
        f"return {wanted}. At {check.place}"
    )
