"""Telling a dead process from a living one, and from a later one with the same pid."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from bridge.execution import fail_dead_runs
from bridge.execution.process import this_process
from bridge.runs import Run, RunTarget
from bridge.store import Store, open_store

NOW = datetime(2024, 3, 1, tzinfo=timezone.utc)


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def run_of_this_process() -> Run:
    return Run(
        id="r1",
        status="running",
        created_at=NOW,
        started_at=NOW,
        target=RunTarget(),
        process=this_process(),
    )


def run_of(**changed: Any) -> Run:
    return replace(run_of_this_process(), process=replace(this_process(), **changed))


def dead(store: Store, run: Run, lease_s: float = 60) -> bool:
    store.start_run(run, lease_s=lease_s)
    return [found.id for found in fail_dead_runs(store, NOW)] == [run.id]


def test_the_process_we_are_in_lives_even_when_its_lease_ran_out(store: Store) -> None:
    assert not dead(store, run_of_this_process(), lease_s=0)


def test_a_later_process_with_the_same_pid_is_not_the_run(store: Store) -> None:
    assert dead(store, run_of(pid_started="1"))


def test_a_run_from_before_the_machine_started_again_is_dead(store: Store) -> None:
    assert dead(store, run_of(boot_id="before"))


def test_a_process_that_ended_is_dead(store: Store) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()

    assert dead(store, run_of(pid=child.pid))


def test_a_run_elsewhere_lives_until_its_lease_runs_out(store: Store) -> None:
    assert not dead(store, run_of(host="elsewhere"))


def test_a_run_elsewhere_is_dead_when_its_lease_has_run_out(store: Store) -> None:
    assert dead(store, run_of(host="elsewhere"), lease_s=0)


def test_two_looks_at_one_process_see_the_same() -> None:
    assert this_process() == this_process()
