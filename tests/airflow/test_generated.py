"""Generated DAGs in a real Airflow: what it reads in them, and what their tasks record."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.airflow.compat import IS_AIRFLOW_3
from adapters.airflow.generate.files import loaded, rendered
from adapters.airflow.generate.manifest import Target
from adapters.airflow.source import parse_task_source
from bridge.events import AssetEvent, EventKind
from bridge.keys import AssetKey
from bridge.store import Store, open_store
from tests.airflow.generated_project import DAILY, REPORTS, ShopProject, shop_project
from tests.airflow.live.in_process import DagTestAirflow, TestedRun
from tests.airflow.live.instance import LiveAirflow

pytestmark = pytest.mark.airflow

ORDERS, REFUNDS, REVENUE = (AssetKey(["shop", name]) for name in ("orders", "refunds", "revenue"))
REPORT = AssetKey(["reports", "rpt_days"])
ZONE = ZoneInfo("Europe/Zurich")
# 2.11 cannot repeat a run in a process that has not loaded the tables of its users: a date for each
# test.
DAYS = (datetime(2024, 1, 1, tzinfo=ZONE) + timedelta(days=n) for n in itertools.count())
_ABOUT = ("asset_key", "asset_keys", "check_name", "checks", "fingerprint", "made_from")
ALL_TASKS = {
    "shop.orders",
    "shop.orders-check-has_orders",
    "shop.refunds",
    "shop.refunds-check-few_refunds",
    "shop.refunds-check-some_refunds",
    "shop.refunds-checked-",
    "shop.revenue",
}


@pytest.fixture(scope="module")
def shop_of_module(tmp_path_factory: pytest.TempPathFactory) -> ShopProject:
    return shop_project(tmp_path_factory.mktemp("shop"), "shop_of_generated_tests")


@pytest.fixture
def shop(shop_of_module: ShopProject) -> Iterator[ShopProject]:
    yield shop_of_module
    shop_of_module.behave()


@pytest.fixture
def store(tmp_path: Path, shop: ShopProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store, which the tasks that run in this process use too."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BRIDGE_PROJECT", str(shop.project.root))
    monkeypatch.setenv("BRIDGE_STORE", url)
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def day() -> str:
    """A partition that no other test runs."""
    return next(DAYS).strftime("%Y-%m-%d")


def dag_bag(folder: Path) -> Any:
    if IS_AIRFLOW_3:
        from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415 - not in 2.11

        return DagBag(str(folder))
    from airflow.models.dagbag import DagBag  # noqa: PLC0415 - deprecated in 3

    return DagBag(str(folder), include_examples=False)


def run_daily(
    airflow: DagTestAirflow, shop: ShopProject, day: str, conf: dict[str, Any] | None = None
) -> TestedRun:
    """Run the daily DAG for a date: the run has the interval that had ended then."""
    date = datetime.fromisoformat(day).replace(tzinfo=ZONE) + timedelta(days=1)
    return airflow.run(airflow.dag(shop.rendered[DAILY], DAILY), date, conf)


def events(store: Store, kind: EventKind, key: AssetKey) -> list[AssetEvent]:
    return [recorded.event for recorded in store.events(key, kinds=(kind,))]


def structure(dag: Any) -> dict[str, Any]:
    """What Airflow made of a DAG, in values that can be compared."""
    return {
        "tasks": {
            task.task_id: {
                "class": type(task).__name__,
                "about": [getattr(task, name, None) for name in _ABOUT],
                "upstream": sorted(task.upstream_task_ids),
                "outlets": [outlet.uri for outlet in task.outlets],
                "owner": task.owner,
                "doc": task.doc_md,
            }
            for task in dag.tasks
        },
        "start": dag.start_date,
        "catchup": dag.catchup,
        "timetable": (type(dag.timetable).__name__, dag.timetable.serialize())
        if not IS_AIRFLOW_3
        else repr(type(dag.timetable)),
        "tags": sorted(dag.tags),
        "at_once": dag.max_active_runs,
    }


def test_both_airflows_read_the_rendered_files(shop: ShopProject) -> None:
    bag = dag_bag(shop.project.generated)

    assert bag.import_errors == {}
    assert set(bag.dags) == {DAILY, REPORTS}
    daily = structure(bag.dags[DAILY])
    assert set(daily["tasks"]) == ALL_TASKS
    assert daily["tasks"]["shop.revenue"]["upstream"] == [
        "shop.orders-check-has_orders",
        "shop.refunds-checked-",
    ]
    assert daily["start"] == datetime(2024, 1, 1, tzinfo=ZoneInfo("Europe/Zurich"))
    assert daily["catchup"] is False


def test_the_loader_builds_what_the_rendered_files_say(shop: ShopProject, tmp_path: Path) -> None:
    file = shop.write_loader(tmp_path)
    found, expected = dag_bag(tmp_path), dag_bag(shop.project.generated)

    assert found.import_errors == {}
    assert {name: structure(dag) for name, dag in found.dags.items()} == {
        name: structure(dag) for name, dag in expected.dags.items()
    }
    assert {Path(dag.fileloc) for dag in found.dags.values()} == {file}


def test_a_worker_builds_only_the_dag_that_it_runs(
    shop: ShopProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write_loader(tmp_path)
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", REPORTS)

    assert set(dag_bag(tmp_path).dags) == {REPORTS}


def test_a_manifest_of_another_version_is_an_import_error_that_says_what_to_do(
    shop: ShopProject, tmp_path: Path
) -> None:
    shop.write_loader(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"version": 99}))

    [message] = dag_bag(tmp_path).import_errors.values()

    assert "has version 99, not 1. Run `python -m bridge generate`" in message


@pytest.mark.parametrize("form", ["rendered", "loader"])
def test_a_file_for_the_other_airflow_is_an_import_error_that_names_both(
    form: str, shop: ShopProject, tmp_path: Path
) -> None:
    other: Target = "2" if IS_AIRFLOW_3 else "3"
    write = rendered if form == "rendered" else loaded
    for file in write(shop.dags._replace(target=other), tmp_path):
        file.path.write_text(file.text)

    bag = dag_bag(tmp_path)

    assert not bag.dags
    for message in bag.import_errors.values():
        *_, last = message.strip().splitlines()
        assert f"was generated for Airflow {other}, and this is Airflow " in last
        assert "`bridge generate --target both` writes one for either." in last
    assert len(bag.import_errors) == len(list(tmp_path.glob("*.py")))


def test_files_for_this_airflow_alone_say_the_same(shop: ShopProject, tmp_path: Path) -> None:
    own: Target = "3" if IS_AIRFLOW_3 else "2"
    for file in rendered(shop.dags._replace(target=own), tmp_path):
        file.path.write_text(file.text)

    found, expected = dag_bag(tmp_path), dag_bag(shop.project.generated)

    assert found.import_errors == {}
    assert {name: structure(dag) for name, dag in found.dags.items()} == {
        name: structure(dag) for name, dag in expected.dags.items()
    }


@pytest.mark.parametrize("form", ["rendered", "loader"])
def test_parsing_imports_no_user_code_and_nothing_heavy(
    form: str, shop: ShopProject, tmp_path: Path
) -> None:
    folder = shop.project.generated
    if form == "loader":
        folder = shop.write_loader(tmp_path).parent
    script = (
        "import runpy, sys; before = set(sys.modules)\n"
        f"for file in {[str(file) for file in sorted(folder.glob('*.py'))]}: runpy.run_path(file)\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in "
        f"{('bridge', 'networkx', 'pandas', 'numpy', 'lark', shop.package)!r}))"
    )

    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()[-1]

    assert set(json.loads(said.replace("'", '"'))) <= {"bridge", "bridge.errors", "bridge.keys"}


def test_each_task_records_its_partition_its_checks_and_who_it_is(
    dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store, day: str
) -> None:
    run = run_daily(dag_test_airflow, shop, day)

    assert run.task_states == dict.fromkeys(ALL_TASKS, "success")
    assert run.state == "success"
    [event] = events(store, "materialization", ORDERS)
    source = parse_task_source(event.source)
    assert source is not None
    assert (event.partition, event.row_count, event.code_version) == (day, 2, "3")
    assert event.metadata["day"] == day
    assert (source.instance, source.dag_id, source.run_id) == ("airflow", DAILY, run.run_id)
    assert (source.task_id, source.map_index, source.try_number) == ("shop.orders", -1, 1)
    assert [event.partition for event in events(store, "materialization", REVENUE)] == [day]
    [answer] = events(store, "check", ORDERS)
    assert answer.check is not None
    assert (answer.check.name, answer.check.passed, answer.partition) == ("has_orders", True, day)
    assert answer.run_id == event.run_id
    assert {e.check.name for e in events(store, "check", REFUNDS) if e.check} == {
        "few_refunds",
        "some_refunds",
    }
    assert store.claims() == []


def test_a_failed_check_that_does_not_block_is_recorded_and_the_task_succeeds(
    dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store, day: str
) -> None:
    run = run_daily(dag_test_airflow, shop, day)

    [answer] = events(store, "check", REVENUE)
    assert answer.check is not None
    assert (answer.check.passed, answer.message) == (False, "6 is little")
    assert run.task_states["shop.revenue"] == "success"


def test_a_failed_blocking_check_keeps_downstream_from_running(
    dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store, day: str
) -> None:
    shop.behave("empty")

    run = run_daily(dag_test_airflow, shop, day)

    assert run.state == "failed"
    assert run.task_states["shop.orders"] == "success"
    assert run.task_states["shop.orders-check-has_orders"] == "failed"
    assert run.task_states["shop.revenue"] == "upstream_failed"
    [answer] = events(store, "check", ORDERS)
    assert answer.check is not None
    assert answer.check.stops_downstream
    assert events(store, "started", REVENUE) == []


def test_what_user_code_raises_fails_the_task_and_is_recorded(
    dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store, day: str
) -> None:
    shop.behave("broken")

    run = run_daily(dag_test_airflow, shop, day)

    assert run.task_states["shop.orders"] == "failed"
    [failure] = events(store, "failure", ORDERS)
    assert failure.message is not None
    assert failure.message.startswith("ValueError: the shop is closed")
    assert events(store, "materialization", ORDERS) == []
    assert store.claims() == []


def test_a_killed_task_records_that_it_failed_and_gives_its_claim_back(
    dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store, day: str
) -> None:
    shop.behave("killed")

    run = run_daily(dag_test_airflow, shop, day)

    assert run.task_states["shop.orders"] == "failed"
    assert [failure.partition for failure in events(store, "failure", ORDERS)] == [day]
    assert store.claims() == []


def test_the_runs_configuration_names_a_partition(
    dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store, day: str
) -> None:
    run_daily(dag_test_airflow, shop, day, {"partition": "2024-01-02"})

    assert {e.partition for e in events(store, "materialization", ORDERS)} == {"2024-01-02"}


@pytest.mark.parametrize("name", ["2023-12-31", "yesterday"])
def test_a_partition_that_does_not_exist_fails_the_task_before_anything_is_written(
    name: str, dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store, day: str
) -> None:
    run = run_daily(dag_test_airflow, shop, day, {"partition": name})

    assert run.task_states["shop.orders"] == "failed"
    assert store.events(ORDERS) == []


def test_a_partition_that_another_writer_holds_is_not_written(
    dag_test_airflow: DagTestAirflow, shop: ShopProject, store: Store, day: str
) -> None:
    store.claim(ORDERS, day, owner="airflow:elsewhere/dag/run/task")

    run = run_daily(dag_test_airflow, shop, day)

    assert run.task_states["shop.orders"] == "failed"
    assert run.task_states["shop.revenue"] == "upstream_failed"
    assert store.events(ORDERS) == []
    assert events(store, "materialization", REFUNDS) != []


@pytest.mark.slow
def test_a_scheduler_runs_the_daily_dag_and_its_events_start_the_report(
    live_airflow: LiveAirflow, live_environment: dict[str, str], shop: ShopProject
) -> None:
    # The shared Airflow serves another project; these files name theirs.
    here = f"import os\n\nos.environ['BRIDGE_PROJECT'] = {str(shop.project.root)!r}\n"
    for dag_id, file in shop.rendered.items():
        live_airflow.write_dag(file.name, here + file.read_text())
        live_airflow.wait_for_dag(dag_id)
        live_airflow.unpause(dag_id)
    triggered = live_airflow.trigger(DAILY, datetime(2024, 2, 6, 12, tzinfo=timezone.utc))
    scheduled = ended(live_airflow, DAILY, "scheduled")

    assert live_airflow.wait_for_run(DAILY, triggered) == "success"
    assert scheduled["state"] == "success"
    assert ended(live_airflow, REPORTS, None)["state"] == "success"
    begin = datetime.fromisoformat(scheduled["data_interval_start"].replace("Z", "+00:00"))
    days = {"2024-02-05", begin.astimezone(ZONE).strftime("%Y-%m-%d")}
    with closing(open_store(live_environment["BRIDGE_STORE"])) as store:
        assert {event.partition for event in events(store, "materialization", REVENUE)} == days
        assert events(store, "materialization", REPORT) != []
    log = live_airflow.logs(DAILY, triggered, "shop.orders")
    assert "ordering for 2024-02-05" in log
    assert "shop/orders partition 2024-02-05 materialized in" in log
    # Of an asset with one blocking check, and of one with two.
    for name, rows in (("orders", 2), ("refunds", 1)):
        extras = {e["partition"]: e for e in told(live_airflow, f"x-bridge://shop/{name}")}
        assert set(extras) == days
        assert extras["2024-02-05"]["rows"] == rows


def ended(live: LiveAirflow, dag_id: str, run_type: str | None) -> dict[str, Any]:
    """The first run of a type, once it has ended."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        runs: list[dict[str, Any]] = live.request("GET", f"/dags/{dag_id}/dagRuns")["dag_runs"]
        for run in runs:
            if run_type in (None, run["run_type"]) and run["state"] in ("success", "failed"):
                return run
        time.sleep(0.2)
    raise AssertionError(f"no {run_type or 'run'} of {dag_id} ended")


def told(live: LiveAirflow, uri: str) -> list[dict[str, Any]]:
    """What the Airflow events of a URI say."""
    noun = "asset" if live.is_v3 else "dataset"
    rows = live.request("GET", f"/{noun}s/events", params={"limit": 100})[f"{noun}_events"]
    return [row["extra"] for row in rows if row.get("uri", row.get("dataset_uri")) == uri]


def test_a_store_in_a_file_is_refused_where_tasks_run_on_several_hosts(
    dag_test_airflow: DagTestAirflow,
    shop: ShopProject,
    store: Store,
    day: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")

    run = run_daily(dag_test_airflow, shop, day)

    assert run.task_states["shop.orders"] == run.task_states["shop.refunds"] == "failed"
    assert run.task_states["shop.revenue"] == "upstream_failed"
    assert store.events() == []
