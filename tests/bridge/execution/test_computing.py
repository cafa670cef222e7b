"""Calls of functions that compute several assets, or yield: what stays, fails and is retried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetKey,
    AssetOut,
    AssetSpec,
    DailyPartitionsDefinition,
    Failure,
    MaterializeResult,
    Output,
    RetryPolicy,
    RetryRequested,
    asset,
    multi_asset,
)
from bridge.execution import RunResult
from bridge.io import InMemoryIOManager
from bridge.store import Store

Run = Callable[..., RunResult]
X, Y = AssetKey("x"), AssetKey("y")


def statuses(result: RunResult) -> dict[str, str]:
    return {str(step.key): step.status for step in result.steps}


@asset(deps=["x"])
def after_x() -> None: ...


@asset(deps=["y"])
def after_y() -> None: ...


def test_a_tuple_holds_one_value_an_output(run: Run, values: InMemoryIOManager) -> None:
    @multi_asset(outs={"x": AssetOut(), "y": AssetOut()})
    def both() -> tuple[int, str]:
        return 1, "two"

    assert run(both).success
    assert values.values == {(X, None): 1, (Y, None): "two"}


def test_yielded_outputs_are_stored_with_what_is_said_of_them(
    run: Run, store: Store, values: InMemoryIOManager
) -> None:
    @multi_asset(outs={"x": AssetOut(), "y": AssetOut()})
    def both(context: Any) -> Iterator[Output[int]]:
        context.add_output_metadata({"all": True})
        context.add_output_metadata({"only": "y"}, output_name="y")
        yield Output(2, output_name="y", data_version="v2")
        yield Output(1, output_name="x", metadata={"rows": 1})

    run(both)

    states = store.asset_states()
    assert values.values == {(X, None): 1, (Y, None): 2}
    assert states[X].metadata == {"all": True, "rows": 1}
    assert states[Y].metadata == {"all": True, "only": "y"}
    assert (states[X].data_version is None, states[Y].data_version) == (True, "v2")


def test_what_was_given_before_a_failure_stays_and_its_downstream_runs(
    run: Run, store: Store
) -> None:
    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y")])
    def both() -> Iterator[MaterializeResult]:
        yield MaterializeResult(asset_key="x")
        raise RuntimeError("no y today")

    result = run(both, after_x, after_y)

    assert statuses(result) == {
        "x": "succeeded",
        "y": "failed",
        "after_x": "succeeded",
        "after_y": "skipped",
    }
    assert not result.success
    assert store.claims() == []
    (failure,) = store.events(kinds=["failure"])
    assert (failure.event.key, failure.event.duration_s is not None) == (Y, True)


def test_only_what_failed_is_computed_again(run: Run, store: Store) -> None:
    asked: list[set[str]] = []

    @multi_asset(
        specs=[AssetSpec("x"), AssetSpec("y")],
        can_subset=True,
        retry_policy=RetryPolicy(max_retries=1),
    )
    def both(context: Any) -> Iterator[MaterializeResult]:
        asked.append({str(key) for key in context.selected_asset_keys})
        if X in context.selected_asset_keys:
            yield MaterializeResult(asset_key="x")
        if context.retry_number == 0:
            raise RuntimeError("not yet")
        yield MaterializeResult(asset_key="y")

    result = run(both)

    assert result.success
    assert asked == [{"x", "y"}, {"y"}]
    assert [step.attempts for step in result.steps] == [1, 2]
    assert len(store.events(kinds=["materialization"])) == 2


def test_a_retry_of_an_indivisible_function_stores_nothing_twice(
    run: Run, values: InMemoryIOManager
) -> None:
    calls: list[int] = []

    @multi_asset(outs={"x": AssetOut(), "y": AssetOut()}, retry_policy=RetryPolicy())
    def both() -> Iterator[Output[int]]:
        calls.append(1)
        yield Output(len(calls), output_name="x")
        if len(calls) == 1:
            raise RuntimeError("not yet")
        yield Output(len(calls), output_name="y")

    assert run(both).success
    assert values.values == {(X, None): 1, (Y, None): 2}


def test_a_function_computes_the_outputs_that_are_selected(
    run: Run, values: InMemoryIOManager
) -> None:
    @multi_asset(outs={name: AssetOut(is_required=False) for name in ("x", "y")}, can_subset=True)
    def both(context: Any) -> Iterator[Output[str]]:
        for name in sorted(context.selected_output_names):
            yield Output(name, output_name=name)

    run(both, only=["y"])

    assert values.values == {(Y, None): "y"}


def test_what_may_be_left_out_keeps_its_downstream_from_running(run: Run, store: Store) -> None:
    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y", skippable=True)])
    def both() -> Iterator[MaterializeResult]:
        yield MaterializeResult(asset_key="x")

    result = run(both, after_x, after_y)

    assert result.success
    assert (statuses(result)["y"], statuses(result)["after_y"]) == ("omitted", "skipped")
    assert next(s.message for s in result.steps if s.key == AssetKey("after_y")) == "y was left out"
    assert store.claims() == []


def test_a_value_that_does_not_come_is_an_error(run: Run) -> None:
    @multi_asset(outs={"x": AssetOut(), "y": AssetOut()})
    def both() -> Iterator[Output[int]]:
        yield Output(1, output_name="x")

    result = run(both)

    assert statuses(result) == {"x": "succeeded", "y": "failed"}
    assert "both ended without y" in (result.steps[1].message or "")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((1,), "1 values for 2 outputs"),
        (Output(1, output_name="z"), "output_name='z'"),
        (MaterializeResult(asset_key="z"), "asset_key=z"),
        (7, "one int without a name"),
    ],
)
def test_what_cannot_be_told_apart_is_an_error(run: Run, given: Any, why: str) -> None:
    @multi_asset(outs={"x": AssetOut(), "y": AssetOut()})
    def both() -> Any:
        return given

    result = run(both)

    assert why in (result.steps[0].message or "")
    assert "test_computing.py:" in (result.steps[0].message or "")


def test_each_asset_of_a_partitioned_function_has_its_partition(run: Run, store: Store) -> None:
    days = DailyPartitionsDefinition("2024-01-01")

    @multi_asset(outs={"x": AssetOut(), "y": AssetOut()}, partitions_def=days)
    def both(context: Any) -> tuple[str, str]:
        return context.partition_key, context.partition_key

    run(both, partition="2024-01-01...2024-01-02")

    assert set(store.partition_states(Y)) == {"2024-01-01", "2024-01-02"}


def test_somebody_who_writes_one_of_the_assets_keeps_all_from_being_written(
    run: Run, store: Store
) -> None:
    store.claim(Y, None, owner="somebody")

    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y")])
    def both() -> None:
        raise AssertionError("is not called")

    result = run(both)

    assert statuses(result) == {"x": "refused", "y": "refused"}
    assert [claim.owner for claim in store.claims()] == ["somebody"]


def test_a_function_answers_its_own_checks(run: Run, store: Store) -> None:
    @asset(check_specs=[AssetCheckSpec("rows", "orders"), AssetCheckSpec("nulls", "orders")])
    def orders() -> Iterator[Output[int] | AssetCheckResult]:
        yield Output(1)
        yield AssetCheckResult(passed=True, check_name="rows")
        yield AssetCheckResult(passed=False, check_name="nulls", severity="WARN")

    result = run(orders)

    assert result.success
    assert {state.name: state.passed for state in store.check_states()} == {
        "rows": True,
        "nulls": False,
    }


def test_an_own_blocking_check_holds_back_only_what_depends_on_its_asset(run: Run) -> None:
    @multi_asset(
        specs=[AssetSpec("x"), AssetSpec("y")],
        check_specs=[AssetCheckSpec("right", "x", blocking=True)],
    )
    def both() -> Iterator[MaterializeResult]:
        yield MaterializeResult(asset_key="x", check_results=[AssetCheckResult(passed=False)])
        yield MaterializeResult(asset_key="y")

    result = run(both, after_x, after_y)

    assert (statuses(result)["after_x"], statuses(result)["after_y"]) == ("skipped", "succeeded")
    assert not result.success


def test_an_own_check_that_is_not_answered_fails_the_run(run: Run, store: Store) -> None:
    @asset(check_specs=[AssetCheckSpec("rows", "orders")])
    def orders() -> None: ...

    result = run(orders)

    assert not result.success
    (state,) = store.check_states()
    assert (state.passed, state.message) == (False, "orders did not answer it")


def test_an_answer_to_a_check_nobody_declared_is_an_error(run: Run) -> None:
    @asset
    def orders() -> MaterializeResult:
        return MaterializeResult(check_results=[AssetCheckResult(passed=True, check_name="rows")])

    (step,) = run(orders).steps

    assert "Declare it in check_specs=" in (step.message or "")


@pytest.mark.parametrize(("failures", "attempts", "success"), [(1, 2, True), (5, 3, False)])
def test_a_function_is_called_again_as_its_policy_says(
    run: Run, failures: int, attempts: int, success: bool
) -> None:
    calls: list[int] = []

    @asset(retry_policy=RetryPolicy(max_retries=2))
    def orders() -> None:
        calls.append(1)
        if len(calls) <= failures:
            raise RuntimeError("not yet")

    (step,) = (result := run(orders)).steps

    assert (result.success, step.attempts, len(calls)) == (success, attempts, attempts)
    assert [entry.level for entry in step.log] == ["WARNING"] * (attempts - 1)


def test_a_failure_may_forbid_a_retry_and_carry_facts(run: Run, store: Store) -> None:
    calls: list[int] = []

    @asset(retry_policy=RetryPolicy(max_retries=3))
    def orders() -> None:
        calls.append(1)
        raise Failure("the source is empty", metadata={"rows": 0}, allow_retries=False)

    (step,) = run(orders).steps

    assert (len(calls), step.message) == (1, "the source is empty")
    (failure,) = store.events(kinds=["failure"])
    assert failure.event.metadata == {"rows": 0}


def test_a_function_may_ask_for_a_retry_without_a_policy(run: Run) -> None:
    calls: list[int] = []

    @asset
    def orders() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise RetryRequested(max_retries=2)

    assert run(orders).success
    assert len(calls) == 3


def test_what_a_function_says_is_kept_below_the_level_of_the_logger(run: Run) -> None:
    @asset
    def orders(context: Any) -> None:
        context.log.info("read %d rows", 3)

    (step,) = run(orders).steps

    assert [(entry.level, entry.message) for entry in step.log] == [("INFO", "read 3 rows")]


def test_a_failed_step_has_its_event(run: Run) -> None:
    @asset
    def orders() -> None:
        raise RuntimeError("no")

    (step,) = run(orders).steps

    assert step.event is not None
    assert (step.event.kind, step.event.duration_s is not None) == ("failure", True)
