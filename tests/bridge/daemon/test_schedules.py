from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge import (
    DailyPartitionsDefinition,
    DefaultScheduleStatus,
    Definitions,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    asset,
    build_schedule_from_partitioned_job,
    define_asset_job,
    schedule,
)
from bridge.daemon.schedules import Schedules
from tests.bridge.daemon.conftest import START, Clock, Under, until

RUNNING = DefaultScheduleStatus.RUNNING
Put = Callable[[Definitions], Under]


@asset
def orders() -> None: ...


@asset(partitions_def=DailyPartitionsDefinition("2026-01-01"))
def days() -> None: ...


HOURLY = ScheduleDefinition(
    "hourly",
    cron_schedule="0 * * * *",
    target=[orders],
    default_status=RUNNING,
    run_config={"orders": {"limit": 3}},
    tags={"team": "x"},
)


def asked_until(duty: Schedules, clock: Clock, count: int, under: Under) -> None:
    """Call the duty until so many ticks are noted: functions answer in threads."""

    def noted() -> bool:
        duty(clock.now, changed=True)
        return len(under.ticks()) >= count

    until(noted)


def test_each_tick_asks_for_one_run(under: Put, clock: Clock) -> None:
    found = under(Definitions([orders], schedules=[HOURLY]))
    duty = Schedules(found.house, 5)

    wanted = [duty(clock.now, changed=False)]
    for _ in range(3):
        clock.forward(minutes=30)
        wanted.append(duty(clock.now, changed=False))
        duty(clock.now, changed=True)

    runs = found.house.store.runs()
    assert [tick.happened_at for tick in found.ticks()] == [START + timedelta(hours=1)]
    assert len(runs) == 1
    assert (runs[0].status, runs[0].origin) == ("queued", "schedule:hourly")
    assert runs[0].target.run_config == {"orders": {"limit": 3}}
    assert runs[0].tags == {"team": "x"}
    assert found.ticks()[0].run_ids == (runs[0].id,)
    assert all(at > START for at in wanted)


def test_it_is_called_in_time_for_the_next_tick(under: Put) -> None:
    found = under(Definitions([orders], schedules=[HOURLY]))
    duty = Schedules(found.house, 5)
    shortly_before = START + timedelta(hours=1) - timedelta(milliseconds=300)

    assert duty(shortly_before, changed=False) == START + timedelta(hours=1)


def test_after_a_time_without_a_daemon_only_the_newest_tick_is_made_up_for(
    under: Put, clock: Clock
) -> None:
    found = under(Definitions([orders], schedules=[HOURLY]))
    Schedules(found.house, 5)(clock.now, changed=False)
    clock.forward(hours=5, minutes=1)

    Schedules(found.house, 5)(clock.now, changed=False)

    assert [tick.happened_at for tick in found.ticks()] == [START + timedelta(hours=5)]
    assert found.ticks()[0].message == "4 earlier times passed while nobody asked, not made up for"
    assert len(found.house.store.runs()) == 1


def test_with_catchup_every_tick_is_made_up_for(under: Put, clock: Clock) -> None:
    written = ScheduleDefinition(
        "all", cron_schedule="* * * * *", target="orders", default_status=RUNNING, catchup=True
    )
    found = under(Definitions([orders], schedules=[written]))
    duty = Schedules(found.house, 5)
    duty(clock.now, changed=False)
    clock.forward(minutes=120)

    while duty(clock.now, changed=False) <= clock.now:
        pass

    assert [t.happened_at for t in found.ticks()] == [
        START + timedelta(minutes=n) for n in range(1, 121)
    ]
    assert len(found.house.store.runs(limit=1000)) == 120


def test_no_partition_is_lost_while_no_daemon_runs(under: Put, clock: Clock) -> None:
    job = define_asset_job("daily", [days])
    written = build_schedule_from_partitioned_job(job, default_status=RUNNING, hour_of_day=6)
    found = under(Definitions([days], schedules=[written]))
    Schedules(found.house, 5)(clock.now, changed=False)
    clock.forward(days=4)

    Schedules(found.house, 5)(clock.now, changed=False)

    runs = found.house.store.runs()
    assert sorted(str(run.target.partition) for run in runs) == [
        "2026-03-04",
        "2026-03-05",
        "2026-03-06",
        "2026-03-07",
    ]
    assert {run.job_name for run in runs} == {"daily"}


def test_what_is_off_does_not_tick_and_nothing_of_before_counts_when_turned_on(
    under: Put, clock: Clock
) -> None:
    off = ScheduleDefinition("s", cron_schedule="0 * * * *", target="orders", catchup=True)
    found = under(Definitions([orders], schedules=[off]))
    duty = Schedules(found.house, 5)
    duty(clock.now, changed=False)
    duty(clock.forward(hours=3), changed=False)
    found.house.store.turn_instigator("s", "schedule", on=True, now=clock.now)
    duty(clock.forward(minutes=10), changed=False)
    nothing = found.ticks()
    duty(clock.forward(hours=1), changed=False)
    found.house.store.turn_instigator("s", "schedule", on=False, now=clock.now)
    duty(clock.forward(hours=5), changed=False)

    assert nothing == []
    assert [tick.happened_at for tick in found.ticks()] == [START + timedelta(hours=4)]


def test_a_function_sees_the_tick_in_its_zone_and_answers(under: Put, clock: Clock) -> None:
    seen: list[datetime] = []

    @schedule(
        "0 * * * *",
        target="days",
        execution_timezone="Asia/Tokyo",
        default_status=RUNNING,
        catchup=True,
    )
    def s(context: ScheduleEvaluationContext, prefix: str) -> Any:
        seen.append(context.scheduled_execution_time)
        if len(seen) == 1:
            return SkipReason(f"{prefix} holiday")
        return RunRequest(partition_key="2026-03-02")

    found = under(Definitions([days], schedules=[s], resources={"prefix": "a"}))
    duty = Schedules(found.house, 5)
    duty(clock.now, changed=False)
    clock.forward(hours=2)
    asked_until(duty, clock, 2, found)

    assert [f"{at:%H:%M %Z}" for at in seen] == ["22:00 JST", "23:00 JST"]
    assert [(tick.status, tick.message) for tick in found.ticks()] == [
        ("skipped", "a holiday"),
        ("success", None),
    ]
    assert [run.target.partition for run in found.house.store.runs()] == ["2026-03-02"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (RunRequest(partition_key="2027-01-01"), "has no partition '2027-01-01'"),
        (RunRequest(), "did not say which one"),
        (RunRequest(job_name="nope"), "the job 'nope', which it does not start. It starts days."),
        (RunRequest(asset_selection=["nope"]), "none of the assets of days"),
        (42, "gave a int: 42"),
        (ZeroDivisionError("by hand"), "ZeroDivisionError: by hand"),
        (SystemExit(3), "SystemExit: 3"),
    ],
)
def test_a_wrong_answer_is_a_failed_tick_and_the_next_one_comes(
    answer: Any, said: str, under: Put, clock: Clock
) -> None:
    @schedule("0 * * * *", target="days", default_status=RUNNING)
    def s() -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    found = under(Definitions([days], schedules=[s]))
    duty = Schedules(found.house, 5)
    duty(clock.now, changed=False)
    for number in (1, 2):
        clock.forward(hours=1)
        asked_until(duty, clock, number, found)

    assert [tick.status for tick in found.ticks()] == ["failure", "failure"]
    assert said in str(found.ticks()[0].message)
    assert found.house.store.runs() == []
    assert len(found.said("failed")) == 2


def test_one_that_hangs_is_a_failed_tick_and_keeps_no_other_from_ticking(
    under: Put, clock: Clock
) -> None:
    release = threading.Event()

    @schedule("0 * * * *", target="orders", default_status=RUNNING)
    def hangs() -> None:
        release.wait(30)

    found = under(Definitions([orders], schedules=[hangs, HOURLY]))
    duty = Schedules(found.house, 0.05)
    duty(clock.now, changed=False)
    clock.forward(hours=1)
    asked_until(duty, clock, 2, found)

    assert {tick.name: tick.status for tick in found.ticks()} == {
        "hangs": "failure",
        "hourly": "success",
    }
    assert "did not answer within 0.05 s" in str(found.ticks("hangs")[0].message)
    assert duty.is_idle
    release.set()


def test_two_daemons_at_once_ask_for_each_tick_once(under: Put, clock: Clock) -> None:
    found = under(Definitions([orders], schedules=[HOURLY]))
    duties = [Schedules(found.house, 5) for _ in range(2)]
    for duty in duties:
        duty(clock.now, changed=False)
    for _ in range(3):
        clock.forward(hours=1)
        threads = [
            threading.Thread(target=duty, args=(clock.now,), kwargs={"changed": True})
            for duty in duties
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(found.ticks()) == 3
    assert len(found.house.store.runs()) == 3


def test_a_clock_without_minutes_is_no_tick(under: Put) -> None:
    found = under(Definitions([orders], schedules=[HOURLY]))
    duty = Schedules(found.house, 5)
    duty(datetime(2026, 3, 4, 12, 0, tzinfo=timezone.utc), changed=False)

    assert found.ticks() == []  # the moment at which it was met does not count
