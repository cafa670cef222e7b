"""The context of a user's function."""

from __future__ import annotations

import pytest

from bridge import (
    AssetExecutionContext,
    AssetKey,
    DailyPartitionsDefinition,
    MultiPartitionKey,
    MultiPartitionsDefinition,
    PartitionKeyRange,
    StaticPartitionsDefinition,
    build_asset_context,
)
from bridge.errors import DefinitionError, PartitionError
from bridge.instance import Instance


def test_a_context_for_tests_carries_its_partition() -> None:
    context = build_asset_context(partition_key="2024-01-01", asset_key="orders")

    assert (context.partition_key, context.asset_key) == ("2024-01-01", AssetKey("orders"))


def test_an_unpartitioned_run_has_no_partition_key() -> None:
    context = build_asset_context(asset_key="orders")

    assert not context.has_partition_key
    with pytest.raises(PartitionError, match="orders asked for its partition key"):
        _ = context.partition_key


def test_the_window_is_that_of_the_partition() -> None:
    daily = DailyPartitionsDefinition("2024-01-01", timezone="Europe/Zurich")
    context = AssetExecutionContext(
        asset_key=AssetKey("orders"), run_id="r", partitions_def=daily, partitions=["2024-03-31"]
    )

    assert context.partition_time_window == daily.window("2024-03-31")


def test_without_windows_there_is_none() -> None:
    with pytest.raises(PartitionError, match="no partitions that are windows of time"):
        _ = build_asset_context(partition_key="2024-01-01").partition_time_window


def test_the_window_of_a_combination_is_that_of_its_time() -> None:
    daily = DailyPartitionsDefinition("2024-01-01")
    regions = StaticPartitionsDefinition(["us", "eu"])
    both = MultiPartitionsDefinition({"day": daily, "region": regions})

    context = AssetExecutionContext(
        asset_key=AssetKey("orders"), run_id="r", partitions_def=both, partitions=["2024-03-31|eu"]
    )

    assert context.partition_time_window == daily.window("2024-03-31")


def test_names_have_no_window() -> None:
    context = AssetExecutionContext(
        asset_key=AssetKey("orders"),
        run_id="r",
        partitions_def=StaticPartitionsDefinition(["us", "eu"]),
        partitions=["eu"],
    )

    with pytest.raises(PartitionError, match="no partitions that are windows of time"):
        _ = context.partition_time_window


def test_metadata_adds_up() -> None:
    context = build_asset_context()

    context.add_output_metadata({"a": 1})
    context.add_output_metadata({"a": 2, "b": 3})

    assert context.metadata == {"a": 2, "b": 3}


def test_odd_metadata_is_refused_at_once() -> None:
    with pytest.raises(DefinitionError, match="Metadata 'a'"):
        build_asset_context().add_output_metadata({"a": object()})


def test_a_context_for_tests_carries_resources() -> None:
    assert build_asset_context(resources={"db": 1}).resources.db == 1


def test_metadata_may_be_about_one_of_several_assets() -> None:
    x, y = AssetKey("x"), AssetKey("y")
    context = AssetExecutionContext(asset_key=x, run_id="r", outputs={"x": x, "why": y})

    context.add_output_metadata({"all": 1})
    context.add_output_metadata({"rows": 2}, output_name="why")
    context.add_asset_metadata({"path": "p"}, asset_key="x")

    assert context.metadata_of(x) == {"all": 1, "path": "p"}
    assert context.metadata_of(y) == {"all": 1, "rows": 2}
    assert context.selected_asset_keys == {x, y}
    with pytest.raises(DefinitionError, match="no output 'z' in this call"):
        context.add_output_metadata({}, output_name="z")


def test_a_context_for_tests_keeps_dynamic_partitions_itself() -> None:
    instance = build_asset_context().instance

    instance.add_dynamic_partitions("files", ["b", "a", "b"])
    instance.add_dynamic_partitions("files", ["a", "c"])
    instance.delete_dynamic_partition("files", "b")
    instance.delete_dynamic_partition("files", "b")

    assert instance.get_dynamic_partitions("files") == ["a", "c"]
    assert instance.has_dynamic_partition("files", "c")
    assert not instance.has_dynamic_partition("others", "c")


def test_a_context_for_tests_may_share_what_keeps_partitions() -> None:
    instance = Instance()

    build_asset_context(instance=instance).instance.add_dynamic_partitions("files", ["a"])

    assert instance.get_dynamic_partitions("files") == ["a"]


def test_an_instance_refuses_a_key_that_cannot_be_written_down() -> None:
    with pytest.raises(PartitionError, match=r"'a\.\.\.b'"):
        Instance().add_dynamic_partitions("files", ["a...b"])


DAYS = DailyPartitionsDefinition("2024-01-01")
THREE = PartitionKeyRange("2024-01-30", "2024-02-01")


def test_a_call_for_several_partitions_knows_them_all() -> None:
    context = build_asset_context(partition_key_range=THREE, partitions_def=DAYS)

    assert context.partition_keys == ["2024-01-30", "2024-01-31", "2024-02-01"]
    assert context.partition_key_range == THREE
    assert (context.has_partition_key, context.has_partition_key_range) == (False, True)
    window = context.partition_time_window
    assert (window.start, window.end) == (
        DAYS.window("2024-01-30").start,
        DAYS.window("2024-02-01").end,
    )


def test_a_call_for_several_partitions_has_no_single_one() -> None:
    context = build_asset_context(
        partition_key_range=THREE, partitions_def=DAYS, asset_key="orders"
    )

    with pytest.raises(PartitionError, match=r"orders .* 3 partitions at once, 2024-01-30 to"):
        _ = context.partition_key


def test_a_call_for_one_partition_is_a_range_of_one() -> None:
    context = build_asset_context(partition_key="2024-01-30", partitions_def=DAYS)

    assert context.partition_keys == ["2024-01-30"]
    assert context.partition_key_range == PartitionKeyRange("2024-01-30", "2024-01-30")
    assert (context.has_partition_key, context.has_partition_key_range) == (True, False)


def test_a_range_needs_the_definition_it_is_of() -> None:
    with pytest.raises(DefinitionError, match="partitions_def="):
        build_asset_context(partition_key_range=THREE)


def test_a_key_of_several_dimensions_knows_its_parts() -> None:
    both = MultiPartitionsDefinition({"day": DAYS, "who": StaticPartitionsDefinition(["a", "b"])})
    context = build_asset_context(partition_key="2024-01-30|b", partitions_def=both)

    key = context.partition_key
    assert isinstance(key, MultiPartitionKey)
    assert key == "2024-01-30|b"
    assert key.keys_by_dimension == {"day": "2024-01-30", "who": "b"}
