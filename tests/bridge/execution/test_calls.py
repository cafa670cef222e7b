"""Which functions a run calls, in which order, and which checks it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from bridge import (
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSpec,
    AssetGraph,
    AssetKey,
    AssetSpec,
    asset,
    asset_check,
    multi_asset,
    multi_asset_check,
)
from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.errors import CycleError, SelectionError
from bridge.execution import Plan, RunResult, plan
from bridge.store import Store

Run = Callable[..., RunResult]
NOW = datetime(2024, 1, 10, tzinfo=timezone.utc)


def several(name: str, *specs: AssetSpec, can_subset: bool = True) -> AssetsDefinition:
    @multi_asset(name=name, specs=specs, can_subset=can_subset)
    def function() -> None: ...

    return function


def named(name: str, *deps: str) -> AssetsDefinition:
    @asset(name=name, deps=deps)
    def function() -> None: ...

    return function


def planned(*items: Any, only: str = "", **settings: Any) -> Plan:
    checks = [item for item in items if isinstance(item, AssetChecksDefinition)]
    assets = [item for item in items if not isinstance(item, AssetChecksDefinition)]
    graph = AssetGraph.build(assets, checks)
    chosen = [key for key in graph.nodes if not only or str(key) in only.split()]
    return plan(graph, chosen, now=NOW, **settings)


def calls(found: Plan) -> list[str]:
    return [" ".join(map(str, step.keys)) for step in found.steps if step.definition]


def test_one_call_computes_all_selected_assets_of_a_function() -> None:
    many = several("m", AssetSpec("x"), AssetSpec("y", deps=["x"]), AssetSpec("z"))

    assert calls(planned(many, only="x y")) == ["x y"]


def test_a_function_is_called_again_behind_what_lies_between() -> None:
    many = several("m", AssetSpec("x"), AssetSpec("y", deps=["mid"]), AssetSpec("z"))

    assert calls(planned(many, named("mid", "x"))) == ["x z", "mid", "y"]


def test_two_functions_that_take_turns_are_called_asset_by_asset() -> None:
    first = several("m", AssetSpec("a"), AssetSpec("c", deps=["d"]))
    second = several("n", AssetSpec("b", deps=["a"]), AssetSpec("d"))

    found = calls(planned(first, second))

    assert sorted(found) == ["a", "b", "c", "d"]
    assert found.index("a") < found.index("b")
    assert found.index("d") < found.index("c")


def test_a_part_of_an_indivisible_function_is_refused() -> None:
    both = several("m", AssetSpec("x"), AssetSpec("y"), can_subset=False)

    with pytest.raises(SelectionError, match="m cannot compute x without y"):
        planned(both, only="x")


def test_nothing_selected_is_an_empty_plan() -> None:
    graph = AssetGraph.build([named("a")])

    assert plan(graph, [], now=NOW).steps == ()


@asset_check(asset="a", additional_deps=["z"])
def agrees() -> bool:
    return True


def test_a_check_that_reads_another_asset_is_asked_after_it(run: Run) -> None:
    result = run(named("a"), named("z"), named("b", "a"), agrees)

    order = [(str(step.key), step.status) for step in result.steps]
    assert order.index(("a", "checked")) > order.index(("z", "succeeded"))
    assert order.index(("b", "succeeded")) > order.index(("a", "checked"))


def test_a_check_that_reads_upstream_is_asked_with_its_asset() -> None:
    found = planned(named("z"), named("between", "z"), named("a", "between"), agrees)

    assert [len(step.checks) for step in found.steps] == [0, 0, 1]


def test_a_blocking_check_that_would_have_to_wait_for_itself_is_refused() -> None:
    with pytest.raises(CycleError, match="blocking=False"):
        planned(named("a"), named("z", "a"), agrees)


def test_a_blocking_check_of_an_asset_and_of_what_depends_on_it_is_refused() -> None:
    @multi_asset_check(specs=[AssetCheckSpec("fits", "a"), AssetCheckSpec("fits", "z")])
    def both() -> None: ...

    with pytest.raises(CycleError, match="is about, what depends on its asset blocking=False"):
        planned(named("a"), named("z", "a"), both)


def test_checks_are_asked_without_computing_their_asset(run: Run, store: Store) -> None:
    checks = [AssetCheckKey(AssetKey("a"), "agrees")]
    graph = AssetGraph.build([named("a"), named("z")], [agrees])

    found = plan(graph, [], now=NOW, checks=checks)

    assert [(step.definition, step.keys) for step in found.steps] == [(None, (AssetKey("a"),))]


def test_a_check_that_does_not_exist_cannot_be_asked() -> None:
    with pytest.raises(SelectionError, match="no check other of a"):
        planned(named("a"), checks=[AssetCheckKey(AssetKey("a"), "other")])


def test_the_check_of_an_assets_own_function_cannot_be_asked_alone() -> None:
    @asset(check_specs=[AssetCheckSpec("own", "a")])
    def a() -> None: ...

    graph = AssetGraph.build([a])

    with pytest.raises(SelectionError, match="select the asset"):
        plan(graph, [], now=NOW, checks=[AssetCheckKey(AssetKey("a"), "own")])


def test_one_function_answers_checks_of_several_assets(run: Run, store: Store) -> None:
    @multi_asset_check(specs=[AssetCheckSpec("c", "a"), AssetCheckSpec("c", "z", blocking=True)])
    def compare() -> Iterator[AssetCheckResult]:
        yield AssetCheckResult(passed=True, asset_key="a", check_name="c")
        yield AssetCheckResult(passed=False, asset_key="z", check_name="c")

    result = run(named("a"), named("z"), named("after_a", "a"), named("after_z", "z"), compare)

    ended = {str(step.key): step.status for step in result.steps if step.status != "checked"}
    assert (ended["after_a"], ended["after_z"]) == ("succeeded", "skipped")
    assert {(str(s.key), s.passed) for s in store.check_states()} == {("a", True), ("z", False)}


def test_a_function_of_several_checks_hears_which_are_wanted(run: Run) -> None:
    asked: list[set[str]] = []

    @multi_asset_check(
        specs=[AssetCheckSpec("one", "a"), AssetCheckSpec("two", "z")], can_subset=True
    )
    def compare(context: Any) -> Iterator[AssetCheckResult]:
        asked.append({key.name for key in context.selected_asset_check_keys})
        yield AssetCheckResult(passed=True, check_name="one")

    assert run(named("a"), named("z"), compare, only=["a"]).success
    assert asked == [{"one"}]
