from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import bridge
from bridge.automation.location import Automation
from bridge.capabilities import Generated, GeneratedFile
from bridge.errors import RemoteUnreachableError
from bridge.findings import Finding
from bridge.graph import AssetGraph
from bridge.project import Project
from bridge.store import schema


class Adapter:
    name = "fake"

    def generate(self, graph: AssetGraph, project: Project, automation: Automation) -> Generated:
        file = GeneratedFile(path=project.generated / "a.py", text="# `bridge generate`\n")
        return Generated(files=(file,))

    def diagnose(self, project: Project) -> Sequence[Finding]:
        return [
            Finding(level="note", code="fake", message="Airflow 3.3.2 at http://localhost:8080")
        ]


class Unreachable:
    name = "airflow"

    def diagnose(self, project: Project) -> Sequence[Finding]:
        raise RemoteUnreachableError("http://localhost:8080 did not answer.")


def levels(found: list[dict[str, str]]) -> dict[str, str]:
    return {each["message"]: each["level"] for each in found}


def test_a_sound_installation_has_no_problem(orders: Path, run) -> None:
    outcome = run("doctor", adapters=[Adapter()])

    assert outcome.code == 0, outcome.out
    text = outcome.out.splitlines()
    version = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    assert text[0].startswith(f"  ✓ Python {version}, bridge {bridge.__version__}, bridge.toml")
    assert "  ✓ store sqlite:///" in outcome.out
    assert f"schema {schema.HEAD}, " in outcome.out
    assert "  ✓ 1 code location loads, 3 assets, " in outcome.out
    assert "  ! 2 assets have no owner   bridge list --no-owner" in outcome.out
    assert "  ✓ Airflow 3.3.2 at http://localhost:8080" in outcome.out
    assert text[-1].startswith("0 problems, ")
    assert text[-1].endswith("Exit code 0.")


def test_every_problem_is_named_and_none_hides_the_others(
    orders: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg2", reason="needs the extra postgres")
    (orders / "bridge.toml").write_text('definitions = ["assets.py", "missing.module"]\n')
    monkeypatch.setenv("BRIDGE_STORE", "postgresql+psycopg2://postgres@127.0.0.1:1/none")

    outcome = run("doctor", adapters=[Unreachable()])

    assert outcome.code == 1
    assert (
        "  ✗ The store postgresql+psycopg2://postgres@127.0.0.1:1/none did not answer"
        in outcome.out
    )
    assert "  ✗ missing.module  The code location missing.module does not import." in outcome.out
    assert "  ✗ airflow  http://localhost:8080 did not answer." in outcome.out
    assert "3 problems, " in outcome.out


def test_generated_files_that_differ_are_a_problem_with_the_command_that_helps(
    orders: Path, run
) -> None:
    assert "generated file" not in run("doctor", adapters=[Adapter()]).out
    run("generate", adapters=[Adapter()])
    assert "  ✓ generated files are as on disk" in run("doctor", adapters=[Adapter()]).out

    with (orders / "dags/generated/a.py").open("a") as file:
        file.write("changed")
    outcome = run("doctor", adapters=[Adapter()])

    assert outcome.code == 1
    assert (
        "  ✗ 1 generated file differs from disk   bridge generate --check shows the diff, "
        "bridge generate writes it\n"
    ) in outcome.out


@pytest.mark.parametrize("name", ["bridge", "adapters"])
@pytest.mark.parametrize("as_file", [True, False])
def test_a_package_of_the_users_with_our_name_is_found(
    name: str, as_file: bool, orders: Path, run
) -> None:
    theirs = orders / (f"{name}.py" if as_file else name)
    if as_file:
        theirs.write_text("")
    else:
        theirs.mkdir()
        (theirs / "mine.py").write_text("")

    outcome = run("doctor")

    assert outcome.code == 1
    assert f"  ✗ {theirs} is called '{name}', as a package of ours is" in outcome.out


def test_a_folder_of_other_files_with_our_name_is_left_alone(orders: Path, run) -> None:
    (orders / "bridge").mkdir()
    (orders / "bridge/notes.txt").write_text("")

    assert run("doctor").code == 0


def test_without_settings_doctor_says_how_to_begin(
    tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = run("doctor")

    assert outcome.code == 1
    assert f"no settings found above {tmp_path}   bridge init" in outcome.out
    assert "No code location is named" in outcome.out


def test_doctor_as_json_is_a_list_of_findings(orders: Path, run) -> None:
    found = run("doctor", "--json", adapters=[Adapter()]).json

    assert set(found[0]) == {"level", "code", "message", "about", "file", "line", "hint"}
    assert levels(found)["2 assets have no owner"] == "warning"
