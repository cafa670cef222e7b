"""The event log: what is recorded is there, once, as it was said."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge.events import AssetEvent, CheckOutcome
from bridge.keys import AssetKey
from bridge.store import Store, open_store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
ORDERS = AssetKey("orders")


def fact(kind: Any = "materialization", **values: Any) -> AssetEvent:
    given: dict[str, Any] = {"key": ORDERS, "happened_at": NOON, "source": "test:1"}
    return AssetEvent(kind=kind, **(given | values))


def test_a_recorded_fact_comes_back_as_it_was_said(store: Store) -> None:
    said = fact(
        key=AssetKey(["marts", "a/b"]),
        partition="2024-03-01",
        run_id="r1",
        code_version="3",
        data_version="d",
        input_versions={"raw": "1"},
        duration_s=1.5,
        row_count=3_000_000_000,
        output_type="pandas.DataFrame",
        message="täglich 100%",
        metadata={"path": "x", "share": 0.5, "deep": {"list": [1, None, True]}},
    )

    store.record([said])

    assert [recorded.event for recorded in store.events()] == [said]


def test_a_recorded_check_comes_back_with_its_outcome(store: Store) -> None:
    outcome = CheckOutcome("not_empty", passed=False, severity="WARN", blocking=False)

    store.record([fact("check", check=outcome)])

    assert store.events()[0].event.check == outcome


def test_recording_twice_records_once(store: Store) -> None:
    first = store.record([fact()])
    second = store.record([fact(), fact()])

    assert (first, second, len(store.events())) == (1, 0, 1)


def test_a_second_telling_of_a_fact_changes_nothing(store: Store) -> None:
    store.record([fact(row_count=1)])
    store.record([fact(row_count=2, happened_at=NOON + timedelta(hours=1))])

    assert store.asset_states()[ORDERS].row_count == 1


def test_nothing_recorded_is_nothing_new(store: Store) -> None:
    assert store.record([]) == 0


def test_a_partition_whose_key_is_nothing_else_is_another_fact(store: Store) -> None:
    assert store.record([fact(partition="2024-03-01"), fact(partition="2024-03-02")]) == 2


def test_events_are_listed_by_what_happened_last(store: Store) -> None:
    store.record([fact(source="test:late", happened_at=NOON + timedelta(days=1))])
    store.record([fact(source="test:early")])

    assert [r.event.source for r in store.events()] == ["test:late", "test:early"]


def test_events_are_found_by_asset_partition_kind_and_run(store: Store) -> None:
    wanted = fact("failure", partition="2024-03-01", run_id="r1")
    others = [
        fact("failure", partition="2024-03-01", run_id="r2", source="test:2"),
        fact("failure", partition="2024-03-02", run_id="r1"),
        fact("started", partition="2024-03-01", run_id="r1"),
        fact("failure", partition="2024-03-01", run_id="r1", key=AssetKey("users")),
    ]
    store.record([wanted, *others])

    found = store.events(ORDERS, partition="2024-03-01", kinds=["failure"], run_id="r1")

    assert [r.event for r in found] == [wanted]


def test_no_more_events_are_listed_than_asked_for(store: Store) -> None:
    store.record([fact(source=f"test:{n}") for n in range(5)])

    assert len(store.events(limit=3)) == 3


def test_the_sequence_counts_up_in_the_order_of_learning(store: Store) -> None:
    store.record([fact(source="test:1", happened_at=NOON + timedelta(days=1))])
    store.record([fact(source="test:2")])

    sequences = {r.event.source: r.sequence for r in store.events()}
    assert sequences["test:1"] < sequences["test:2"]


def test_the_time_of_learning_is_noted_beside_the_time_of_happening(store: Store) -> None:
    before = datetime.now(timezone.utc)
    store.record([fact()])

    recorded = store.events()[0]
    assert before <= recorded.recorded_at <= datetime.now(timezone.utc)
    assert recorded.event.happened_at == NOON


def test_times_keep_their_microseconds(store: Store) -> None:
    moment = NOON + timedelta(microseconds=123_457)

    store.record([fact(happened_at=moment)])

    assert store.events()[0].event.happened_at == moment


def test_a_fact_of_another_zone_is_the_same_instant(store: Store) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))

    store.record([fact(happened_at=elsewhere)])

    assert store.events()[0].event.happened_at == NOON


def test_what_one_store_object_records_another_reads(shared_store_url: str) -> None:
    first, second = open_store(shared_store_url), open_store(shared_store_url)

    first.record([fact()])

    assert len(second.events()) == 1
    first.close()
    second.close()


def test_two_batches_of_the_same_assets_in_opposite_order_both_arrive(
    shared_store_url: str,
) -> None:
    store = open_store(shared_store_url)
    keys = [AssetKey(f"a{n:02}") for n in range(30)]
    failed: list[BaseException] = []

    def deliver(source: str, *, backwards: bool) -> None:
        try:
            for n in range(8):
                batch = [fact(key=key, source=f"{source}:{n}") for key in keys]
                store.record(reversed(batch) if backwards else batch)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failed.append(error)

    threads = [
        threading.Thread(target=deliver, args=("one",), kwargs={"backwards": False}),
        threading.Thread(target=deliver, args=("two",), kwargs={"backwards": True}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    assert len(store.events(limit=1000)) == 2 * 8 * 30
    store.close()


def test_a_database_in_memory_serves_several_threads() -> None:
    store = open_store("sqlite://")
    failed: list[BaseException] = []

    def deliver(source: str) -> None:
        try:
            for n in range(50):
                store.record([fact(source=f"{source}:{n}")])
                store.asset_states()
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failed.append(error)

    threads = [threading.Thread(target=deliver, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    assert len(store.events(limit=1000)) == 200
    store.close()


@pytest.mark.parametrize("text", ["", "'; DROP TABLE bridge_event; --", "100%s :name {x}"])
def test_a_name_is_never_read_as_sql(store: Store, text: str) -> None:
    said = fact(key=AssetKey(["p", text]), source=text, message=text)

    store.record([said])

    assert [r.event for r in store.events(said.key)] == [said]
