from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.cli.invocation import anywhere, in_words_of, prefix, quoted


def put_program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_the_word_bridge_is_used_where_it_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = put_program(tmp_path / "bin", "bridge")
    monkeypatch.setenv("PATH", str(program.parent))

    assert prefix(str(program)) == "bridge"


def test_a_bridge_that_is_somebody_elses_is_never_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (
        put_program(tmp_path / "venv/bin", "bridge"),
        put_program(tmp_path / "sbin", "bridge"),
    )
    monkeypatch.setenv("PATH", str(theirs.parent))
    monkeypatch.chdir(tmp_path)

    assert prefix(str(ours)) == "venv/bin/bridge"


def test_a_command_that_is_to_work_after_a_cd_names_its_program_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert anywhere("venv/bin/python -m bridge") == f"{tmp_path}/venv/bin/python -m bridge"
    assert anywhere("python -m bridge") == "python -m bridge"


def test_started_as_a_module_names_a_python_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = str(tmp_path / "bridge/__main__.py")
    python = put_program(tmp_path / "bin", "python")
    monkeypatch.setattr(sys, "executable", str(python))

    monkeypatch.setenv("PATH", str(python.parent))
    assert prefix(started) == "python -m bridge"

    monkeypatch.setenv("PATH", "/nowhere")
    assert prefix(started) == f"{python} -m bridge"


VERBS = ("generate", "list", "migrate", "status")


def test_commands_inside_messages_are_written_as_they_work_here() -> None:
    text = "`bridge migrate status` lists all. Run `python -m bridge generate`, see bridge list"

    assert in_words_of("python -m bridge", text, VERBS) == (
        "`python -m bridge migrate status` lists all. Run `python -m bridge generate`, "
        "see python -m bridge list"
    )


@pytest.mark.parametrize(
    "text", ["a bridge over water", "/usr/sbin/bridge link", "my-bridge status", "a bridge lister"]
)
def test_other_bridges_in_messages_are_left_alone(text: str) -> None:
    assert in_words_of("python -m bridge", text, VERBS) == text


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        ("marts/orders", "marts/orders"),
        ("*", '"*"'),
        ("a or b+", '"a or b+"'),
        ('key:"a b"', "'key:\"a b\"'"),
    ],
)
def test_a_selection_is_quoted_as_people_write_it(selection: str, text: str) -> None:
    assert quoted(selection) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_a_shell_reads_back_what_was_quoted(selection: str) -> None:
    assert shlex.split(quoted(selection)) == [selection]
