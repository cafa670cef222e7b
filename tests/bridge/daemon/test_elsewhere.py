"""The daemon has another system do runs, and takes up what a killed one left there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace

import pytest

from bridge import AssetKey, Definitions, asset
from bridge.daemon.elsewhere import Elsewhere
from bridge.daemon.queue import Queue
from bridge.errors import ConfigError, RemoteUnreachableError
from bridge.events import AssetEvent
from bridge.project import DaemonSettings
from bridge.runs import RUN_ON_TAG, Run, RunTarget
from tests.bridge.daemon.conftest import START, Clock, Under, until
from tests.bridge.launching.other_system import SETTINGS, Moon

Start = Callable[[str], "subprocess.Popen[bytes]"]
Turn = Callable[[Callable[[], bool]], None]
ORDERS = AssetKey("orders")


@asset
def orders() -> None: ...


@pytest.fixture
def moon() -> Moon:
    return Moon()


@pytest.fixture
def found(under: Callable[[Definitions], Under], moon: Moon) -> Under:
    here = under(Definitions([orders]))
    house = here.house
    settings = DaemonSettings(run_on="moon")
    house.project = replace(house.project, airflow=SETTINGS, daemon=settings)
    house.adapters = (moon,)
    run = Run(
        id="a",
        status="queued",
        created_at=START,
        target=RunTarget(assets=(ORDERS,)),
        origin="automation",
    )
    house.store.enqueue([run, replace(run, id="here", tags={RUN_ON_TAG: "local"})])

    def done(run: Run) -> None:
        made = AssetEvent(
            kind="materialization", key=ORDERS, happened_at=START, source="m", run_id=run.id
        )
        house.store.record([made])

    moon.does = done
    return here


@pytest.fixture
def launched() -> list[str]:
    """What was started here."""
    return []


@pytest.fixture
def turn(found: Under, clock: Clock, launched: list[str], process: Start) -> Turn:
    """Call queue and duty, as a new daemon does, until something is so."""

    def launch(run_id: str) -> subprocess.Popen[bytes]:
        launched.append(run_id)
        found.house.store.cancel_run(run_id, now=clock.now)
        return process("pass")

    def turned(is_done: Callable[[], bool]) -> None:
        elsewhere = Elsewhere(found.house)
        queue = Queue(found.house, at_most=4, launch=launch, elsewhere=elsewhere)

        def once() -> bool:
            clock.forward(seconds=11)
            queue(clock.now, changed=True)
            elsewhere(clock.now, changed=True)
            return is_done()

        until(once)

    return turned


def state(found: Under) -> str | None:
    """How the run is, and its part there."""
    run = found.house.store.run("a")
    assert run is not None
    return run.status if run.remote is None else f"{run.status} {run.remote.parts[0].state}"


def test_runs_are_done_where_their_tag_or_the_settings_say(
    found: Under, moon: Moon, turn: Turn, launched: list[str]
) -> None:
    moon.states["a"] = "succeeded"

    turn(lambda: state(found) == "succeeded succeeded" and bool(launched))

    assert (moon.began, launched) == (["moon_a"], ["here"])


def test_another_daemon_takes_up_what_was_begun(found: Under, moon: Moon, turn: Turn) -> None:
    turn(lambda: state(found) == "running running")
    moon.states["a"] = "succeeded"

    turn(lambda: "succeeded" in found.said("ended"))

    assert moon.began == ["moon_a"]


def test_a_system_that_does_not_answer_is_told_of_once_and_asked_again(
    found: Under, moon: Moon, turn: Turn
) -> None:
    moon.trouble = RemoteUnreachableError("the moon is down")
    turns = iter(range(100))
    turn(lambda: next(turns) > 6 and bool(found.said("warning")))
    before = found.said("warning")
    moon.trouble = None

    turn(lambda: state(found) == "running running")

    assert before == ["the moon is down"]


def test_a_place_in_the_settings_that_is_not_known_is_told_at_once(found: Under) -> None:
    settings = DaemonSettings(run_on="mars")
    found.house.project = replace(found.house.project, daemon=settings)

    with pytest.raises(ConfigError, match="'mars'; there are local, moon"):
        Elsewhere(found.house)
