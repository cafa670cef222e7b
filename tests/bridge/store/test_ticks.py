from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from bridge import AddDynamicPartitionsRequest, AssetKey, DeleteDynamicPartitionsRequest
from bridge.events import AssetEvent
from bridge.runs import Run, RunTarget, derived_run_id
from bridge.store import InstigatorState, Pulse, Store, Tick, open_store

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


def met(store: Store, name: str = "nightly") -> InstigatorState:
    store.meet_instigators([(name, "schedule")], now=NOW)
    return store.instigators()[name]


def tick(after: int = 0, **said: object) -> Tick:
    at = NOW + after * MINUTE
    values = {"name": "nightly", "kind": "schedule", "status": "success", **said}
    return Tick(happened_at=at, evaluated_at=at, **values)  # type: ignore[arg-type]


def wanted(request: str) -> Run:
    return Run(
        id=derived_run_id("schedule:nightly", request),
        status="queued",
        created_at=NOW,
        target=RunTarget(assets=(AssetKey("a"),)),
        origin="schedule:nightly",
    )


def test_a_tick_its_cursor_runs_and_partitions_are_noted_together(store: Store) -> None:
    before = met(store)
    run = wanted("1")
    noted = tick(1, run_ids=(run.id,), duration_s=0.25, message="late")

    assert store.record_tick(
        noted,
        expected=before,
        cursor="7",
        run_key="k",
        runs=[run],
        partitions=[
            AddDynamicPartitionsRequest("c", ["fr", "de"]),
            DeleteDynamicPartitionsRequest("c", ["fr"]),
        ],
    )

    after = store.instigators()["nightly"]
    assert (after.position, after.cursor, after.last_run_key) == (NOW + MINUTE, "7", "k")
    assert (after.last_status, after.last_message, after.version) == ("success", "late", 1)
    assert store.ticks("nightly") == [noted]
    assert store.run(run.id) is not None
    assert store.dynamic_partitions("c") == ["de"]


def test_who_comes_second_with_the_same_state_notes_nothing(store: Store) -> None:
    before = met(store)

    assert store.record_tick(tick(1), expected=before, cursor="1", runs=[wanted("1")])
    assert not store.record_tick(tick(2), expected=before, cursor="2", runs=[wanted("2")])

    assert len(store.ticks()) == 1
    assert store.instigators()["nightly"].cursor == "1"
    assert len(store.runs(statuses=("queued",))) == 1


def test_what_was_turned_off_meanwhile_notes_nothing(store: Store) -> None:
    before = met(store)
    store.turn_instigator("nightly", "schedule", on=False, now=NOW)

    assert not store.record_tick(tick(1), expected=before, cursor=None, runs=[wanted("1")])
    assert store.runs() == []


def test_of_two_daemons_at_once_one_notes_the_tick(shared_store_url: str) -> None:
    stores = [open_store(shared_store_url) for _ in range(2)]
    before = met(stores[0])
    answers: list[bool] = []

    def note(store: Store, name: str) -> None:
        answers.append(
            store.record_tick(tick(1), expected=before, cursor=name, runs=[wanted(name)])
        )

    threads = [threading.Thread(target=note, args=(s, str(n))) for n, s in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, True]
    assert len(stores[0].runs()) == 1
    for store in stores:
        store.close()


def test_meeting_again_changes_nothing(store: Store) -> None:
    first = met(store)
    store.meet_instigators([("nightly", "schedule")], now=NOW + MINUTE)

    assert store.instigators() == {"nightly": first}
    assert (first.since, first.is_on, first.position) == (NOW, None, None)


def test_ticks_count_from_when_it_was_turned_on(store: Store) -> None:
    met(store)
    for on, at in ((False, 1), (True, 2), (True, 3)):
        store.turn_instigator("nightly", "schedule", on=on, now=NOW + at * MINUTE)

    found = store.instigators()["nightly"]
    assert (found.is_on, found.since) == (True, NOW + 2 * MINUTE)


def test_what_nobody_met_can_be_turned_off(store: Store) -> None:
    store.turn_instigator("files", "sensor", on=False, now=NOW)

    assert store.instigators()["files"].is_on is False
    assert list(store.instigators("sensor")) == ["files"]
    assert store.instigators("schedule") == {}


def test_a_cursor_can_be_moved(store: Store) -> None:
    before = met(store)

    assert store.set_instigator_cursor("nightly", "9")
    assert store.instigators()["nightly"].cursor == "9"
    assert not store.set_instigator_cursor("unknown", "9")
    assert not store.record_tick(tick(1), expected=before, cursor="1")


def test_a_tick_may_leave_no_line_in_the_history(store: Store) -> None:
    before = met(store)

    assert store.record_tick(tick(1), expected=before, cursor="1", is_noted=False)
    assert store.ticks() == []
    assert store.instigators()["nightly"].position == NOW + MINUTE


def test_ticks_are_read_newest_first_and_can_be_forgotten(store: Store) -> None:
    for number in range(4):
        status = "failure" if number == 2 else "success"
        assert store.record_tick(tick(number, status=status), expected=met(store), cursor=None)

    assert [t.happened_at for t in store.ticks(limit=2)] == [NOW + 3 * MINUTE, NOW + 2 * MINUTE]
    assert len(store.ticks(statuses=("failure",))) == 1
    assert store.delete_ticks(NOW + 2 * MINUTE) == 2
    assert len(store.ticks("nightly")) == 2


def test_one_leads_until_its_lease_runs_out_or_is_given_back(store: Store) -> None:
    assert store.lease("daemon") is None
    assert store.take_lease("daemon", "a", 60)
    assert store.take_lease("daemon", "a", 60)
    assert not store.take_lease("daemon", "b", 60)
    first = store.lease("daemon")
    store.give_lease("daemon", "b")
    store.give_lease("daemon", "a")
    assert store.take_lease("daemon", "b", 0)
    second = store.lease("daemon")
    assert store.take_lease("daemon", "a", 60)

    assert first is not None
    assert (first.owner, first.is_alive) == ("a", True)
    assert first.since <= first.renewed_at < first.until
    assert second is not None
    assert (second.owner, second.is_alive) == ("b", False)


def test_the_pulse_changes_with_every_fact_and_run(store: Store) -> None:
    pulses = [store.pulse()]
    event = AssetEvent(kind="materialization", key=AssetKey("a"), happened_at=NOW, source="test:1")
    store.record([event])
    pulses.append(store.pulse())
    store.enqueue([wanted("1")])
    pulses.append(store.pulse())
    store.cancel_run(wanted("1").id, now=NOW + MINUTE)
    pulses.append(store.pulse())

    assert len(set(pulses)) == 4
    assert pulses[0] == Pulse(0, None, None)
    assert (pulses[3].asked_at, pulses[3].ended_at) == (NOW, NOW + MINUTE)


def test_known_runs_are_told_from_unknown(store: Store) -> None:
    store.enqueue([wanted(str(number)) for number in range(3)])
    ids = [wanted(str(number)).id for number in range(1200)]

    assert store.known_run_ids(ids) == set(ids[:3])


def test_who_waits_longest_is_first_in_the_queue(store: Store) -> None:
    runs = [replace(wanted(str(n)), created_at=NOW - n * MINUTE) for n in range(3)]
    store.enqueue(runs)
    store.cancel_run(runs[2].id, now=NOW)

    assert [run.id for run in store.queued_runs()] == [runs[1].id, runs[0].id]
