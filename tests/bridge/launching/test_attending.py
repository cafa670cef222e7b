"""What becomes of a run that another system does, and of what was recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bridge import AssetKey, DailyPartitionsDefinition, Definitions, asset
from bridge.automation.location import Automation
from bridge.errors import ConfigError, RefusedError, RemoteUnreachableError
from bridge.events import AssetEvent, EventKind
from bridge.execution import fail_dead_runs
from bridge.launching import LOCAL, Attendance, found_place, place_of
from bridge.project import find_project
from bridge.runs import RUN_ON_TAG, Run, RunTarget
from bridge.store import Store, open_store
from tests.bridge.launching.other_system import SETTINGS, Moon

NOW = datetime(2024, 3, 1, tzinfo=timezone.utc)
DAY = "2024-01-02"
ORDERS, REVENUE = AssetKey("orders"), AssetKey("revenue")
DAYS = DailyPartitionsDefinition("2024-01-01")


@asset(partitions_def=DAYS)
def orders() -> None: ...


@asset(partitions_def=DAYS, deps=[orders])
def revenue() -> None: ...


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


@pytest.fixture
def moon() -> Moon:
    return Moon()


@pytest.fixture
def look(store: Store, moon: Moon, tmp_path: Path) -> Callable[[str], Run]:
    definitions = Definitions([orders, revenue])
    graph = definitions.graph()
    attendance = Attendance(
        replace(find_project(tmp_path), airflow=SETTINGS),
        store,
        lambda: graph,
        lambda: definitions.automation(graph),
        [moon],
    )

    def look_after(run_id: str) -> Run:
        attendance.look_after(run_id, NOW, default="moon")
        found = store.run(run_id)
        assert found is not None
        return found

    return look_after


@pytest.fixture
def run_id(store: Store) -> str:
    target = RunTarget(assets=(ORDERS, REVENUE), partition=DAY)
    store.enqueue([Run(id="abc", status="queued", created_at=NOW, target=target)])
    return "abc"


def told(store: Store, key: AssetKey, *kinds: EventKind, run_id: str = "abc") -> None:
    for seconds, kind in enumerate(kinds):
        event = AssetEvent(
            kind=kind,
            key=key,
            partition=DAY,
            happened_at=NOW + timedelta(seconds=seconds),
            source="airflow:eu/crater/run/task/-1/1",
            run_id=run_id,
        )
        store.record([event])


def test_a_run_is_begun_once_and_ends_as_it_did_there(
    store: Store, moon: Moon, look: Callable[[str], Run], run_id: str
) -> None:
    begun, again = look(run_id), look(run_id)
    for key in (ORDERS, REVENUE):
        told(store, key, "started", "materialization")
    moon.states[run_id] = "succeeded"
    ended = look(run_id)

    assert (begun.status, again.status) == ("running", "running")
    assert begun.remote is not None
    assert (begun.remote.place, begun.remote.parts[0].link) == (
        "moon:eu",
        "http://moon.test/crater",
    )
    assert moon.began == ["moon_abc"]
    assert (ended.status, ended.message, ended.ended_at) == ("succeeded", None, NOW)


def test_no_death_of_a_process_of_ours_ends_it(
    store: Store, look: Callable[[str], Run], run_id: str
) -> None:
    look(run_id)

    assert fail_dead_runs(store, NOW + timedelta(days=30)) == []


def test_a_success_of_which_nothing_was_recorded_is_none(
    store: Store, moon: Moon, look: Callable[[str], Run], run_id: str
) -> None:
    look(run_id)
    told(store, ORDERS, "started", "materialization")
    moon.states[run_id] = "succeeded"

    ended = look(run_id)

    assert ended.status == "failed"
    assert f"nothing was recorded of revenue {DAY}" in str(ended.message)
    assert [(str(s.key), s.status) for s in store.steps(run_id)] == [
        ("orders", "succeeded"),
        ("revenue", "skipped"),
    ]


def test_what_its_function_left_out_is_no_failure(
    store: Store, moon: Moon, look: Callable[[str], Run], run_id: str
) -> None:
    look(run_id)
    told(store, ORDERS, "started", "materialization")
    told(store, REVENUE, "started")
    moon.states[run_id] = "succeeded"

    assert look(run_id).status == "succeeded"
    assert [step.status for step in store.steps(run_id)] == ["succeeded", "omitted"]
    assert store.events(kinds=("failure",)) == []


def test_what_was_begun_there_and_never_ended_has_failed_and_holds_no_claim(
    store: Store, moon: Moon, look: Callable[[str], Run], run_id: str
) -> None:
    look(run_id)
    store.claim(ORDERS, DAY, owner="airflow:eu/crater/run/task", lease_s=3600)
    store.claim(REVENUE, DAY, owner="somebody else", lease_s=3600)
    told(store, ORDERS, "started")
    told(store, REVENUE, "started")
    moon.states[run_id] = "failed"

    ended = look(run_id)

    assert (ended.status, ended.message) == ("failed", "dust")
    failures = store.events(kinds=("failure",))
    assert {(str(e.event.key), e.event.message) for e in failures} == {
        ("orders", "dust"),
        ("revenue", "dust"),
    }
    assert [claim.owner for claim in store.claims()] == ["somebody else"]


def test_canceling_ends_what_was_begun(
    store: Store, moon: Moon, look: Callable[[str], Run], run_id: str
) -> None:
    look(run_id)
    store.cancel_run(run_id, now=NOW)

    assert look(run_id).status == "canceled"
    assert moon.ended == ["moon_abc"]
    assert {step.status for step in store.steps(run_id)} == {"canceled"}


def test_what_the_other_system_cannot_do_fails_with_its_words(
    moon: Moon, look: Callable[[str], Run], run_id: str
) -> None:
    moon.trouble = RefusedError("no DAG of this")

    ended = look(run_id)

    assert (ended.status, ended.message, moon.began) == ("failed", "no DAG of this", [])


def test_while_it_does_not_answer_the_run_waits(
    store: Store, moon: Moon, look: Callable[[str], Run], run_id: str
) -> None:
    moon.trouble = RemoteUnreachableError("gone")
    with pytest.raises(RemoteUnreachableError):
        look(run_id)

    assert [run.id for run in store.queued_runs()] == [run_id]
    moon.trouble = None
    assert look(run_id).status == "running"


def test_a_partition_that_does_not_exist_fails_before_anything_is_begun(
    store: Store, moon: Moon, look: Callable[[str], Run]
) -> None:
    target = RunTarget(assets=(ORDERS,), partition="2023-01-01")
    store.enqueue([Run(id="bad", status="queued", created_at=NOW, target=target)])

    ended = look("bad")

    assert (ended.status, moon.began) == ("failed", [])
    assert "2023-01-01" in str(ended.message)


def test_the_tag_of_a_run_says_where_before_the_default_does() -> None:
    run = Run(id="a", status="queued", created_at=NOW, target=RunTarget(assets=(ORDERS,)))
    tagged = replace(run, tags={RUN_ON_TAG: "local"})
    checks = replace(run, target=RunTarget(checks=()))

    assert [place_of(each, "moon") for each in (run, tagged, checks)] == ["moon", LOCAL, LOCAL]


@pytest.mark.parametrize(
    ("text", "said"), [("mars", "there are local, moon"), ("moon:us", "There are moon:eu")]
)
def test_a_place_that_is_not_known_is_told(tmp_path: Path, text: str, said: str) -> None:
    project = replace(find_project(tmp_path), airflow=SETTINGS)

    with pytest.raises(ConfigError, match=said):
        found_place(text, project, [Moon()])


def test_who_lacks_what_it_takes_to_ask_ends_no_run_of_others(
    store: Store, moon: Moon, look: Callable[[str], Run], run_id: str, tmp_path: Path
) -> None:
    look(run_id)
    elsewhere = Attendance(
        find_project(tmp_path), store, Definitions([orders, revenue]).graph, Automation, [moon]
    )

    with pytest.raises(ConfigError):
        elsewhere.look_after(run_id, NOW, default="moon")

    assert look(run_id).status == "running"
