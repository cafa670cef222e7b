"""Progress over files: on a terminal, and nowhere else."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DAG = "from airflow import DAG\ndag = DAG('d{}', schedule='@daily')\n"


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    folder = tmp_path / "dags"
    folder.mkdir()
    for number in range(3):
        (folder / f"d{number}.py").write_text(DAG.format(number))
    return folder


def on_a_terminal(dags: Path, *options: str) -> str:
    """What a terminal is sent while the folder is imported."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(
        theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0)
    )  # else it has no room
    command = [sys.executable, "-m", "bridge", "import", "airflow", str(dags), "--dry-run"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [*command, *options], stdout=theirs, cwd=dags.parent, env=environment
    )
    os.close(theirs)
    sent = b""
    with contextlib.suppress(OSError):  # the other side is closed
        while data := os.read(ours, 4096):
            sent += data
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return sent.decode()


def test_a_terminal_is_told_how_many_files_are_read(dags):
    assert "3 of 3 read" in on_a_terminal(dags)


def test_json_on_a_terminal_is_json_alone(dags):
    shown = on_a_terminal(dags, "--json")
    assert shown.startswith("{")
    assert "of 3 read" not in shown


@pytest.mark.parametrize("settings", [{}, {"FORCE_COLOR": "1"}])
def test_a_pipe_is_told_nothing(dags, settings):
    command = [sys.executable, "-m", "bridge", "import", "airflow", str(dags), "--dry-run"]
    outcome = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        cwd=dags.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
    )
    assert "Airflow DAGs of" in outcome.stdout
    assert "of 3 read" not in outcome.stdout + outcome.stderr
