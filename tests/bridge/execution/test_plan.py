"""Plans: which steps, for which partitions, in which order."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import (
    AssetKey,
    AssetSpec,
    BackfillPolicy,
    DailyPartitionsDefinition,
    MultiPartitionKey,
    MultiPartitionsDefinition,
    PartitionsDefinition,
    StaticPartitionsDefinition,
    WeeklyPartitionsDefinition,
    asset,
)
from bridge.assets import AssetsDefinition
from bridge.errors import PartitionError, SelectionError
from bridge.execution import Plan, plan
from bridge.execution.plan import narrowed
from bridge.graph import AssetGraph

NOW = datetime(2024, 1, 10, 12, tzinfo=timezone.utc)
DAILY = DailyPartitionsDefinition("2024-01-01")


@asset
def settings() -> None: ...


@asset(partitions_def=DAILY, deps=[settings])
def orders() -> None: ...


@asset(deps=[orders])
def report() -> None: ...


def planned(*items: AssetsDefinition | AssetSpec, partition: str | None = None) -> Plan:
    graph = AssetGraph.build(items)
    return plan(graph, list(graph.nodes), partition=partition, now=NOW)


def names(found: Plan) -> list[tuple[str, str | None]]:
    return [(str(step.key), step.partition) for step in found.steps]


def test_each_step_comes_after_its_upstream() -> None:
    found = planned(report, orders, settings, partition="2024-01-02")

    assert names(found) == [("settings", None), ("orders", "2024-01-02"), ("report", None)]


def test_a_range_holds_both_ends_and_whole_assets_once() -> None:
    found = planned(report, orders, settings, partition="2024-01-02...2024-01-03")

    assert names(found) == [
        ("settings", None),
        ("orders", "2024-01-02"),
        ("orders", "2024-01-03"),
        ("report", None),
    ]


@pytest.mark.parametrize(
    ("definition", "wanted", "expected"),
    [
        (StaticPartitionsDefinition(["us", "eu", "ap"]), "eu...ap", ["eu", "ap"]),
        (WeeklyPartitionsDefinition("2023-12-01"), "2023-12-31", ["2023-12-31"]),
        (
            MultiPartitionsDefinition({"day": DAILY, "who": StaticPartitionsDefinition(["a"])}),
            "2024-01-02|a...2024-01-03|a",
            ["2024-01-02|a", "2024-01-03|a"],
        ),
    ],
)
def test_any_partitions_can_be_planned(
    definition: PartitionsDefinition, wanted: str, expected: list[str]
) -> None:
    @asset(partitions_def=definition)
    def sales() -> None: ...

    assert names(planned(sales, partition=wanted)) == [("sales", key) for key in expected]


def test_a_range_between_edges_is_refused() -> None:
    @asset(partitions_def=WeeklyPartitionsDefinition("2023-12-01"))
    def sales() -> None: ...

    with pytest.raises(PartitionError, match="Did you mean 2023-12-10"):
        planned(sales, partition="2023-12-04...2023-12-10")


def test_a_step_waits_only_for_what_runs_too() -> None:
    graph = AssetGraph.build([settings, orders, report])

    found = plan(graph, [AssetKey("report")], now=NOW)

    assert [step.waits_for for step in found.steps] == [()]


def test_what_something_outside_writes_is_named_and_not_run() -> None:
    found = planned(AssetSpec("raw"), settings)

    assert found.not_ours == (AssetKey("raw"),)
    assert found.keys == (AssetKey("settings"),)


def test_a_selection_without_any_asset_of_ours_is_refused() -> None:
    with pytest.raises(SelectionError, match="Nothing to materialize: the selection holds raw"):
        planned(AssetSpec("raw"))


def test_a_missing_partition_is_asked_for_with_the_newest() -> None:
    with pytest.raises(PartitionError, match="--partition 2024-01-09"):
        planned(settings, orders)


def test_a_partition_for_assets_without_any_is_refused() -> None:
    with pytest.raises(PartitionError, match="leave out '2024-01-02'"):
        planned(settings, partition="2024-01-02")


@pytest.mark.parametrize(
    ("partition", "why"),
    [
        ("2023-12-31", "The first is 2024-01-01"),
        ("2024-01-10", "its day is not over yet"),
        ("yesterday", "not a date written as %Y-%m-%d"),
        ("2024-01-05...2024-01-02", "ends before it begins"),
        ("2024-01-05...2024-01-10", "its day is not over yet"),
        ("2023-12-30...2024-01-02", "The first is 2024-01-01"),
    ],
)
def test_a_partition_that_does_not_exist_is_refused(partition: str, why: str) -> None:
    with pytest.raises(PartitionError, match=why):
        planned(settings, orders, partition=partition)


BOTH = MultiPartitionsDefinition(
    {"day": DAILY, "who": StaticPartitionsDefinition(["a", "b", "c", "d"])}
)


@given(st.sets(st.sampled_from(BOTH.keys(NOW)), min_size=1), st.integers(1, 5) | st.none())
def test_calls_hold_what_was_asked_for_once_and_are_ranges(
    wanted: set[str], most: int | None
) -> None:
    @asset(partitions_def=BOTH, backfill_policy=BackfillPolicy(most))
    def sales() -> None: ...

    found = plan(AssetGraph.build([sales]), [sales.key], partitions=wanted, now=NOW)

    keys = [name for step in found.steps for name in step.partitions]
    assert keys == [key for key in BOTH.keys(NOW) if key in wanted]
    for step in found.steps:
        first, last = str(step.partitions[0]), str(step.partitions[-1])
        assert BOTH.range(first, last) == list(step.partitions)
        assert most is None or len(step.partitions) <= most
        assert step.partition == (first if first == last else f"{first}...{last}")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"partitions": ["2024-01-02", "2023-01-01"]}, "The first is 2024-01-01"),
        ({"partitions": ["2024-01-02"], "partition": "2024-01-03"}, "Give either"),
    ],
)
def test_several_partitions_that_cannot_be_are_refused(asked: dict[str, Any], why: str) -> None:
    graph = AssetGraph.build([settings, orders])

    with pytest.raises(PartitionError, match=why):
        plan(graph, [orders.key], now=NOW, **asked)


def test_partitions_for_assets_without_any_are_refused() -> None:
    graph = AssetGraph.build([settings])

    with pytest.raises(PartitionError, match="leave out a, b"):
        plan(graph, [settings.key], now=NOW, partitions=["a", "b"])


def test_what_is_left_of_a_range_is_called_in_runs() -> None:
    @asset(partitions_def=DAILY, backfill_policy=BackfillPolicy.single_run())
    def sales() -> None: ...

    (step,) = planned(sales, partition="2024-01-01...2024-01-05").steps
    kept = {"2024-01-01", "2024-01-02", "2024-01-04"}

    parts = narrowed(step, kept)

    assert [part.partition for part in parts] == ["2024-01-01...2024-01-02", "2024-01-04"]
    assert narrowed(step, set(step.partitions)) == [step]
    assert narrowed(step, set()) == []


def test_a_key_of_several_dimensions_becomes_its_text() -> None:
    @asset(partitions_def=BOTH)
    def sales() -> None: ...

    key = MultiPartitionKey({"who": "b", "day": "2024-01-02"})

    for found in (
        planned(sales, partition=key),
        plan(AssetGraph.build([sales]), [sales.key], partitions=[key], now=NOW),
    ):
        (step,) = found.steps
        assert (step.partition, type(step.partition)) == ("2024-01-02|b", str)
