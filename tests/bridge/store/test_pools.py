"""Slots of pools, on every database: so many at once, given back, prolonged, or run out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bridge.store import Store, open_store


def test_there_are_as_many_slots_as_the_limit_says(store: Store) -> None:
    taken = [store.take_slot("db", 2, owner=f"bridge:r{n}") for n in range(3)]

    assert taken == [0, 1, None]
    assert store.take_slot("other", 1, owner="bridge:r1") == 0


def test_one_run_may_hold_several(store: Store) -> None:
    taken = [store.take_slot("db", 2, owner="bridge:r1") for _ in range(3)]

    assert taken == [0, 1, None]


def test_a_slot_given_back_is_free(store: Store) -> None:
    store.take_slot("db", 1, owner="bridge:r1")
    store.release_slot("db", 0, owner="bridge:r2")  # is not its own
    assert store.take_slot("db", 1, owner="bridge:r2") is None

    store.release_slot("db", 0, owner="bridge:r1")

    assert store.take_slot("db", 1, owner="bridge:r2") == 0


def test_a_lease_that_ran_out_is_free(store: Store) -> None:
    store.take_slot("db", 1, owner="bridge:r1", lease_s=0)

    assert store.take_slot("db", 1, owner="bridge:r2") == 0


def test_prolonging_a_run_prolongs_its_slots(store: Store) -> None:
    store.take_slot("db", 1, owner="bridge:r1", lease_s=0.01)
    store.renew_run("r1")

    assert store.take_slot("db", 1, owner="bridge:r2") is None


def test_of_many_who_ask_at_once_no_two_get_one_slot(shared_store_url: str) -> None:
    stores = [open_store(shared_store_url) for _ in range(6)]

    def take(number: int) -> int | None:
        return stores[number].take_slot("db", 3, owner=f"bridge:r{number}")

    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(take, range(6)))

    assert sorted(slot for slot in taken if slot is not None) == [0, 1, 2]
    for store in stores:
        store.close()
