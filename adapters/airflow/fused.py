"""One try of a task that computes the assets of several functions, each by the same path as alone.

Who failed stops what reads it, in this task as it would between tasks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from adapters.airflow.attempt import asked_of, asset_of, recorded, told_to_airflow, warn_of_change
from adapters.airflow.attempt import writer_of as attempt_writer
from adapters.airflow.compat import AirflowException, AirflowFailException
from adapters.airflow.environment import Environment
from adapters.airflow.own_tasks import is_own_task
from adapters.airflow.telling import (
    LEFT_OUT,
    announce,
    facts_about,
    keep_outlets,
    log,
    named,
    say,
    stand_aside,
)
from bridge.checks import AssetCheckKey
from bridge.events import AssetEvent, EventKind, PlainValue
from bridge.execution import Plan, Step, StepResult, Writer, execute_call, live_resources, plan
from bridge.execution.calls import asked_checks
from bridge.execution.schedule import Schedule
from bridge.graph import AssetGraph
from bridge.keys import AssetKey

_MADE: tuple[EventKind, ...] = ("materialization", "observation")


def run_fused(
    keys: Sequence[AssetKey | str],
    context: Mapping[str, Any],
    *,
    environment: Environment,
    fingerprint: str | None = None,
) -> list[dict[str, PlainValue]]:
    """Compute the assets in their order, and say what came of each.

    Functions follow their own retry policies. A try after one that failed does what that did not
    do, and a cleared one that had done everything does all again. Raises AirflowException where an
    asset failed, AirflowFailException where a retry would end the same way for all that did.
    """
    with told_to_airflow():
        wanted = asked_of(keys, context)
        if not wanted.keys:
            return stand_aside(context, wanted.others)
        graph = environment.graph
        about = [asset_of(key, context, environment, None) for key in wanted.keys]
        partition = next((name for _, name in about if name is not None), None)
        if not wanted.others:
            warn_of_change(graph, [node for node, _ in about], fingerprint)
        writer = attempt_writer(context, environment)
        todo = plan(
            graph,
            wanted.keys,
            partition=partition,
            now=datetime.now(timezone.utc),
            checks=_asked_here(graph, (*wanted.keys, *wanted.others), wanted.keys),
        )
        todo = _remaining(todo, writer)
        with live_resources(environment.resources, writer.run_id, log) as live:
            results = _carry_out(todo, replace(writer, resources=live))
        _raise_failures(results)
        made = {each.key: each for each in results if each.status == "succeeded"}
        unmade = set(todo.keys) - made.keys()
        said: list[dict[str, PlainValue]] = []
        for node, name in about:
            if node.key in unmade:
                said.append({"asset": str(node.key), LEFT_OUT: True})
                continue
            result = made.get(node.key)
            said.append(facts_about(result) if result else recorded(node.key, name, writer))
            announce(context, node.spec, said[-1])
        if unmade or wanted.others:
            keep_outlets(context, [node.spec for node, _ in about if node.key not in unmade])
    return said


def _asked_here(
    graph: AssetGraph, together: Sequence[AssetKey], keys: Sequence[AssetKey]
) -> list[AssetCheckKey]:
    return [
        spec.key
        for check in asked_checks(graph, keys, None)
        if not is_own_task(check, graph, together)
        for spec in check.specs
    ]


def _carry_out(todo: Plan, writer: Writer) -> list[StepResult]:
    schedule = Schedule(todo)
    results: list[StepResult] = []
    while turn := schedule.take():
        found = turn.skipped or execute_call(turn.step, writer)
        if not turn.skipped:
            schedule.end(turn, found)
        for result in found:
            _say(result)
        results += found
    return results


def _say(result: StepResult) -> None:
    what = named(result.key, result.partition)
    if result.traceback:
        log.error("%s failed:\n%s", what, result.traceback)
    elif result.status in ("failed", "refused"):
        log.error("%s %s: %s", what, result.status, result.message)
    elif result.status == "skipped":
        log.warning("%s was not computed: %s", what, result.message)
    say(result)


def _raise_failures(results: Sequence[StepResult]) -> None:
    failed = {each.key: each for each in results if each.is_failure}
    if not failed:
        return
    of = len({each.key for each in results})
    why = "; ".join(f"{key}: {_why(each)}" for key, each in failed.items())
    message = f"{len(failed)} of {of} assets failed: {why}"
    raised = AirflowException
    if all(_is_final(each) for each in failed.values()):
        raised = AirflowFailException
    raise raised(message)


def _why(result: StepResult) -> str:
    if result.message:
        return result.message
    stopping = [each for each in result.checks if each.raised or each.outcome.stops_downstream]
    return ", ".join(
        f"check {each.outcome.name}" + (f" ({each.message})" if each.message else "")
        for each in stopping
    )


def _is_final(result: StepResult) -> bool:
    if result.status in ("succeeded", "checked"):
        return not any(each.raised for each in result.checks)
    return result.is_final


def _remaining(todo: Plan, writer: Writer) -> Plan:
    """What the tries of this run before left to do: what was not made, did not pass, or reads that.

    All of it where nothing is left, for then the task was cleared.
    """
    if writer.attempt == 1:
        return todo
    latest = {key: _latest(key, writer) for key in todo.keys}
    newest = max((each.happened_at for each in latest.values() if each), default=None)
    again: set[AssetKey] = set()
    left_out: set[AssetKey] = set()
    steps = []
    for step in todo.steps:
        for key in step.keys:
            event = latest.get(key)
            if event is None:
                is_out = bool(left_out.intersection(todo.graph.upstream(key)))
            else:  # what a killed try began last is no omission
                skippable = todo.graph.nodes[key].spec.skippable
                is_out = skippable and event.kind == "started" and event.happened_at != newest
            if is_out:
                left_out.add(key)
        reads = {*step.waits_for, *(key for check in step.checks for key in check.reads)}
        pending = [key for key in step.keys if key not in left_out]
        if again.intersection((*step.keys, *reads)) or not all(
            _is_done(key, latest.get(key), step, writer) for key in pending
        ):
            again.update(step.keys if step.definition else ())
            steps.append(step)
    return replace(todo, steps=tuple(steps)) if steps else todo


def _latest(key: AssetKey, writer: Writer) -> AssetEvent | None:
    """What this run noted last of an asset."""
    found = writer.store.events(
        key, kinds=("started", "failure", *_MADE), run_id=writer.run_id, limit=1
    )
    return found[0].event if found else None


def _is_done(key: AssetKey, latest: AssetEvent | None, step: Step, writer: Writer) -> bool:
    """Whether this run has made an asset, and has an answer to all that is asked about it.

    One that stops downstream does not count: the asset is made anew.
    """
    if latest is None or latest.kind not in _MADE:
        return False
    passed: dict[str, bool] = {}
    for each in writer.store.events(key, kinds=("check",), run_id=writer.run_id):
        answer = each.event.check
        if answer is not None and each.event.happened_at >= latest.happened_at:
            passed.setdefault(answer.name, not answer.stops_downstream)
    asked = {spec.name for check in step.checks for spec in check.specs if spec.asset_key == key}
    return all(passed.values()) and asked <= passed.keys()
