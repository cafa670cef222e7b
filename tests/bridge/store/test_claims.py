"""Claims: no two overlapping writers, and a writer that was overtaken can do nothing."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import ClaimLostError, ClaimRefusedError
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.store import Claim, Store, open_store

ORDERS = AssetKey("orders")
DAY = "2024-03-01"
SHORT_S = 0.05


def take(store: Store, owner: str = "run-a", **values: Any) -> Claim:
    return store.claim(ORDERS, DAY, owner=owner, **values)


def take_expired(store: Store, owner: str = "run-a") -> Claim:
    claim = take(store, owner, lease_s=SHORT_S)
    time.sleep(SHORT_S * 1.5)
    return claim


def fact(source: str = "test:1", kind: Any = "materialization", partition: str = DAY) -> AssetEvent:
    now = datetime.now(timezone.utc)
    return AssetEvent(kind=kind, key=ORDERS, partition=partition, happened_at=now, source=source)


def test_the_first_claim_is_generation_one(store: Store) -> None:
    claim = take(store, mode="legacy")

    assert (claim.generation, claim.mode, claim.owner) == (1, "legacy", "run-a")


def test_another_owner_is_refused_while_the_lease_lives(store: Store) -> None:
    take(store)

    with pytest.raises(ClaimRefusedError, match="is being written by run-a until"):
        take(store, "run-b")


def test_another_partition_is_another_claim(store: Store) -> None:
    take(store)

    assert store.claim(ORDERS, "2024-03-02", owner="run-b").generation == 1


def test_the_whole_asset_is_a_claim_beside_its_partitions(store: Store) -> None:
    take(store)

    assert store.claim(ORDERS, None, owner="run-b").partition is None


def test_the_same_attempt_comes_back_with_its_generation_and_mode(store: Store) -> None:
    first = take(store, mode="legacy")

    again = take(store, mode="asset")

    assert (again.generation, again.mode) == (first.generation, "legacy")


def test_a_later_attempt_is_a_new_generation_with_its_own_mode(store: Store) -> None:
    first = take(store, attempt=1, mode="legacy")

    second = take(store, attempt=2, mode="asset")

    assert (second.generation, second.mode) == (first.generation + 1, "asset")


def test_an_older_attempt_is_refused(store: Store) -> None:
    take(store, attempt=2)

    with pytest.raises(ClaimRefusedError, match="attempt 2 of run-a has begun already"):
        take(store, attempt=1)


def test_an_expired_lease_is_taken_over_with_a_higher_generation(store: Store) -> None:
    first = take_expired(store)

    second = take(store, "run-b")

    assert second.generation == first.generation + 1


def test_a_lost_claim_records_nothing(store: Store) -> None:
    lost = take_expired(store)
    take(store, "run-b")

    with pytest.raises(ClaimLostError, match="another writer took over from run-a"):
        store.record([fact()], claim=lost)
    assert store.events() == []


def test_a_lost_claim_cannot_be_renewed(store: Store) -> None:
    lost = take_expired(store)
    take(store, "run-b")

    with pytest.raises(ClaimLostError):
        store.renew(lost)


def test_giving_back_a_lost_claim_leaves_the_new_one(store: Store) -> None:
    lost = take_expired(store)
    take(store, "run-b")

    store.release(lost)

    assert [claim.owner for claim in store.claims()] == ["run-b"]


def test_an_earlier_attempt_of_the_same_owner_records_nothing(store: Store) -> None:
    first = take(store, attempt=1)
    take(store, attempt=2)

    with pytest.raises(ClaimLostError):
        store.record([fact()], claim=first)


def test_an_expired_claim_that_nobody_took_still_records(store: Store) -> None:
    claim = take_expired(store)

    assert store.record([fact()], claim=claim) == 1


def test_renewing_keeps_others_out_beyond_the_first_lease(store: Store) -> None:
    claim = take(store, lease_s=SHORT_S)
    store.renew(claim, lease_s=30)
    time.sleep(SHORT_S * 1.5)

    with pytest.raises(ClaimRefusedError):
        take(store, "run-b")


def test_a_released_claim_is_free_at_once(store: Store) -> None:
    first = take(store)

    store.release(first)

    assert store.claims() == []
    assert take(store, "run-b").generation == first.generation + 1


def test_a_released_claim_can_no_longer_record(store: Store) -> None:
    claim = take(store)
    store.release(claim)

    with pytest.raises(ClaimLostError):
        store.record([fact()], claim=claim)


def test_recording_can_release_in_the_same_transaction(store: Store) -> None:
    claim = take(store)

    store.record([fact()], claim=claim, release=True)

    assert store.claims() == []
    assert len(store.events()) == 1


def test_a_claim_announces_its_start_in_the_same_transaction(store: Store) -> None:
    take(store, announce=[fact(kind="started")])

    assert store.asset_states()[ORDERS].activity == "started"


def test_a_refused_claim_announces_nothing(store: Store) -> None:
    take(store)

    with pytest.raises(ClaimRefusedError):
        take(store, "run-b", announce=[fact(kind="started")])
    assert store.events() == []


def test_only_living_claims_are_listed(store: Store) -> None:
    take_expired(store)
    store.claim(AssetKey("users"), None, owner="run-b")

    assert [(claim.key, claim.partition) for claim in store.claims()] == [(AssetKey("users"), None)]


MOVES = st.tuples(
    st.sampled_from(["take", "release", "renew", "record"]),
    st.sampled_from(["run-a", "run-b"]),
    st.integers(1, 3),
    st.sampled_from([0.0, 60.0]),
)


@settings(max_examples=80)
@given(st.lists(MOVES, max_size=25))
def test_generations_never_go_back_and_only_the_newest_writes(moves: list[Any]) -> None:
    store = open_store("sqlite://")
    claims: list[Claim] = []
    for number, (move, owner, attempt, lease_s) in enumerate(moves):
        with suppress(ClaimRefusedError, ClaimLostError):
            if move == "take":
                claim = take(store, owner, attempt=attempt, lease_s=lease_s)
                assert not claims or claim.generation >= claims[-1].generation
                claims.append(claim)
            if move == "renew" and claims:
                store.renew(claims[-1], lease_s=lease_s)
            if move == "release" and claims:
                store.release(claims[-1])
        for old in claims if move == "record" else ():
            with suppress(ClaimLostError):
                store.record([fact(f"{number}:{old.generation}")], claim=old)
                assert old.generation == claims[-1].generation
    store.close()


def test_a_lease_that_lives_long_enough_holds(store: Store) -> None:
    claim = store.claim(ORDERS, "1", owner="me", lease_s=60)
    other = store.claim(ORDERS, "2", owner="me", lease_s=20)

    assert store.holds([claim], 30)
    assert not store.holds([claim], 90)
    assert not store.holds([claim, other], 30)


def test_what_was_given_back_or_taken_over_holds_no_more(store: Store) -> None:
    claim = store.claim(ORDERS, "1", owner="me")
    store.release(claim)
    assert not store.holds([claim], 0)

    store.claim(ORDERS, "1", owner="another")
    assert not store.holds([claim], 0)


def test_several_are_claimed_all_or_none(store: Store) -> None:
    started = [fact(kind="started", partition=name) for name in ("1", "2")]
    store.claim(ORDERS, "2", owner="another")
    with pytest.raises(ClaimRefusedError, match="orders partition 2 is being written by another"):
        store.claim_all([(ORDERS, "1"), (ORDERS, "2")], owner="me", announce=started)

    assert [claim.owner for claim in store.claims()] == ["another"]
    assert store.events() == []

    taken = store.claim_all([(ORDERS, "3"), (ORDERS, "1")], owner="me")
    assert [claim.partition for claim in taken] == ["3", "1"]


def test_several_record_all_or_none(store: Store) -> None:
    taken = store.claim_all([(ORDERS, "1"), (ORDERS, "2")], owner="me")
    facts = [fact(partition=name) for name in ("1", "2")]
    store.release(taken[1])
    with pytest.raises(ClaimLostError, match="partition 2"):
        store.record(facts, claim=taken, release=True)
    assert store.events() == []

    (again,) = store.claim_all([(ORDERS, "2")], owner="me")
    assert store.record(facts, claim=[taken[0], again], release=True) == 2
    assert store.claims() == []


def test_of_several_only_those_lost_are_named(store: Store) -> None:
    taken = store.claim_all([(ORDERS, str(n)) for n in range(4)], owner="me", lease_s=1)
    store.release(taken[3], taken[1])

    lost = store.renew_all(taken, lease_s=60)

    assert [claim.partition for claim in lost] == ["1", "3"]
    assert store.holds([taken[0], taken[2]], 30)
