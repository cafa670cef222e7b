from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bridge import (
    AddDynamicPartitionsRequest,
    AssetKey,
    DefaultSensorStatus,
    Definitions,
    DynamicPartitionsDefinition,
    RunRequest,
    RunStatusSensorContext,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    asset,
    asset_sensor,
    define_asset_job,
    run_failure_sensor,
    sensor,
)
from bridge.daemon.sensors import Sensors
from bridge.events import AssetEvent
from bridge.runs import Run, RunTarget, new_run_id
from tests.bridge.daemon.conftest import Clock, Under, until

RUNNING = DefaultSensorStatus.RUNNING
Put = Callable[[Definitions], Under]


@asset
def orders() -> None: ...


@asset(partitions_def=DynamicPartitionsDefinition("countries"))
def by_country() -> None: ...


def settled(duty: Sensors, clock: Clock, *, changed: bool = False) -> None:
    duty(clock.now, changed=changed)

    def is_idle() -> bool:
        if all(call.ended is not None for call in duty._background._calls.values()):
            duty(clock.now, changed=False)
        return duty.is_idle

    until(is_idle)


def test_a_run_key_is_asked_for_once_for_ever(under: Put, clock: Clock) -> None:
    @sensor(target="orders", default_status=RUNNING)
    def files(context: SensorEvaluationContext) -> Iterator[RunRequest]:
        number = int(context.cursor or 0) + 1
        context.update_cursor(str(number))
        for each in range(number):
            yield RunRequest(f"file-{each}")

    found = under(Definitions([orders], sensors=[files]))
    for _ in range(3):
        settled(Sensors(found.house, 5), clock)  # a new daemon each time
        clock.forward(seconds=31)

    runs = found.house.store.runs()
    assert len(runs) == 3
    assert {run.origin for run in runs} == {"sensor:files"}
    assert [len(tick.run_ids) for tick in found.ticks()] == [1, 1, 1]
    assert found.house.store.instigators()["files"].cursor == "3"


def test_it_is_asked_no_sooner_than_its_interval(under: Put, clock: Clock) -> None:
    asked: list[int] = []

    @sensor(target="orders", minimum_interval_seconds=10, default_status=RUNNING)
    def eager() -> SkipReason:
        asked.append(1)
        return SkipReason("nothing")

    found = under(Definitions([orders], sensors=[eager]))
    duty = Sensors(found.house, 5)
    for _ in range(21):
        settled(duty, clock, changed=True)
        clock.forward(seconds=1)

    assert len(asked) == 3
    assert len(found.ticks()) == 1  # the same reason again is no news


def test_new_partitions_and_their_runs_come_together(under: Put, clock: Clock) -> None:
    @sensor(target="by_country", default_status=RUNNING)
    def countries() -> SensorResult:
        return SensorResult(
            [RunRequest("fr", partition_key="fr")],
            dynamic_partitions_requests=[AddDynamicPartitionsRequest("countries", ["fr"])],
        )

    found = under(Definitions([by_country], sensors=[countries]))
    settled(Sensors(found.house, 5), clock)

    assert found.house.store.dynamic_partitions("countries") == ["fr"]
    assert [run.target.partition for run in found.house.store.runs()] == ["fr"]


def test_a_failed_look_keeps_the_cursor_and_is_tried_again(under: Put, clock: Clock) -> None:
    asked: list[str | None] = []

    @sensor(target="orders", minimum_interval_seconds=1, default_status=RUNNING)
    def shaky(context: SensorEvaluationContext) -> RunRequest:
        asked.append(context.cursor)
        context.update_cursor("moved")
        if len(asked) == 1:
            raise OSError("the server is away")
        return RunRequest()

    found = under(Definitions([orders], sensors=[shaky]))
    duty = Sensors(found.house, 5)
    settled(duty, clock)
    clock.forward(seconds=10)
    settled(duty, clock)

    assert asked == [None, None]
    assert [tick.status for tick in found.ticks()] == ["failure", "success"]
    assert "OSError: the server is away" in found.said("failed")[0]


def test_one_that_hangs_is_told_of_once_and_not_asked_again_until_it_ends(
    under: Put, clock: Clock
) -> None:
    release, asked = threading.Event(), []

    @sensor(target="orders", minimum_interval_seconds=0, default_status=RUNNING)
    def hangs() -> RunRequest | None:
        asked.append(1)
        release.wait(30)
        return RunRequest() if len(asked) == 1 else None

    found = under(Definitions([orders], sensors=[hangs]))
    duty = Sensors(found.house, 0.05)
    for _ in range(3):
        duty(clock.forward(seconds=10), changed=True)
        until(lambda: duty.is_idle or not duty(clock.now, changed=False))

    assert len(asked) == 1
    assert [tick.status for tick in found.ticks()] == ["failure"]
    release.set()
    until(lambda: not (duty(clock.now, changed=False), duty._background.is_busy("hangs"))[1])
    assert found.house.store.runs() == []  # what it answered too late does not count


def test_an_asset_sensor_is_asked_as_soon_as_something_happened(under: Put, clock: Clock) -> None:
    @asset_sensor(asset_key="orders", target="orders", default_status=RUNNING)
    def after(_context: Any, event: Any) -> RunRequest:
        return RunRequest(str(event.sequence))

    found = under(Definitions([orders], sensors=[after]))
    duty = Sensors(found.house, 5)
    settled(duty, clock)
    event = AssetEvent(
        kind="materialization", key=AssetKey("orders"), happened_at=clock.now, source="test:1"
    )
    found.house.store.record([event])
    settled(duty, clock, changed=True)

    assert len(found.house.store.runs()) == 1


def test_a_failure_sensor_starts_what_makes_up_for_it(under: Put, clock: Clock) -> None:
    nightly, cleanup = define_asset_job("nightly", "orders"), define_asset_job("cleanup", "orders")

    @run_failure_sensor(monitored_jobs=[nightly], request_job=cleanup, default_status=RUNNING)
    def tidy(context: RunStatusSensorContext) -> RunRequest:
        return RunRequest(context.run.id)

    found = under(Definitions([orders], jobs=[nightly], sensors=[tidy]))
    duty = Sensors(found.house, 5)
    settled(duty, clock)
    failed = [new_run_id() for _ in range(3)]
    for run_id in failed:
        run = Run(
            id=run_id,
            status="running",
            created_at=clock.now,
            started_at=clock.now,
            target=RunTarget(assets=(AssetKey("orders"),)),
            job_name="nightly",
        )
        found.house.store.start_run(run)
        ended = replace(run, status="failed", ended_at=clock.now + timedelta(seconds=1))
        found.house.store.finish_run(ended)
    for _ in range(4):
        settled(duty, clock, changed=True)

    wanted = found.house.store.runs(statuses=("queued",))
    assert {run.job_name for run in wanted} == {"cleanup"}
    assert len(wanted) == 3


def test_nothing_is_written_while_nothing_happens(under: Put, clock: Clock) -> None:
    @sensor(target="orders", minimum_interval_seconds=1, default_status=RUNNING)
    def idle() -> None: ...

    found = under(Definitions([orders], sensors=[idle]))
    duty = Sensors(found.house, 5)
    settled(duty, clock)
    version = found.house.store.instigators()["idle"].version
    for _ in range(5):
        clock.forward(seconds=2)
        settled(duty, clock)

    assert found.house.store.instigators()["idle"].version == version
    clock.forward(minutes=2)
    settled(duty, clock)
    assert found.house.store.instigators()["idle"].version == version + 1
