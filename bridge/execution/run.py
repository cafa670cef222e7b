"""A whole run in this process: every step in order; a failure stops only its own downstream."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from bridge.assets import AssetsDefinition, AssetSpec
from bridge.checks import AssetChecksDefinition
from bridge.errors import ExecutionError
from bridge.events import Run
from bridge.execution.heartbeat import Heartbeat
from bridge.execution.plan import Plan, Step, plan
from bridge.execution.process import this_process
from bridge.execution.step import StepResult, Writer, execute_step
from bridge.graph import AssetGraph
from bridge.io import FilesystemIOManager, IOManager
from bridge.keys import AssetKey
from bridge.store import Store, open_store

Observer = Callable[[Step, "StepResult | None"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended, step by step."""

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
    io_managers: Mapping[str, IOManager],
    *,
    selection: str = "",
    observe: Observer = lambda _step, _result: None,
) -> RunResult:
    """Run all steps here, one after the other.

    `observe` hears of each as it begins (None) and as it ends.
    """
    here = this_process()
    run = Run(
        id=uuid.uuid4().hex[:12],
        status="running",
        started_at=datetime.now(timezone.utc),
        host=here.host,
        boot_id=here.boot_id,
        pid=here.pid,
        pid_started=here.pid_started,
        selection=selection,
    )
    store.start_run(run)
    results: list[StepResult] = []
    try:
        with Heartbeat(store, run.id) as heartbeat:
            writer = Writer(
                store=store,
                graph=todo.graph,
                io_managers=io_managers,
                owner=f"bridge:{run.id}",
                source=f"bridge:{run.id}/1",
                run_id=run.id,
                heartbeat=heartbeat,
            )
            _run_steps(todo.steps, writer, results, observe)
    except BaseException as error:
        _finish(store, run, success=False, message=f"interrupted by {type(error).__name__}")
        raise
    result = RunResult(run_id=run.id, steps=tuple(results))
    _finish(store, run, success=result.success, message=None)
    return result


def _run_steps(
    steps: Iterable[Step], writer: Writer, results: list[StepResult], observe: Observer
) -> None:
    stopped: dict[AssetKey, dict[str | None, AssetKey]] = {}
    for step in steps:
        cause = _cause(step, stopped)
        if cause is None:
            observe(step, None)
            result = execute_step(step, writer)
            if result.stops_downstream:
                stopped.setdefault(step.key, {})[step.partition] = step.key
        else:
            stopped.setdefault(step.key, {})[step.partition] = cause
            result = StepResult(
                key=step.key, partition=step.partition, status="skipped", message=f"{cause} failed"
            )
        results.append(result)
        observe(step, result)


def _cause(
    step: Step, stopped: Mapping[AssetKey, Mapping[str | None, AssetKey]]
) -> AssetKey | None:
    """What keeps a step from running: its partition failed upstream, or, for a whole asset, any
    did.
    """
    for dep in step.waits_for:
        found = stopped.get(dep, {})
        if found and step.partition is None:
            return next(iter(found.values()))
        if step.partition in found or None in found:
            return found.get(step.partition) or found[None]
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
    resources: Mapping[str, IOManager] | None = None,
    store: Store | None = None,
    raise_on_error: bool = True,
) -> RunResult:
    """Materialize these assets, with their checks, in this process: for tests and scripts.

    Without `store`, everything is kept in memory and in a temporary folder, and gone afterwards.
    Raises ExecutionError on the first failure unless told not to.
    """
    items = list(assets)
    checks = [item for item in items if isinstance(item, AssetChecksDefinition)]
    graph = AssetGraph.build(
        [item for item in items if not isinstance(item, AssetChecksDefinition)], checks
    )
    todo = plan(graph, list(graph.nodes), partition=partition_key, now=datetime.now(timezone.utc))
    with tempfile.TemporaryDirectory(prefix="bridge-") as folder:
        managers = {"io_manager": FilesystemIOManager(folder), **(resources or {})}
        here = store or open_store("sqlite://")
        try:
            result = run_plan(todo, here, managers)
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
