"""`materialize` and `observe`: a run of assets given as objects, for tests and scripts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from bridge.assets import IO_MANAGER, AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.definitions import require_resources
from bridge.errors import ExecutionError, SelectionError
from bridge.execution.plan import Plan, Step, plan
from bridge.execution.run import RunResult, run_plan
from bridge.executors import Executor, in_process_executor
from bridge.graph import AssetGraph
from bridge.io import FilesystemIOManager
from bridge.selection import select
from bridge.specs import AssetSpec
from bridge.store import Store, open_store
from bridge.store.known import with_known_partitions


def materialize(
    assets: Iterable[AssetsDefinition | AssetSpec | AssetChecksDefinition],
    *,
    partition_key: str | None = None,
    resources: Mapping[str, Any] | None = None,
    run_config: Mapping[str, Any] | None = None,
    store: Store | None = None,
    raise_on_error: bool = True,
    executor: Executor = in_process_executor,
    selection: str | None = None,
) -> RunResult:
    """Materialize these assets, all or the selected ones, with their checks: here, or in workers.

    Without `store`, everything is kept in memory and in a temporary folder, and gone afterwards.
    `run_config` gives a function's name the values of its `config`. Raises ExecutionError on the
    first failure unless told not to.
    """
    graph = _graph_of(assets, resources or {})
    if store is not None:
        graph = with_known_partitions(graph, store)
    chosen = graph.nodes if selection is None else select(graph, selection)
    todo = plan(graph, list(chosen), partition=partition_key, now=datetime.now(timezone.utc))
    return _run_here(
        todo, resources, run_config, store, raise_on_error=raise_on_error, executor=executor
    )


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
    executor: Executor = in_process_executor,
) -> RunResult:
    with tempfile.TemporaryDirectory(prefix="bridge-") as folder:
        given = {IO_MANAGER: FilesystemIOManager(folder), **(resources or {})}
        in_file = "" if executor.name == "in_process" else f"/{folder}/bridge.db"
        here = store or open_store(f"sqlite://{in_file}")
        try:
            result = run_plan(todo, here, given, run_config=run_config, executor=executor)
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
