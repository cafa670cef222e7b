"""Runs of ours in the store: how they end, and what is said when their process died."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from bridge.events import AssetEvent, CheckOutcome, Run
from bridge.keys import AssetKey
from bridge.store import Store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
ORDERS, USERS = AssetKey("orders"), AssetKey("users")
RUN = Run(
    id="r1",
    status="running",
    started_at=NOON,
    host="here",
    boot_id="boot",
    pid=7,
    pid_started="42",
    selection="+orders",
)
ENDED = replace(RUN, status="succeeded", ended_at=NOON + timedelta(minutes=1))


def fact(key: AssetKey, kind: Any, **values: Any) -> AssetEvent:
    source = f"bridge:{RUN.id}/1"
    return AssetEvent(kind=kind, key=key, happened_at=NOON, source=source, run_id=RUN.id, **values)


def test_a_run_comes_back_as_it_began(store: Store) -> None:
    store.start_run(RUN)

    assert store.runs() == [RUN]


def test_a_finished_run_says_how_it_ended(store: Store) -> None:
    store.start_run(RUN)
    store.finish_run(ENDED)

    assert store.runs() == [ENDED]
    assert store.runs(running_only=True) == []


def test_a_run_ends_only_once(store: Store) -> None:
    store.start_run(RUN)
    store.finish_run(ENDED)
    store.finish_run(replace(RUN, status="failed", ended_at=NOON, message="late"))

    assert store.runs() == [ENDED]


def test_runs_are_listed_newest_first(store: Store) -> None:
    later = replace(RUN, id="r2", started_at=NOON + timedelta(hours=1))
    store.start_run(RUN)
    store.start_run(later)

    assert [run.id for run in store.runs(limit=1)] == ["r2"]


def test_a_dead_run_fails_what_it_had_only_started(store: Store) -> None:
    store.start_run(RUN)
    store.record([fact(ORDERS, "started"), fact(USERS, "started")])
    store.record([fact(USERS, "materialization")])

    failed = store.fail_dead_run(RUN, now=NOON + timedelta(minutes=5))

    states = store.asset_states()
    assert failed == 1
    assert (states[ORDERS].activity, states[USERS].activity) == ("failure", "materialization")
    assert store.runs()[0].status == "failed"


def test_a_dead_run_loses_nothing_that_it_recorded(store: Store) -> None:
    store.start_run(RUN)
    check = CheckOutcome("rows", passed=True)
    store.record([fact(USERS, "started"), fact(USERS, "materialization")])
    store.record([fact(USERS, "check", check=check)])

    store.fail_dead_run(RUN, now=NOON)

    kinds = sorted(r.event.kind for r in store.events(USERS))
    assert kinds == ["check", "materialization", "started"]


def test_a_dead_run_gives_back_its_claims(store: Store) -> None:
    store.start_run(RUN)
    store.claim(ORDERS, None, owner=f"bridge:{RUN.id}")
    store.claim(USERS, None, owner="bridge:other")

    store.fail_dead_run(RUN, now=NOON)

    assert [claim.key for claim in store.claims()] == [USERS]


def test_a_run_that_ended_meanwhile_is_not_failed(store: Store) -> None:
    store.start_run(RUN)
    store.record([fact(ORDERS, "started")])
    store.finish_run(ENDED)

    assert store.fail_dead_run(RUN, now=NOON) == 0
    assert store.runs() == [ENDED]


def test_a_run_whose_lease_ran_out_is_expired(store: Store) -> None:
    store.start_run(RUN, lease_s=0)
    store.start_run(replace(RUN, id="r2"), lease_s=60)

    assert [run.id for run in store.expired_runs()] == ["r1"]


def test_a_renewed_run_is_not_expired(store: Store) -> None:
    store.start_run(RUN, lease_s=0)
    store.renew_run(RUN.id, lease_s=60)

    assert store.expired_runs() == []


def test_a_finished_run_does_not_expire(store: Store) -> None:
    store.start_run(RUN, lease_s=0)
    store.finish_run(ENDED)

    assert store.expired_runs() == []
