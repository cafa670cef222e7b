"""What conditions request as runs."""

from __future__ import annotations

from bridge import (
    AssetKey,
    AutomationCondition,
    BackfillPolicy,
    DailyPartitionsDefinition,
    asset_check,
)
from bridge.automation.grouping import run_targets
from bridge.checks import AssetCheckKey
from bridge.runs import RunTarget
from tests.bridge.automation.conftest import House, named

DAILY = DailyPartitionsDefinition("2024-02-26")
MISSING = AutomationCondition.missing()
SINGLE = BackfillPolicy.single_run()


def targets(house: House) -> list[RunTarget]:
    return run_targets(house.graph, house.tick())


def target(*names: str, partition: str | None = None) -> RunTarget:
    return RunTarget(assets=tuple(map(AssetKey, names)), partition=partition)


def test_nothing_requested_is_no_run(house: House) -> None:
    house.define(named("a"))

    assert targets(house) == []


def test_assets_without_partitions_are_one_run(house: House) -> None:
    house.define(named("a", condition=MISSING), named("b", "a", condition=MISSING))

    assert targets(house) == [target("a", "b")]


def test_each_partition_is_a_run_of_all_assets_cut_alike(house: House) -> None:
    house.define(
        named("a", condition=MISSING, partitions_def=DAILY),
        named("b", "a", condition=MISSING, partitions_def=DAILY),
        named("whole", condition=MISSING),
    )
    house.happens("a@2024-02-26", "a@2024-02-27", "b@2024-02-26")

    assert targets(house) == [
        target("b", partition="2024-02-27"),
        target("a", "b", partition="2024-02-28"),
        target("a", "b", partition="2024-02-29"),
        target("whole"),
    ]


def test_neighbours_are_one_run_where_a_function_takes_them_at_once(house: House) -> None:
    house.define(named("a", condition=MISSING, partitions_def=DAILY, backfill_policy=SINGLE))
    house.happens("a@2024-02-27")

    assert targets(house) == [
        target("a", partition="2024-02-26"),
        target("a", partition="2024-02-28...2024-02-29"),
    ]


def test_a_run_takes_no_more_partitions_than_a_function(house: House) -> None:
    three = BackfillPolicy.multi_run(3)
    house.define(named("a", condition=MISSING, partitions_def=DAILY, backfill_policy=three))

    assert targets(house) == [
        target("a", partition="2024-02-26...2024-02-28"),
        target("a", partition="2024-02-29"),
    ]


def test_assets_that_take_different_numbers_are_computed_one_by_one(house: House) -> None:
    house.define(
        named("a", condition=MISSING, partitions_def=DAILY, backfill_policy=SINGLE),
        named("b", "a", condition=MISSING, partitions_def=DAILY),
    )
    house.happens("a@2024-02-26", "b@2024-02-26", "a@2024-02-27", "b@2024-02-27")

    assert targets(house) == [
        target("a", "b", partition="2024-02-28"),
        target("a", "b", partition="2024-02-29"),
    ]


def test_checks_are_a_run_unless_their_asset_is_computed(house: House) -> None:
    a, b = named("a", condition=MISSING), named("b")

    @asset_check(asset=a, automation_condition=MISSING)
    def of_a() -> bool:
        return True

    @asset_check(asset=b, automation_condition=MISSING)
    def of_b() -> bool:
        return True

    house.define(a, b, checks=[of_a, of_b])

    assert targets(house) == [
        target("a"),
        RunTarget(checks=(AssetCheckKey(AssetKey("b"), "of_b"),)),
    ]
