"""Summaries of partitions on every database: texts are kept for one cut, changes beside them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.store import PartitionSummary, Store

ORDERS = AssetKey("orders")
NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
NOTHING_KNOWN = PartitionSummary("", "", {})


def fact(kind: Any, partition: str, minute: int = 0) -> AssetEvent:
    at = NOON + timedelta(minutes=minute)
    return AssetEvent(
        kind=kind, key=ORDERS, partition=partition, happened_at=at, source=f"test:{minute}"
    )


def summary(store: Store, cut: str = "names") -> PartitionSummary:
    return store.partition_summaries({ORDERS: cut})[ORDERS]


def test_nothing_is_known_of_an_asset_nobody_heard_of(store: Store) -> None:
    store.summarise_partitions(ORDERS, "names", lambda _known: ("", ""))

    assert summary(store) == NOTHING_KNOWN
    assert store.partition_summaries({}) == {}


def test_changes_are_told_by_what_the_partition_is_now(store: Store) -> None:
    store.record(
        [
            fact("materialization", "a"),
            fact("failure", "b"),
            fact("materialization", "c"),
            fact("failure", "c", 1),
            fact("started", "d"),
            fact("failure", "e"),
        ]
    )
    store.record([fact("started", "e", 1)])

    assert summary(store).changed == {0: ["e"], 1: ["a"], 2: ["b"], 3: ["c"]}
    assert store.unsummarised_counts() == {ORDERS: 4}


@pytest.mark.parametrize("first", ["failure", "materialization"])
def test_an_imported_past_changes_what_is_known_only_where_it_is_news(
    store: Store, first: str
) -> None:
    other = "materialization" if first == "failure" else "failure"
    store.record([fact(first, "a", 10)])
    store.summarise_partitions(ORDERS, "names", lambda _known: ("", ""))

    store.record([fact(other, "a", 5)])
    assert summary(store).changed == ({3: ["a"]} if first == "failure" else {})


def test_what_is_summarised_is_not_told_as_changed(store: Store) -> None:
    store.record([fact("materialization", "a")])
    heard = []

    def merge(known: PartitionSummary) -> tuple[str, str]:
        heard.append(known)
        return "made", "failed"

    store.summarise_partitions(ORDERS, "names", merge)
    assert heard == [PartitionSummary("", "", {1: ["a"]})]
    assert summary(store) == PartitionSummary("made", "failed", {})

    store.record([fact("materialization", "b"), fact("materialization", "a", 1)])
    assert summary(store) == PartitionSummary("made", "failed", {1: ["b"]})


def test_a_text_for_another_cut_is_not_given_and_everything_counts_as_changed(
    store: Store,
) -> None:
    store.record([fact("materialization", "a"), fact("failure", "b"), fact("started", "c")])
    store.summarise_partitions(ORDERS, "names", lambda _known: ("made", "failed"))

    assert summary(store, "days") == PartitionSummary("", "", {0: ["c"], 1: ["a"], 2: ["b"]})
    store.summarise_partitions(ORDERS, "days", lambda _known: ("new", "new"))
    assert summary(store, "days") == PartitionSummary("new", "new", {})


def test_a_merge_that_fails_leaves_everything_as_it_was(store: Store) -> None:
    store.record([fact("materialization", "a")])

    def breaks(_known: PartitionSummary) -> tuple[str, str]:
        raise ValueError("no such definition")

    with pytest.raises(ValueError, match="no such definition"):
        store.summarise_partitions(ORDERS, "names", breaks)
    assert summary(store) == PartitionSummary("", "", {1: ["a"]})


def test_any_name_of_a_partition_survives(store: Store) -> None:
    names = ['a"b', "line\nbreak", "ü|€", "back\\slash", ""]
    store.record([fact("materialization", name, number) for number, name in enumerate(names)])

    assert sorted(summary(store).changed[1]) == sorted(name for name in names)
