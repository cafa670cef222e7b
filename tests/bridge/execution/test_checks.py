"""Checks in a run: which answers stop what is downstream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bridge import (
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetKey,
    DailyPartitionsDefinition,
    asset,
    asset_check,
)
from bridge.execution import RunResult
from bridge.store import Store

Run = Callable[..., RunResult]


@asset
def orders() -> list[int]:
    return [1, 2]


@asset(deps=[orders])
def report() -> None: ...


def check(*, passed: bool, severity: str = "ERROR", **settings: Any) -> AssetChecksDefinition:
    @asset_check(asset=orders, name="rows", **settings)
    def rows() -> AssetCheckResult:
        return AssetCheckResult(passed=passed, severity=AssetCheckSeverity(severity))

    return rows


def report_status(result: RunResult) -> str:
    return next(step.status for step in result.steps if step.key == AssetKey("report"))


@pytest.mark.parametrize("settings", [{}, {"blocking": True}, {"blocking": None}])
def test_a_failed_error_stops_what_is_downstream_unless_told_not_to(
    run: Run, settings: dict[str, Any]
) -> None:
    result = run(orders, report, check(passed=False, **settings))

    assert report_status(result) == "skipped"
    assert not result.success


def test_a_failed_check_that_does_not_block_stops_nothing(run: Run) -> None:
    result = run(orders, report, check(passed=False, blocking=False))

    assert report_status(result) == "succeeded"
    assert result.success


@pytest.mark.parametrize("blocking", [None, True, False])
def test_a_failed_warning_stops_nothing(run: Run, blocking: bool | None) -> None:
    result = run(orders, report, check(passed=False, severity="WARN", blocking=blocking))

    assert report_status(result) == "succeeded"
    assert result.success


def test_a_blocked_asset_itself_stays_materialized(run: Run, store: Store) -> None:
    result = run(orders, report, check(passed=False))

    assert result.materialized() == [AssetKey("orders")]
    assert store.asset_states()[AssetKey("orders")].activity == "materialization"


@pytest.mark.parametrize("blocking", [None, True, False])
def test_a_check_that_raises_fails_the_run(run: Run, blocking: bool | None) -> None:
    @asset_check(asset=orders, blocking=blocking)
    def rows() -> bool:
        raise RuntimeError("the warehouse is asleep")

    result = run(orders, report, rows)

    assert not result.success
    assert report_status(result) == ("succeeded" if blocking is False else "skipped")


def test_a_check_that_raises_is_recorded_as_failed_with_why(run: Run, store: Store) -> None:
    @asset_check(asset=orders)
    def rows() -> bool:
        raise RuntimeError("the warehouse is asleep")

    run(orders, rows)

    (state,) = store.check_states()
    assert state.passed is False
    assert (state.message or "").startswith("RuntimeError: the warehouse is asleep")


def test_a_check_reads_the_value_of_its_asset(run: Run) -> None:
    seen: list[Any] = []

    @asset_check(asset=orders)
    def rows(orders: list[int]) -> bool:
        seen.append(orders)
        return True

    run(orders, rows)

    assert seen == [[1, 2]]


def test_a_check_reads_the_partition_that_was_written(run: Run, store: Store) -> None:
    @asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
    def daily(context: Any) -> str:
        return str(context.partition_key)

    @asset_check(asset=daily)
    def right_day(context: Any, daily: str) -> bool:
        return bool(daily == context.partition_key)

    assert run(daily, right_day, partition="2024-01-02").success
    assert [state.partition for state in store.check_states()] == ["2024-01-02"]


@pytest.mark.parametrize("answer", [True, np.True_])
def test_a_check_may_answer_with_a_plain_truth(run: Run, answer: Any) -> None:
    @asset_check(asset=orders)
    def rows() -> Any:
        return answer

    assert run(orders, rows).success


def test_a_check_that_answers_nothing_fails_the_run(run: Run) -> None:
    @asset_check(asset=orders)
    def rows() -> None: ...

    result = run(orders, rows)

    assert not result.success
    (answer,) = result.steps[0].checks
    assert "returned NoneType; return an AssetCheckResult or a bool" in (answer.message or "")


def test_what_a_check_says_is_recorded(run: Run, store: Store) -> None:
    @asset_check(asset=orders)
    def rows() -> AssetCheckResult:
        return AssetCheckResult(passed=True, metadata={"rows": 2}, description="all there")

    run(orders, rows)

    (recorded,) = store.events(kinds=["check"])
    assert recorded.event.metadata == {"rows": 2}
    assert recorded.event.message == "all there"
    assert recorded.event.duration_s is not None


def test_what_a_check_logs_is_kept_with_its_step(run: Run) -> None:
    @asset_check(asset=orders)
    def rows(context: Any) -> bool:
        context.log.info("counted")
        return True

    (step,) = run(orders, rows).steps

    assert [entry.message for entry in step.log] == ["counted"]


def test_no_check_is_asked_of_an_asset_that_failed(run: Run, store: Store) -> None:
    @asset
    def orders() -> None:
        raise ValueError("no")

    run(orders, check(passed=True))

    assert store.check_states() == []


def test_one_blocking_check_among_several_is_enough(run: Run) -> None:
    @asset_check(asset=orders, blocking=False)
    def other() -> bool:
        return True

    result = run(orders, report, check(passed=False), other)

    assert report_status(result) == "skipped"
    assert [c.outcome.name for c in result.steps[0].checks] == ["rows", "other"]
