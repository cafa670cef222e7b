"""What a task does in one try: assets of one function, its checks, or the gate behind them.

The step itself is `bridge.execution`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from adapters.airflow.attempt import (
    asked_of,
    asset_of,
    recorded,
    told_to_airflow,
    warn_of_change,
    writer_of,
)
from adapters.airflow.compat import AirflowSkipException
from adapters.airflow.environment import Environment
from adapters.airflow.own_tasks import is_own_task
from adapters.airflow.telling import (
    announce,
    answer_of,
    facts_about,
    keep_outlets,
    log,
    named,
    raise_failed_check,
    raise_failure,
    say,
    stand_aside,
)
from bridge import execution
from bridge.checks import AssetCheckKey, AssetChecksDefinition
from bridge.errors import DefinitionError
from bridge.events import PlainValue
from bridge.execution import Step, Writer, execute_call, live_resources
from bridge.execution.calls import asked_checks
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode
from bridge.store import Claim

WhichChecks: TypeAlias = Literal["beside", "all", "none"]


def run_asset(
    key: AssetKey | str,
    context: Mapping[str, Any],
    *,
    environment: Environment | None = None,
    locations: Sequence[str] = (),
    checks: WhichChecks = "beside",
    partition: str | None = None,
    claim: Claim | None = None,
    attempt: int | None = None,
    owner: str | None = None,
    retries_here: bool = True,
    fingerprint: str | None = None,
) -> dict[str, PlainValue]:
    """Compute an asset in the name of an Airflow task, and say what came of it.

    `partition` is the run's unless given, `claim` one that the caller took and keeps. The retry
    policy of its function is followed here, unless the task's own retries stand for it.
    `fingerprint` is of the definitions that the task was made from: others are logged. Raises
    AirflowException where it failed or was refused, and AirflowFailException where a retry would
    end the same way.
    """
    with told_to_airflow():
        if owner is None and not (wanted := asked_of([key], context)).keys:
            return stand_aside(context, wanted.others)[0]
        here = environment or Environment.open(locations=locations)
        writer = writer_of(context, here, attempt=attempt, owner=owner)
        (facts,) = _computed(
            [key],
            context,
            here,
            writer=writer,
            checks=checks,
            retries_here=retries_here,
            made_from=fingerprint,
            partition=partition,
            claim=claim,
        )
    return facts


def run_assets(
    keys: Sequence[AssetKey | str],
    context: Mapping[str, Any],
    *,
    environment: Environment | None = None,
    checks: WhichChecks = "beside",
    fingerprint: str | None = None,
) -> list[dict[str, PlainValue]]:
    """Compute several assets of one function in one call, and say what came of each.

    The task's own retries stand for the function's policy.
    """
    with told_to_airflow():
        wanted = asked_of(keys, context)
        if not wanted.keys:
            return stand_aside(context, wanted.others)
        here = environment or Environment.open()
        writer = writer_of(context, here)
        facts = _computed(
            wanted.keys,
            context,
            here,
            writer=writer,
            checks=checks,
            retries_here=False,
            made_from=None if wanted.others else fingerprint,
        )
        if wanted.others:
            keep_outlets(context, [here.graph.nodes[key].spec for key in wanted.keys])
    return facts


def _computed(
    keys: Sequence[AssetKey | str],
    context: Mapping[str, Any],
    here: Environment,
    *,
    writer: Writer,
    checks: WhichChecks,
    retries_here: bool,
    made_from: str | None = None,
    partition: str | None = None,
    claim: Claim | None = None,
) -> list[dict[str, PlainValue]]:
    found = [asset_of(key, context, here, partition) for key in keys]
    nodes = [node for node, _ in found]
    step = _step(nodes, found[0][1], here.graph)
    warn_of_change(here.graph, nodes, made_from)
    if not retries_here and step.definition is not None:
        step = replace(step, definition=replace(step.definition, retry_policy=None))
    with live_resources(here.resources, writer.run_id, log) as live:
        results = execute_call(
            step,
            replace(writer, resources=live),
            checks=_chosen(step.checks, checks, here.graph),
            claim=claim,
        )
    for result in results:
        raise_failure(result)
    said = [facts_about(result) for result in results]
    for node, facts in zip(nodes, said, strict=True):
        announce(context, node.spec, facts)
    for result in results:
        say(result)
    return said


def run_check(
    key: AssetKey | str,
    check_name: str,
    context: Mapping[str, Any],
    *,
    environment: Environment | None = None,
) -> dict[str, PlainValue]:
    """Answer one check of an asset in the name of an Airflow task, and record the answer.

    What `run_checks` raises.
    """
    (answer,) = run_checks([f"{key}:{check_name}"], context, environment=environment)
    return answer


def run_checks(
    names: Sequence[str],
    context: Mapping[str, Any],
    *,
    environment: Environment | None = None,
) -> list[dict[str, PlainValue]]:
    """Answer checks of one function, each written `asset:name`, and record the answers.

    Raises AirflowFailException where an answer stops what is downstream, AirflowException where
    there is none, and AirflowSkipException where an asset was left out by this run.
    """
    with told_to_airflow():
        wanted = asked_of([name.rpartition(":")[0] for name in names], context)
        if not wanted.keys:
            return stand_aside(context, wanted.others)
        here = environment or Environment.open()
        writer = writer_of(context, here)
        check = _check(names, here.graph)
        about = [asset_of(key, context, here, None) for key in check.asset_keys]
        for node, name in about:
            _skip_if_left_out(node.key, name, writer)
        partition = next((name for _, name in about if name is not None), None)
        with live_resources(here.resources, writer.run_id, log) as live:
            reports = execution.run_checks(check, (partition,), replace(writer, resources=live))
        for key, name, report in reports:
            log.info("%s: check %s %s", named(key, name), report.outcome.name, answer_of(report))
        for key, _, report in reports:
            raise_failed_check(key, report)
        for node, name in about:
            announce(context, node.spec, recorded(node.key, name, writer))
        if wanted.others:
            keep_outlets(context, [here.graph.nodes[key].spec for key in wanted.keys])
    return [
        {"asset": str(key), "check": report.outcome.name, "passed": report.outcome.passed}
        for key, _, report in reports
    ]


def pass_gate(
    key: AssetKey | str, context: Mapping[str, Any], *, environment: Environment
) -> dict[str, PlainValue]:
    """Tell other DAGs of an asset that was made in this run and passed its blocking checks.

    Raises AirflowSkipException where its function left it out.
    """
    with told_to_airflow():
        wanted = asked_of([key], context)
        if not wanted.keys:
            return stand_aside(context, wanted.others)[0]
        node, name = asset_of(key, context, environment, None)
        writer = writer_of(context, environment)
        _skip_if_left_out(node.key, name, writer)
        facts = recorded(node.key, name, writer)
        announce(context, node.spec, facts)
    return facts


def _step(nodes: Sequence[AssetNode], partition: str | None, graph: AssetGraph) -> Step:
    definition, keys = nodes[0].definition, tuple(node.key for node in nodes)
    if definition is None:
        raise DefinitionError(
            f"Asset {keys[0]} is described at {nodes[0].spec.place}, but nothing there computes it."
        )
    others = [key for key in definition.keys if key not in keys]
    foreign = [key for key in keys if key not in definition.keys]
    if foreign or (others and not definition.can_subset):
        left = ", ".join(map(str, foreign or others))
        why = "does not compute" if foreign else "is not to be called without"
        raise DefinitionError(
            f"{definition.name} {why} {left}. Generate the DAG again. At {definition.place}"
        )
    asked = tuple(asked_checks(graph, keys, None))
    return Step(definition=definition, partition=partition, checks=asked, waits_for=(), keys=keys)


def _check(names: Sequence[str], graph: AssetGraph) -> AssetChecksDefinition:
    """The function that answers these, cut down to them. Raises DefinitionError if none does."""
    wanted = []
    for name in names:
        asset, _, check = name.rpartition(":")
        wanted.append(AssetCheckKey(AssetKey.parse(asset), check))
    first = graph.nodes.get(wanted[0].asset_key)
    for found in () if first is None else first.checks:
        specs = tuple(spec for spec in found.specs if spec.key in wanted)
        if len(specs) == len(wanted) and (found.can_subset or specs == found.specs):
            return replace(found, specs=specs)
    raise DefinitionError(
        f"No function answers {' and '.join(names)}: the definitions have changed. Generate the "
        "DAG again."
    )


def _chosen(
    checks: tuple[AssetChecksDefinition, ...], which: WhichChecks, graph: AssetGraph
) -> list[AssetChecksDefinition]:
    if which == "none":
        return []
    return [check for check in checks if which == "all" or not is_own_task(check, graph)]


def _skip_if_left_out(key: AssetKey, partition: str | None, writer: Writer) -> None:
    """End the task as skipped if this DAG run's last try began the asset and then left it out."""
    found = writer.store.events(
        key,
        partition=partition,
        kinds=("started", "materialization"),
        run_id=writer.run_id,
        limit=1,
    )
    if found and found[0].event.kind == "started":
        raise AirflowSkipException(f"{named(key, partition)} was left out by its function.")
