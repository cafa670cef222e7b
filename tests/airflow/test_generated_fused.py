"""Fused groups in a real Airflow: one task, each asset recorded, checked and announced alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from adapters.airflow.source import parse_task_source
from bridge.events import EventKind
from bridge.store import Store, open_store
from tests.airflow.generated_project import ShopProject, shop_project
from tests.airflow.live.in_process import DagTestAirflow, TestedRun
from tests.airflow.live.instance import LiveAirflow
from tests.airflow.test_generated import told

pytestmark = pytest.mark.airflow

DAY = "2024-06-01"
DAG, TASK = "steps__assets", "first-fused-"
_DEFINITIONS = '''
"""Short steps of a day in one task; `behaviour.json` says what goes wrong."""
import json
from pathlib import Path

from bridge import (
    AssetCheckResult, DailyPartitionsDefinition, Definitions, MaterializeResult, asset,
    asset_check, build_asset_context,
)

FOLDER = Path(__file__).parents[1]
settings = {"group_name": "steps", "partitions_def": DailyPartitionsDefinition("2024-01-01")}


def behaves(name):
    return name in json.loads((FOLDER / "behaviour.json").read_text())


@asset(**settings)
def first() -> list:
    return [1]


@asset(**settings)
def flaky(first: list) -> list:
    if behaves("broken"):
        raise ValueError("not today")
    once = FOLDER / "once"
    if once.exists():
        once.unlink()
        raise ValueError("not yet")
    return [*first, 2]


@asset(**settings)
def after_flaky(flaky: list) -> int:
    return len(flaky)


@asset(output_required=False, deps=[first], **settings)
def rarely():
    if not behaves("no rarely"):
        yield MaterializeResult(metadata={"seen": 3})


@asset(deps=[rarely], **settings)
def after_rarely() -> int:
    return 1


@asset(deps=[first], **settings)
def checked() -> list:
    return [] if behaves("empty") else [1]


@asset_check(asset=checked, blocking=True)
def has_rows(checked):
    return AssetCheckResult(passed=bool(checked), description=f"{len(checked)} rows")


@asset(deps=[checked], **settings)
def after_checked() -> int:
    return 1


defs = Definitions(
    [first, flaky, after_flaky, rarely, after_rarely, checked, after_checked], [has_rows]
)
'''
ALL = {"first", "flaky", "after_flaky", "rarely", "after_rarely", "checked", "after_checked"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    folder = tmp_path_factory.mktemp("steps")
    return shop_project(folder, "short_steps", _DEFINITIONS, 'fuse = ["steps"]')


@pytest.fixture
def store(tmp_path: Path, project: ShopProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BRIDGE_PROJECT", str(project.project.root))
    monkeypatch.setenv("BRIDGE_STORE", url)
    opened = open_store(url)
    yield opened
    opened.close()
    project.behave()


def run_of(
    airflow: DagTestAirflow, project: ShopProject, day: int, file: Path | None = None
) -> TestedRun:
    """The run of a day, after it."""
    dag = airflow.dag(file or project.rendered[DAG], DAG)
    return airflow.run(dag, datetime(2024, 5, day + 1, tzinfo=timezone.utc))


def tries(store: Store, kind: EventKind, day: str | None = None) -> dict[str, list[int]]:
    """In which tries each asset had such an event, of one day or all."""
    found: dict[str, list[int]] = {}
    for each in reversed(store.events(kinds=(kind,), partition=day)):
        source = parse_task_source(each.event.source)
        assert source is not None
        assert (source.dag_id, source.task_id) == (DAG, TASK)
        found.setdefault(str(each.event.key), []).append(source.try_number)
    return found


def test_each_asset_of_the_task_is_recorded_and_checked_by_itself(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store
) -> None:
    run = run_of(dag_test_airflow, project, 1)

    assert run.task_states == {TASK: "success"}
    assert tries(store, "materialization") == {name: [1] for name in ALL}
    assert {each.event.partition for each in store.events(kinds=("materialization",))} == {
        "2024-05-01"
    }
    assert set(tries(store, "check")) == {"checked"}
    assert store.claims() == []


def test_a_failure_stops_what_reads_it_and_fails_the_task_at_its_end(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store
) -> None:
    project.behave("broken", "empty")

    run = run_of(dag_test_airflow, project, 2)

    assert run.task_states == {TASK: "failed"}
    assert set(tries(store, "materialization")) == ALL - {"flaky", "after_flaky", "after_checked"}
    assert set(tries(store, "failure")) == {"flaky"}
    assert store.claims() == []


def test_a_retry_does_what_is_not_done_yet(
    dag_test_airflow: DagTestAirflow, project: ShopProject, store: Store, tmp_path: Path
) -> None:
    (project.project.root / "once").touch()
    retrying = "retries=1, retry_delay=__import__('datetime').timedelta(0),"
    file = tmp_path / "retrying.py"
    text = project.rendered[DAG].read_text()
    file.write_text(text.replace("FusedAssetsOperator(\n", f"FusedAssetsOperator(\n{retrying}\n"))

    run = run_of(dag_test_airflow, project, 3, file)

    assert run.task_states == {TASK: "success"}
    assert tries(store, "materialization") == {
        name: [2] if "flaky" in name else [1] for name in ALL
    }


@pytest.mark.slow
def test_only_what_was_made_is_an_event_and_a_cleared_task_starts_again(
    live_airflow: LiveAirflow, live_environment: dict[str, str], project: ShopProject
) -> None:
    project.behave("no rarely")
    here = f"import os\n\nos.environ['BRIDGE_PROJECT'] = {str(project.project.root)!r}\n"
    live_airflow.write_dag("steps.py", here + project.rendered[DAG].read_text())
    live_airflow.wait_for_dag(DAG)
    live_airflow.unpause(DAG)
    date = datetime(2024, 6, 2, tzinfo=timezone.utc)

    run_id = live_airflow.trigger(DAG, date, {"partition": DAY})

    assert live_airflow.wait_for_run(DAG, run_id) == "success"
    assert events(live_airflow) == dict.fromkeys(ALL - {"rarely", "after_rarely"}, 1)

    project.behave("broken", "empty")
    live_airflow.clear(DAG, run_id, [TASK])
    assert wait_for_try(live_airflow, run_id, 2) == "failed"
    # a task cleared before its run has ended would be given up with the run
    assert live_airflow.wait_for_run(DAG, run_id) == "failed"
    assert events(live_airflow) == dict.fromkeys(ALL - {"rarely", "after_rarely"}, 1)

    project.behave()
    live_airflow.clear(DAG, run_id, [TASK])
    assert wait_for_try(live_airflow, run_id, 3) == "success"

    with closing(open_store(live_environment["BRIDGE_STORE"])) as store:
        made = tries(store, "materialization", DAY)
    assert made["first"] == [1, 2]  # the first clear was of a task that had done all
    assert made["flaky"] == [1, 3]
    assert made["after_checked"] == [1, 3]
    assert made["rarely"] == [2]  # made by the try that failed, told by the one that did not
    assert events(live_airflow) == {
        name: 1 if name in ("rarely", "after_rarely") else 2 for name in ALL
    }
    (extra,) = extras(live_airflow, "rarely")
    assert extra["metadata"] == {"seen": 3}


def extras(live: LiveAirflow, name: str) -> list[dict[str, Any]]:
    """What Airflow's events of an asset say of the day; its schedule runs another one."""
    return [each for each in told(live, f"x-bridge://{name}") if each["partition"] == DAY]


def events(live: LiveAirflow) -> dict[str, int]:
    """How many events of each asset Airflow knows, of the day."""
    return {name: count for name in ALL if (count := len(extras(live, name)))}


def wait_for_try(live: LiveAirflow, run_id: str, number: int) -> str:
    """How the task ended that often; the run follows a little later."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        (instance,) = live.task_instances(DAG, run_id)
        if instance["try_number"] >= number and instance["state"] in ("success", "failed"):
            return str(instance["state"])
        time.sleep(0.2)
    raise AssertionError(f"no try {number} of {run_id} ended")
