"""Cutting over on a real Airflow: no restart, no edit of the DAG, no two writers at once."""

import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from adapters.airflow.legacy.mapping import Mapping, PartitionsEntry, UnitEntry, WriteEntry
from adapters.airflow.legacy.mapping_file import to_yaml
from adapters.airflow.source import task_source
from bridge import AssetKey
from bridge.cli.files import write
from bridge.definitions import load_code_locations
from bridge.migration import Unit, cutover, rollback
from bridge.store import Claim, Store, open_store
from tests.airflow.live.installed import airflow_version
from tests.airflow.live.instance import LiveAirflow, started

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

REPOSITORY = Path(__file__).parents[2]
LEGACY_FLIGHTS = REPOSITORY / "migration_examples" / "01-flights" / "dags"
DEPARTURES = AssetKey(["flights_warehouse", "fct_departures"])
BY_ASSET = -999.0  # what the asset below writes as the temperature

ASSETS = """
import os, sqlite3, time
from bridge import DailyPartitionsDefinition, asset

DAILY = DailyPartitionsDefinition(start_date="2013-01-01")


@asset(key_prefix="flights_warehouse", partitions_def=DAILY)
def fct_departures(context) -> None:
    day = context.partition_key
    with sqlite3.connect(os.environ["FLIGHTS_WAREHOUSE"], timeout=30) as warehouse:
        warehouse.execute("DELETE FROM fct_departures WHERE flight_date = ?", (day,))
        warehouse.execute(
            "INSERT INTO fct_departures"
            " (flight_date, carrier, flight, origin, dest, sched_dep_hour, cancelled, temp)"
            " SELECT flight_date, carrier, flight, origin, dest, sched_dep_hour,"
            " dep_time IS NULL, -999 FROM stg_flights WHERE flight_date = ?", (day,)
        )


@asset(key_prefix="race", partitions_def=DAILY)
def table(context) -> None:
    journal = os.environ["RACE_JOURNAL"]
    for word in ("begin", "end"):
        with open(journal, "a") as file:
            file.write(f"{word} {context.partition_key} asset\\n")
        time.sleep(2)


@asset(key_prefix="waits", partitions_def=DAILY)
def ended(context) -> None:
    with open(os.environ["RACE_JOURNAL"] + ".waits", "a") as file:
        file.write("asset\\n")
"""

OTHER_DAGS = """
import os, signal, time
from datetime import datetime, timedelta, timezone

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
    from airflow.sdk import DAG, BaseOperator
except ImportError:
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.dag import DAG
    from airflow.operators.bash import BashOperator
    from airflow.operators.python import PythonOperator
    from airflow.triggers.temporal import TimeDeltaTrigger
from adapters.airflow.runtime import AssetOperator

START = datetime(2013, 1, 1, tzinfo=timezone.utc)
SHAPE = {"schedule": None, "start_date": START, "catchup": False}


def slowly(day):
    for word in ("begin", "end"):
        with open(os.environ["RACE_JOURNAL"], "a") as file:
            file.write(f"{word} {day} legacy\\n")
        time.sleep(2)


def die_at_first(try_number):
    if int(try_number) == 1:
        os.kill(os.getpid(), signal.SIGKILL)


class Waits(BaseOperator):
    def execute(self, context):
        self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=8)), method_name="finish")

    def finish(self, context, event=None):
        with open(os.environ["RACE_JOURNAL"] + ".waits", "a") as file:
            file.write("legacy\\n")


with DAG(dag_id="waits", **SHAPE):
    Waits(task_id="write")

with DAG(dag_id="endless", **SHAPE):
    BashOperator(task_id="write", bash_command="echo $$ > $RACE_JOURNAL.pid; exec sleep 600")

with DAG(dag_id="race_legacy", **SHAPE):
    PythonOperator(task_id="write", python_callable=slowly, op_args=["{{ ds }}"])

with DAG(dag_id="race_assets", **SHAPE):
    AssetOperator(task_id="race__table", asset_key="race/table")

with DAG(dag_id="crash", **SHAPE):
    PythonOperator(
        task_id="write",
        python_callable=die_at_first,
        op_args=["{{ ti.try_number }}"],
        retries=1,
        retry_delay=timedelta(0),
    )
"""


@dataclass(frozen=True)
class Site:
    """A running Airflow whose project maps three of its tasks, and the store they share."""

    airflow: LiveAirflow
    store: Store
    project: Path

    def rows(self, day: str) -> list[float | None]:
        """The temperatures of a day's departures; BY_ASSET where the asset wrote them."""
        with sqlite3.connect(self.airflow.env["FLIGHTS_WAREHOUSE"], timeout=30) as warehouse:
            query = "SELECT temp FROM fct_departures WHERE flight_date = ?"
            return [temperature for (temperature,) in warehouse.execute(query, (day,))]

    def run_again(self, dag_id: str, run_id: str, task_id: str, try_number: int) -> None:
        """Clear one task and wait until its next try has ended well."""
        self.airflow.clear(dag_id, run_id, [task_id])
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            row = self.task(dag_id, run_id, task_id)
            if row["try_number"] == try_number and row["state"] in ("success", "failed"):
                break
            time.sleep(0.3)
        log = self.airflow.logs(dag_id, run_id, task_id, try_number)
        assert (row["try_number"], row["state"]) == (try_number, "success"), log
        self.airflow.wait_for_run(dag_id, run_id)

    def cut_over(self, unit: Unit) -> None:
        """Let the assets of a unit run from its next attempt on."""
        graph = load_code_locations(["cutover_assets"]).graph()
        change = cutover(unit, graph, self.store, locations=("cutover_assets",))
        change.apply(self.store, actor="test", reason="", now=datetime.now(timezone.utc))

    def wait_for_state(self, dag_id: str, run_id: str, state: str) -> None:
        """Wait until the task `write` of a run is in a state."""
        deadline = time.monotonic() + 90
        while (found := self.task(dag_id, run_id, "write")["state"]) != state:
            assert time.monotonic() < deadline, f"{dag_id} is {found}"
            time.sleep(0.2)

    def claims_on(self, key: str) -> list[Claim]:
        """The living claims on an asset."""
        return [claim for claim in self.store.claims() if str(claim.key) == key]

    def task(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any]:
        """A task instance that is not mapped."""
        rows = self.airflow.task_instances(dag_id, run_id)
        return next(row for row in rows if row["task_id"] == task_id)

    def dag_versions(self, dag_id: str) -> int:
        """How many versions Airflow 3 has seen of a DAG; 2.11 counts none."""
        if not self.airflow.is_v3:
            return 0
        return int(self.airflow.request("GET", f"/dags/{dag_id}/dagVersions")["total_entries"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An Airflow of its own: the project that guards its tasks must be there when it starts."""
    version = airflow_version()
    assert version is not None
    project = tmp_path_factory.mktemp("project")
    (project / "bridge.toml").write_text('definitions = ["cutover_assets"]\n')
    (project / "cutover_assets.py").write_text(ASSETS)
    daily = PartitionsEntry(kind="daily", start="2013-01-01")
    tasks = {
        ("flights_daily", "build_fct_departures"): str(DEPARTURES),
        ("race_legacy", "write"): "race/table",
        ("crash", "write"): "crash/written",
        ("waits", "write"): "waits/ended",
        ("endless", "write"): "endless/written",
    }
    units = tuple(
        UnitEntry(dag=dag, task=task, writes=(WriteEntry(asset=asset),), partitions=daily)
        for (dag, task), asset in tasks.items()
    )
    write(project / "migration" / "airflow.yaml", to_yaml(Mapping(instance="airflow", units=units)))
    environment = {
        "PYTHONPATH": str(REPOSITORY),
        "BRIDGE_STORE": f"sqlite:///{project / 'store.db'}",
        "BRIDGE_PROJECT": str(project),
        "BRIDGE_AIRFLOW_INSTANCE": "airflow",
        "FLIGHTS_WAREHOUSE": str(project / "flights.db"),
        "AIRFLOW_CONN_FLIGHTS_WAREHOUSE": f"sqlite://{project / 'flights.db'}",
        "RACE_JOURNAL": str(project / "race"),
    }
    store = open_store(environment["BRIDGE_STORE"])
    sys.path.insert(0, str(project))
    try:
        with started(version, tmp_path_factory.mktemp("live_cutover"), environment) as airflow:
            airflow.add_dags(*sorted(LEGACY_FLIGHTS.iterdir()))
            airflow.write_dag("others.py", OTHER_DAGS)
            dag_ids = ("flights_daily", "race_legacy", "race_assets", "crash", "waits", "endless")
            for dag_id in dag_ids:
                airflow.wait_for_dag(dag_id)
                airflow.unpause(dag_id)
            yield Site(airflow, store, project)
    finally:
        sys.path.remove(str(project))
        store.close()


def test_a_live_task_is_cut_over_and_rolled_back_without_restart_or_edit(site: Site) -> None:
    dag_id, task_id, day = "flights_daily", "build_fct_departures", "2013-01-05"
    airflow, store = site.airflow, site.store
    file = airflow.dags_folder / "flights_daily.py"
    bytes_before = file.read_bytes()
    run_id = airflow.trigger(dag_id, datetime(2013, 1, 5, tzinfo=timezone.utc))
    assert airflow.wait_for_run(dag_id, run_id, timeout_s=240) == "success"
    versions_before = site.dag_versions(dag_id)
    legacy_rows = site.rows(day)
    assert len(legacy_rows) == 720
    assert BY_ASSET not in legacy_rows
    assert store.events(DEPARTURES) == []

    unit = Unit(name=f"airflow:{dag_id}.{task_id}", assets=(DEPARTURES,))
    site.cut_over(unit)
    site.run_again(dag_id, run_id, task_id, try_number=2)

    assert site.rows(day) == [BY_ASSET] * 720
    [recorded] = store.events(DEPARTURES, kinds=("materialization",), partition=day)
    assert recorded.event.source == task_source("airflow", dag_id, run_id, task_id, -1, 2)
    assert [c for c in store.claims() if c.key == DEPARTURES and c.partition == day] == []

    back = rollback(unit.name, store)
    back.apply(store, actor="test", reason="", now=datetime.now(timezone.utc))
    site.run_again(dag_id, run_id, task_id, try_number=3)

    assert sorted(map(str, site.rows(day))) == sorted(map(str, legacy_rows))
    assert file.read_bytes() == bytes_before
    assert site.dag_versions(dag_id) == versions_before


def test_a_retry_of_a_killed_try_takes_up_its_own_claim_at_once(site: Site) -> None:
    run_id = site.airflow.trigger("crash", datetime(2013, 1, 5, tzinfo=timezone.utc))

    state = site.airflow.wait_for_run("crash", run_id, timeout_s=120)

    assert state == "success", site.airflow.logs("crash", run_id, "write", 2)
    assert site.task("crash", run_id, "write")["try_number"] == 2
    key = AssetKey(["crash", "written"])
    assert site.store.claim(key, "2013-01-05", owner="later").generation == 3


def test_a_legacy_and_a_generated_task_never_write_one_partition_at_once(site: Site) -> None:
    days = [datetime(2013, 2, n, tzinfo=timezone.utc) for n in range(1, 6)]
    runs = []
    for day in days:
        conf = {"partition": f"{day:%Y-%m-%d}"}
        runs.append(("race_legacy", site.airflow.trigger("race_legacy", day)))
        runs.append(("race_assets", site.airflow.trigger("race_assets", day, conf)))

    ends = [site.airflow.wait_for_run(dag_id, run_id) for dag_id, run_id in runs]

    lines = [line.split() for line in (site.project / "race").read_text().splitlines()]
    for day in days:
        words = [(word, who) for word, of, who in lines if of == f"{day:%Y-%m-%d}"]
        pairs = list(zip(words[::2], words[1::2], strict=True))
        assert pairs, "somebody wrote the partition"
        for (begin, writer), (end, ender) in pairs:
            assert (begin, end, writer) == ("begin", "end", ender), words
    assert ends.count("success") == len(lines) / 2
    assert "failed" in ends, "no two of them met, so nothing was tested"


def test_a_task_that_was_cut_over_while_it_was_deferred_ends_as_it_began(site: Site) -> None:
    site.airflow.start_triggerer()
    run_id = site.airflow.trigger("waits", datetime(2013, 1, 5, tzinfo=timezone.utc))
    site.wait_for_state("waits", run_id, "deferred")
    [kept] = site.claims_on("waits/ended")

    site.cut_over(Unit(name="airflow:waits.write", assets=(AssetKey(["waits", "ended"]),)))

    assert site.airflow.wait_for_run("waits", run_id) == "success"
    journal = site.project / "race.waits"
    assert journal.read_text().split() == ["legacy"]
    assert (kept.mode, kept.generation) == ("legacy", 1)
    assert site.claims_on("waits/ended") == []

    site.run_again("waits", run_id, "write", try_number=2)

    assert journal.read_text().split() == ["legacy", "asset"]


def test_a_task_that_is_marked_failed_ends_its_own_way_and_leaves_no_claim(site: Site) -> None:
    run_id = site.airflow.trigger("endless", datetime(2013, 1, 5, tzinfo=timezone.utc))
    pid_file = site.project / "race.pid"
    deadline = time.monotonic() + 60
    while not (pid_file.exists() and pid_file.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert len(site.claims_on("endless/written")) == 1

    path = f"/dags/endless/dagRuns/{quote(run_id, safe='')}/taskInstances/write"
    body = {"new_state": "failed"} | ({} if site.airflow.is_v3 else {"dry_run": False})
    site.airflow.request("PATCH", path, json=body)

    process = Path("/proc") / pid_file.read_text().strip()
    deadline = time.monotonic() + 30  # half of a lease
    while site.claims_on("endless/written") or process.exists():
        assert time.monotonic() < deadline
        time.sleep(0.2)
