from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge import AssetKey, Definitions, asset
from bridge.daemon.queue import ATTEMPTS, Queue
from bridge.execution.process import this_process
from bridge.runs import Run, RunTarget
from tests.bridge.daemon.conftest import START, Clock, Under, until

Start = Callable[[str], "subprocess.Popen[bytes]"]


@asset
def orders() -> None: ...


@asset
def customers() -> None: ...


@pytest.fixture
def found(under: Callable[[Definitions], Under]) -> Under:
    return under(Definitions([orders, customers]))


def waits(found: Under, *names: str, apart: bool = False) -> None:
    """Runs of one asset wait; of assets of their own where they are `apart`."""
    found.house.store.enqueue(
        Run(
            id=name,
            status="queued",
            created_at=START + timedelta(seconds=number),
            target=RunTarget(assets=(AssetKey([name] if apart else "orders"),)),
            origin="automation",
        )
        for number, name in enumerate(names)
    )


def test_runs_begin_within_the_limit_and_the_next_when_one_ended(
    found: Under, clock: Clock, process: Start
) -> None:
    store, launched = found.house.store, list[str]()

    def launch(run_id: str) -> subprocess.Popen[bytes]:
        launched.append(run_id)
        store.begin_run(run_id, this_process(), now=clock.now)
        run = store.run(run_id)
        assert run is not None
        store.finish_run(replace(run, status="succeeded", ended_at=clock.now))
        return process("pass")

    waits(found, "a", "b", "c", apart=True)
    duty = Queue(found.house, at_most=2, launch=launch)
    duty(clock.now, changed=True)
    first = list(launched)

    def all_ended() -> bool:
        duty(clock.now, changed=True)
        return len(found.said("ended")) == 3

    until(all_ended)

    assert first == ["a", "b"]
    assert launched == ["a", "b", "c"]
    assert found.said("ended") == ["succeeded"] * 3
    assert duty.is_idle


def test_runs_that_people_do_themselves_take_no_place(
    found: Under, clock: Clock, process: Start
) -> None:
    run = Run(
        id="by-hand",
        status="running",
        created_at=START,
        target=RunTarget(),
        process=this_process(),
    )
    found.house.store.start_run(run)
    waits(found, "a")
    launched: list[str] = []

    def launch(run_id: str) -> subprocess.Popen[bytes]:
        launched.append(run_id)
        return process("pass")

    Queue(found.house, at_most=1, launch=launch)(clock.now, changed=True)

    assert launched == ["a"]


def test_a_run_waits_for_one_that_writes_the_same_and_lets_others_by(
    found: Under, clock: Clock, process: Start
) -> None:
    store, launched = found.house.store, list[str]()
    by_hand = Run(
        id="by-hand",
        status="running",
        created_at=START,
        target=RunTarget(assets=(AssetKey("orders"),)),
        process=this_process(),
    )
    other = replace(by_hand, status="queued", process=None)
    other = replace(other, target=RunTarget(assets=(AssetKey("customers"),)))

    def launch(run_id: str) -> subprocess.Popen[bytes]:
        launched.append(run_id)
        return process("pass")

    store.start_run(by_hand)
    waits(found, "a", "b")
    store.enqueue([replace(other, id="c", created_at=START + timedelta(seconds=9))])
    duty = Queue(found.house, at_most=9, launch=launch)
    duty(clock.now, changed=True)
    duty(clock.now, changed=True)

    assert launched == ["c"]
    said = "orders, asked by automation; waits until by-hand has ended, which writes orders too"
    assert found.said("waiting") == [said, said]

    store.finish_run(replace(by_hand, status="succeeded", ended_at=clock.now))
    duty(clock.now, changed=True)

    assert launched == ["c", "a"]
    assert found.said("waiting")[2:] == [said.replace("by-hand", "a")]


def test_a_run_that_never_begins_is_tried_again_then_failed(
    found: Under, clock: Clock, process: Start
) -> None:
    launched: list[str] = []

    def launch(run_id: str) -> subprocess.Popen[bytes]:
        launched.append(run_id)
        return process("raise SystemExit(7)")

    waits(found, "a")
    duty = Queue(found.house, at_most=1, launch=launch)

    def ended() -> bool:
        duty(clock.forward(seconds=1), changed=True)
        run = found.house.store.run("a")
        return run is not None and run.has_ended

    until(ended)

    run = found.house.store.run("a")
    assert run is not None
    assert launched == ["a"] * ATTEMPTS
    assert (run.status, run.message) == (
        "failed",
        "its process ended with code 7 before the run began, 3 times",
    )


def test_a_run_that_another_process_took_meanwhile_is_left_to_it(
    found: Under, clock: Clock, process: Start
) -> None:
    def launch(run_id: str) -> subprocess.Popen[bytes]:
        found.house.store.begin_run(run_id, this_process(), now=clock.now)
        return process("pass")  # it came second

    waits(found, "a")
    duty = Queue(found.house, at_most=1, launch=launch)

    def is_collected() -> bool:
        duty(clock.now, changed=True)
        return duty.is_idle

    until(is_collected)

    run = found.house.store.run("a")
    assert run is not None
    assert run.status == "running"
    assert found.said("ended") == []


def test_a_run_whose_process_dies_is_failed_at_once(
    found: Under, clock: Clock, process: Start
) -> None:
    def launch(run_id: str) -> subprocess.Popen[bytes]:
        begun = process("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        who = replace(this_process(), pid=begun.pid)
        found.house.store.begin_run(run_id, who, now=clock.now)
        return begun

    waits(found, "a")
    duty = Queue(found.house, at_most=1, launch=launch)

    def told() -> bool:
        duty(clock.now, changed=True)
        return bool(found.said("ended"))

    until(told)

    assert found.said("ended")[0].startswith("failed; The process that ran it ended without")
