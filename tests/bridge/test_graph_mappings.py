"""Which partitions of two assets belong together, as the graph says it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from bridge import (
    AllPartitionMapping,
    AssetDep,
    AssetGraph,
    AssetIn,
    AssetKey,
    AssetOut,
    AssetsDefinition,
    AssetSpec,
    DailyPartitionsDefinition,
    DimensionPartitionMapping,
    IdentityPartitionMapping,
    LastPartitionMapping,
    MultiPartitionMapping,
    MultiPartitionsDefinition,
    PartitionMapping,
    PartitionsDefinition,
    StaticPartitionMapping,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    asset,
    multi_asset,
)
from bridge.errors import CycleError, DefinitionError

NOW = datetime(2024, 12, 1, tzinfo=timezone.utc)
DAYS = DailyPartitionsDefinition("2024-01-01")
LETTERS = StaticPartitionsDefinition(["a", "b"])
DAYS_LETTERS = MultiPartitionsDefinition({"day": DAYS, "letter": LETTERS})
YESTERDAY = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
UP, DOWN = AssetKey("up"), AssetKey("down")


@asset(partitions_def=DAYS)
def up() -> int:
    return 1


def reader(
    mapping: PartitionMapping | None, partitions_def: PartitionsDefinition | None = DAYS
) -> AssetsDefinition:
    @asset(deps=[AssetDep(up, mapping)], partitions_def=partitions_def)
    def down() -> None: ...

    return down


def test_a_mapping_is_the_one_that_was_declared() -> None:
    graph = AssetGraph.build([up, reader(YESTERDAY)])

    assert graph.mapping(DOWN, UP) == YESTERDAY
    assert graph.partitions_read(DOWN, "2024-03-02", UP, NOW) == ["2024-03-01"]


def test_a_mapping_nobody_declared_is_inferred() -> None:
    assert AssetGraph.build([up, reader(None)]).mapping(DOWN, UP) == TimeWindowPartitionMapping()
    assert AssetGraph.build([up, reader(None, None)]).mapping(DOWN, UP) == AllPartitionMapping()


def test_an_upstream_without_partitions_needs_no_mapping() -> None:
    whole = asset(name="up")(lambda: 1)
    graph = AssetGraph.build([whole, reader(YESTERDAY)])

    assert graph.mapping(DOWN, UP) is None
    assert graph.partitions_read(DOWN, "2024-03-02", UP, NOW) == [None]


def test_an_argument_carries_the_mapping_that_ins_declares() -> None:
    @asset(ins={"rows": AssetIn(key="up", partition_mapping=YESTERDAY)}, partitions_def=DAYS)
    def down(rows: int) -> int:
        return rows

    assert AssetGraph.build([up, down]).mapping(DOWN, UP) == YESTERDAY


def test_a_mapping_follows_an_argument_to_the_asset_that_its_name_turns_out_to_mean() -> None:
    @asset(key_prefix="raw", partitions_def=DAYS)
    def rows() -> int:
        return 1

    @asset(
        key_prefix="raw",
        ins={"rows": AssetIn(partition_mapping=YESTERDAY)},
        partitions_def=DAYS,
    )
    def report(rows: int) -> int:
        return rows

    graph = AssetGraph.build([rows, report])

    assert graph.mapping(AssetKey(["raw", "report"]), AssetKey(["raw", "rows"])) == YESTERDAY


def test_outputs_of_one_function_have_the_mapping_of_its_dependency() -> None:
    @multi_asset(
        outs={"x": AssetOut(), "y": AssetOut()},
        deps=[AssetDep(up, YESTERDAY)],
        internal_asset_deps={"y": [AssetKey("up"), AssetKey("x")]},
        partitions_def=DAYS,
    )
    def both() -> tuple[int, int]:
        return 1, 2

    graph = AssetGraph.build([up, both])

    assert graph.mapping(AssetKey("x"), UP) == YESTERDAY
    assert graph.mapping(AssetKey("y"), UP) == YESTERDAY
    assert graph.mapping(AssetKey("y"), AssetKey("x")) == TimeWindowPartitionMapping()


def test_specs_of_one_function_carry_their_own_mappings_and_those_of_its_arguments() -> None:
    @multi_asset(
        specs=[
            AssetSpec("x", deps=[AssetDep("up", YESTERDAY)], partitions_def=DAYS),
            AssetSpec("y", partitions_def=DAYS),
        ],
        ins={"value": AssetIn(key="other", partition_mapping=LastPartitionMapping())},
    )
    def both(value: int) -> None: ...

    other = asset(name="other", partitions_def=DAYS)(lambda: 1)
    graph = AssetGraph.build([up, other, both])

    assert graph.mapping(AssetKey("x"), UP) == YESTERDAY
    assert graph.mapping(AssetKey("x"), AssetKey("other")) == LastPartitionMapping()
    assert graph.mapping(AssetKey("y"), AssetKey("other")) == LastPartitionMapping()


def test_a_spec_of_what_others_write_keeps_its_mapping() -> None:
    outside = AssetSpec("down", deps=[AssetDep("up", YESTERDAY)], partitions_def=DAYS)

    assert AssetGraph.build([up, outside]).mapping(DOWN, UP) == YESTERDAY


def test_two_mappings_for_one_dependency_are_refused() -> None:
    with pytest.raises(DefinitionError, match="depends on up with two partition mappings") as e:

        @asset(
            deps=[AssetDep(up, YESTERDAY)],
            ins={"up": AssetIn(partition_mapping=LastPartitionMapping())},
            partitions_def=DAYS,
        )
        def down(up: int) -> None: ...

    assert f"At {__file__}:" in str(e.value)


def test_what_is_no_mapping_is_refused() -> None:
    wrong: Any = "yesterday"
    with pytest.raises(DefinitionError, match="'yesterday'; use a PartitionMapping"):
        reader(wrong)


@pytest.mark.parametrize(
    ("mapping", "partitions_def", "why"),
    [
        (IdentityPartitionMapping(), LETTERS, "no two have the same key"),
        (StaticPartitionMapping({"a": "b"}), LETTERS, "the upstream one is daily"),
        (YESTERDAY, LETTERS, "the downstream partitions are static"),
        (YESTERDAY, None, "the downstream partitions are none"),
        (YESTERDAY, DailyPartitionsDefinition("2024-01-01", timezone="Asia/Tokyo"), "one time"),
        (
            TimeWindowPartitionMapping(),
            DailyPartitionsDefinition("2024-01-01", timezone="America/New_York"),
            "Without it, windows that overlap meet",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_both_assets_and_the_place(
    mapping: PartitionMapping, partitions_def: PartitionsDefinition | None, why: str
) -> None:
    with pytest.raises(DefinitionError, match=why) as refusal:
        AssetGraph.build([up, reader(mapping, partitions_def)])

    assert "Asset down cannot read up by partition." in str(refusal.value)
    assert f"At {__file__}:" in str(refusal.value)


def test_days_of_two_time_zones_meet_where_they_overlap() -> None:
    new_york = DailyPartitionsDefinition("2024-01-01", timezone="America/New_York")
    graph = AssetGraph.build([up, reader(None, new_york)])

    read = graph.partitions_read(DOWN, "2024-03-01", UP, NOW)

    assert read == ["2024-03-01", "2024-03-02"]
    used = graph.mapping(DOWN, UP)
    assert used is not None
    assert used.downstream_partitions(["2024-03-02"], DAYS, new_york, NOW) == [
        "2024-03-01",
        "2024-03-02",
    ]


def test_dimensions_of_two_time_zones_meet_where_they_overlap() -> None:
    def cut(zone: str, *more: str) -> MultiPartitionsDefinition:
        letters = StaticPartitionsDefinition(["a", *more])
        days = DailyPartitionsDefinition("2024-01-01", timezone=zone)
        return MultiPartitionsDefinition({"day": days, "letter": letters})

    both = asset(name="up", partitions_def=cut("UTC", "b"))(lambda: 1)
    graph = AssetGraph.build([both, reader(None, cut("America/New_York"))])

    assert graph.partitions_read(DOWN, "2024-03-01|a", UP, NOW) == [
        "2024-03-01|a",
        "2024-03-02|a",
    ]


def lagging(mapping: PartitionMapping, partitions_def: PartitionsDefinition) -> AssetsDefinition:
    @asset(ins={"down": AssetIn(partition_mapping=mapping)}, partitions_def=partitions_def)
    def down(down: int | None) -> int:
        return (down or 0) + 1

    return down


def test_an_asset_may_read_its_own_past_and_is_no_upstream_of_itself() -> None:
    graph = AssetGraph.build([lagging(YESTERDAY, DAYS)])

    assert graph.self_mapping(DOWN) == YESTERDAY
    assert graph.upstream(DOWN) == graph.downstream(DOWN) == ()
    assert graph.all_upstream(DOWN) == graph.ancestors(DOWN) == frozenset()
    assert graph.order == (DOWN,)
    assert graph.nodes[DOWN].spec.reads == (DOWN,)
    assert graph.partitions_read(DOWN, "2024-03-02", DOWN, NOW) == ["2024-03-01"]
    assert graph.partitions_read(DOWN, "2024-01-01", DOWN, NOW) == []


def test_an_asset_below_a_prefix_may_read_its_own_past_by_its_name() -> None:
    @asset(
        key_prefix="marts",
        ins={"total": AssetIn(partition_mapping=YESTERDAY)},
        partitions_def=DAYS,
    )
    def total(total: int | None) -> int:
        return (total or 0) + 1

    graph = AssetGraph.build([total])

    key = AssetKey(["marts", "total"])
    assert graph.self_mapping(key) == YESTERDAY
    assert graph.upstream(key) == ()


def by_day(day: PartitionMapping) -> MultiPartitionMapping:
    return MultiPartitionMapping({"day": DimensionPartitionMapping("day", day)})


def test_several_dimensions_may_look_back_in_one() -> None:
    assert AssetGraph.build([lagging(by_day(YESTERDAY), DAYS_LETTERS)]).self_mapping(DOWN)


@pytest.mark.parametrize(
    ("mapping", "partitions_def"),
    [
        (TimeWindowPartitionMapping(), DAYS),
        (TimeWindowPartitionMapping(start_offset=-1), DAYS),
        (TimeWindowPartitionMapping(start_offset=-1, end_offset=1), DAYS),
        (AllPartitionMapping(), DAYS),
        (LastPartitionMapping(), LETTERS),
        (YESTERDAY, LETTERS),
        (by_day(IdentityPartitionMapping()), DAYS_LETTERS),
        (MultiPartitionMapping({}), DAYS_LETTERS),
    ],
)
def test_reading_oneself_in_any_other_way_is_refused(
    mapping: PartitionMapping, partitions_def: PartitionsDefinition
) -> None:
    with pytest.raises(CycleError, match="Asset down depends on itself by ") as refusal:
        AssetGraph.build([lagging(mapping, partitions_def)])

    assert f"At {__file__}:" in str(refusal.value)
