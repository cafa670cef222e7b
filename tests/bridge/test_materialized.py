"""Sets of partitions out of the store, whatever was summarised when."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import (
    DailyPartitionsDefinition,
    DynamicPartitionsDefinition,
    HourlyPartitionsDefinition,
    MultiPartitionsDefinition,
    StaticPartitionsDefinition,
)
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.materialized import (
    PartitionSets,
    failed_subset,
    keep_summaries,
    materialized_subset,
    partition_runs,
    partition_sets,
)
from bridge.partitions import PartitionsDefinition, subset_of
from bridge.store import Store, open_store

ORDERS = AssetKey("orders")
NOW = datetime(2024, 1, 5, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
DAYS = DailyPartitionsDefinition("2024-01-01")
LATER_DAYS = DailyPartitionsDefinition("2024-01-02", end_offset=1)
NAMES = StaticPartitionsDefinition(["2024-01-01", "2024-01-02", "2024-01-03", "x"])
BOTH = MultiPartitionsDefinition({"day": DAYS, "name": StaticPartitionsDefinition(["a", "b"])})
DEFINITIONS: list[PartitionsDefinition] = [DAYS, LATER_DAYS, NAMES, BOTH]
PARTITIONS = ["2024-01-01", "2024-01-02", "2024-01-04", "2024-01-05", "x", "2024-01-03|b", 'a"\n']


def fact(kind: Any, partition: str, minute: int = 0) -> AssetEvent:
    return AssetEvent(
        kind=kind,
        key=ORDERS,
        partition=partition,
        happened_at=NOW + minute * MINUTE,
        source=f"test:{minute}",
    )


def made(*partitions: str) -> list[AssetEvent]:
    return [fact("materialization", partition) for partition in partitions]


@pytest.fixture
def store() -> Any:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


KINDS = st.sampled_from(["started", "materialization", "failure"])
FACTS = st.builds(fact, KINDS, st.sampled_from(PARTITIONS), st.integers(0, 50))
STEPS = st.lists(st.lists(FACTS, max_size=4) | st.sampled_from(DEFINITIONS), max_size=8)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sampled_from(DEFINITIONS))
def test_the_sets_are_what_the_states_say_whatever_was_summarised_between(
    steps: list[Any], definition: PartitionsDefinition
) -> None:
    store = open_store("sqlite://")
    for step in steps:
        if isinstance(step, list):
            store.record(step)
        else:
            keep_summaries(store, {ORDERS: step}, NOW, more_than=0)

    states = store.partition_states(ORDERS)
    there = [key for key in definition.keys(NOW) if key in states]
    found = materialized_subset(store, ORDERS, definition, NOW)
    failed = failed_subset(store, ORDERS, definition, NOW)
    assert found.keys(NOW) == [key for key in there if states[key].materialized_at is not None]
    assert failed.keys(NOW) == [key for key in there if states[key].activity == "failure"]
    store.close()


def test_what_is_missing_is_what_exists_and_was_never_materialized(store: Store) -> None:
    store.record(made("2024-01-01", "2024-01-03"))

    missing = materialized_subset(store, ORDERS, DAYS, NOW).missing(NOW)
    assert missing.keys(NOW) == ["2024-01-02", "2024-01-04"]


def test_a_partition_materialized_before_its_time_counts_once_it_exists(store: Store) -> None:
    store.record(made("2024-01-05"))
    keep_summaries(store, {ORDERS: DAYS}, NOW, more_than=0)

    tomorrow = NOW + timedelta(days=1)
    assert len(materialized_subset(store, ORDERS, DAYS, NOW)) == 0
    assert materialized_subset(store, ORDERS, DAYS, tomorrow).keys(tomorrow) == ["2024-01-05"]


def test_a_dynamic_partition_that_was_deleted_is_there_again_when_it_comes_back(
    store: Store,
) -> None:
    cities = DynamicPartitionsDefinition("cities")
    store.record(made("lima", "oslo"))
    keep_summaries(store, {ORDERS: cities}, NOW, more_than=0)

    for known in (["oslo"], ["oslo", "rome", "lima"]):
        found = materialized_subset(store, ORDERS, cities.with_keys(known), NOW)
        assert found.keys(NOW) == [city for city in known if city != "rome"]


def test_several_assets_are_read_at_once(store: Store) -> None:
    other = AssetKey("other")
    store.record([*made("2024-01-01"), fact("failure", "2024-01-02")])

    found = partition_sets(store, {ORDERS: DAYS, other: NAMES}, NOW)
    assert [len(sets.materialized) for sets in found.values()] == [1, 0]
    assert found[ORDERS].failed.keys(NOW) == ["2024-01-02"]


def test_little_that_changed_is_not_summarised_yet(store: Store) -> None:
    hours = HourlyPartitionsDefinition("2024-01-01-00:00")
    keys = hours.keys(NOW)

    store.record(made(*keys[:50]))
    keep_summaries(store, {ORDERS: hours}, NOW)
    assert store.unsummarised_counts() == {ORDERS: 50}

    store.record(made(keys[50]))
    keep_summaries(store, {ORDERS: hours}, NOW)
    assert store.unsummarised_counts() == {}
    assert len(materialized_subset(store, ORDERS, hours, NOW)) == 51


def test_computing_again_what_is_there_changes_no_summary(store: Store) -> None:
    store.record(made("2024-01-01"))
    keep_summaries(store, {ORDERS: DAYS}, NOW, more_than=0)

    store.record([fact("started", "2024-01-01", 1), fact("materialization", "2024-01-01", 2)])
    assert store.unsummarised_counts() == {}


@given(st.data())
def test_runs_of_a_state_cover_everything_once_and_can_be_computed(data: st.DataObject) -> None:
    names = StaticPartitionsDefinition(["a", "b", "c"])
    days = DailyPartitionsDefinition("2024-01-01", end_date="2024-01-05")
    now = datetime(2024, 2, 1, tzinfo=timezone.utc)
    cut = data.draw(
        st.sampled_from([days, names, MultiPartitionsDefinition({"day": days, "name": names})])
    )
    keys = cut.keys(now)
    made, failed = (
        subset_of(cut, sorted(data.draw(st.sets(st.sampled_from(keys)))), now) for _ in range(2)
    )

    runs = partition_runs(cut, PartitionSets(made, failed), now)

    assert [key for run in runs for key in cut.range(run.first, run.last)] == keys
    for run in runs:
        inside = cut.range(run.first, run.last)
        assert len(inside) == run.count
        for key in inside:
            word = "failed" if key in failed else "materialized" if key in made else "missing"
            assert run.state == word
