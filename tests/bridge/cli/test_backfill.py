"""`bridge backfill`: many partitions, here and in workers, stopped, killed and taken up again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from bridge.store import open_store

DAYS = """
    import os
    import time
    from pathlib import Path
    from bridge import DailyPartitionsDefinition, asset

    days = DailyPartitionsDefinition("2026-01-01", end_date="2026-01-11")


    def compute(name: str, day: str) -> None:
        time.sleep(float(os.environ.get("SLOW", "0")))
        if Path(f"bad-{name}-{day}").exists():
            raise ValueError("row 17 has no id")


    @asset(partitions_def=days)
    def raw(context) -> None:
        compute("raw", context.partition_key)


    @asset(partitions_def=days, deps=[raw])
    def clean(context) -> None:
        compute("clean", context.partition_key)


    @asset(deps=[clean])
    def report() -> None: ...
"""


@pytest.fixture
def days(new_project) -> Path:
    """The folder of a project with two daily assets, ten days each, and one that reads them all."""
    return new_project(DAYS)


def newest(run) -> str:
    return str(run("backfill", "list", "--json").json[0]["id"])


def materializations(folder: Path) -> Counter[tuple[str, str | None]]:
    store = open_store(f"sqlite:///{next(folder.glob('**/*.db'))}")
    try:
        facts = store.events(kinds=("materialization",), limit=10_000)
        return Counter((str(fact.event.key), fact.event.partition) for fact in facts)
    finally:
        store.close()


def test_all_partitions_are_computed(days, run) -> None:
    outcome = run("backfill", "start", "*", "--all")

    assert outcome.code == 0
    assert "21 done in" in outcome.out
    assert outcome.err == "21 partitions of 3 assets.\n"
    assert set(materializations(days).values()) == {1}


def test_a_range_takes_what_reads_it_along(days, run) -> None:
    outcome = run("backfill", "start", "raw+1", "-p", "2026-01-02...2026-01-04", "--json")

    assert outcome.code == 0
    assert outcome.json["status"] == "completed_success"
    assert outcome.json["partitions"]["materialized"] == 6


def test_a_dry_run_shows_the_runs_and_starts_none(days, run) -> None:
    outcome = run("backfill", "start", "*", "--all", "--dry-run", "--max-per-run", "4")

    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "  · 3 runs of raw, clean  2026-01-01...2026-01-04 and 2 more",
        "  · 1 run of report",
    ]
    assert run("backfill", "list", "--json").json == []


def test_what_fails_is_named_and_can_be_retried(days, run) -> None:
    bad = Path("bad-clean-2026-01-05")
    bad.touch()
    outcome = run("backfill", "start", "*", "--partitions", "2026-01-04,2026-01-05")
    assert outcome.code == 1
    assert "✗ clean 2026-01-05" in outcome.out
    assert "row 17 has no id" in outcome.out
    assert "1 failed, 1 held back, 3 done" in outcome.out
    bad.unlink()

    again = run("backfill", "retry", newest(run))

    assert again.code == 0
    assert set(materializations(days).values()) == {1}


def test_only_what_is_missing_or_failed_is_computed_when_asked(days, run) -> None:
    bad = Path("bad-raw-2026-01-05")
    bad.touch()
    run("backfill", "start", "raw", "-p", "2026-01-04...2026-01-06")
    bad.unlink()

    failed = run("backfill", "start", "raw", "--all", "--failed", "--json").json
    missing = run("backfill", "start", "raw", "--all", "--missing", "--json").json

    assert failed["partitions"]["total"] == 1
    assert missing["partitions"]["total"] == 7
    nothing = run("backfill", "start", "raw", "--all", "--missing")
    assert (nothing.code, nothing.out) == (0, "")
    assert nothing.err == "Nothing to do: no partition is missing.\n"


def test_show_counts_by_asset(days, run) -> None:
    Path("bad-raw-2026-01-05").touch()
    run("backfill", "start", "*", "-p", "2026-01-05", "--tag", "why=test")

    outcome = run("backfill", "show", newest(run), "--json")

    assert outcome.json["tags"] == {"why": "test"}
    assert outcome.json["assets"]["raw"]["failed"] == 1
    assert outcome.json["assets"]["raw"]["failed_partitions"] == ["2026-01-05"]
    assert outcome.json["assets"]["report"]["blocked"] == 1
    shown = run("backfill", "show", newest(run)).out
    assert "✗ raw   2026-01-05" in shown
    assert "Go on: bridge backfill retry" in shown


def test_a_detached_backfill_waits_and_can_be_paused_resumed_and_canceled(days, run) -> None:
    assert run("backfill", "start", "*", "--all", "--detach").code == 0
    known = newest(run)
    assert run("backfill", "pause", known).code == 0
    assert run("backfill", "list", "--json").json[0]["status"] == "paused"
    assert run("backfill", "resume", known).code == 0
    assert run("backfill", "cancel", known).code == 5
    assert set(materializations(days).values()) == {1}


def test_a_canceled_backfill_computes_no_more(days, run) -> None:
    run("backfill", "start", "*", "--all", "--detach")

    assert run("backfill", "cancel", newest(run), "--dry-run").code == 0
    assert run("backfill", "cancel", newest(run)).code == 0

    assert run("backfill", "list", "--json").json[0]["status"] == "canceled"
    assert run("backfill", "resume", newest(run)).code == 5


LEADS_NOWHERE = """
    from bridge import StaticPartitionsDefinition, asset

    regions = StaticPartitionsDefinition(["eu", "us"])

    @asset(partitions_def=regions)
    def sales(context) -> None: ...

    @asset(deps=[sales])
    def total() -> None: ...

    @asset(partitions_def=regions, deps=[total])
    def share(context) -> None: ...
"""


def test_selected_assets_that_the_partitions_do_not_lead_to_are_named(new_project, run) -> None:
    new_project(LEADS_NOWHERE)

    outcome = run("backfill", "start", "*", "-p", "eu")

    assert outcome.code == 0
    assert "2 done" in outcome.out
    assert "Left out, since these partitions do not lead to it: share" in outcome.err


CRASHES = """
    import os
    from bridge import DailyPartitionsDefinition, asset

    days = DailyPartitionsDefinition("2026-01-01", end_date="2026-01-05")

    @asset(partitions_def=days)
    def raw(context) -> None:
        if context.partition_key == "2026-01-02":
            os._exit(1)
"""


def test_a_worker_that_dies_costs_only_its_partition(new_project, run, environment) -> None:
    folder = new_project(CRASHES)
    words = [sys.executable, "-m", "bridge", "backfill", "start", "raw", "--all", "--parallel", "2"]

    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1, done.stderr
    assert "1 failed, 0 held back, 3 done" in done.stdout
    assert "raw 2026-01-02" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["*"], "Say which partitions to backfill"),
        (["*", "--all", "-p", "2026-01-02"], "in one way"),
        (["report", "-p", "2026-01-02"], "None of the selected assets has partitions"),
        (["raw", "-p", "2026-02-02"], "raw has no partition '2026-02-02'"),
        (["raw", "-p", "2026-01-04...2026-01-02"], "ends before it begins"),
        (["raw", "--all", "--single-run", "--max-per-run", "2"], "exclude each other"),
        (["raw", "--all", "--tag", "x"], "a tag is written name=value"),
        (["nothing", "--all"], "nothing"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_stored(days, run, words, said) -> None:
    outcome = run("backfill", "start", *words)

    assert outcome.code == 2
    assert said in outcome.err
    assert run("backfill", "list", "--json").json == []


def test_an_unknown_backfill_is_refused(days, run) -> None:
    outcome = run("backfill", "show", "3fa91c2e")

    assert outcome.code == 2
    assert "There is no backfill 3fa91c2e" in outcome.err


def test_a_store_that_does_not_answer_is_said_to_be_unreachable(days, run, monkeypatch) -> None:
    monkeypatch.setenv("BRIDGE_STORE", "postgresql+psycopg2://postgres@127.0.0.1:1/none")

    outcome = run("backfill", "start", "*", "--all")

    assert outcome.code == 4
    assert "did not answer" in outcome.err


def test_workers_share_the_runs(days, environment) -> None:
    words = [sys.executable, "-m", "bridge", "backfill", "start", "*", "--all", "--parallel", "2"]

    done = subprocess.run(
        words, cwd=days, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "21 done in" in done.stdout
    assert set(materializations(days).values()) == {1}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_backfill_survives_being_killed_anywhere(days, environment, workers: int) -> None:
    dice = random.Random(workers)
    slow = environment | {"SLOW": "0.1"}
    words = [sys.executable, "-m", "bridge", "backfill"]
    with_workers = ["--parallel", str(workers)]
    known = ""
    for attempt in range(12):
        verb = ["resume", known] if known else ["start", "*", "--all"]
        process = subprocess.Popen(
            [*words, *verb, *with_workers],
            cwd=days,
            env=slow,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(None if attempt == 11 else 0.6 + dice.random())
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        listed = subprocess.run(
            [*words, "list", "--json"],
            cwd=days, env=slow, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found = json.loads(listed.stdout)
        if not found:
            continue
        known = found[0]["id"]
        if found[0]["status"] == "completed_success":
            break
    assert found[0]["status"] == "completed_success"
    assert len(found) == 1
    assert len(materializations(days)) == 21
    assert set(materializations(days).values()) == {1}


def test_an_interrupted_backfill_says_how_to_go_on(days, run, environment) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "backfill", "start", "*", "--all"],
        cwd=days,
        env=environment | {"SLOW": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(days.glob("**/*.db")):
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)

    assert process.returncode == 130
    known = newest(run)
    assert f"backfill resume {known}" in said
    assert run("backfill", "list", "--json").json[0]["status"] in ("requested", "in_progress")
    assert run("backfill", "resume", known).code == 0
    assert set(materializations(days).values()) == {1}
