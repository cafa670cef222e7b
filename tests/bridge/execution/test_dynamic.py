"""Dynamic partitions in a run: functions add them, and who reads all reads the new ones."""

from __future__ import annotations

import pytest

from bridge import (
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    DynamicPartitionsDefinition,
    asset,
    asset_check,
    materialize,
)
from bridge.errors import PartitionError
from bridge.io import InMemoryIOManager
from bridge.store import Store

FILES = DynamicPartitionsDefinition("files")


@asset(partitions_def=FILES)
def lines(context: AssetExecutionContext) -> str:
    return context.partition_key.upper()


def test_a_partition_of_the_store_can_be_materialized(
    store: Store, values: InMemoryIOManager
) -> None:
    store.add_dynamic_partitions("files", ["a", "b"])

    result = materialize([lines], partition_key="b", store=store, resources={"io_manager": values})

    assert [step.partition for step in result.steps] == ["b"]
    assert list(values.values.values()) == ["B"]


def test_a_partition_that_is_not_in_the_store_is_refused(store: Store) -> None:
    store.add_dynamic_partitions("files", ["a"])

    with pytest.raises(PartitionError, match=r"no partition 'c'\. There are: a"):
        materialize([lines], partition_key="c", store=store)


def test_a_function_adds_partitions_that_the_next_one_reads(
    store: Store, values: InMemoryIOManager
) -> None:
    store.add_dynamic_partitions("files", ["a"])
    values.values |= {(AssetKey("lines"), "a"): "A", (AssetKey("lines"), "b"): "B"}
    read: dict[str, str] = {}

    @asset
    def discovered(context: AssetExecutionContext) -> None:
        context.instance.add_dynamic_partitions("files", ["a", "b"])

    @asset(deps=[discovered])
    def all_lines(lines: dict[str, str]) -> None:
        read.update(lines)

    outside = AssetSpec("lines", partitions_def=FILES)
    materialize([outside, discovered, all_lines], store=store, resources={"io_manager": values})

    assert read == {"a": "A", "b": "B"}
    assert store.dynamic_partitions("files") == ["a", "b"]


def test_a_check_sees_the_partitions_too(store: Store) -> None:
    store.add_dynamic_partitions("files", ["a", "b"])

    @asset_check(asset=lines)
    def is_known(context: AssetExecutionContext) -> bool:
        return context.instance.has_dynamic_partition("files", context.partition_key)

    assert materialize([lines, is_known], partition_key="b", store=store).success
