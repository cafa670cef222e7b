"""One run: what materializes, fails, is retried, is skipped, and is blocked by checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from bridge import (
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetGraph,
    AssetKey,
    AssetSpec,
    Failure,
    InMemoryIOManager,
    MaterializeResult,
    RetryPolicy,
    RetryRequested,
    asset,
    asset_check,
    multi_asset,
)
from bridge.assets import AssetsDefinition
from bridge.checks import AssetCheckKey
from bridge.errors import BridgeError
from bridge.execution import Plan, RunResult, StepResult, plan, run_plan
from bridge.selection import select
from bridge.store import open_store

CASES = "execution.json"


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    return None


def check_keys(graph: AssetGraph, names: list[str]) -> list[AssetCheckKey]:
    """The checks called `asset:check`, or by their own name alone."""
    specs = [spec for node in graph for spec in node.check_specs]
    return [s.key for s in specs if s.name in names or f"{s.asset_key}:{s.name}" in names]


def fail_as_said(declared: dict[str, Any], attempt: int) -> None:
    """Raise what the case says happens at this attempt, counted from one."""
    outcome, _, number = str(declared.get("outcome", "ok")).partition(":")
    if outcome == "dagster_failure_no_retry":
        raise Failure("as the case says", allow_retries=False)
    if outcome == "fail" or (outcome == "fail_times" and attempt <= int(number)):
        raise RuntimeError("as the case says")
    if outcome == "retry_requested" and attempt <= int(number):
        raise RetryRequested(max_retries=declared.get("retry") or int(number))


def inline(declared: dict[str, Any]) -> list[dict[str, Any]]:
    """The checks that the function of an asset answers itself."""
    return [check for check in declared.get("checks", ()) if check.get("inline")]


def specs_of(name: str, checks: list[dict[str, Any]]) -> list[AssetCheckSpec]:
    key = AssetKey.parse(name)
    return [AssetCheckSpec(c["name"], key, blocking=c.get("blocking", False)) for c in checks]


def answer(name: str, check: dict[str, Any]) -> AssetCheckResult:
    if check.get("raises"):
        raise RuntimeError("as the case says")
    return AssetCheckResult(
        passed=check.get("passed", True),
        asset_key=AssetKey.parse(name),
        check_name=check["name"],
        severity=check.get("severity", "ERROR"),
    )


def compute(name: str, declared: dict[str, Any], attempts: Counter[str]) -> AssetsDefinition:
    own = inline(declared)
    retries = declared.get("retry")

    @asset(
        key=AssetKey.parse(name),
        deps=[AssetKey.parse(dep) for dep in declared.get("deps", ())],
        output_required=not declared.get("optional_output", False),
        check_specs=specs_of(name, own),
        retry_policy=None if retries is None else RetryPolicy(max_retries=retries),
    )
    def function() -> Iterator[MaterializeResult]:
        attempts[name] += 1
        fail_as_said(declared, attempts[name])
        if declared.get("outcome") != "no_output":
            yield MaterializeResult(check_results=[answer(name, check) for check in own])

    return function


def compute_several(
    name: str, declared: dict[str, Any], attempts: Counter[str]
) -> AssetsDefinition:
    outputs: dict[str, dict[str, Any]] = declared["outputs"]

    @multi_asset(
        name=name,
        specs=[
            AssetSpec(
                AssetKey.parse(output),
                deps=[AssetKey.parse(dep) for dep in said.get("deps", ())],
                skippable=not said.get("required", True),
            )
            for output, said in outputs.items()
        ],
        can_subset=declared.get("can_subset", False),
        check_specs=[
            spec for output, said in outputs.items() for spec in specs_of(output, checks_of(said))
        ],
    )
    def function(context: AssetExecutionContext) -> Iterator[MaterializeResult]:
        attempts[name] += 1
        for output, said in outputs.items():
            key = AssetKey.parse(output)
            if key not in context.selected_asset_keys or not said.get("emit", True):
                continue
            if said.get("fail"):
                raise RuntimeError("as the case says")
            results = [answer(output, check) for check in checks_of(said)]
            yield MaterializeResult(asset_key=key, check_results=results)

    return function


def checks_of(output: dict[str, Any]) -> list[dict[str, Any]]:
    return list(output.get("checks", ()))


def checking(name: str, declared: dict[str, Any]) -> AssetChecksDefinition:
    @asset_check(
        asset=AssetKey.parse(name),
        name=declared["name"],
        blocking=declared.get("blocking", False),
        additional_deps=[AssetKey.parse(dep) for dep in declared.get("additional_deps", ())],
    )
    def function() -> AssetCheckResult:
        return answer(name, declared)

    return function


def built(case: dict[str, Any], attempts: Counter[str]) -> AssetGraph:
    assets: list[AssetsDefinition | AssetSpec] = []
    checks: list[AssetChecksDefinition] = []
    for name, declared in case["assets"].items():
        outside = declared.get("external")
        assets.append(
            AssetSpec(AssetKey.parse(name)) if outside else compute(name, declared, attempts)
        )
        separate = (check for check in declared.get("checks", ()) if not check.get("inline"))
        checks.extend(checking(name, check) for check in separate)
    for name, declared in case.get("multi", {}).items():
        assets.append(compute_several(name, declared, attempts))
    return AssetGraph.build(assets, checks)


def chosen(case: dict[str, Any], graph: AssetGraph) -> set[AssetKey]:
    wanted = case["selection"]
    if wanted is None:
        only_checks = bool(case.get("checks_only"))
        return {node.key for node in graph if node.is_executable and not only_checks}
    if isinstance(wanted, str):
        return select(graph, wanted)
    return {AssetKey.parse(name) for name in wanted}


def run(case: dict[str, Any]) -> dict[str, Any]:
    attempts: Counter[str] = Counter()
    graph = built(case, attempts)
    wanted = case.get("checks_only")
    checks = None if wanted is None else check_keys(graph, wanted)
    todo = plan(graph, chosen(case, graph), now=datetime.now(timezone.utc), checks=checks)
    store = open_store("sqlite://")
    result = run_plan(todo, store, {"io_manager": InMemoryIOManager()})
    store.close()
    return said(case, result, todo) | {"attempts": dict(attempts)}


def planned_checks(todo: Plan) -> set[str]:
    separate = (spec for step in todo.steps for check in step.checks for spec in check.specs)
    own = (spec for key in todo.keys for spec in todo.graph.nodes[key].own_checks)
    return {f"{spec.asset_key}:{spec.name}" for spec in (*separate, *own)}


def said(case: dict[str, Any], result: RunResult, todo: Plan) -> dict[str, Any]:
    functions = {
        AssetKey.parse(output): name
        for name, declared in case.get("multi", {}).items()
        for output in declared["outputs"]
    }
    materialised = {str(key) for key in result.materialized()}
    causes = {step.key: step.status for step in result.steps}
    answers = {
        f"{step.key}:{report.outcome.name}": {
            "passed": report.outcome.passed,
            "severity": report.outcome.severity.lower(),
            "blocking": report.outcome.blocking,
        }
        for step in result.steps
        for report in step.checks
        if not report.raised
    }

    def named(step: StepResult) -> str:
        return functions.get(step.key, str(step.key))

    failed = {named(step) for step in result.steps if step.status == "failed"}
    for step in result.steps:
        own = {spec.name for spec in todo.graph.nodes[step.key].own_checks}
        for report in step.checks:
            if report.raised or report.outcome.stops_downstream:
                name = report.outcome.name
                failed.add(named(step) if name in own else f"{step.key}_{name}")
    return {
        "run_success": result.success,
        "materialised": sorted(materialised),
        "planned_not_materialised": sorted(set(map(str, todo.keys)) - materialised),
        "checks": answers,
        "checks_planned_not_evaluated": sorted(planned_checks(todo) - set(answers)),
        "failed_steps": sorted(failed),
        "retried_steps": sorted({named(step) for step in result.steps if step.attempts > 1}),
        "skipped_steps": sorted(
            {named(s) for s in result.steps if s.cause and causes[s.cause] == "omitted"}
        ),
    }


def test_a_run_goes_as_in_the_reference(case: dict[str, Any]) -> None:
    if case["expect"].get("error"):
        with pytest.raises(BridgeError):
            run(case)
        return

    assert run(case) == case["expect"]
