"""A whole run: what it computes, step by step, and how it ended, noted in the store."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from bridge.errors import BridgeError
from bridge.events import PlainValue
from bridge.execution.assignment import Assignment
from bridge.execution.heartbeat import Heartbeat
from bridge.execution.in_process import InProcess
from bridge.execution.interrupts import Interruption
from bridge.execution.journal import Journal
from bridge.execution.lifetime import needed_resources, require_environment
from bridge.execution.limits import Limits
from bridge.execution.outcome import StepResult
from bridge.execution.plan import Plan, plan
from bridge.execution.pool import opened_pool, require_shareable
from bridge.execution.process import this_process
from bridge.execution.retry import remaining, succeeded_in
from bridge.execution.runner import Observer, Runner, Workers, unheard
from bridge.execution.values import config_of
from bridge.executors import Executor, in_process_executor
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.materialized import keep_summaries
from bridge.runs import Run, RunStatus, new_run_id
from bridge.store import Store
from bridge.store.known import with_known_partitions


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended: one result for each asset, or partition of it, of every step."""

    run_id: str
    steps: tuple[StepResult, ...]
    canceled: bool = False

    @property
    def success(self) -> bool:
        """Whether everything was computed and no blocking check failed."""
        return not self.canceled and not any(step.is_failure for step in self.steps)

    def materialized(self) -> list[AssetKey]:
        """The assets that were computed, each once."""
        return list(dict.fromkeys(s.key for s in self.steps if s.status == "succeeded"))


def run_plan(
    todo: Plan,
    store: Store,
    resources: Mapping[str, Any],
    *,
    selection: str = "",
    observe: Observer = unheard,
    run_config: Mapping[str, Any] | None = None,
    executor: Executor = in_process_executor,
    pools: Mapping[str, int] | None = None,
    retries: Run | None = None,
    job_name: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> RunResult:
    """Run all steps of a plan, as a new run, here or in workers of this process.

    `observe` hears of each as it begins (None) and, for each of its assets, as it ends.
    `run_config` gives a function's name the values of its `config`; raises ConfigError, before
    anything runs, where they do not fit, or where a resource takes an environment variable that is
    not set. KeyboardInterrupt and SIGTERM end it as canceled and are raised; who cancels it from
    outside gets a result that says so. `pools` are the limits of the project's settings, `retries`
    the run of which these steps are what is left; `job_name` and `tags` are noted with the run.
    """
    given = run_config or {}
    new_id = new_run_id()
    work = _assignment(new_id, todo, store, resources, given, executor)
    now = datetime.now(timezone.utc)
    run = Run(
        id=new_id,
        status="running",
        created_at=now,
        started_at=now,
        target=retries.target if retries else todo.target(_plain(given)),
        selection=selection,
        retry_of=retries.id if retries else None,
        job_name=retries.job_name if retries else job_name,
        tags=(retries.tags if retries else tags) or {},
        process=this_process(),
    )
    store.start_run(run)
    return _carry_out(run, work, executor, pools or {}, observe)


def execute_run(
    run: Run,
    graph: AssetGraph,
    store: Store,
    resources: Mapping[str, Any],
    *,
    observe: Observer = unheard,
    executor: Executor = in_process_executor,
    pools: Mapping[str, int] | None = None,
) -> RunResult:
    """Do what a run is to compute that is in the store and has begun (`store.begin_run`).

    A target that cannot be planned any more ends it as failed; that error is raised.
    """
    try:
        todo = planned(run, graph, store, datetime.now(timezone.utc))
        work = _assignment(run.id, todo, store, resources, run.target.run_config, executor)
    except BridgeError as error:
        finish(store, run, "failed", str(error))
        raise
    return _carry_out(run, work, executor, pools or {}, observe)


def planned(run: Run, graph: AssetGraph, store: Store, now: datetime) -> Plan:
    """The steps that a run's target asks for, its partitions as they are known now.

    Of a run that retries another, those that did not succeed there.
    """
    target = run.target
    todo = plan(
        with_known_partitions(graph, store),
        target.assets,
        partition=target.partition,
        partitions=target.partitions,
        now=now,
        checks=target.checks,
    )
    before = None if run.retry_of is None else store.run(run.retry_of)
    return todo if before is None else remaining(todo, succeeded_in(before, store))


def finish(store: Store, run: Run, status: RunStatus, message: str | None) -> None:
    """Note how a run ended."""
    ended_at = datetime.now(timezone.utc)
    store.finish_run(replace(run, status=status, ended_at=ended_at, message=message))


def _carry_out(
    run: Run, work: Assignment, executor: Executor, pools: Mapping[str, int], observe: Observer
) -> RunResult:
    """All steps of a run that has begun; whatever happens, the store is told how it ended."""
    interruption, canceled = Interruption(), False
    try:
        with interruption.heard(), _workers(work, executor, interruption) as workers:
            journal = Journal(work.store, run.id)
            owner = f"bridge:{run.id}"
            limits = Limits(executor.tag_concurrency_limits, pools, work.store, owner)
            runner = Runner(work.todo, workers, interruption, limits, journal, observe)
            try:
                runner.run()
            except KeyboardInterrupt as error:
                runner.cancel(_why(error))
                if not interruption.requested:
                    raise
                canceled = True
    except KeyboardInterrupt as error:
        finish(work.store, run, "canceled", _why(error))
        raise
    except BaseException as error:
        finish(work.store, run, "failed", f"interrupted by {type(error).__name__}")
        raise
    result = RunResult(run_id=run.id, steps=runner.results, canceled=canceled)
    if canceled:
        finish(work.store, run, "canceled", interruption.why)
    else:
        finish(work.store, run, "succeeded" if result.success else "failed", None)
    if any(step.partition is not None for step in work.todo.steps):
        keep_summaries(work.store, work.todo.graph.partitioned(), datetime.now(timezone.utc))
    return result


def _why(error: KeyboardInterrupt) -> str:
    return str(error) or "interrupted"


@contextmanager
def _workers(
    work: Assignment, executor: Executor, interruption: Interruption
) -> Generator[Workers, None, None]:
    """Who computes the steps, with a heartbeat that begins after processes were forked."""
    with (
        Heartbeat(work.store, work.run_id, on_cancel=interruption.request) as heartbeat,
        work.writer(work.store, heartbeat) as writer,
    ):
        if executor.name == "in_process":
            heartbeat.start()
            yield InProcess(writer, interruption)
            return
        with opened_pool(work, writer, executor.workers) as pool:
            heartbeat.start()
            yield pool


def _assignment(
    run_id: str,
    todo: Plan,
    store: Store,
    resources: Mapping[str, Any],
    run_config: Mapping[str, Any],
    executor: Executor,
) -> Assignment:
    """The work of a run, once all that can be known to be wrong before it begins is right."""
    for step in todo.steps:
        if step.definition is not None and step.definition.arguments.config is not None:
            config_of(step.definition, run_config)
    require_environment(resources, needed_resources(todo.steps, todo.graph))
    work = Assignment(
        run_id=run_id,
        todo=todo,
        store=store,
        resources=resources,
        run_config=run_config,
    )
    if executor.name == "multiprocess":
        require_shareable(work)
    return work


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
