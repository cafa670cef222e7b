"""The heartbeat: what it holds stays ours while user code computes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import AssetKey
from bridge.errors import ClaimLostError, ClaimRefusedError
from bridge.execution.heartbeat import Heartbeat
from bridge.store import Claim, Store, open_store

ORDERS = AssetKey("orders")
LEASE_S = 0.3


@pytest.fixture(params=["file", "memory"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    path = "" if request.param == "memory" else f"/{tmp_path}/bridge.db"
    opened = open_store(f"sqlite://{path}")
    yield opened
    opened.close()


def take(store: Store, owner: str = "me") -> Claim:
    return store.claim(ORDERS, None, owner=owner, lease_s=LEASE_S)


def test_a_held_claim_outlives_its_first_lease(store: Store) -> None:
    with Heartbeat(store, lease_s=LEASE_S) as heartbeat:
        heartbeat.hold(take(store))
        time.sleep(LEASE_S * 2)

        with pytest.raises(ClaimRefusedError):
            take(store, "other")


def test_a_dropped_claim_expires(store: Store) -> None:
    with Heartbeat(store, lease_s=LEASE_S) as heartbeat:
        claim = take(store)
        heartbeat.hold(claim)
        heartbeat.drop(claim)
        time.sleep(LEASE_S * 2)

        assert take(store, "other").generation == 2


def test_confirming_a_lost_claim_is_refused(store: Store) -> None:
    with Heartbeat(store, lease_s=30) as heartbeat:
        claim = take(store)
        heartbeat.hold(claim)
        store.release(claim)
        take(store, "other")

        with pytest.raises(ClaimLostError):
            heartbeat.confirm(claim)


def test_a_claim_taken_again_after_a_loss_can_be_confirmed(store: Store) -> None:
    with Heartbeat(store, lease_s=LEASE_S) as heartbeat:
        lost = take(store)
        heartbeat.hold(lost)
        store.release(lost)
        time.sleep(LEASE_S)

        again = take(store)
        heartbeat.hold(again)
        heartbeat.confirm(again)

        assert again.generation == lost.generation + 1


def test_the_thread_ends_with_the_heartbeat(store: Store) -> None:
    with Heartbeat(store, lease_s=LEASE_S) as heartbeat:
        heartbeat.hold(take(store))

    assert "bridge-heartbeat" not in {thread.name for thread in threading.enumerate()}


def test_a_heartbeat_that_holds_nothing_starts_no_thread(store: Store) -> None:
    with Heartbeat(store):
        assert "bridge-heartbeat" not in {thread.name for thread in threading.enumerate()}
