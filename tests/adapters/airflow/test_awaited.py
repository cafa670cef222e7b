"""What a partition waits for, and when it is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from adapters.airflow.awaited import (
    Awaited,
    awaited_by,
    from_plain,
    missing,
    plain,
    still_missing,
)
from bridge import (
    AllPartitionMapping,
    AssetDep,
    AssetSpec,
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    LastPartitionMapping,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    WeeklyPartitionsDefinition,
    asset,
    asset_check,
)
from bridge.events import AssetEvent, CheckOutcome
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.store import Store, open_store

DAYS = DailyPartitionsDefinition("2024-01-01")
NOON = datetime(2024, 1, 5, 12, tzinfo=timezone.utc)
UP = AssetKey("up")


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def reads(upstream: Any, partition: str, mapping: Any = None, **facts: Any) -> list[str]:
    """The partitions that one of a daily reader waits for."""

    @asset(partitions_def=facts.get("of", DAYS), deps=[AssetDep("up", mapping)])
    def reader() -> None: ...

    graph = AssetGraph.build([AssetSpec("up", partitions_def=upstream), reader])
    found = awaited_by([reader.key], partition, [UP], graph, NOON)
    return [name for each in found for name in each.partitions]


def test_it_waits_for_what_its_mapping_reads() -> None:
    assert reads(DAYS, "2024-01-03") == ["2024-01-03"]
    assert reads(DAYS, "2024-01-03", TimeWindowPartitionMapping(start_offset=-1)) == [
        "2024-01-02",
        "2024-01-03",
    ]
    assert reads(DAYS, "2024-01-02", LastPartitionMapping()) == ["2024-01-04"]
    regions = StaticPartitionsDefinition(["eu", "us"])
    assert reads(regions, "2024-01-03", AllPartitionMapping()) == ["eu", "us"]
    assert reads(regions, "us", of=regions) == ["us"]
    hours = HourlyPartitionsDefinition("2024-01-01-00:00")
    assert len(reads(hours, "2024-01-03")) == 24


def test_it_waits_for_a_window_that_is_not_over_and_not_for_one_that_never_is() -> None:
    assert reads(WeeklyPartitionsDefinition("2023-12-24"), "2024-01-04") == ["2023-12-31"]
    yesterday = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    assert reads(DAYS, "2024-01-01", yesterday) == []


def made(store: Store, partition: str, at: datetime, key: AssetKey = UP) -> None:
    store.record(
        [
            AssetEvent(
                kind="materialization", key=key, partition=partition, happened_at=at, source="test"
            )
        ]
    )


def answered(store: Store, partition: str | None, at: datetime, *, passed: bool) -> None:
    outcome = CheckOutcome(name="fits", passed=passed)
    store.record(
        [
            AssetEvent(
                kind="check",
                key=UP,
                partition=partition,
                happened_at=at,
                source=f"test:{at}",
                check=outcome,
                message=None if passed else "3 are too long",
            )
        ]
    )


def why(store: Store, *partitions: str, checks: tuple[str, ...] = ()) -> dict[str, str]:
    return {each.partition: each.why for each in missing(store, [Awaited(UP, partitions, checks)])}


def test_it_is_there_once_anybody_has_materialized_it(store: Store) -> None:
    made(store, "2024-01-02", NOON)
    made(store, "2024-01-03", NOON, AssetKey("other"))

    assert why(store, "2024-01-02", "2024-01-03") == {
        "2024-01-03": "nobody is known to have materialized"
    }


def test_a_later_failure_leaves_what_is_there(store: Store) -> None:
    made(store, "2024-01-02", NOON)
    store.record(
        [
            AssetEvent(
                kind="failure",
                key=UP,
                partition="2024-01-02",
                happened_at=NOON + timedelta(hours=1),
                source="test:later",
                message="no",
            )
        ]
    )

    assert why(store, "2024-01-02") == {}


def test_a_blocking_check_that_failed_is_in_the_way(store: Store) -> None:
    made(store, "2024-01-02", NOON)
    answered(store, "2024-01-02", NOON + timedelta(minutes=1), passed=False)

    assert why(store, "2024-01-02", checks=("fits",)) == {
        "2024-01-02": "did not pass its blocking check fits: 3 are too long"
    }
    answered(store, "2024-01-02", NOON + timedelta(minutes=2), passed=True)
    assert why(store, "2024-01-02", checks=("fits",)) == {}


def test_an_answer_about_older_data_does_not_count(store: Store) -> None:
    answered(store, "2024-01-02", NOON - timedelta(hours=1), passed=True)
    made(store, "2024-01-02", NOON)
    made(store, "2024-01-03", NOON)

    assert set(why(store, "2024-01-02", "2024-01-03", checks=("fits",))) == {
        "2024-01-02",
        "2024-01-03",
    }
    answered(store, None, NOON, passed=True)  # about the whole asset
    assert why(store, "2024-01-02", "2024-01-03", checks=("fits",)) == {}


def test_a_check_that_was_added_later_is_not_in_the_way_of_older_partitions(store: Store) -> None:
    made(store, "2024-01-02", NOON)
    answered(store, "2024-01-04", NOON + timedelta(days=2), passed=True)

    assert why(store, "2024-01-02", checks=("fits",)) == {}


def test_only_blocking_checks_are_waited_for() -> None:
    @asset(partitions_def=DAYS)
    def up() -> None: ...

    @asset_check(asset=up, blocking=True)
    def fits() -> bool:
        return True

    @asset_check(asset=up, blocking=False)
    def is_nice() -> bool:
        return True

    @asset(partitions_def=DAYS, deps=[up])
    def reader() -> None: ...

    graph = AssetGraph.build([up, reader], [fits, is_nice])

    assert awaited_by([reader.key], "2024-01-02", [UP], graph, NOON) == [
        Awaited(UP, ("2024-01-02",), ("fits",))
    ]
    assert awaited_by([reader.key], "2024-01-02", [], graph, NOON) == []


def test_what_is_left_travels_as_plain_values_and_not_all_at_once(store: Store) -> None:
    awaited = [Awaited(UP, ("a", "b", "c"), ("fits",)), Awaited(AssetKey("other"), ("d",), ())]
    made(store, "a", NOON)

    left = still_missing(awaited, missing(store, awaited))

    assert from_plain(plain(left, 10)) == [awaited[0]._replace(partitions=("b", "c")), awaited[1]]
    assert plain(left, 2) == [["up", ["b", "c"], ["fits"]]]
