"""Backfills in the store: kept as they are, changed by one at a time, their runs with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from bridge.backfill_policy import BackfillPolicy
from bridge.events import AssetEvent, CheckOutcome
from bridge.keys import AssetKey
from bridge.runs import Run, RunTarget
from bridge.store import Backfill, BackfillCounts, BackfillProgress, Made, Store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
ORDERS = AssetKey("orders")
BACKFILL = Backfill(
    id="b1",
    status="in_progress",
    created_at=NOON,
    target={"orders": {"partitions": ["x", "y"]}},
    selection="orders",
    policy=BackfillPolicy.multi_run(3),
    parallel=2,
    tags={"team": "sales"},
    progress=BackfillProgress(requested={"orders": {"partitions": ["x"]}}, open_runs=("r1", "r2")),
    counts=BackfillCounts(total=2, under_way=1),
    message="so far",
)


def queued(number: int, origin: str = BACKFILL.origin) -> Run:
    target = RunTarget(assets=(ORDERS,), partition="x")
    return Run(id=f"r{number}", status="queued", created_at=NOON, target=target, origin=origin)


def test_a_backfill_is_read_as_it_was_noted(store: Store) -> None:
    store.add_backfill(BACKFILL)

    assert store.backfill("b1") == BACKFILL
    assert store.backfill("b2") is None


def test_a_policy_is_kept_whatever_it_says(store: Store) -> None:
    for number, policy in enumerate([None, BackfillPolicy.single_run()]):
        store.add_backfill(replace(BACKFILL, id=f"b{number}", policy=policy))

    assert [b.policy for b in sorted(store.backfills(), key=lambda b: b.id)] == [
        None,
        BackfillPolicy.single_run(),
    ]


def test_the_newest_backfills_come_first_and_only_of_the_statuses_asked_for(store: Store) -> None:
    for number in range(3):
        status = "paused" if number == 1 else "in_progress"
        at = NOON + timedelta(minutes=number)
        store.add_backfill(replace(BACKFILL, id=f"b{number}", created_at=at, status=status))

    assert [b.id for b in store.backfills()] == ["b2", "b1", "b0"]
    assert [b.id for b in store.backfills(limit=1)] == ["b2"]
    assert [b.id for b in store.backfills(statuses=["paused"])] == ["b1"]


def test_a_change_of_what_was_read_comes_with_its_runs(store: Store) -> None:
    store.add_backfill(BACKFILL)

    assert store.change_backfill(replace(BACKFILL, status="paused"), enqueue=[queued(1)])

    changed = store.backfill("b1")
    assert changed is not None
    assert (changed.status, changed.version) == ("paused", 2)
    assert store.run("r1") is not None


def test_a_change_of_what_somebody_else_changed_does_nothing(store: Store) -> None:
    store.add_backfill(BACKFILL)
    store.change_backfill(BACKFILL)

    assert not store.change_backfill(replace(BACKFILL, status="paused"), enqueue=[queued(1)])

    changed = store.backfill("b1")
    assert changed is not None
    assert changed.status == "in_progress"
    assert store.run("r1") is None


def test_runs_that_ended_and_runs_that_are_gone_are_told_apart(store: Store) -> None:
    store.enqueue([queued(1), queued(2)])
    store.cancel_run("r1", now=NOON)

    ended, unknown = store.ended_runs(["r1", "r2", "r3"])

    assert [(run.id, run.status) for run in ended] == [("r1", "canceled")]
    assert unknown == {"r3"}
    assert store.ended_runs([]) == ([], set())


def test_what_a_run_made_is_told_with_what_a_blocking_check_stopped(store: Store) -> None:
    def fact(partition: str, run_id: str = "r1", check: CheckOutcome | None = None) -> AssetEvent:
        return AssetEvent(
            kind="materialization" if check is None else "check",
            key=ORDERS,
            partition=partition,
            happened_at=NOON,
            source=f"bridge:{run_id}/1",
            run_id=run_id,
            check=check,
        )

    failed = CheckOutcome("rows", passed=False, severity="ERROR", blocking=True)
    warned = CheckOutcome("rows", passed=False, severity="WARN", blocking=True)
    store.record(
        [
            fact("x"),
            fact("x", check=failed),
            fact("y"),
            fact("y", check=warned),
            fact("z", run_id="r9"),
        ]
    )

    made = sorted(store.made_by(["r1"]), key=lambda each: str(each.partition))

    assert made == [
        Made("r1", ORDERS, "x", is_stopped=True),
        Made("r1", ORDERS, "y", is_stopped=False),
    ]


def test_only_waiting_runs_of_the_origin_are_taken_back(store: Store) -> None:
    store.enqueue([queued(1), queued(2), queued(3, origin="user")])

    assert store.cancel_runs(BACKFILL.origin, now=NOON, stop_running=False) == 2

    statuses = {run.id: run.status for run in store.runs()}
    assert statuses == {"r1": "canceled", "r2": "canceled", "r3": "queued"}


def test_waiting_runs_come_in_the_order_in_which_they_were_asked_for(store: Store) -> None:
    later = replace(queued(1), created_at=NOON + timedelta(microseconds=1))
    store.enqueue([later, queued(2), queued(3, origin="user")])

    assert store.waiting_runs(BACKFILL.origin) == ["r2", "r1"]
    assert store.waiting_runs(BACKFILL.origin, limit=1) == ["r2"]
