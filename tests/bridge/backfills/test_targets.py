"""What a backfill is to compute: all of it exists, and nothing of it waits for what never can."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from bridge import (
    AssetDep,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    asset,
    multi_asset,
)
from bridge.backfills import Cut, Subsets, partitions_target, roots_target, whole_target
from bridge.errors import PartitionError, SelectionError
from bridge.graph import AssetGraph

NOW = datetime(2024, 3, 4, 6, tzinfo=timezone.utc)
DAYS = DailyPartitionsDefinition("2024-03-01")
HOURS = HourlyPartitionsDefinition("2024-03-01-00:00")
REGIONS = StaticPartitionsDefinition(["eu", "us"])


def made(name: str, *deps: object, **given: Any) -> AssetsDefinition:
    @asset(name=name, deps=list(deps), **given)
    def compute() -> None: ...

    return compute


def cut_of(*assets: Any) -> Cut:
    return Cut(AssetGraph.build(assets), NOW)


def keys(*names: str) -> list[AssetKey]:
    return [AssetKey(name) for name in names]


def shown(cut: Cut, target: Subsets) -> dict[str, list[str]]:
    return {str(key): cut.names(subset) for key, subset in target.items()}


def test_all_partitions_that_exist_are_the_whole_of_an_asset() -> None:
    cut = cut_of(made("a", partitions_def=DAYS), made("b", "a"))

    target = whole_target(cut, cut.graph.nodes)

    assert shown(cut, target) == {"a": ["2024-03-01", "2024-03-02", "2024-03-03"], "b": [""]}


def test_what_something_outside_writes_is_left_out() -> None:
    cut = cut_of(AssetSpec("src", partitions_def=DAYS), made("a", "src", partitions_def=DAYS))

    assert list(whole_target(cut, cut.graph.nodes)) == keys("a")
    with pytest.raises(SelectionError, match=r"Nothing to backfill: no @asset of ours.*src"):
        whole_target(cut, keys("src"))


def test_partitions_of_the_first_assets_lead_to_what_reads_them() -> None:
    cut = cut_of(made("h", partitions_def=HOURS), made("d", "h", partitions_def=DAYS))

    target = roots_target(cut, cut.graph.nodes, ["2024-03-01-22:00", "2024-03-02-01:00"])

    assert shown(cut, target)["d"] == ["2024-03-01", "2024-03-02"]


def test_a_partition_that_does_not_exist_yet_is_not_led_to() -> None:
    cut = cut_of(made("h", partitions_def=HOURS), made("d", "h", partitions_def=DAYS))

    assert list(roots_target(cut, cut.graph.nodes, ["2024-03-04-02:00"])) == keys("h")


def test_all_ways_to_an_asset_count_in_whatever_order_they_were_written() -> None:
    lag = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    later = AssetDep("a", partition_mapping=lag)
    for deps in (("a", "b"), ("b", "a")):
        cut = cut_of(
            made("a", partitions_def=DAYS),
            made("b", later, partitions_def=DAYS),
            made("c", *deps, partitions_def=DAYS),
        )

        target = roots_target(cut, cut.graph.nodes, ["2024-03-01"])

        assert shown(cut, target)["c"] == ["2024-03-01", "2024-03-02"]


def test_first_assets_that_are_cut_differently_cannot_share_names() -> None:
    cut = cut_of(made("a", partitions_def=DAYS), made("b", partitions_def=REGIONS))

    with pytest.raises(PartitionError, match="a and b are both the first"):
        roots_target(cut, cut.graph.nodes, ["2024-03-01"])


def test_partitions_of_each_asset_may_be_named() -> None:
    cut = cut_of(made("a", partitions_def=DAYS), made("b", partitions_def=REGIONS), made("c"))

    wanted = {AssetKey("a"): ["2024-03-02"], AssetKey("b"): None, AssetKey("c"): None}

    assert shown(cut, partitions_target(cut, wanted)) == {
        "a": ["2024-03-02"],
        "b": ["eu", "us"],
        "c": [""],
    }
    with pytest.raises(PartitionError, match="c has no partitions; leave out x"):
        partitions_target(cut, {AssetKey("c"): ["x"]})


@pytest.mark.parametrize("name", ["2024-03-04", "2024-02-29", "yesterday"])
def test_a_partition_that_does_not_exist_is_refused(name: str) -> None:
    cut = cut_of(made("a", partitions_def=DAYS))

    with pytest.raises(PartitionError, match=name):
        roots_target(cut, keys("a"), [name])


def test_what_needs_a_partition_that_can_never_be_is_refused_before_anything_runs() -> None:
    ended = HourlyPartitionsDefinition("2024-03-01-00:00", end_date="2024-03-02-04:00")
    cut = cut_of(made("h", partitions_def=ended), made("d", "h", partitions_def=DAYS))

    with pytest.raises(PartitionError, match=r"d needs partitions of h that do not exist: .*more"):
        whole_target(cut, cut.graph.nodes)


def test_assets_that_one_call_computes_are_backfilled_together() -> None:
    @multi_asset(specs=[AssetSpec("a", partitions_def=DAYS), AssetSpec("b", partitions_def=DAYS)])
    def both() -> None: ...

    cut = cut_of(both)

    with pytest.raises(SelectionError, match="both cannot compute a without b"):
        whole_target(cut, keys("a"))


def test_nothing_to_compute_is_refused() -> None:
    none_yet = DailyPartitionsDefinition("2024-03-05")
    cut = cut_of(made("a", partitions_def=none_yet))

    with pytest.raises(SelectionError, match="none of the selected assets has a partition"):
        whole_target(cut, keys("a"))
