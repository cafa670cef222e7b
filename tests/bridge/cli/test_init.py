from __future__ import annotations

import keyword
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.cli.starter import package_name


def test_a_new_project_can_be_computed_at_once(tmp_path: Path, environment: dict[str, str]) -> None:
    def bridge(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bridge", *words]
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )

    made = bridge("init", "flights", cwd=tmp_path)
    root = tmp_path / "flights"

    computed = bridge("materialize", "*", cwd=root)
    shown = bridge("status", "--fail-on", "failed,stale,missing", cwd=root)

    assert made.returncode == 0, made.stderr
    assert 'materialize "*"' in made.stdout
    assert computed.returncode == 0, computed.stderr
    assert "3 done in" in computed.stdout
    assert shown.returncode == 0, shown.stdout
    assert (root / ".gitignore").read_text() == ".bridge/\n__pycache__/\n"


def test_init_overwrites_nothing(tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bridge.toml").write_text("definitions = []\n")

    outcome = run("init")

    assert outcome.code == 5
    assert "bridge.toml is there already" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["bridge.toml"]


def test_init_twice_changes_nothing_and_keeps_lines_of_gitignore(
    tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".gitignore").write_text("secret.txt")

    assert run("init").code == run("init").code == 0

    assert (tmp_path / ".gitignore").read_text() == "secret.txt\n.bridge/\n__pycache__/\n"


def test_a_folder_that_cannot_be_made_is_an_error(
    tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")

    outcome = run("init", "file/below")

    assert outcome.code == 2
    assert "cannot be written: " in outcome.err


def test_a_dry_run_of_init_writes_nothing(
    tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = run("init", "sales", "--dry-run")

    assert "would write  sales/bridge.toml" in outcome.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "package"),
    [
        ("flights", "flights"),
        ("My-Data 2", "my_data_2"),
        ("bridge", "project_bridge"),
        ("json", "project_json"),
        ("2024", "project_2024"),
        ("class", "project_class"),
        ("", "assets"),
    ],
)
def test_a_package_is_called_as_its_folder_unless_that_hides_another(
    folder: str, package: str
) -> None:
    assert package_name(folder) == package


@given(st.text())
def test_a_package_name_can_always_be_imported(folder: str) -> None:
    name = package_name(folder)

    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert name not in sys.stdlib_module_names
