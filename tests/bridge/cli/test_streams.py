"""What a real terminal, a pipe and a closed pipe see."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest


def on_a_terminal(words: list[str], environment: dict[str, str], columns: int = 120) -> str:
    """Everything that a terminal of that width is sent."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", *words], env=environment, stdout=follower, stderr=follower
    )
    os.close(follower)
    sent = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # what Linux says once the other side is closed
            break
        if not part:
            break
        sent += part
    process.wait()
    os.close(leader)
    return sent.decode()


def test_a_terminal_sees_colours_and_the_line_that_runs(
    new_project, environment: dict[str, str]
) -> None:
    new_project("""
        import time
        from bridge import asset

        @asset
        def slow(): time.sleep(0.8)
    """)

    text = on_a_terminal(["materialize", "slow"], environment)

    assert "\x1b[34m●\x1b[0m slow" in text
    assert "\x1b[32m✓\x1b[0m slow" in text


def test_a_terminal_sees_all_lines_that_run_and_how_far_a_long_run_has_come(
    new_project, environment: dict[str, str]
) -> None:
    new_project("""
        import time
        from bridge import asset

        @asset
        def a(): time.sleep(1.8)

        @asset
        def b(): time.sleep(1.8)

        @asset(deps=[a, b])
        def c(): ...
    """)

    text = on_a_terminal(["materialize", "*", "--workers", "2"], environment | {"NO_COLOR": "1"})

    frames = text.split("\x1b[2K")
    assert any("● a" in frame for frame in frames)
    assert any("● b" in frame for frame in frames)
    assert re.search(r"─\S* 0 of 3", text)
    assert text.count("✓") == 3


def test_a_pipe_sees_no_bar(new_project, environment: dict[str, str]) -> None:
    new_project("""
        import time
        from bridge import asset

        @asset
        def a(): time.sleep(1.2)

        @asset
        def b(): ...
    """)

    done = subprocess.run(
        [sys.executable, "-m", "bridge", "materialize", "*"],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )

    assert not set("━─") & set(done.stdout + done.stderr)


def test_no_color_is_honoured(orders: Path, environment: dict[str, str]) -> None:
    text = on_a_terminal(["status"], environment | {"NO_COLOR": "1"})

    assert "\x1b[3" not in text
    assert "· missing" in text


@pytest.mark.parametrize("columns", [60, 120])
def test_a_table_is_never_wider_than_the_terminal(
    columns: int, orders: Path, environment: dict[str, str]
) -> None:
    text = on_a_terminal(["status"], environment | {"NO_COLOR": "1"}, columns)

    table = text.partition("\r\n\r\n")[0]
    plain = table.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert max(map(len, plain.split("\r\n"))) <= columns


def test_a_pipe_sees_no_escape_codes(orders: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "materialize", "+marts/orders"],
        env=environment,
        capture_output=True,
        check=True,
    )

    assert b"\x1b" not in done.stdout + done.stderr
    assert "●".encode() not in done.stdout


def test_a_pipe_that_closes_early_is_no_error(orders: Path, environment: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "list", "--json"],
        env=environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)

    assert done.stderr == b""


def test_an_import_is_written_although_nobody_listens(
    orders: Path, environment: dict[str, str]
) -> None:
    (orders / "dags").mkdir()
    (orders / "dags/d.py").write_text("from airflow import DAG\nwith DAG('d'):\n    pass\n")
    reading, writing = os.pipe()
    os.close(reading)
    subprocess.run(
        [sys.executable, "-m", "bridge", "import", "airflow", "dags", "--html", "report.html"],
        env=environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)

    assert (orders / "migration/airflow.yaml").exists()
    assert (orders / "report.html").exists()


def test_an_ascii_terminal_gets_question_marks_instead_of_a_crash(
    orders: Path, environment: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "status"],
        env=environment | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )

    assert b"? missing" in done.stdout
