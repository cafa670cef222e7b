"""Checks as users declare them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bridge import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    asset,
    asset_check,
    multi_asset_check,
)
from bridge.errors import DefinitionError


@asset(key_prefix="marts")
def orders() -> list[int]:
    return [1]


def test_a_check_is_named_after_its_function_and_takes_its_text() -> None:
    @asset_check(asset=orders)
    def not_empty() -> bool:
        """There are orders."""
        return True

    assert (not_empty.name, not_empty.asset_key) == ("not_empty", AssetKey(["marts", "orders"]))
    assert not_empty.spec.description == "There are orders."


def test_a_check_can_be_called_like_its_function() -> None:
    @asset_check(asset=orders)
    def not_empty(orders: list[int]) -> bool:
        return bool(orders)

    assert not_empty([1]) is True


def test_an_argument_by_the_assets_last_word_is_its_value() -> None:
    @asset_check(asset=orders)
    def not_empty(context: Any, orders: list[int]) -> bool:
        return bool(orders)

    assert not_empty.arguments.context == "context"
    assert not_empty.arguments.inputs == {"orders": AssetKey(["marts", "orders"])}


@pytest.mark.parametrize(("blocking", "blocks"), [(None, True), (True, True), (False, False)])
def test_a_check_blocks_unless_told_not_to(blocking: bool | None, blocks: bool) -> None:
    @asset_check(asset=orders, blocking=blocking)
    def not_empty() -> bool:
        return True

    assert not_empty.spec.is_blocking is blocks


@pytest.mark.parametrize("passed", [True, np.True_])
def test_a_result_takes_a_truth_of_python_or_numpy(passed: Any) -> None:
    assert AssetCheckResult(passed=passed).passed is True


@pytest.mark.parametrize("passed", [None, 1, "yes", np.array([True, False])])
def test_a_result_takes_nothing_but_a_truth(passed: Any) -> None:
    with pytest.raises(DefinitionError, match="give True or False"):
        AssetCheckResult(passed=passed)


@pytest.mark.parametrize("severity", [AssetCheckSeverity.WARN, "WARN"])
def test_a_severity_is_a_word_or_a_member(severity: Any) -> None:
    assert AssetCheckResult(passed=True, severity=severity).severity == "WARN"


def test_metadata_of_a_result_becomes_plain() -> None:
    assert AssetCheckResult(passed=True, metadata={"rows": np.int64(3)}).metadata == {"rows": 3}


def test_a_check_names_its_own_asset_once() -> None:
    with pytest.raises(DefinitionError, match=r"additional_deps as well.*test_checks\.py:"):

        @asset_check(asset=orders, additional_deps=[orders])
        def not_empty() -> bool:
            return True


def test_a_check_has_a_name() -> None:
    with pytest.raises(DefinitionError, match=r"empty name.*test_checks\.py:"):
        AssetCheckSpec("", orders)


def test_several_checks_know_their_assets_and_what_else_they_read() -> None:
    @multi_asset_check(
        specs=[AssetCheckSpec("one", "a", additional_deps=("z",)), AssetCheckSpec("two", "b")]
    )
    def compare(a: int, other: int) -> None: ...

    assert compare.asset_keys == (AssetKey("a"), AssetKey("b"))
    assert compare.reads == (AssetKey("z"), AssetKey("other"))
    with pytest.raises(DefinitionError, match="One function answers a:one, b:two"):
        _ = compare.name


def test_several_checks_are_at_least_one() -> None:
    with pytest.raises(DefinitionError, match="has no checks"):
        multi_asset_check(specs=[])
