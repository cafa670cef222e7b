"""Helpers for tests of assets."""

from __future__ import annotations

import pytest

from bridge import (
    AssetExecutionContext,
    Config,
    DailyPartitionsDefinition,
    PartitionKeyRange,
    asset,
    asset_check,
    build_asset_context,
    ephemeral_store,
    materialize,
    materialize_to_memory,
    multi_asset,
)
from bridge.errors import InputError
from bridge.multi import AssetOut

DAILY = DailyPartitionsDefinition("2024-01-01")


class Settings(Config):
    limit: int = 3


@asset(io_manager_key="warehouse")
def raw() -> set[int]:
    return {1, 2}


@asset(key_prefix="marts")
def orders(raw: set[int]) -> int:
    return len(raw)


@asset_check(asset=orders)
def is_two(orders: int) -> bool:
    return orders == 2


def test_values_stay_in_memory_whatever_the_io_manager() -> None:
    result = materialize_to_memory([raw, orders, is_two])

    assert result.success
    assert result.asset_value("raw") == {1, 2}
    assert result.asset_value(["marts", "orders"]) == 2


def test_only_what_is_selected_is_computed() -> None:
    result = materialize_to_memory([raw, orders], selection="raw")

    assert [str(key) for key in result.materialized()] == ["raw"]
    with pytest.raises(InputError, match="orders gave no value for the whole asset"):
        result.asset_value(["marts", "orders"])


def test_a_partition_s_value_is_asked_by_its_name() -> None:
    @asset(partitions_def=DAILY)
    def days(context: AssetExecutionContext) -> str:
        return context.partition_key

    result = materialize_to_memory([days], partition_key="2024-01-01...2024-01-02")

    assert result.asset_value("days", "2024-01-02") == "2024-01-02"
    with pytest.raises(InputError, match=r"there are: 2024-01-01, 2024-01-02"):
        result.asset_value("days")
    assert materialize_to_memory([days], partition_key="2024-01-03").asset_value("days")


def test_several_assets_of_one_function_each_have_theirs() -> None:
    @multi_asset(outs={"one": AssetOut(), "two": AssetOut(io_manager_key="other")})
    def both() -> tuple[int, int]:
        return 1, 2

    result = materialize_to_memory([both])

    assert (result.asset_value("one"), result.asset_value("two")) == (1, 2)


def test_a_store_for_a_test_is_empty_and_remembers() -> None:
    with ephemeral_store() as store:
        assert store.events() == []
        materialize_to_memory([raw], store=store)
        assert [event.event.kind for event in store.events()] == ["materialization", "started"]


def test_a_context_for_a_test_says_what_it_was_told() -> None:
    context = build_asset_context(
        partitions_def=DAILY,
        partition_key_range=PartitionKeyRange("2024-01-01", "2024-01-03"),
        resources={"db": 1},
        config=Settings(limit=5),
    )

    assert context.partition_keys == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert (context.resources.db, context.config.limit) == (1, 5)
    assert build_asset_context(partition_key="x").partition_key == "x"


def test_a_context_in_a_run_has_the_config_of_its_function() -> None:
    seen: list[int] = []

    @asset
    def limited(context: AssetExecutionContext, config: Settings) -> None:
        seen.append(context.config.limit)

    materialize([limited], run_config={"limited": {"limit": 7}})

    assert seen == [7]
