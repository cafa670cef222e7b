from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

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


def end_half_way(
    folder: Path, environment: dict[str, str], how: signal.Signals
) -> subprocess.CompletedProcess[str]:
    """Start a run in a process of its own, and end that while `second` computes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "materialize", "*"],
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
    process.send_signal(how)
    out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def test_a_killed_run_is_failed_at_once_and_can_be_completed(
    new_project, run, environment: dict[str, str]
) -> None:
    folder = new_project(SLOW)
    end_half_way(folder, environment, signal.SIGKILL)

    after = run("status", "--json")

    assert "ended without a word" in after.err
    found = {each["key"]: each for each in after.json}
    assert found["first"]["status"] == "done", "what was recorded is kept"
    assert found["second"]["status"] == "failed"
    assert "killed" in found["second"]["message"]
    assert found["third"]["status"] == "missing"
    assert run("status").err == "", "it is said once"

    (folder / "go").touch()
    again = run("materialize", "second+")

    assert again.code == 0
    assert run("status", "--fail-on", "failed,stale,missing").code == 0


def test_an_interrupted_run_ends_with_130_and_is_failed(
    new_project, run, environment: dict[str, str]
) -> None:
    folder = new_project(SLOW)

    ended = end_half_way(folder, environment, signal.SIGINT)

    assert ended.returncode == 130
    assert "Interrupted." in ended.stderr
    assert "Traceback" not in ended.stderr
    after = run("status", "--json")
    assert after.err == "", "the run had time to say how it ended"
    assert {each["key"]: each["status"] for each in after.json}["second"] == "failed"
