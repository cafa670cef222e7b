"""How a step ended, as Airflow hears it: exceptions, asset events, and lines in the task's log."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from adapters.airflow.compat import AirflowException, AirflowFailException, Asset
from adapters.airflow.uris import asset_uri
from bridge.events import AssetEvent, PlainValue, is_tagged
from bridge.execution import CheckReport, StepResult
from bridge.keys import AssetKey
from bridge.later import Later
from bridge.specs import AssetSpec

if TYPE_CHECKING:
    from bridge import metadata
else:
    metadata = Later("bridge.metadata")

# Propagates to the handlers of the task's own log on both versions.
log = logging.getLogger("airflow.task.bridge")
LEFT_OUT = "left_out"
ASKED = "asked"


def raise_failure(result: StepResult) -> None:
    """Raise where an asset was not made although it had to be, or where its function's own checks
    stop downstream.
    """
    what = named(result.key, result.partition)
    if result.status == "omitted":
        return
    if result.status == "refused":
        raise AirflowException(f"{what} was not computed: {result.message}")
    if result.status != "succeeded":
        if result.traceback:
            log.error("%s failed:\n%s", what, result.traceback)
        raised = AirflowFailException if result.is_final else AirflowException
        raise raised(f"{what} failed: {result.message}")
    for report in result.checks:
        if report.outcome.stops_downstream:
            raise_failed_check(result.key, report)


def raise_failed_check(key: AssetKey, report: CheckReport) -> None:
    """Raise where the check stops downstream: without a retry, for the data stays the same."""
    if report.raised:
        raise AirflowException(
            f"Check {report.outcome.name} of {key} could not answer: {report.message}"
        )
    if report.outcome.stops_downstream:
        why = f": {report.message}" if report.message else "."
        raise AirflowFailException(
            f"{key} did not pass its blocking check {report.outcome.name}{why}"
        )


def facts_about(result: StepResult) -> dict[str, PlainValue]:
    """What one asset's result says to Airflow; `left_out` where its function did that."""
    if result.status == "omitted":
        return {"asset": str(result.key), LEFT_OUT: True}
    if result.event is None:
        return {"asset": str(result.key)}
    return facts_of(result.event)


def facts_of(event: AssetEvent) -> dict[str, PlainValue]:
    """What was recorded of an asset, for the event that other DAGs hear."""
    facts: dict[str, PlainValue] = {
        "asset": str(event.key),
        "partition": event.partition,
        "rows": event.row_count,
        "duration_s": event.duration_s,
        "data_version": event.data_version,
        "metadata": _plain(event.metadata) if event.metadata else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _plain(stored: Mapping[str, PlainValue]) -> dict[str, PlainValue]:
    """Stored metadata without tags; most has none, and then needs no types of metadata."""
    if any(map(is_tagged, stored.values())):
        return metadata.plain_metadata(stored)
    return dict(stored)


def announce(context: Mapping[str, Any], spec: AssetSpec, facts: Mapping[str, PlainValue]) -> None:
    """Put the facts into the event of the outlet that stands for this asset, if there is one."""
    own = Asset(uri=asset_uri(spec.key, spec.uri)).uri
    for outlet in getattr(context.get("task"), "outlets", None) or ():
        if getattr(outlet, "uri", None) == own:
            context["outlet_events"][outlet].extra = dict(facts)


def keep_outlets(context: Mapping[str, Any], specs: Iterable[AssetSpec]) -> None:
    """Let the task's success be an event of these assets only, whatever outlets it has.

    Both versions read the outlets of this try's own copy of the task, after it has run.
    """
    kept = {Asset(uri=asset_uri(spec.key, spec.uri)).uri for spec in specs}
    for task in (context.get("task"), getattr(context.get("ti"), "task", None)):
        outlets = getattr(task, "outlets", None)
        if task is not None and outlets:
            task.outlets = [each for each in outlets if getattr(each, "uri", None) in kept]


def stand_aside(
    context: Mapping[str, Any], keys: Iterable[AssetKey]
) -> list[dict[str, PlainValue]]:
    """Do nothing for a run that was not asked for these assets: no skip, so downstream goes on."""
    keep_outlets(context, ())
    names = [str(key) for key in keys]
    log.info("nothing to do: this run was not asked for %s", ", ".join(names))
    return [{"asset": name, ASKED: False} for name in names]


def say(result: StepResult) -> None:
    """Log how it went."""
    if result.status == "omitted":
        log.info("%s: %s", named(result.key, result.partition), result.message)
    event = result.event
    if event is not None:
        rows = "" if event.row_count is None else f", {event.row_count:,} rows"
        log.info(
            "%s materialized in %.2f s%s",
            named(result.key, result.partition),
            event.duration_s,
            rows,
        )
    for report in result.checks:
        log.info(
            "%s: check %s %s",
            named(result.key, result.partition),
            report.outcome.name,
            answer_of(report),
        )


def answer_of(report: CheckReport) -> str:
    """How a check was answered, as a log says it."""
    said = f": {report.message}" if report.message else ""
    return ("passed" if report.outcome.passed else f"failed ({report.outcome.severity})") + said


def named(key: AssetKey, partition: str | None) -> str:
    """The asset, or its partition, in a sentence."""
    return f"{key} partition {partition}" if partition else str(key)
