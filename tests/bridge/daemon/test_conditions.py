from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bridge import (
    AssetKey,
    AssetSpec,
    AutomationCondition,
    BackfillPolicy,
    DailyPartitionsDefinition,
    Definitions,
    asset,
    asset_check,
)
from bridge.daemon.conditions import Conditions
from bridge.events import AssetEvent
from bridge.execution.process import this_process
from bridge.runs import Run
from tests.bridge.daemon.conftest import START, Clock, Under, until

Put = Callable[[Definitions], Under]
DAILY = DailyPartitionsDefinition("2026-03-01")
EAGER = AutomationCondition.eager()

raw = AssetSpec("raw")


@asset(deps=[raw], automation_condition=EAGER)
def orders() -> None: ...


@asset(deps=[orders], automation_condition=EAGER)
def mart() -> None: ...


@asset(partitions_def=DAILY, automation_condition=AutomationCondition.on_missing())
def days() -> None: ...


@asset(deps=[days], partitions_def=DAILY, automation_condition=EAGER)
def sums() -> None: ...


def asks(duty: Conditions, clock: Clock, *, changed: bool = True) -> None:
    """Ask, wait for the decision, and note it."""
    clock.forward(seconds=5)
    duty(clock.now, changed=changed)

    def is_decided() -> bool:
        if all(call.ended is not None for call in duty._background._calls.values()):
            duty(clock.now, changed=False)
        return duty._background.is_idle

    until(is_decided)


def happens(found: Under, clock: Clock, key: str, partition: str | None = None) -> None:
    event = AssetEvent(
        kind="materialization",
        key=AssetKey(key),
        partition=partition,
        happened_at=clock.now,
        source=f"test:{clock.now.isoformat()}",
    )
    found.house.store.record([event])


def wanted(found: Under) -> list[tuple[str, str | None]]:
    """What the queue holds, the longest waiting first."""
    return [(run.selection, run.target.partition) for run in found.house.store.queued_runs()]


def does(found: Under, clock: Clock, run: Run) -> None:
    """Do a run of the queue."""
    store = found.house.store
    store.begin_run(run.id, this_process(), now=clock.now)
    for key in run.target.assets:
        clock.forward(seconds=1)
        happens(found, clock, str(key), run.target.partition)
    ended = replace(run, status="succeeded", ended_at=clock.now)
    store.finish_run(ended)


def test_what_reads_what_was_updated_is_computed_in_one_run(under: Put, clock: Clock) -> None:
    found = under(Definitions([raw, orders, mart]))
    duty = Conditions(found.house)
    asks(duty, clock)
    nothing = wanted(found)
    happens(found, clock, "raw")
    asks(duty, clock)
    for _ in range(3):
        asks(duty, clock)

    runs = found.house.store.queued_runs()
    assert nothing == []
    assert wanted(found) == [("orders, mart", None)]
    assert (runs[0].origin, found.ticks()[-1].run_ids) == ("automation", (runs[0].id,))

    does(found, clock, runs[0])
    asks(duty, clock)
    assert wanted(found) == []


def test_a_killed_daemon_goes_on_where_it_was(under: Put, clock: Clock) -> None:
    found = under(Definitions([raw, orders, mart]))
    asks(Conditions(found.house), clock)
    happens(found, clock, "raw")
    for _ in range(3):
        asks(Conditions(found.house), clock)  # each a new daemon, the one before killed

    assert wanted(found) == [("orders, mart", None)]


def test_two_daemons_at_once_request_everything_once(under: Put, clock: Clock) -> None:
    found = under(Definitions([raw, orders, mart]))
    duties = [Conditions(found.house) for _ in range(2)]
    asks(duties[0], clock)
    happens(found, clock, "raw")
    clock.forward(seconds=5)
    for duty in duties:
        duty(clock.now, changed=True)  # both decide from the same state
    until(lambda: all(c.ended for d in duties for c in d._background._calls.values()))
    threads = [
        threading.Thread(target=duty, args=(clock.now,), kwargs={"changed": False})
        for duty in duties
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wanted(found) == [("orders, mart", None)]


def test_a_new_partition_is_a_run_of_all_that_are_cut_alike(under: Put, clock: Clock) -> None:
    found = under(Definitions([days, sums]))
    duty = Conditions(found.house)
    asks(duty, clock)
    assert wanted(found) == []
    clock.forward(days=1)
    asks(duty, clock, changed=False)

    assert wanted(found) == [("days, sums", "2026-03-04")]


def test_a_policy_makes_ranges_of_partitions(under: Put, clock: Clock) -> None:
    @asset(
        partitions_def=DAILY,
        automation_condition=AutomationCondition.missing() & ~AutomationCondition.in_progress(),
        backfill_policy=BackfillPolicy.single_run(),
    )
    def ranged() -> None: ...

    found = under(Definitions([ranged]))
    duty = Conditions(found.house)
    asks(duty, clock)

    assert wanted(found) == [("ranged", "2026-03-01...2026-03-03")]


def test_checks_alone_are_a_run_of_checks(under: Put, clock: Clock) -> None:
    @asset
    def table() -> None: ...

    @asset_check(
        asset=table, automation_condition=AutomationCondition.cron_tick_passed("* * * * *")
    )
    def has_rows() -> bool:
        return True

    found = under(Definitions([table], asset_checks=[has_rows]))
    duty = Conditions(found.house)
    asks(duty, clock)
    clock.forward(minutes=1)
    asks(duty, clock, changed=False)

    runs = found.house.store.queued_runs()
    assert [run.selection for run in runs] == ["table:has_rows"]
    assert runs[0].target.assets == ()
    assert [check.name for check in runs[0].target.checks or ()] == ["has_rows"]


def test_a_check_about_partitions_looks_at_the_newest(under: Put, clock: Clock) -> None:
    tick = AutomationCondition.cron_tick_passed("* * * * *")

    @asset(partitions_def=DAILY)
    def table() -> None: ...

    @asset_check(asset=table, automation_condition=tick)
    def has_rows() -> bool:
        return True

    found = under(Definitions([table], asset_checks=[has_rows]))
    duty = Conditions(found.house)
    asks(duty, clock)
    clock.forward(minutes=1)
    asks(duty, clock, changed=False)

    assert wanted(found) == [("table:has_rows", "2026-03-03")]


def test_what_was_turned_off_requests_nothing(under: Put, clock: Clock) -> None:
    found = under(Definitions([raw, orders, mart]))
    duty = Conditions(found.house)
    asks(duty, clock)
    found.house.store.turn_instigator("conditions", "conditions", on=False, now=clock.now)
    happens(found, clock, "raw")
    asks(duty, clock)

    assert wanted(found) == []


def test_nothing_is_written_where_nothing_changed(under: Put, clock: Clock) -> None:
    found = under(Definitions([raw, orders, mart, days]))
    duty = Conditions(found.house)
    for _ in range(3):
        asks(duty, clock)
    version = found.house.store.instigators()["conditions"].version
    for _ in range(5):
        clock.forward(minutes=1)
        asks(duty, clock, changed=False)

    assert found.house.store.instigators()["conditions"].version == version
    assert found.ticks() == []


def test_they_are_asked_at_each_full_minute(under: Put, clock: Clock) -> None:
    found = under(Definitions([raw, orders]))
    duty = Conditions(found.house)
    asks(duty, clock)

    assert duty(clock.now, changed=False) == START + timedelta(minutes=1)


def test_a_tick_that_moved_nothing_is_over_all_the_same(under: Put, clock: Clock) -> None:
    """What happens later must not meet it once more."""
    hourly = AutomationCondition.cron_tick_passed("0 * * * *")
    condition = hourly & AutomationCondition.any_deps_updated()

    @asset(deps=[raw], automation_condition=condition)
    def on_the_hour() -> None: ...

    found = under(Definitions([raw, on_the_hour]))
    duty = Conditions(found.house)
    asks(duty, clock)
    clock.forward(minutes=60)
    asks(duty, clock)
    clock.forward(minutes=2)

    happens(found, clock, "raw")
    asks(duty, clock)

    assert wanted(found) == []
