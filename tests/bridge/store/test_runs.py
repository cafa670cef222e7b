"""Runs of ours in the store: how they end, and what is said when their process died."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from bridge.checks import AssetCheckKey
from bridge.events import AssetEvent, CheckOutcome
from bridge.keys import AssetKey
from bridge.runs import ProcessIdentity, Run, RunTarget, derived_run_id
from bridge.store import Store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
ORDERS, USERS = AssetKey("orders"), AssetKey("users")
HERE = ProcessIdentity("here", "boot", 7, "42")
RUN = Run(
    id="r1",
    status="running",
    created_at=NOON,
    started_at=NOON,
    target=RunTarget(
        assets=(ORDERS, USERS),
        partition="2024-03-01",
        checks=(AssetCheckKey(ORDERS, "rows"),),
        run_config={"orders": {"limit": 3}},
    ),
    selection="+orders",
    tags={"team": "sales"},
    process=HERE,
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
    assert store.runs(statuses=("running",)) == []


def test_a_run_ends_only_once(store: Store) -> None:
    store.start_run(RUN)
    store.finish_run(ENDED)
    store.finish_run(replace(RUN, status="failed", ended_at=NOON, message="late"))

    assert store.runs() == [ENDED]


def test_runs_are_listed_newest_first(store: Store) -> None:
    later = replace(RUN, id="r2", created_at=NOON + timedelta(hours=1))
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


WAITING = Run(
    id=derived_run_id("schedule:nightly", "2024-03-01"),
    status="queued",
    created_at=NOON,
    target=RunTarget(assets=(ORDERS,)),
    origin="schedule:nightly",
)


def test_a_run_asked_for_twice_waits_once(store: Store) -> None:
    assert store.enqueue([WAITING, WAITING]) == 1
    assert store.enqueue([WAITING]) == 0
    assert store.runs(statuses=("queued",)) == [WAITING]


def test_a_run_that_was_done_is_not_asked_for_again(store: Store) -> None:
    store.enqueue([WAITING])
    store.begin_run(WAITING.id, HERE, now=NOON)
    store.finish_run(replace(WAITING, status="succeeded", ended_at=NOON))

    assert store.enqueue([WAITING]) == 0
    assert [run.status for run in store.runs()] == ["succeeded"]


def test_a_waiting_run_is_begun_by_one_only(store: Store) -> None:
    store.enqueue([WAITING])

    assert store.begin_run(WAITING.id, HERE, now=NOON)
    assert not store.begin_run(WAITING.id, HERE, now=NOON)
    assert store.run(WAITING.id) == replace(
        WAITING, status="running", started_at=NOON, process=HERE
    )


def test_a_waiting_run_that_is_canceled_is_never_begun(store: Store) -> None:
    store.enqueue([WAITING])

    assert store.cancel_run(WAITING.id, now=NOON)
    assert not store.begin_run(WAITING.id, HERE, now=NOON)


def test_a_running_run_hears_that_it_should_stop(store: Store) -> None:
    store.start_run(RUN)
    assert store.renew_run(RUN.id)

    assert store.cancel_run(RUN.id, now=NOON)

    assert not store.renew_run(RUN.id)
    assert store.runs() == [replace(RUN, cancel_requested=True)]


def test_a_run_that_ended_cannot_be_canceled(store: Store) -> None:
    store.start_run(RUN)
    store.finish_run(ENDED)

    assert not store.cancel_run(RUN.id, now=NOON)
    assert store.runs() == [ENDED]


def test_runs_are_found_by_who_asked(store: Store) -> None:
    store.start_run(RUN)
    store.enqueue([WAITING])

    assert [run.id for run in store.runs(origin="user")] == [RUN.id]


def test_two_requests_of_one_origin_have_two_ids() -> None:
    ids = {derived_run_id("schedule:a", day) for day in ("2024-03-01", "2024-03-02")}

    assert len(ids | {derived_run_id("schedule:b", "2024-03-01")}) == 3
