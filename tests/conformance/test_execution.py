"""One run: what materializes, fails, is skipped, and is blocked by checks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from typing import Any

from bridge import (
    AssetCheckResult,
    AssetChecksDefinition,
    AssetGraph,
    AssetKey,
    AssetSpec,
    InMemoryIOManager,
    asset,
    asset_check,
)
from bridge.assets import AssetsDefinition
from bridge.execution import RunResult, plan, run_plan
from bridge.selection import select
from bridge.store import open_store

CASES = "execution.json"
_KNOWN_OUTCOMES = ("ok", "fail", "fail_times")


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:  # noqa: C901, PLR0911 - one line a reason
    assets = case["assets"].values()
    checks = [check for declared in assets for check in declared.get("checks", ())]
    if case.get("multi"):
        return "there are no functions of several assets yet"
    if any(declared.get("retry") for declared in assets):
        return "there are no retries yet"
    if any(declared.get("optional_output") for declared in assets):
        return "there are no optional outputs yet"
    if any(outcome(declared) not in _KNOWN_OUTCOMES for declared in assets):
        return "there are no exceptions that ask for or forbid a retry yet"
    if any(declared.get("external") and declared.get("checks") for declared in assets):
        return "checks of what something outside writes are not run yet"
    if any(check.get("inline") for check in checks):
        return "there are no checks inside an asset's own function yet"
    if any(check.get("additional_deps") for check in checks):
        return "a check runs with its asset, not after the other assets it reads"
    if case.get("checks_only"):
        return "checks cannot be run without their asset yet"
    if "error" in case["expect"]:
        return None
    if not chosen(case, AssetGraph.build(*declared_items(case, Counter()))):
        return (
            "a selection that names nothing is refused: a typing error must not look like success"
        )
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    return None


def outcome(declared: dict[str, Any]) -> str:
    return str(declared.get("outcome", "ok")).partition(":")[0]


def compute(name: str, declared: dict[str, Any], attempts: Counter[str]) -> AssetsDefinition:
    failures = {"ok": 0, "fail": 1_000, "fail_times": 1}[outcome(declared)]

    @asset(key=AssetKey.parse(name), deps=[AssetKey.parse(dep) for dep in declared.get("deps", ())])
    def function() -> None:
        attempts[name] += 1
        if attempts[name] <= failures:
            raise RuntimeError("as the case says")

    return function


def checking(name: str, declared: dict[str, Any]) -> AssetChecksDefinition:
    @asset_check(
        asset=AssetKey.parse(name),
        name=declared["name"],
        blocking=declared.get("blocking", False),
    )
    def function() -> AssetCheckResult:
        if declared.get("raises"):
            raise RuntimeError("as the case says")
        severity = declared.get("severity", "ERROR")
        return AssetCheckResult(passed=declared.get("passed", True), severity=severity)

    return function


def declared_items(
    case: dict[str, Any], attempts: Counter[str]
) -> tuple[list[AssetsDefinition | AssetSpec], list[AssetChecksDefinition]]:
    assets: list[AssetsDefinition | AssetSpec] = []
    checks: list[AssetChecksDefinition] = []
    for name, declared in case["assets"].items():
        outside = declared.get("external")
        assets.append(
            AssetSpec(AssetKey.parse(name)) if outside else compute(name, declared, attempts)
        )
        checks.extend(checking(name, check) for check in declared.get("checks", ()))
    return assets, checks


def chosen(case: dict[str, Any], graph: AssetGraph) -> set[AssetKey]:
    wanted = case["selection"]
    if isinstance(wanted, str):
        return select(graph, wanted)
    return set(graph.nodes) if wanted is None else {AssetKey.parse(name) for name in wanted}


def run(case: dict[str, Any]) -> dict[str, Any]:
    attempts: Counter[str] = Counter()
    graph = AssetGraph.build(*declared_items(case, attempts))
    todo = plan(graph, chosen(case, graph), now=datetime.now(timezone.utc))
    store = open_store("sqlite://")
    result = run_plan(todo, store, {"io_manager": InMemoryIOManager()})
    store.close()
    return said(result, graph) | {"attempts": dict(attempts)}


def said(result: RunResult, graph: AssetGraph) -> dict[str, Any]:
    materialised = {str(key) for key in result.materialized()}
    planned = {str(step.key) for step in result.steps}
    asked = {
        f"{step.key}:{check.name}"
        for step in result.steps
        for check in graph.nodes[step.key].checks
    }
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
    return {
        "run_success": result.success,
        "materialised": sorted(materialised),
        "planned_not_materialised": sorted(planned - materialised),
        "checks": answers,
        "checks_planned_not_evaluated": sorted(asked - set(answers)),
        "failed_steps": sorted(str(s.key) for s in result.steps if s.status == "failed"),
    }


def test_a_run_goes_as_in_the_reference(case: dict[str, Any]) -> None:
    found, expected = run(case), dict(case["expect"])
    # separate checks, retries and skipped optional outputs are no steps here
    expected["failed_steps"] = [name for name in expected["failed_steps"] if name in case["assets"]]
    del expected["retried_steps"], expected["skipped_steps"]

    assert found == expected
