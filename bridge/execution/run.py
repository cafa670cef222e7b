"""A whole run in this process: every step in order; a failure stops only its own downstream."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from bridge.assets import IO_MANAGER, AssetsDefinition, AssetSpec
from bridge.checks import AssetChecksDefinition
from bridge.definitions import require_resources
from bridge.errors import ExecutionError, SelectionError
from bridge.execution.heartbeat import Heartbeat
from bridge.execution.lifetime import live_resources, needed_resources, require_environment
from bridge.execution.outcome import StepResult, Writer
from bridge.execution.plan import Plan, Step, plan
from bridge.execution.process import this_process
from bridge.execution.step import execute_call
from bridge.execution.values import config_of
from bridge.graph import AssetGraph
from bridge.io import FilesystemIOManager
from bridge.keys import AssetKey
from bridge.materialized import keep_summaries
from bridge.runs import Run, RunTarget, new_run_id
from bridge.store import Store, open_store
from bridge.store.known import with_known_partitions

Observer = Callable[[Step, "StepResult | None"], None]


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
    observe: Observer = lambda _step, _result: None,
    run_config: Mapping[str, Any] | None = None,
) -> RunResult:
    """Run all steps here, one after the other.

    `observe` hears of each as it begins (None) and, for each of its assets, as it ends.
    `run_config` gives a function's name the values of its `config`; raises ConfigError, before
    anything runs, where they do not fit, or where a resource takes an environment variable that is
    not set.
    """
    for step in todo.steps:
        if step.definition is not None and step.definition.arguments.config is not None:
            config_of(step.definition, run_config or {})
    require_environment(resources, needed_resources(todo.steps, todo.graph))
    now = datetime.now(timezone.utc)
    run = Run(
        id=new_run_id(),
        status="running",
        created_at=now,
        started_at=now,
        target=RunTarget(assets=todo.keys),
        selection=selection,
        process=this_process(),
    )
    store.start_run(run)
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
                run_config=run_config or {},
            )
            _run_steps(todo.steps, writer, results, observe)
    except BaseException as error:
        _finish(store, run, success=False, message=f"interrupted by {type(error).__name__}")
        raise
    result = RunResult(run_id=run.id, steps=tuple(results))
    _finish(store, run, success=result.success, message=None)
    if any(step.partition is not None for step in todo.steps):
        keep_summaries(store, todo.graph.partitioned(), datetime.now(timezone.utc))
    return result


def _run_steps(
    steps: Iterable[Step], writer: Writer, results: list[StepResult], observe: Observer
) -> None:
    stopped: dict[AssetKey, dict[str | None, AssetKey]] = {}
    unmade: dict[AssetKey, dict[str | None, AssetKey]] = {}
    for step in steps:
        cause = _cause(step.waits_for, step.partition, stopped)
        if cause is None and step.definition is None:
            cause = _cause(step.keys, step.partition, unmade)
        if cause is None:
            observe(step, None)
            ended = execute_call(step, writer)
        else:
            ended = _skipped(step, cause, results)
        for result in ended:
            own = result.cause or result.key
            if result.stops_downstream and (cause is None or _blocks(step, result.key)):
                stopped.setdefault(result.key, {})[result.partition] = own
            if step.definition is not None and result.status != "succeeded":
                unmade.setdefault(result.key, {})[result.partition] = own
            results.append(result)
            observe(step, result)


def _blocks(step: Step, key: AssetKey) -> bool:
    """Whether downstream of an asset must not run since its step was skipped."""
    return step.definition is not None or any(
        spec.is_blocking and spec.asset_key == key for check in step.checks for spec in check.specs
    )


def _skipped(
    step: Step, cause: AssetKey, results: Collection[StepResult]
) -> tuple[StepResult, ...]:
    was_omitted = any(r.key == cause and r.status == "omitted" for r in results)
    message = f"{cause} was left out" if was_omitted else f"{cause} failed"
    if step.definition is None:
        message = f"not asked {', '.join(c.name for s in step.checks for c in s.specs)}: {message}"
    return tuple(
        StepResult(
            key=key, partition=step.partition, status="skipped", message=message, cause=cause
        )
        for key in step.keys
    )


def _cause(
    needed: Iterable[AssetKey],
    partition: str | None,
    stopped: Mapping[AssetKey, Mapping[str | None, AssetKey]],
) -> AssetKey | None:
    """What keeps a step from running: its partition failed upstream, or, for a whole asset, any
    did.
    """
    for dep in needed:
        found = stopped.get(dep, {})
        if found and partition is None:
            return next(iter(found.values()))
        if partition in found or None in found:
            return found.get(partition) or found[None]
    return None


def _finish(store: Store, run: Run, *, success: bool, message: str | None) -> None:
    ended = replace(
        run,
        status="succeeded" if success else "failed",
        ended_at=datetime.now(timezone.utc),
        message=message,
    )
    store.finish_run(ended)


def materialize(
    assets: Iterable[AssetsDefinition | AssetSpec | AssetChecksDefinition],
    *,
    partition_key: str | None = None,
    resources: Mapping[str, Any] | None = None,
    run_config: Mapping[str, Any] | None = None,
    store: Store | None = None,
    raise_on_error: bool = True,
) -> RunResult:
    """Materialize these assets, with their checks, in this process: for tests and scripts.

    Without `store`, everything is kept in memory and in a temporary folder, and gone afterwards.
    `run_config` gives a function's name the values of its `config`. Raises ExecutionError on the
    first failure unless told not to.
    """
    graph = _graph_of(assets, resources or {})
    if store is not None:
        graph = with_known_partitions(graph, store)
    todo = plan(graph, list(graph.nodes), partition=partition_key, now=datetime.now(timezone.utc))
    return _run_here(todo, resources, run_config, store, raise_on_error=raise_on_error)


def observe(
    assets: Iterable[AssetsDefinition | AssetSpec],
    *,
    resources: Mapping[str, Any] | None = None,
    store: Store | None = None,
    raise_on_error: bool = True,
) -> RunResult:
    """Call the functions of all `@observable_source_asset`s among these and record what they saw.

    Raises SelectionError where there is none, and ExecutionError like `materialize`.
    """
    graph = _graph_of(assets, resources or {})
    steps = tuple(
        Step(definition=node.observer, partition=None, checks=(), waits_for=(), keys=(key,))
        for key, node in graph.nodes.items()
        if node.observer is not None
    )
    if not steps:
        raise SelectionError("Nothing to observe: none of these is an @observable_source_asset.")
    todo = Plan(graph, steps, (), datetime.now(timezone.utc))
    return _run_here(todo, resources, None, store, raise_on_error=raise_on_error)


def _graph_of(
    items: Iterable[AssetsDefinition | AssetSpec | AssetChecksDefinition],
    resources: Mapping[str, Any],
) -> AssetGraph:
    assets: list[AssetsDefinition | AssetSpec] = []
    checks = []
    for item in items:
        if isinstance(item, AssetChecksDefinition):
            checks.append(item)
        else:
            assets.append(item)
    graph = AssetGraph.build(assets, checks, resources)
    require_resources(graph, resources)
    return graph


def _run_here(
    todo: Plan,
    resources: Mapping[str, Any] | None,
    run_config: Mapping[str, Any] | None,
    store: Store | None,
    *,
    raise_on_error: bool,
) -> RunResult:
    with tempfile.TemporaryDirectory(prefix="bridge-") as folder:
        given = {IO_MANAGER: FilesystemIOManager(folder), **(resources or {})}
        here = store or open_store("sqlite://")
        try:
            result = run_plan(todo, here, given, run_config=run_config)
        finally:
            if store is None:
                here.close()
    if raise_on_error and not result.success:
        raise ExecutionError(_failure_text(result))
    return result


def _failure_text(result: RunResult) -> str:
    step = next(step for step in result.steps if step.is_failure)
    if step.message:
        return f"{step.key} failed: {step.message}\n{step.traceback or ''}".rstrip()
    failed = next(c for c in step.checks if c.raised or not c.outcome.passed)
    return f"{step.key}: check {failed.outcome.name} failed. {failed.message or ''}".rstrip()
