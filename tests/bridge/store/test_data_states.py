"""The newest data of assets and partitions: its version, and what it was made from."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.store import DataState, Store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
ORDERS, RAW = AssetKey("orders"), AssetKey("raw")


def fact(kind: Any = "materialization", **values: Any) -> AssetEvent:
    given_values: dict[str, Any] = {"key": ORDERS, "happened_at": NOON, "source": "test:1"}
    return AssetEvent(kind=kind, **(given_values | values))


def test_data_carries_its_version_and_what_was_read(store: Store) -> None:
    store.record(
        [fact(data_version="x", code_version="2", duration_s=0.5, input_versions={"raw": "1"})]
    )

    assert store.data_states([ORDERS, RAW]) == {
        ORDERS: DataState(NOON, 0.5, "2", "x", {"raw": "1"}),
    }


def test_nothing_read_is_not_the_same_as_nothing_known(store: Store) -> None:
    store.record([fact(input_versions={}), fact(key=RAW)])

    states = store.data_states([ORDERS, RAW])
    assert (states[ORDERS].input_versions, states[RAW].input_versions) == ({}, None)
    events = {recorded.event.key: recorded.event for recorded in store.events()}
    assert (events[ORDERS].input_versions, events[RAW].input_versions) == ({}, None)


def test_data_without_a_version_has_one_of_its_own(store: Store) -> None:
    store.record([fact()])
    first = store.data_states([ORDERS])[ORDERS]
    store.record([fact(happened_at=NOON + HOUR, source="test:2")])
    second = store.data_states([ORDERS])[ORDERS]

    assert first.data_version is second.data_version is None
    assert first.version != second.version
    assert DataState().version is None


def test_an_older_fact_learned_late_changes_nothing(store: Store) -> None:
    store.record([fact(data_version="new", input_versions={"raw": "2"})])
    store.record([fact(data_version="old", happened_at=NOON - HOUR, source="test:2")])

    state = store.data_states([ORDERS])[ORDERS]
    assert (state.data_version, state.input_versions) == ("new", {"raw": "2"})


def test_an_observation_without_a_version_leaves_the_last_one_seen(store: Store) -> None:
    store.record([fact("observation", data_version="7")])
    store.record([fact("observation", happened_at=NOON + HOUR, source="test:2")])

    state = store.data_states([ORDERS])[ORDERS]
    assert (state.observed_version, state.observed_version_at) == ("7", NOON)
    assert store.asset_states([ORDERS])[ORDERS].observed_at == NOON + HOUR


def test_a_thousand_assets_are_read_under_the_keys_given(store: Store) -> None:
    keys = [AssetKey(f"a{number}") for number in range(1001)]
    store.record(fact(key=key) for key in keys)

    found = store.data_states(keys[:600])
    assert list(map(id, sorted(found))) == list(map(id, sorted(keys[:600])))


def test_partitions_have_data_of_their_own(store: Store) -> None:
    days = ["2024-02-27", "2024-02-28", "2024-02-29"]
    store.record(
        fact(partition=day, data_version=day[-2:], input_versions={"raw": "1"}) for day in days[:2]
    )
    store.record([fact("failure", partition=days[2])])

    found = store.partition_data_states(ORDERS)
    assert {day: state.data_version for day, state in found.items()} == {
        "2024-02-27": "27",
        "2024-02-28": "28",
    }
    assert store.partition_data_states(ORDERS, days[1:]) == {days[1]: found[days[1]]}
    assert found[days[0]].input_versions == {"raw": "1"}


def test_partitions_that_read_what_is_there_now_are_beyond_suspicion(store: Store) -> None:
    users = AssetKey("users")
    read = {"raw": "r1", "users": "u"}
    made_at = (
        f"@{(NOON - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1):x}"
    )
    facts = {
        "right": {"code_version": "2", "input_versions": read},
        "other code": {"code_version": "1", "input_versions": read},
        "no code": {"input_versions": read},
        "other input": {"code_version": "2", "input_versions": read | {"raw": "r0"}},
        "other whole input": {"code_version": "2", "input_versions": read | {"users": "w"}},
        "one input less": {"code_version": "2", "input_versions": {"raw": "r1"}},
        "unknown": {"code_version": "2"},
        "nothing to read": {"code_version": "2", "input_versions": {"raw": "", "users": "u"}},
        "unversioned": {"code_version": "2", "input_versions": {"raw": made_at, "users": "u"}},
    }
    store.record(fact(partition=name, **values) for name, values in facts.items())
    without = ("nothing to read", "unversioned")
    store.record(fact(key=RAW, partition=n, data_version="r1") for n in facts if n not in without)
    store.record([fact(key=RAW, partition="unversioned"), fact("failure", key=RAW, partition="x")])

    found = store.suspect_partitions(ORDERS, "2", {RAW: None, users: "u"})
    right = {"right", "nothing to read", "unversioned"}
    assert set(found) == set(facts) - right
    anyhow = store.suspect_partitions(ORDERS, None, {RAW: None, users: "u"})
    assert set(anyhow) == set(facts) - right - {"other code", "no code"}


def test_a_source_without_upstream_is_compared_by_its_code(store: Store) -> None:
    store.record([fact(partition="a", code_version="1", input_versions={})])

    assert store.suspect_partitions(ORDERS, "1", {}) == []
    assert store.suspect_partitions(ORDERS, "2", {}) == ["a"]


def test_any_number_of_partitions_can_be_asked_for(store: Store) -> None:
    store.record(fact(partition=f"p{number}", source=f"test:{number}") for number in range(1500))

    wanted = [f"p{number}" for number in range(0, 3000, 2)]
    assert set(store.partition_data_states(ORDERS, wanted)) == set(wanted[:750])
    assert store.partition_data_states(ORDERS, []) == {}
