from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

import pytest

from bridge import AssetKey, Definitions, asset
from bridge.daemon import Daemon, Duty
from bridge.daemon.leading import LEASE, Leadership, owner_text
from bridge.errors import StoreUnreachableError
from bridge.events import AssetEvent
from bridge.execution import process
from bridge.execution.process import this_process
from bridge.runs import ProcessIdentity
from bridge.store import Store
from tests.bridge.daemon.conftest import Under, until


@asset
def orders() -> None: ...


@dataclass(slots=True)
class Counting:
    """A duty that wants to be called at times, and notes when it was."""

    name: str = "counting"
    every: timedelta = timedelta(hours=1)
    fails_with: Exception | None = None
    is_idle: bool = True
    calls: list[bool] = field(default_factory=list)

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        self.calls.append(changed)
        if self.fails_with is not None:
            raise self.fails_with
        return now + self.every


@pytest.fixture
def found(under: Callable[[Definitions], Under]) -> Under:
    return under(Definitions([orders]))


def daemon(found: Under, *duties: Duty, who: ProcessIdentity | None = None) -> Daemon:
    leadership = Leadership(found.house.store, who or this_process(), lease_s=1)
    return Daemon(found.house, duties, leadership, lambda: datetime.now(timezone.utc))


def running(of: Daemon) -> threading.Thread:
    thread = threading.Thread(target=of.run)
    thread.start()
    return thread


def something_happens(store: Store) -> None:
    event = AssetEvent(
        kind="materialization",
        key=AssetKey("orders"),
        happened_at=datetime.now(timezone.utc),
        source=f"test:{time.monotonic_ns()}",
    )
    store.record([event])


def test_a_duty_is_called_when_its_time_comes_and_when_something_happened(found: Under) -> None:
    rare, often = Counting("rare"), Counting("often", every=timedelta(milliseconds=20))
    loop = daemon(found, rare, often)
    thread = running(loop)
    until(lambda: len(often.calls) > 5)
    before = len(rare.calls)
    something_happens(found.house.store)
    until(lambda: len(rare.calls) > before, timeout_s=5)
    loop.stop()
    thread.join()

    assert before == 1
    assert rare.calls[-1] is True


def test_a_duty_that_fails_keeps_no_other_from_its_work(found: Under) -> None:
    broken = Counting("broken", fails_with=RuntimeError("a mistake"))
    away = Counting("away", fails_with=StoreUnreachableError("the store is away"))
    well = Counting("well")
    daemon(found, broken, away, well).run_once()

    assert len(well.calls) >= 1
    assert "RuntimeError: a mistake" in found.said("warning")[0]
    assert found.said("warning")[1] == "the store is away"


def test_once_ends_when_nothing_is_left_to_do(found: Under) -> None:
    duty = Counting(is_idle=False)

    def soon_idle() -> None:
        time.sleep(0.2)
        duty.is_idle = True

    thread = threading.Thread(target=soon_idle)
    thread.start()
    daemon(found, duty).run_once()
    thread.join()

    assert duty.is_idle
    lease = found.house.store.lease(LEASE)
    assert lease is not None
    assert not lease.is_alive  # given back


def test_of_two_one_leads_and_the_other_takes_over_when_it_ends(found: Under) -> None:
    here = this_process()
    first, second = Counting(every=timedelta(0)), Counting(every=timedelta(0))
    one = daemon(found, first)
    two = daemon(found, second, who=replace(here, host="elsewhere"))
    thread_one = running(one)
    until(lambda: first.calls)
    thread_two = running(two)
    until(lambda: found.said("waiting"))
    while_led = len(second.calls)
    one.stop()
    thread_one.join()
    until(lambda: second.calls)
    two.stop()
    thread_two.join()

    assert while_led == 0
    assert len(found.said("leading")) == 2


def test_a_leader_that_was_killed_is_replaced_at_once_on_its_host(store: Store) -> None:
    killed = subprocess.Popen(["sleep", "60"])
    who = replace(this_process(), pid=killed.pid, pid_started=process._started(killed.pid) or "")
    store.take_lease(LEASE, owner_text(who), 3600)
    alive = Leadership(store, this_process()).take()
    killed.kill()
    killed.wait()
    after = Leadership(store, this_process())

    assert not alive
    assert after.take()
    after.give_back()


def test_who_lost_the_lease_stops_leading(store: Store) -> None:
    lost = Leadership(store, this_process(), lease_s=0.4)
    assert lost.take()
    store.give_lease(LEASE, owner_text(this_process()))
    assert store.take_lease(LEASE, "another", 60)

    until(lambda: not lost.is_held)
