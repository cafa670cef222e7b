"""What became of each asset in a run: events, and what they do not tell."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from bridge.events import AssetEvent, CheckOutcome, EventKind
from bridge.keys import AssetKey
from bridge.runs import LogLine, StepRecord, StepText
from bridge.store import Store

NOW = datetime(2024, 1, 10, 12, tzinfo=timezone.utc)
ORDERS, SALES = AssetKey("orders"), AssetKey("sales")


def event(kind: EventKind, key: AssetKey, minute: int, **more: object) -> AssetEvent:
    return AssetEvent(
        kind=kind,
        key=key,
        happened_at=NOW + timedelta(minutes=minute),
        source="bridge:r1/1",
        run_id="r1",
        **more,  # type: ignore[arg-type]
    )


def test_events_alone_tell_what_ran(store: Store) -> None:
    store.record([event("started", ORDERS, 0), event("materialization", ORDERS, 2)])
    store.record([event("started", SALES, 1), event("failure", SALES, 3, message="no column")])

    first, second = store.steps("r1")

    assert (first.key, first.status, first.is_failure) == (ORDERS, "succeeded", False)
    assert (first.started_at, first.ended_at) == (NOW, NOW + timedelta(minutes=2))
    assert (second.key, second.status, second.message) == (SALES, "failed", "no column")


def test_what_has_not_ended_is_running(store: Store) -> None:
    store.record([event("started", ORDERS, 0)])

    assert [step.status for step in store.steps("r1")] == ["running"]


def test_what_the_log_does_not_tell_is_kept_once(store: Store) -> None:
    record = StepRecord(
        run_id="r1",
        key=SALES,
        partition="2024-01-02",
        status="skipped",
        message="orders failed",
        cause=ORDERS,
    )

    store.note_steps([record])
    store.note_steps([record])

    assert store.steps("r1") == [record]
    assert store.steps("r2") == []


def test_times_of_a_step_that_was_tried_again_are_the_events(store: Store) -> None:
    store.record([event("started", ORDERS, 0), event("materialization", ORDERS, 2)])
    noted = StepRecord(run_id="r1", key=ORDERS, partition=None, status="succeeded", attempts=3)
    store.note_steps([noted])

    (step,) = store.steps("r1")

    assert (step.attempts, step.started_at) == (3, NOW)


def test_a_failed_check_that_blocks_makes_its_asset_a_failure(store: Store) -> None:
    outcome = CheckOutcome("has_rows", False, "ERROR", True)
    store.record([event("started", ORDERS, 0), event("materialization", ORDERS, 2)])
    store.record([event("check", ORDERS, 3, check=outcome)])

    (step,) = store.steps("r1")

    assert (step.status, step.is_failure, step.failed_checks) == ("succeeded", True, ("has_rows",))


def test_what_never_began_comes_last(store: Store) -> None:
    store.note_steps([StepRecord(run_id="r1", key=SALES, partition=None, status="skipped")])
    store.record([event("started", ORDERS, 0)])

    assert [step.key for step in store.steps("r1")] == [ORDERS, SALES]


def test_a_step_of_checks_stands_beside_its_assets_own(store: Store) -> None:
    store.record([event("started", ORDERS, 0), event("materialization", ORDERS, 2)])
    asked = StepRecord(
        run_id="r1", key=ORDERS, partition=None, status="checked", checks=("agrees",)
    )
    store.note_steps([asked])

    assert {(step.status, step.checks) for step in store.steps("r1")} == {
        ("succeeded", ()),
        ("checked", ("agrees",)),
    }


def test_texts_come_back_as_they_were(store: Store) -> None:
    text = StepText(
        run_id="r1",
        keys=(ORDERS, SALES),
        partition="2024-01-02",
        stdout="1 row\n",
        stderr="careful\n",
        log=(LogLine(NOW, "INFO", "halfway"),),
    )

    store.note_steps([], [text])

    assert store.step_texts("r1") == [text]
    assert store.step_texts("r1", SALES) == [text]
    assert store.step_texts("r1", AssetKey("other")) == []
