from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from adapters.airflow.adapter import AirflowAdapter
from bridge.backfills import Cut, new_backfill
from bridge.daemon.leading import Leadership
from bridge.definitions import load_code_location
from bridge.execution.process import this_process
from bridge.store import open_store

AUTOMATED = """
    from bridge import *

    ON = DefaultScheduleStatus.RUNNING

    @asset
    def raw() -> list[dict]:
        return [{"id": 1}]

    @asset(deps=[raw], automation_condition=AutomationCondition.eager())
    def orders(raw) -> list[dict]:
        return raw

    @asset
    def report() -> list[dict]:
        return []

    nightly = define_asset_job("nightly", "report", tags={"team": "x"})

    @sensor(target="raw", default_status=DefaultSensorStatus.RUNNING)
    def first_file(context):
        context.update_cursor("seen")
        return RunRequest(run_key="only once")

    defs = Definitions(
        [raw, orders, report],
        jobs=[nightly],
        schedules=[ScheduleDefinition("at_six", cron_schedule="0 6 * * *", job=nightly)],
        sensors=[first_file],
    )
"""


@pytest.fixture
def automated(new_project) -> Path:
    return new_project(AUTOMATED)


def test_once_does_what_is_due_with_its_runs_and_what_follows(automated: Path, run) -> None:
    outcome = run("daemon", "--once", "--json")

    told = [json.loads(each) for each in outcome.out.splitlines()]
    assert outcome.code == 0
    assert [each["what"] for each in told if each["who"] == "first_file"] == ["queued"]
    assert [each["who"] for each in told if each["what"] == "queued"] == [
        "first_file",
        "conditions",
    ]
    assert sorted(e["text"] for e in told if e["what"] == "ended") == ["succeeded", "succeeded"]
    statuses = {each["key"]: each["status"] for each in run("status", "--json").json}
    assert statuses["orders"] == "done"
    again = run("daemon", "--once", "--json")
    assert [json.loads(each)["what"] for each in again.out.splitlines()] == ["leading"]


def test_what_generated_dags_ask_no_daemon_asks(new_project, run) -> None:
    folder = new_project("""
        from bridge import *

        landed = AssetSpec("landed", uri="s3://lake/landed")

        @asset(deps=[landed], automation_condition=AutomationCondition.any_deps_updated())
        def cleaned() -> int:
            return 1

        @asset(group_name="other", automation_condition=AutomationCondition.on_cron("@hourly"))
        def counted() -> int:
            return 1

        job = define_asset_job("job", "counted")
        at_six = ScheduleDefinition(cron_schedule="0 6 * * *", job=job)
        defs = Definitions([landed, cleaned, counted], jobs=[job], schedules=[at_six])
    """)
    run("daemon", "--once")  # whoever looks first has no news
    run("report", "landed")
    asked = run("daemon", "--once", "--json")
    assert "queued" in {json.loads(each)["what"] for each in asked.out.splitlines()}

    with (folder / "bridge.toml").open("a") as settings:
        settings.write('\n[generate]\nautomation = "airflow"\n')
    run("report", "landed")
    airflow = [AirflowAdapter()]
    left = run("daemon", "--once", "--json", adapters=airflow)

    assert left.err == ("Left to generated DAGs: schedules job_schedule, conditions of cleaned.\n")
    assert {json.loads(each)["what"] for each in left.out.splitlines()} == {"leading"}
    assert "Left to generated DAGs" in run("automation", "list", adapters=airflow).err


def test_show_says_why_a_condition_asks_for_nothing(automated: Path, run) -> None:
    assert run("show", "orders", "--json").json["automation"] is None
    run("daemon", "--once")

    assert "not requested, since (newly_missing | any_deps_updated)" in run("show", "orders").out
    told = run("show", "orders", "--json").json["automation"]
    assert (told["condition"], told["asked"], told["true"]) == ("eager", 1, 0)


def test_what_is_defined_and_on_is_listed(automated: Path, run) -> None:
    listed = run("automation", "list")

    assert listed.code == 0
    assert "nightly" in listed.out
    rows = {each["name"]: each for each in run("automation", "list", "--json").json["instigators"]}
    assert {name: row["is_on"] for name, row in rows.items()} == {
        "at_six": False,
        "first_file": True,
        "conditions": True,
    }
    assert rows["at_six"]["when"] == "0 6 * * * UTC"
    assert run("automation", "list", "--json").json["jobs"][0]["assets"] == ["report"]


def test_a_schedule_is_turned_on_and_off(automated: Path, run) -> None:
    def is_on() -> bool:
        rows = run("automation", "list", "--json").json["instigators"]
        return {each["name"]: each["is_on"] for each in rows}["at_six"]

    tried = run("automation", "start", "at_six", "--dry-run")
    assert (is_on(), "would be turned on" in tried.err) == (False, True)
    assert "schedule at_six is on" in run("automation", "start", "at_six").out
    assert is_on()
    assert "No daemon runs now" in run("automation", "start", "at_six").err
    run("automation", "stop", "at_six")
    assert not is_on()
    unknown = run("automation", "start", "at_sixx")
    assert (unknown.code, "Did you mean at_six?" in unknown.err) == (2, True)


def test_ticks_and_cursors_are_shown_and_changed(automated: Path, run) -> None:
    run("daemon", "--once")

    ticks = run("automation", "ticks", "first_file", "--json").json
    assert [(tick["name"], tick["status"]) for tick in ticks] == [("first_file", "success")]
    assert "first_file" in run("automation", "ticks").out
    assert run("automation", "cursor", "first_file").out == "seen\n"
    run("automation", "cursor", "first_file", "--set", "other")
    assert run("automation", "cursor", "first_file").out == "other\n"
    run("automation", "cursor", "first_file", "--clear")
    assert run("automation", "cursor", "first_file").out == "\n"


def test_a_dry_run_says_what_is_due_and_does_nothing(automated: Path, run) -> None:
    outcome = run("daemon", "--dry-run")

    assert "first_file  would be asked" in outcome.out
    assert run("automation", "ticks", "--json").json == []


def test_the_status_says_who_leads(automated: Path, run) -> None:
    assert "no daemon has run yet" in run("daemon", "status").out
    run("daemon", "--once")

    status = run("daemon", "status", "--json").json
    assert (status["leads"], status["queued"], status["running"]) == (False, [], [])
    assert "no daemon leads; the last was process" in run("daemon", "status").out


def test_doctor_says_that_nobody_asks_what_is_on(automated: Path, run) -> None:
    def said() -> list[str]:
        found = run("doctor", "--json").json
        return [each["message"] for each in found if each["code"] == "doctor-daemon"]

    assert said() == ["no daemon runs, so nobody asks first_file, conditions"]
    leadership = Leadership(open_store(f"sqlite:///{automated}/.bridge/bridge.db"), this_process())
    assert leadership.take()
    assert said() == ["a daemon leads, 2 on: first_file, conditions"]
    leadership.give_back()
    assert said() == [
        "no daemon runs, the last heartbeat was now, so nobody asks first_file, conditions"
    ]


def test_a_job_is_materialized_by_its_name(automated: Path, run) -> None:
    outcome = run("materialize", "--job", "nightly")

    assert outcome.code == 0
    noted = run("runs", "list", "--json").json[0]
    assert (noted["job"], noted["tags"]) == ("nightly", {"team": "x"})
    assert "Did you mean nightly?" in run("materialize", "--job", "nightlie").err
    assert "give no selection" in run("materialize", "raw", "--job", "nightly").err


def test_a_job_that_cannot_be_is_refused_by_every_command(new_project, run) -> None:
    new_project(AUTOMATED.replace('"nightly", "report"', '"nightly", "group:nowhere"'))

    outcome = run("list")

    assert outcome.code == 2
    assert "Job nightly selects no asset: 'group:nowhere'" in outcome.err


@pytest.fixture
def daemon(automated: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "daemon", "--json"],
        cwd=automated,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_it_ends_cleanly_when_it_is_told_to(
    automated: Path, daemon: subprocess.Popen[str], run
) -> None:
    assert daemon.stdout is not None
    for line in daemon.stdout:
        if json.loads(line)["what"] == "ended":
            break
    assert run("daemon", "status", "--json").json["leader"]["pid"] == daemon.pid
    daemon.send_signal(signal.SIGTERM)

    assert daemon.wait(timeout=20) == 0
    assert not run("daemon", "status", "--json").json["leads"]


def test_a_run_goes_on_when_the_daemon_is_killed(
    new_project, environment: dict[str, str], run, tmp_path: Path
) -> None:
    slow = AUTOMATED.replace(
        'return [{"id": 1}]', "__import__('time').sleep(3); return [{'id': 1}]"
    )
    folder = new_project(slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "daemon", "--json"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["what"] == "started":
            break
    _until(lambda: bool(run("daemon", "status", "--json").json["running"]))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    outcome = run("daemon", "--once", "--json")

    told = [json.loads(each) for each in outcome.out.splitlines()]
    assert not [each for each in told if each["who"] == "first_file" and each["what"] == "queued"]
    _until(lambda: not run("daemon", "status", "--json").json["running"])
    statuses = {each["key"]: each["status"] for each in run("status", "--json").json}
    assert statuses["raw"] == "done"


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


PARTITIONED = """
    from bridge import *

    daily = DailyPartitionsDefinition("2026-01-01", end_date="2026-01-05")

    @asset(partitions_def=daily)
    def raw(context) -> list[dict]:
        return [{"day": context.partition_key}]

    @asset(partitions_def=daily)
    def sums(raw) -> list[dict]:
        return raw

    defs = Definitions([raw, sums])
"""


def test_a_backfill_is_carried_on_to_its_end(new_project, run) -> None:
    folder = new_project(PARTITIONED)
    now = datetime.now(timezone.utc)
    graph = load_code_location(str(folder / "assets.py")).graph()
    cut = Cut(graph, now)
    target = {key: cut.all(key) for key in graph.order}
    store = open_store(f"sqlite:///{folder}/.bridge/bridge.db")
    wanted = new_backfill(target, now, selection="*", parallel=2)
    store.add_backfill(wanted)

    told = [json.loads(line) for line in run("daemon", "--once", "--json").out.splitlines()]

    ended = store.backfill(wanted.id)
    assert ended is not None
    assert (ended.status, ended.counts.materialized) == ("completed_success", 8)
    assert "completed success; 8 of 8 materialized" in [each["text"] for each in told]
    store.close()
