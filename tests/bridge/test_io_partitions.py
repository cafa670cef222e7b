"""What IO managers may ask about partitions."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import (
    AssetKey,
    DailyPartitionsDefinition,
    InputContext,
    OutputContext,
    PartitionKeyRange,
    StaticPartitionsDefinition,
)
from bridge.errors import PartitionError

KEY = AssetKey("orders")
DAYS = DailyPartitionsDefinition("2024-01-01")


def output(partition: str | None = None, *several: str) -> OutputContext:
    return OutputContext(KEY, partition, "run", partitions=several, asset_partitions_def=DAYS)


def loading(partition: str | None = None, *several: str) -> InputContext:
    other = AssetKey("report")
    return InputContext(KEY, partition, Any, other, partitions=several, asset_partitions_def=DAYS)


@pytest.mark.parametrize("context", [output("2024-01-02"), loading("2024-01-02")])
def test_one_partition_is_a_range_of_one(context: OutputContext | InputContext) -> None:
    assert context.has_partition_key
    assert context.has_asset_partitions
    assert context.asset_partition_key == "2024-01-02"
    assert context.asset_partition_keys == ["2024-01-02"]
    assert context.asset_partition_key_range == PartitionKeyRange("2024-01-02", "2024-01-02")
    assert context.asset_partitions_time_window == DAYS.window("2024-01-02")


@pytest.mark.parametrize(
    "context", [output(None, "2024-01-02", "2024-01-03"), loading(None, "2024-01-02", "2024-01-03")]
)
def test_several_partitions_are_told_at_once(context: OutputContext | InputContext) -> None:
    assert not context.has_partition_key
    assert context.has_asset_partitions
    assert context.asset_partition_keys == ["2024-01-02", "2024-01-03"]
    assert context.asset_partition_key_range == PartitionKeyRange("2024-01-02", "2024-01-03")
    assert context.asset_partitions_time_window.end == DAYS.window("2024-01-03").end
    with pytest.raises(PartitionError, match="asked for one partition"):
        _ = context.asset_partition_key


@pytest.mark.parametrize("context", [output(), loading()])
def test_a_whole_asset_has_none(context: OutputContext | InputContext) -> None:
    assert not context.has_asset_partitions
    with pytest.raises(PartitionError, match="has_asset_partitions"):
        _ = context.asset_partition_keys


def test_names_have_no_time_window() -> None:
    names = StaticPartitionsDefinition(["a"])
    context = OutputContext(KEY, "a", "run", asset_partitions_def=names)

    with pytest.raises(PartitionError, match="no partitions that are windows of time"):
        _ = context.asset_partitions_time_window
