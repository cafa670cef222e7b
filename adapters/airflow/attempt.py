"""One try of an Airflow task that is about an asset; the step itself is `bridge.execution`'s."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Literal, TypeAlias

from adapters.airflow.compat import AirflowException, AirflowFailException, Asset
from adapters.airflow.environment import Environment
from adapters.airflow.source import task_source
from adapters.airflow.uris import asset_uri
from bridge import execution
from bridge.checks import AssetChecksDefinition
from bridge.errors import (
    BridgeError,
    ConfigError,
    DefinitionError,
    LoadError,
    PartitionError,
    StoreVersionError,
)
from bridge.events import AssetEvent, PlainValue
from bridge.execution import (
    CheckReport,
    Step,
    StepResult,
    Writer,
    execute_step,
    live_resources,
)
from bridge.keys import AssetKey
from bridge.metadata import plain_metadata
from bridge.nodes import AssetNode
from bridge.partitions import (
    PartitionsDefinition,
    TimeWindowPartitionsDefinition,
    window_of,
)
from bridge.specs import AssetSpec
from bridge.store import Claim

WhichChecks: TypeAlias = Literal["nonblocking", "all", "none"]
PARTITION = "partition"
# Propagates to the handlers of the task's own log on both versions.
log = logging.getLogger("airflow.task.bridge")

_NO_USE_RETRYING = (ConfigError, DefinitionError, LoadError, PartitionError, StoreVersionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Names of one try: `source` signs its events, `owner` holds its claims.

    `run_id` is the same for all events of one DAG run. A retry and a cleared task have the same
    owner, and another number.
    """

    source: str
    owner: str
    run_id: str
    number: int


def attempt_of(context: Mapping[str, Any], instance: str) -> Attempt:
    """The try that an Airflow context is about."""
    ti = context["ti"]
    source = task_source(instance, ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.try_number)
    task, map_index, _ = source.rsplit("/", 2)
    return Attempt(
        source=source,
        owner=task if map_index == "-1" else f"{task}/{map_index}",
        run_id=task.rpartition("/")[0],
        number=ti.try_number,
    )


def partition_of(
    context: Mapping[str, Any],
    partitions_def: PartitionsDefinition | None,
    of: object = "This DAG",
) -> str | None:
    """The partition that a run is about, None without `partitions_def`; it need not exist.

    The run's own partition key (Airflow 3), else what its configuration says, else the one in which
    its data interval begins; a run triggered by hand for a date has the last interval that had
    ended then. Raises PartitionError where the run says nothing.
    """
    if partitions_def is None:
        return None
    dag_run = context["dag_run"]
    said = (
        context.get("partition_key")
        or getattr(dag_run, "partition_key", None)
        or (dag_run.conf or {}).get(PARTITION)
    )
    if said:
        return str(said)
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    if (
        not isinstance(partitions_def, TimeWindowPartitionsDefinition)
        or start is None
        or end is None
    ):
        example = partitions_def.latest(datetime.now(timezone.utc)) or "its key"
        raise PartitionError(
            f"{of} has {partitions_def.kind} partitions, and the run {dag_run.run_id} has no date "
            "to tell which. "
            f"Trigger it with a logical date, or with the configuration "
            f'{{"{PARTITION}": "{example}"}}.'
        )
    if not partitions_def.end_offset:
        return partitions_def.key_for(start)
    latest = partitions_def.latest(end)
    if latest is None:
        raise PartitionError(f"{of} has no partition yet at {end.isoformat()}.")
    return latest


def run_asset(
    key: AssetKey | str,
    context: Mapping[str, Any],
    *,
    environment: Environment | None = None,
    locations: Sequence[str] = (),
    checks: WhichChecks = "nonblocking",
    partition: str | None = None,
    claim: Claim | None = None,
    attempt: int | None = None,
    owner: str | None = None,
) -> dict[str, PlainValue]:
    """Compute an asset in the name of an Airflow task, and say what came of it.

    `partition` is the run's unless given, `claim` one that the caller took and keeps. Raises
    AirflowException where it failed or was refused, and AirflowFailException where a retry would
    end the same way.
    """
    with _told_to_airflow():
        here = environment or Environment.open(locations=locations)
        node, name = _about(key, context, here, partition)
        writer = _writer(context, here, attempt=attempt, owner=owner)
        step = _step(node, name)
        with live_resources(here.resources, writer.run_id, log) as live:
            writer = replace(writer, resources=live)
            result = execute_step(step, writer, checks=_chosen(step.checks, checks), claim=claim)
        _raise_failure(result)
        facts = _facts(result)
        _announce(context, node.spec, facts)
        _say(result)
    return facts


def run_check(
    key: AssetKey | str,
    check_name: str,
    context: Mapping[str, Any],
    *,
    environment: Environment | None = None,
    locations: Sequence[str] = (),
    partition: str | None = None,
) -> dict[str, PlainValue]:
    """Answer one check of an asset in the name of an Airflow task, and record the answer.

    Raises AirflowFailException where it stops what is downstream, and AirflowException where it
    could not be answered.
    """
    with _told_to_airflow():
        here = environment or Environment.open(locations=locations)
        node, name = _about(key, context, here, partition)
        check = next((each for each in node.checks if each.name == check_name), None)
        if check is None:
            raise DefinitionError(
                f"Asset {node.key} has no check {check_name}: the definitions have changed. "
                "Generate the DAG again."
            )
        writer = _writer(context, here)
        with live_resources(here.resources, writer.run_id, log) as live:
            report = execution.run_check(check, name, replace(writer, resources=live))
        _raise_failed_check(node.key, report)
        _announce(context, node.spec, _recorded(node.key, name, writer))
        log.info("%s: check %s %s", _named(node.key, name), check_name, _answer(report))
    return {"asset": str(node.key), "check": check_name, "passed": report.outcome.passed}


def pass_gate(
    key: AssetKey | str, context: Mapping[str, Any], *, environment: Environment
) -> dict[str, PlainValue]:
    """Tell other DAGs of an asset that has passed its blocking checks in this run."""
    with _told_to_airflow():
        node, name = _about(key, context, environment, None)
        facts = _recorded(node.key, name, _writer(context, environment))
        _announce(context, node.spec, facts)
    return facts


@contextmanager
def _told_to_airflow() -> Iterator[None]:
    try:
        yield
    except _NO_USE_RETRYING as error:
        raise AirflowFailException(str(error)) from error
    except BridgeError as error:
        raise AirflowException(str(error)) from error


def _about(
    key: AssetKey | str, context: Mapping[str, Any], here: Environment, partition: str | None
) -> tuple[AssetNode, str | None]:
    """The asset and the partition. Raises DefinitionError or PartitionError for an unknown one."""
    wanted = AssetKey.parse(key) if isinstance(key, str) else key
    node = here.graph.nodes.get(wanted)
    if node is None:
        raise DefinitionError(
            f"{', '.join(here.locations)} has no asset {wanted}: the definitions have changed. "
            "Generate the DAG again."
        )
    partitions_def = node.spec.partitions_def
    name = partition or partition_of(context, partitions_def, wanted)
    if partitions_def is None:
        return node, None
    if partition is not None:
        # Said by a cut-over legacy task, which writes the day of its run: on Airflow 3, `@daily`
        # runs as that day begins.
        if window_of(partitions_def, partition) is None:
            partitions_def.require(partition, datetime.now(timezone.utc), wanted)
    elif name is not None:
        partitions_def.require(name, datetime.now(timezone.utc), wanted)
    return node, name


def _step(node: AssetNode, partition: str | None) -> Step:
    if node.definition is None:
        raise DefinitionError(
            f"Asset {node.key} is described at {node.spec.place}, but nothing there computes it."
        )
    return Step(definition=node.definition, partition=partition, checks=node.checks, waits_for=())


def _writer(
    context: Mapping[str, Any],
    here: Environment,
    *,
    attempt: int | None = None,
    owner: str | None = None,
) -> Writer:
    names = attempt_of(context, here.instance)
    return Writer(
        store=here.store,
        graph=here.graph,
        resources=here.resources,
        owner=owner or names.owner,
        source=names.source,
        run_id=names.run_id,
        attempt=names.number if attempt is None else attempt,
        log=log,
    )


def _chosen(
    checks: tuple[AssetChecksDefinition, ...], which: WhichChecks
) -> list[AssetChecksDefinition]:
    if which == "none":
        return []
    return [check for check in checks if which == "all" or not check.spec.is_blocking]


def _raise_failure(result: StepResult) -> None:
    what = _named(result.key, result.partition)
    if result.status == "refused":
        raise AirflowException(f"{what} was not computed: {result.message}")
    if result.status != "succeeded":
        if result.traceback:
            log.error("%s failed:\n%s", what, result.traceback)
        raise AirflowException(f"{what} failed: {result.message}")
    for report in result.checks:
        if report.outcome.stops_downstream:
            _raise_failed_check(result.key, report)


def _raise_failed_check(key: AssetKey, report: CheckReport) -> None:
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


def _facts(result: StepResult) -> dict[str, PlainValue]:
    if result.event is None:
        return {"asset": str(result.key)}
    return _facts_of(result.event)


def _recorded(key: AssetKey, partition: str | None, writer: Writer) -> dict[str, PlainValue]:
    """What this DAG run recorded of the asset before, for the task that announces it."""
    found = writer.store.events(
        key, partition=partition, kinds=("materialization",), run_id=writer.run_id, limit=1
    )
    return _facts_of(found[0].event) if found else {"asset": str(key)}


def _facts_of(event: AssetEvent) -> dict[str, PlainValue]:
    facts: dict[str, PlainValue] = {
        "asset": str(event.key),
        "partition": event.partition,
        "rows": event.row_count,
        "duration_s": event.duration_s,
        "data_version": event.data_version,
        "metadata": plain_metadata(event.metadata) or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _announce(context: Mapping[str, Any], spec: AssetSpec, facts: Mapping[str, PlainValue]) -> None:
    """Put the facts into the event of the outlet that stands for this asset, if there is one."""
    own = Asset(uri=asset_uri(spec.key, spec.uri)).uri
    for outlet in getattr(context.get("task"), "outlets", None) or ():
        if getattr(outlet, "uri", None) == own:
            context["outlet_events"][outlet].extra = dict(facts)


def _say(result: StepResult) -> None:
    event = result.event
    if event is not None:
        rows = "" if event.row_count is None else f", {event.row_count:,} rows"
        log.info(
            "%s materialized in %.2f s%s",
            _named(result.key, result.partition),
            event.duration_s,
            rows,
        )
    for report in result.checks:
        log.info(
            "%s: check %s %s",
            _named(result.key, result.partition),
            report.outcome.name,
            _answer(report),
        )


def _answer(report: CheckReport) -> str:
    said = f": {report.message}" if report.message else ""
    return ("passed" if report.outcome.passed else f"failed ({report.outcome.severity})") + said


def _named(key: AssetKey, partition: str | None) -> str:
    return f"{key} partition {partition}" if partition else str(key)
