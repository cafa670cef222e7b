from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from bridge.keys import AssetKey
from bridge.project import find_project
from bridge.runs import Run, RunTarget
from bridge.store import open_store

PROJECT = """
    import sys
    from bridge import asset

    @asset
    def first(context):
        context.log.info("halfway")
        sys.stdout.write("one row\\n")
        return [1]

    @asset(deps=[first])
    def second():
        return 1 / 0

    @asset(deps=[second])
    def third(): return [3]
"""
SLOW = """
    import time
    from pathlib import Path
    from bridge import asset

    @asset
    def first(): return [1]

    @asset(deps=[first])
    def second():
        if not Path("go").exists():
            Path("begun").touch()
            time.sleep(60)
        return [2]

    @asset(deps=[second])
    def third(): return [3]
"""


def only_run(run) -> dict[str, Any]:
    (found,) = run("runs", "list", "--json").json
    return found


def repaired(folder: Path) -> None:
    file = folder / "assets.py"
    file.write_text(file.read_text().replace("1 / 0", "[2]"))


def begun(folder: Path, environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    """A run in a process of its own that computes `second`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "materialize", "*", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not (folder / "begun").exists():
        assert process.poll() is None, "the run ended by itself"
        assert time.monotonic() < deadline, "the run did not begin"
        time.sleep(0.02)
    return process


def test_runs_are_listed_the_newest_first(new_project, run) -> None:
    new_project(PROJECT)
    run("materialize", "first")
    run("materialize", "second+")

    newest, oldest = run("runs", "list", "--json").json

    assert (newest["status"], newest["selection"]) == ("failed", "second+")
    assert (oldest["status"], oldest["assets"], oldest["origin"]) == (
        "succeeded",
        ["first"],
        "user",
    )
    shown = run("runs", "list").out
    assert "✗ failed" in shown
    assert "✓ succeeded" in shown
    assert len(run("runs", "list", "--status", "failed", "--json").json) == 1
    assert run("runs", "list", "--origin", "schedule:x", "--json").json == []
    assert len(run("runs", "list", "--limit", "1", "--json").json) == 1


def test_a_status_that_is_none_is_refused(new_project, run) -> None:
    new_project(PROJECT)

    outcome = run("runs", "list", "--status", "late")

    assert outcome.code == 2
    assert "No run is 'late'" in outcome.err


def test_a_run_shows_what_became_of_each_asset(new_project, run) -> None:
    new_project(PROJECT)
    run("materialize", "*")
    found = only_run(run)

    shown = run("runs", "show", found["id"][:6]).out

    assert shown.startswith(f"✗ Run {found['id']}  *\n")
    assert "failed, asked by user, began " in shown
    assert re.search(r"^  ✓ first +━+ +\d+ms$", shown, re.MULTILINE)
    assert re.search(r"^  ✗ second +━+ +\d+ms$", shown, re.MULTILINE)
    assert "ZeroDivisionError: division by zero" in shown
    assert "– third    skipped, second failed" in shown  # noqa: RUF001 - as it is printed
    assert f"bridge runs logs {found['id']}" in shown
    assert f"bridge materialize --retry {found['id']}" in shown
    steps = run("runs", "show", found["id"], "--json").json["steps"]
    assert [(step["key"], step["status"]) for step in steps] == [
        ("first", "succeeded"),
        ("second", "failed"),
        ("third", "skipped"),
    ]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_was_logged_and_printed_can_be_read_again(new_project, run, workers: str) -> None:
    new_project(PROJECT)
    run("materialize", "first", "--workers", workers)
    found = only_run(run)

    shown = run("runs", "logs", found["id"], "first").out

    assert "INFO halfway" in shown
    assert "    one row\n" in shown
    (text,) = run("runs", "logs", found["id"], "--json").json
    assert (text["stdout"], text["log"][0]["message"]) == ("one row\n", "halfway")
    assert run("runs", "logs", found["id"], "third").out == ""


def test_a_run_that_is_not_there_is_refused(new_project, run) -> None:
    new_project(PROJECT)

    outcome = run("runs", "show", "abc")

    assert outcome.code == 2
    assert "There is no run abc. `bridge runs list` shows them." in outcome.err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_retry_does_what_did_not_succeed(new_project, run, workers: str) -> None:
    folder = new_project(PROJECT)
    run("materialize", "*", "--workers", workers)
    found = only_run(run)
    repaired(folder)

    planned = run("materialize", "--retry", found["id"], "--dry-run")
    again = run("materialize", "--retry", found["id"], "--workers", workers)

    assert [entry.split()[1] for entry in planned.out.splitlines()] == ["second", "third"]
    assert again.code == 0
    assert "2 done in" in again.out
    assert run("runs", "list", "--json").json[0]["retry_of"] == found["id"]
    assert run("status", "--fail-on", "failed,stale,missing").code == 0


def test_nothing_is_left_of_a_run_that_succeeded(new_project, run) -> None:
    new_project(PROJECT)
    run("materialize", "first")

    outcome = run("materialize", "--retry", only_run(run)["id"])

    assert outcome.code == 0
    assert "Nothing to retry" in outcome.err
    assert len(run("runs", "list", "--json").json) == 1


@pytest.mark.parametrize("words", [(), ("first", "--retry", "abc"), ("--retry", "a", "-p", "b")])
def test_either_assets_or_a_retry(new_project, run, words: tuple[str, ...]) -> None:
    new_project(PROJECT)

    assert run("materialize", *words).code == 2


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_can_be_canceled_from_elsewhere(
    new_project, run, environment: dict[str, str], workers: str
) -> None:
    folder = new_project(SLOW)
    process = begun(folder, environment, "--workers", workers)
    found = only_run(run)

    dry = run("runs", "cancel", found["id"], "--dry-run")
    outcome = run("runs", "cancel", found["id"])
    out, _ = process.communicate(timeout=20)

    assert dry.out == f"Would cancel run {found['id']}, which is running.\n"
    assert outcome.code == 0
    assert outcome.out == f"✓ Run {found['id']} is canceled.\n"
    assert process.returncode == 1
    assert "second   canceled" in out
    assert "third    skipped, the run was canceled on request" in out
    assert run("runs", "cancel", found["id"]).code == 5
    (folder / "go").touch()
    again = run("materialize", "--retry", found["id"])
    assert "2 done in" in again.out


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_a_run_as_canceled(
    new_project, run, environment: dict[str, str], workers: str
) -> None:
    folder = new_project(SLOW)
    process = begun(folder, environment, "--workers", workers)

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "Traceback" not in errors
    assert only_run(run)["status"] == "canceled"


def test_a_queued_run_is_canceled_at_once(new_project, run) -> None:
    folder = new_project(PROJECT)
    store = open_store(find_project(folder).store_url)
    now = datetime.now(timezone.utc)
    target = RunTarget(assets=(AssetKey("first"),))
    store.enqueue([Run(id="q1", status="queued", created_at=now, target=target)])
    store.close()

    assert run("runs", "cancel", "q1").code == 0
    assert only_run(run)["status"] == "canceled"


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes below one, at any depth."""
    found = []
    todo = [process.pid]
    while todo:
        pid = todo.pop()
        for task in Path(f"/proc/{pid}/task").iterdir():
            children = [int(each) for each in (task / "children").read_text().split()]
            found += children
            todo += children
    return found


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks /proc for processes")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_run_leaves_nothing_and_its_retry_does_exactly_what_is_missing(
    new_project, run, environment: dict[str, str], workers: str
) -> None:
    folder = new_project(SLOW)
    process = begun(folder, environment, "--workers", workers)
    below = workers_of(process)
    assert bool(below) is (workers == "2")

    process.kill()
    process.communicate()

    deadline = time.monotonic() + 10
    while any(is_alive(pid) for pid in below):
        assert time.monotonic() < deadline, "a worker lives on"
        time.sleep(0.05)
    found = only_run(run)
    assert found["status"] == "failed"
    (folder / "go").touch()
    again = run("materialize", "--retry", found["id"], "--workers", workers)
    assert again.code == 0
    assert "2 done in" in again.out
    materialized = {
        name: sum(each["kind"] == "materialization" for each in history(run, name))
        for name in ("first", "second", "third")
    }
    assert materialized == {"first": 1, "second": 1, "third": 1}


MANY = """
    import time
    from bridge import asset

    def made(number):
        deps = [f"n{number - 4}"] if number >= 4 else []

        @asset(name=f"n{number}", deps=deps)
        def function():
            time.sleep(0.02)
            return number

        return function

    assets = [made(number) for number in range(40)]
    globals().update({f"a{number}": each for number, each in enumerate(assets)})
"""


@pytest.mark.parametrize("workers", ["1", "3"])
def test_a_run_that_is_killed_again_and_again_computes_each_asset_once(
    new_project, run, environment: dict[str, str], workers: str
) -> None:
    folder = new_project(MANY)
    words = ["*"]
    for more in (1, 7, 13):
        process = subprocess.Popen(
            [sys.executable, "-m", "bridge", "materialize", *words, "--workers", workers],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for _ in range(more):
            process.stdout.readline()
        process.kill()
        process.communicate()
        words = ["--retry", run("runs", "list", "--json").json[0]["id"]]

    last = run("materialize", *words, "--workers", workers)

    assert last.code == 0
    store = open_store(find_project(folder).store_url)
    events = store.events(kinds=["materialization"], limit=1000)
    assert sorted(str(each.event.key) for each in events) == sorted(f"n{n}" for n in range(40))
    assert store.claims() == []
    store.close()


def history(run: Callable[..., Any], name: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = run("show", name, "--json").json["events"]
    return events


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
