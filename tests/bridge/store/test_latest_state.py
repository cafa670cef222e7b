"""The latest state beside the log: an imported past never replaces the present."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.events import AssetEvent, CheckOutcome
from bridge.keys import AssetKey
from bridge.materialized import partition_sets
from bridge.partitions import DailyPartitionsDefinition
from bridge.store import Store, open_store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
DAYS = DailyPartitionsDefinition("2024-03-01", end_offset=2)
ORDERS = AssetKey("orders")


def fact(kind: Any = "materialization", **values: Any) -> AssetEvent:
    given_values: dict[str, Any] = {"key": ORDERS, "happened_at": NOON, "source": "test:1"}
    return AssetEvent(kind=kind, **(given_values | values))


def answer(*, passed: bool, **values: Any) -> AssetEvent:
    return fact("check", check=CheckOutcome("rows", passed=passed), **values)


def test_an_asset_nobody_heard_of_has_no_state(store: Store) -> None:
    assert store.asset_states([ORDERS]) == {}


def test_the_last_materialization_carries_its_facts(store: Store) -> None:
    store.record([fact(row_count=7, duration_s=0.25, output_type="list", code_version="2")])

    state = store.asset_states()[ORDERS]
    assert (state.row_count, state.duration_s, state.output_type, state.code_version) == (
        7,
        0.25,
        "list",
        "2",
    )


def test_an_imported_past_does_not_replace_the_present(store: Store) -> None:
    store.record([fact(source="test:now", row_count=2)])
    store.record([fact(source="test:past", happened_at=NOON - HOUR, row_count=1)])

    state = store.asset_states()[ORDERS]
    assert (state.materialized_at, state.row_count) == (NOON, 2)


def test_a_later_failure_leaves_the_last_materialization_in_place(store: Store) -> None:
    store.record([fact()])
    store.record([fact("failure", happened_at=NOON + HOUR, message="no disk")])

    state = store.asset_states()[ORDERS]
    assert (state.activity, state.message, state.materialized_at) == ("failure", "no disk", NOON)


def test_a_success_after_a_failure_takes_its_message_away(store: Store) -> None:
    store.record([fact("failure", message="no disk")])
    store.record([fact(happened_at=NOON + HOUR)])

    state = store.asset_states()[ORDERS]
    assert (state.activity, state.message) == ("materialization", None)


def test_an_observation_is_no_materialization(store: Store) -> None:
    store.record([fact("observation")])

    state = store.asset_states()[ORDERS]
    assert (state.observed_at, state.materialized_at, state.activity) == (NOON, None, None)


def test_what_started_and_ended_at_one_instant_has_ended(store: Store) -> None:
    store.record([fact(), fact("started")])

    assert store.asset_states()[ORDERS].activity == "materialization"


def test_each_partition_has_a_state_of_its_own(store: Store) -> None:
    store.record([fact(partition="2024-03-01"), fact("failure", partition="2024-03-02")])

    states = store.partition_states(ORDERS)
    assert {name: s.activity for name, s in states.items()} == {
        "2024-03-01": "materialization",
        "2024-03-02": "failure",
    }


def test_a_partition_that_failed_later_still_counts_as_materialized(store: Store) -> None:
    store.record([fact(partition="2024-03-01")])
    store.record([fact("failure", partition="2024-03-01", happened_at=NOON + HOUR)])

    state = store.partition_states(ORDERS)["2024-03-01"]
    assert (state.activity, state.materialized_at) == ("failure", NOON)
    assert set(store.partition_data_states(ORDERS)) == {"2024-03-01"}


def test_the_newest_answer_of_a_check_wins_over_its_partitions(store: Store) -> None:
    store.record([answer(passed=False, partition="2024-03-02", happened_at=NOON + HOUR)])
    store.record([answer(passed=True, partition="2024-03-01")])

    (state,) = store.check_states([ORDERS])
    assert (state.passed, state.partition) == (False, "2024-03-02")


def test_an_old_answer_of_a_check_does_not_replace_a_newer_one(store: Store) -> None:
    store.record([answer(passed=True, source="test:now")])
    store.record([answer(passed=False, source="test:past", happened_at=NOON - HOUR)])

    (state,) = store.check_states()
    assert state.passed is True


def test_states_of_many_assets_are_read_at_once(store: Store) -> None:
    keys = [AssetKey(["many", f"a{n}"]) for n in range(600)]
    store.record([fact(key=key) for key in keys])
    store.record([fact(key=ORDERS)])

    assert set(store.asset_states(keys)) == set(keys)


KINDS = st.sampled_from(["started", "materialization", "failure", "observation", "check"])


@st.composite
def histories(draw: st.DrawFn) -> list[AssetEvent]:
    minutes = draw(st.lists(st.integers(0, 10_000), unique=True, min_size=1, max_size=12))
    events = []
    for minute in minutes:
        kind = draw(KINDS)
        outcome = CheckOutcome("rows", passed=draw(st.booleans())) if kind == "check" else None
        events.append(
            fact(
                kind,
                happened_at=NOON + timedelta(minutes=minute),
                source=f"test:{minute}",
                partition=draw(st.sampled_from([None, "2024-03-01", "2024-03-02"])),
                row_count=draw(st.none() | st.integers(0, 100)),
                data_version=draw(st.none() | st.sampled_from("ab")),
                check=outcome,
            )
        )
    return events


def everything(store: Store) -> Any:
    return (
        store.asset_states(),
        store.partition_states(ORDERS),
        store.check_states(),
        store.data_states([ORDERS]),
        store.partition_data_states(ORDERS),
        partition_sets(store, {ORDERS: DAYS}, NOON),
    )


@settings(max_examples=60)
@given(history=histories(), data=st.data())
def test_events_in_any_order_and_grouping_give_the_same_latest_state(
    history: list[AssetEvent], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(history))
    cut = data.draw(st.integers(0, len(history)))
    one, other = open_store("sqlite://"), open_store("sqlite://")

    one.record(history)
    other.record(shuffled[:cut])
    other.record(shuffled[cut:])
    other.record(shuffled)

    assert everything(one) == everything(other)
    one.close()
    other.close()


@settings(max_examples=60)
@given(history=histories())
def test_facts_told_one_by_one_and_all_at_once_give_the_same_latest_state(
    history: list[AssetEvent],
) -> None:
    one, other = open_store("sqlite://"), open_store("sqlite://")

    for event in history:
        one.record([event])
    assert other.record([*history, *history]) == len(history)

    assert everything(one) == everything(other)
    one.close()
    other.close()


def test_many_thousand_facts_are_all_there_and_told_twice_change_nothing(store: Store) -> None:
    facts = [fact(partition=f"p{number}", source=f"test:{number}") for number in range(9000)]

    assert store.record([*facts[:10], *facts]) == 9000
    assert store.record([*facts, fact(source="test:new")]) == 1
    assert len(store.partition_states(ORDERS)) == 9000
    assert store.unsummarised_counts() == {ORDERS: 9000}
