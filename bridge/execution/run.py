"""A whole run: what it computes, step by step, and how it ended, noted in the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from bridge.errors import BridgeError
from bridge.events import PlainValue
from bridge.execution.heartbeat import Heartbeat
from bridge.execution.lifetime import live_resources, needed_resources, require_environment
from bridge.execution.outcome import StepResult, Writer
from bridge.execution.plan import Plan, Step, plan
from bridge.execution.process import this_process
from bridge.execution.schedule import Schedule
from bridge.execution.step import execute_call
from bridge.execution.values import config_of
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.materialized import keep_summaries
from bridge.runs import Run, new_run_id
from bridge.store import Store
from bridge.store.known import with_known_partitions

Observer = Callable[[Step, "StepResult | None"], None]


def _unheard(_step: Step, _result: StepResult | None) -> None:
    """What happens when nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended: one result for each asset, or partition of it, of every step."""

    run_id: str
    steps: tuple[StepResult, ...]

    @property
    def success(self) -> bool:
        """Whether everything was computed and no blocking check failed."""
        return not any(step.is_failure for step in self.steps)

    def materialized(self) -> list[AssetKey]:
        """The assets that were computed, each once."""
        return list(dict.fromkeys(s.key for s in self.steps if s.status == "succeeded"))


def run_plan(
    todo: Plan,
    store: Store,
    resources: Mapping[str, Any],
    *,
    selection: str = "",
    observe: Observer = _unheard,
    run_config: Mapping[str, Any] | None = None,
) -> RunResult:
    """Run all steps of a plan here, as a new run.

    `observe` hears of each as it begins (None) and, for each of its assets, as it ends.
    `run_config` gives a function's name the values of its `config`; raises ConfigError, before
    anything runs, where they do not fit, or where a resource takes an environment variable that is
    not set.
    """
    given = run_config or {}
    _require_settings(todo, resources, given)
    now = datetime.now(timezone.utc)
    run = Run(
        id=new_run_id(),
        status="running",
        created_at=now,
        started_at=now,
        target=todo.target(_plain(given)),
        selection=selection,
        process=this_process(),
    )
    store.start_run(run)
    return _carry_out(run, todo, store, resources, given, observe)


def execute_run(
    run: Run,
    graph: AssetGraph,
    store: Store,
    resources: Mapping[str, Any],
    *,
    observe: Observer = _unheard,
) -> RunResult:
    """Do here what a run is to compute that is in the store and has begun (`store.begin_run`).

    A target that cannot be planned any more ends it as failed; that error is raised.
    """
    try:
        todo = planned(run, graph, store, datetime.now(timezone.utc))
        _require_settings(todo, resources, run.target.run_config)
    except BridgeError as error:
        finish(store, run, success=False, message=str(error))
        raise
    return _carry_out(run, todo, store, resources, run.target.run_config, observe)


def planned(run: Run, graph: AssetGraph, store: Store, now: datetime) -> Plan:
    """The steps that a run's target asks for, its partitions as they are known now."""
    target = run.target
    return plan(
        with_known_partitions(graph, store),
        target.assets,
        partition=target.partition,
        now=now,
        checks=target.checks,
    )


def finish(store: Store, run: Run, *, success: bool, message: str | None) -> None:
    """Note how a run ended."""
    ended = replace(
        run,
        status="succeeded" if success else "failed",
        ended_at=datetime.now(timezone.utc),
        message=message,
    )
    store.finish_run(ended)


def _carry_out(
    run: Run,
    todo: Plan,
    store: Store,
    resources: Mapping[str, Any],
    run_config: Mapping[str, Any],
    observe: Observer,
) -> RunResult:
    results: list[StepResult] = []
    try:
        with Heartbeat(store, run.id) as heartbeat, live_resources(resources, run.id) as live:
            writer = Writer(
                store=store,
                graph=todo.graph,
                resources=live,
                owner=f"bridge:{run.id}",
                source=f"bridge:{run.id}/1",
                run_id=run.id,
                heartbeat=heartbeat,
                run_config=run_config,
            )
            _run_steps(Schedule(todo), writer, results, observe)
    except BaseException as error:
        finish(store, run, success=False, message=f"interrupted by {type(error).__name__}")
        raise
    result = RunResult(run_id=run.id, steps=tuple(results))
    finish(store, run, success=result.success, message=None)
    if any(step.partition is not None for step in todo.steps):
        keep_summaries(store, todo.graph.partitioned(), datetime.now(timezone.utc))
    return result


def _run_steps(
    schedule: Schedule, writer: Writer, results: list[StepResult], observe: Observer
) -> None:
    while (turn := schedule.take()) is not None:
        ended = turn.skipped
        if not ended:
            observe(turn.step, None)
            ended = execute_call(turn.step, writer)
            schedule.end(turn, ended)
        for result in ended:
            results.append(result)
            observe(turn.step, result)


def _require_settings(
    todo: Plan, resources: Mapping[str, Any], run_config: Mapping[str, Any]
) -> None:
    for step in todo.steps:
        if step.definition is not None and step.definition.arguments.config is not None:
            config_of(step.definition, run_config)
    require_environment(resources, needed_resources(todo.steps, todo.graph))


def _plain(run_config: Mapping[str, Any]) -> dict[str, PlainValue]:
    """The configuration as it can be stored; models as what they were made from."""
    if not run_config:
        return {}
    values = {
        name: value.model_dump(mode="json") if hasattr(value, "model_dump") else value
        for name, value in run_config.items()
    }
    found: dict[str, PlainValue] = json.loads(json.dumps(values, default=str))
    return found
