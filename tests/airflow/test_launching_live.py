"""Runs of ours that a running Airflow does, 2.11 and 3.3, each partition once whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from bridge import AssetKey
from bridge.capabilities import adapters
from bridge.definitions import load_code_locations
from bridge.launching import Attendance
from bridge.project import find_project
from bridge.runs import Run, RunTarget, new_run_id
from bridge.store import Store, open_store
from tests.airflow.live.instance import LiveAirflow

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

REPOSITORY = Path(__file__).resolve().parents[2]
PLACE = "airflow:airflow"
PARCELS, WEIGHTS, CRATES = AssetKey("parcels"), AssetKey("weights"), AssetKey("crates")
DEPOT, YARD = "depot__assets", "yard__assets"
DEFINITIONS = '''
"""Parcels of each day, weighed; crates are slow where `behaviour.json` says so."""
import json
import time
from pathlib import Path

from bridge import (
    DailyPartitionsDefinition, DefaultSensorStatus, Definitions, RunRequest, asset,
    define_asset_job, sensor,
)

FOLDER = Path(__file__).parent
days = DailyPartitionsDefinition("2024-01-01", end_date="2024-03-01")


def told(name):
    return json.loads((FOLDER / "behaviour.json").read_text()).get(name)


@asset(group_name="depot", partitions_def=days)
def parcels() -> int:
    time.sleep(told("parcels_take_s") or 0)
    return 3


@asset(group_name="depot", partitions_def=days)
def weights(parcels: int) -> int:
    return parcels * 2


@asset(group_name="yard")
def crates() -> int:
    time.sleep(told("crates_take_s") or 0)
    return 1


@sensor(
    job=define_asset_job("yard_calls", "crates"),
    minimum_interval_seconds=1,
    default_status=DefaultSensorStatus.RUNNING,
)
def arrivals(context):
    for name in told("arrived") or ():
        yield RunRequest(run_key=name)


defs = Definitions([parcels, weights, crates], sensors=[arrivals])
'''
SETTINGS = """
definitions = ["depot.py"]
[airflow.airflow]
url = "{url}"
username = "{username}"
password_env = "LIVE_PASSWORD"
[daemon]
run_on = "airflow"
"""


class Depot:
    """The project, the Airflow that has its generated DAGs, and its store."""

    def __init__(self, root: Path, live: LiveAirflow) -> None:
        self.root = root
        self.live = live
        self.store = open_store(f"sqlite:///{root / '.bridge' / 'bridge.db'}")

    def behave(self, **behaviour: Any) -> None:
        (self.root / "behaviour.json").write_text(json.dumps(behaviour))

    def bridge(self, *words: str) -> subprocess.Popen[str]:
        """A command as a person types it, just started."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
        return subprocess.Popen(
            [sys.executable, "-m", "bridge", *words],
            cwd=self.root,
            env=kept | {"PYTHONPATH": str(REPOSITORY), "LIVE_PASSWORD": self.live.password},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def says(self, *words: str) -> tuple[int, str]:
        """What a command ends with, and prints."""
        process = self.bridge(*words)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def made(self, *keys: AssetKey) -> Counter[tuple[str, str | None]]:
        """How often each partition was materialized."""
        found = self.store.events(kinds=("materialization",), limit=1000)
        return Counter(
            (str(each.event.key), each.event.partition) for each in found if each.event.key in keys
        )

    def attendance(self, store: Store | None = None) -> Attendance:
        project = find_project(self.root)
        definitions = load_code_locations([str(self.root / "depot.py")])
        graph = definitions.graph()
        return Attendance(
            project,
            store or self.store,
            lambda: graph,
            lambda: definitions.automation(graph),
            adapters(),
        )

    def asked(self, *keys: AssetKey, partition: str | None = None) -> str:
        """A run that waits in the queue."""
        run = Run(
            id=new_run_id(),
            status="queued",
            created_at=datetime.now(timezone.utc),
            target=RunTarget(assets=keys, partition=partition),
        )
        self.store.enqueue([run])
        return run.id

    def carried(self, attendance: Attendance, run_id: str, until: Callable[[Run], bool]) -> Run:
        """The run, looked after until it is as wanted."""
        deadline = time.monotonic() + 90
        while True:
            run = attendance.look_after(run_id, datetime.now(timezone.utc), default=PLACE)
            assert run is not None
            if until(run):
                return run
            assert time.monotonic() < deadline, run
            time.sleep(0.3)

    def dag_runs(self, dag_id: str, run_id: str) -> list[str]:
        """The DAG runs whose configuration names a run of ours."""
        body = {"dag_ids": [dag_id], "page_limit": 100}
        found = self.live.request("POST", "/dags/~/dagRuns/list", json=body)["dag_runs"]
        return [row["dag_run_id"] for row in found if (row["conf"] or {}).get("run") == run_id]

    def told_events(self, dag_id: str, dag_run_id: str) -> int:
        """How many asset events a DAG run emitted."""
        path = "/assets/events" if self.live.is_v3 else "/datasets/events"
        query = {"source_dag_id": dag_id, "source_run_id": dag_run_id}
        return int(self.live.request("GET", path, params=query)["total_entries"])


@pytest.fixture(scope="module")
def depot(live_airflow: LiveAirflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    root = tmp_path_factory.mktemp("depot")
    (root / "depot.py").write_text(DEFINITIONS)
    (root / "bridge.toml").write_text(
        SETTINGS.format(url=live_airflow.url, username=live_airflow.username)
    )
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BRIDGE_PROJECT", "BRIDGE_STORE", "BRIDGE_DEFINITIONS", "BRIDGE_STORAGE"):
            patch.delenv(name, raising=False)
        patch.setenv("LIVE_PASSWORD", live_airflow.password)
        here = Depot(root, live_airflow)
        here.behave()
        code, said = here.says("generate")
        assert code == 0, said
        # The shared Airflow serves another project; this file names its own.
        own = {
            "BRIDGE_PROJECT": str(root),
            "BRIDGE_STORE": here.store.url,
            "BRIDGE_STORAGE": str(root / ".bridge" / "storage"),
        }
        folder = root / "dags" / "generated"
        live_airflow.write_dag("depot_manifest.json", (folder / "manifest.json").read_text())
        live_airflow.write_dag(
            "depot_dags.py",
            f"import os\n\nos.environ.update({own!r})\n"
            + (folder / "bridge_dags.py")
            .read_text()
            .replace("manifest.json", "depot_manifest.json"),
        )
        for dag_id in (DEPOT, "yard_calls"):
            live_airflow.wait_for_dag(dag_id)
            live_airflow.unpause(dag_id)
        yield here
        here.store.close()


@pytest.fixture(autouse=True)
def well_behaved(depot: Depot) -> Iterator[None]:
    yield
    depot.behave()


def test_a_backfill_killed_in_the_middle_computes_each_partition_once(depot: Depot) -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 5)]
    words = ("--partition", f"{days[0]}...{days[-1]}", "--on", "airflow", "--parallel", "2")
    first = depot.bridge("backfill", "start", "group:depot", *words, "--max-per-run", "1")
    deadline = time.monotonic() + 90
    while not depot.made(PARCELS) and time.monotonic() < deadline:
        time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    [backfill] = depot.store.backfills()
    before = depot.made(WEIGHTS)

    code, said = depot.says("backfill", "resume", backfill.id)

    assert len(before) < len(days), "it was killed before it was done"
    assert code == 0, said
    assert depot.made(PARCELS, WEIGHTS) == {
        (name, day): 1 for name in ("parcels", "weights") for day in days
    }
    runs = depot.store.runs(origin=backfill.origin, limit=100)
    assert {run.status for run in runs} == {"succeeded"}
    assert sum(len(depot.dag_runs(DEPOT, run.id)) for run in runs) == len(days)


@pytest.mark.airflow3
def test_a_range_is_one_backfill_of_airflows_own_and_goes_on_after_a_kill(depot: Depot) -> None:
    days = [f"2024-02-{day:02}" for day in range(1, 6)]
    depot.behave(parcels_take_s=2)
    words = ("--partition", f"{days[0]}...{days[-1]}", "--on", "airflow:airflow", "--parallel", "2")
    first = depot.bridge("backfill", "start", "group:depot", *words)
    deadline = time.monotonic() + 90
    while not depot.made(PARCELS).keys() & {("parcels", day) for day in days}:
        assert time.monotonic() < deadline, first.communicate()
        time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    backfill = depot.store.backfills()[0]

    paused, _ = depot.says("backfill", "pause", backfill.id)
    at_airflow = depot.live.request("GET", "/backfills", params={"dag_id": DEPOT})["backfills"]
    code, said = depot.says("backfill", "resume", backfill.id)

    assert paused == 0
    assert [(row["is_paused"], row["max_active_runs"]) for row in at_airflow] == [(True, 2)]
    assert code == 0, said
    made = depot.made(PARCELS, WEIGHTS)
    assert {made[name, day] for name in ("parcels", "weights") for day in days} == {1}
    [run] = depot.store.runs(origin=backfill.origin)
    assert run.target.partition == f"{days[0]}...{days[-1]}"
    assert depot.says("runs", "show", run.id)[1].count("depot__assets/backfills") == 1


def test_who_dies_between_starting_a_run_and_noting_it_does_not_start_it_twice(
    depot: Depot,
) -> None:
    class Dies:
        """The store of a process that is killed as it notes what it has started."""

        def __getattr__(self, name: str) -> Any:
            if name == "note_remote_run":
                raise SystemExit(137)
            return getattr(depot.store, name)

    run_id = depot.asked(WEIGHTS, partition="2024-01-03")
    code, said = depot.says("materialize", "parcels", "--partition", "2024-01-03")
    assert code == 0, said
    dying = depot.attendance(Dies())  # type: ignore[arg-type]
    with pytest.raises(SystemExit):
        dying.look_after(run_id, datetime.now(timezone.utc), default=PLACE)
    dying.close()

    attendance = depot.attendance()
    run = depot.carried(attendance, run_id, lambda run: run.has_ended)
    attendance.close()

    assert (run.status, run.message) == ("succeeded", None)
    steps = {str(step.key): step.status for step in depot.store.steps(run_id)}
    assert steps == {"weights": "succeeded"}
    [dag_run] = depot.dag_runs(DEPOT, run_id)
    assert set(depot.live.task_states(DEPOT, dag_run).values()) == {"success"}
    assert depot.told_events(DEPOT, dag_run) == 1, "only of what was asked for"


def test_the_daemon_has_airflow_do_runs_also_after_it_was_killed(depot: Depot) -> None:
    depot.behave(arrived=["first"], crates_take_s=4)
    first = depot.bridge("daemon")
    deadline = time.monotonic() + 90
    while not any(each.event.key == CRATES for each in depot.store.events(kinds=("started",))):
        assert time.monotonic() < deadline, first.communicate()
        time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    first.communicate()

    code, said = depot.says("daemon", "--once")

    [run] = depot.store.runs(origin="sensor:arrivals")
    assert code == 0
    assert "ended: succeeded" in said
    assert (run.status, run.remote and run.remote.place) == ("succeeded", PLACE)
    assert depot.made(CRATES) == {("crates", None): 1}


def test_canceling_ends_the_dag_run_and_gives_claims_back(depot: Depot) -> None:
    depot.behave(crates_take_s=60)
    run_id = depot.asked(CRATES)
    attendance = depot.attendance()
    depot.carried(attendance, run_id, lambda _: bool(depot.store.events(run_id=run_id)))

    code, said = depot.says("runs", "cancel", run_id)

    attendance.close()
    run = depot.store.run(run_id)
    assert code == 0, said
    assert run is not None
    assert run.status == "canceled"
    [dag_run] = depot.dag_runs("yard_calls", run_id)
    assert depot.live.run("yard_calls", dag_run)["state"] == "failed"
    assert depot.store.claims() == []
    assert depot.store.events(run_id=run_id, kinds=("failure",)), "by the task, or for it"
    assert depot.made(CRATES)["crates", None] <= 1, "of the tests before"


def test_a_dag_that_is_paused_or_gone_is_told_and_holds_nobody_up(depot: Depot) -> None:
    live = depot.live
    live.request("PATCH", "/dags/yard_calls", json={"is_paused": True})
    run_id = depot.asked(CRATES)
    attendance = depot.attendance()

    refused = depot.says("backfill", "start", "crates", "--all", "--on", "airflow")
    waiting = depot.carried(attendance, run_id, lambda run: run.message is not None)
    live.unpause("yard_calls")
    depot.behave(crates_take_s=20)
    depot.carried(attendance, run_id, lambda _: bool(depot.dag_runs("yard_calls", run_id)))
    [dag_run] = depot.dag_runs("yard_calls", run_id)
    depot.carried(attendance, run_id, lambda _: bool(depot.store.events(run_id=run_id)))
    live.request("PATCH", f"/dags/yard_calls/dagRuns/{dag_run}", json={"state": "failed"})
    live.request("DELETE", f"/dags/yard_calls/dagRuns/{dag_run}")
    gone = depot.carried(attendance, run_id, lambda run: run.has_ended)
    attendance.close()

    assert refused[0] == 5
    assert "is paused in Airflow" in refused[1]
    assert waiting.status == "running"
    assert "airflow dags unpause yard_calls" in str(waiting.message)
    assert gone.status == "failed"
    assert "was deleted in Airflow" in str(gone.message)
