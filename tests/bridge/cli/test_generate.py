from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bridge.automation.location import Automation
from bridge.capabilities import Generated, GeneratedFile
from bridge.errors import DefinitionError
from bridge.findings import Finding
from bridge.graph import AssetGraph
from bridge.project import GenerateSettings, Project

HEAD = "# Written by `bridge generate`; do not edit.\n"


class Generator:
    """Writes one file for each of its texts."""

    name = "fake"

    def __init__(
        self, texts: Mapping[str, str], *findings: Finding, in_the_way: Sequence[str] = ()
    ) -> None:
        self.texts = texts
        self.findings = findings
        self.in_the_way = in_the_way
        self.asked: GenerateSettings | None = None

    def generate(self, graph: AssetGraph, project: Project, automation: Automation) -> Generated:
        assert len(graph) == 3
        self.asked = project.generate
        files = (
            GeneratedFile(path=project.generated / name, text=text)
            for name, text in self.texts.items()
        )
        return Generated(
            files=tuple(files),
            findings=self.findings,
            in_the_way=tuple(project.generated / name for name in self.in_the_way),
        )


class Refusing(Generator):
    def generate(self, graph: AssetGraph, project: Project, automation: Automation) -> Generated:
        raise DefinitionError("marts/orders has no name that Airflow can carry.")


BOTH = Generator({"a.py": HEAD + "one\n", "b.py": HEAD + "two\n"})
ONLY_A = Generator({"a.py": HEAD + "changed\n"})


def test_files_are_written_and_then_unchanged(orders: Path, run) -> None:
    first = run("generate", adapters=[BOTH])
    again = run("generate", adapters=[BOTH])

    assert first.out.splitlines() == [
        "wrote                dags/generated/a.py",
        "wrote                dags/generated/b.py",
        "",
        "2 written, 0 unchanged.",
    ]
    assert (orders / "dags/generated/a.py").read_text() == HEAD + "one\n"
    assert again.out.splitlines()[-1] == "0 written, 2 unchanged."
    assert sorted(path.name for path in (orders / "dags/generated").iterdir()) == ["a.py", "b.py"]


def test_check_writes_nothing_and_ends_with_3_and_a_diff(orders: Path, run) -> None:
    run("generate", adapters=[BOTH])

    outcome = run("generate", "--check", adapters=[Generator({**BOTH.texts, "a.py": HEAD + "1\n"})])

    assert outcome.code == 3
    assert outcome.out.splitlines() == [
        "--- a/dags/generated/a.py",
        "+++ b/dags/generated/a.py",
        "@@ -1,2 +1,2 @@",
        " # Written by `bridge generate`; do not edit.",
        "-one",
        "+1",
    ]
    assert outcome.err == "1 generated file differs from disk. bridge generate writes it.\n"
    assert (orders / "dags/generated/a.py").read_text() == HEAD + "one\n"


def test_check_without_a_difference_ends_with_0(orders: Path, run) -> None:
    run("generate", adapters=[BOTH])

    assert run("generate", "--check", adapters=[BOTH]).code == 0


def test_what_is_no_longer_generated_is_named_and_removed_only_on_request(
    orders: Path, run
) -> None:
    run("generate", adapters=[BOTH])
    left = orders / "dags/generated/b.py"

    kept = run("generate", adapters=[ONLY_A])
    assert "no longer generated  dags/generated/b.py" in kept.out
    assert "1 written, 0 unchanged, 1 no longer generated. bridge generate --prune" in kept.out
    assert left.exists()

    assert run("generate", "--check", adapters=[ONLY_A]).code == 3

    assert (
        "would remove         dags/generated/b.py"
        in run("generate", "--prune", "--dry-run", adapters=[ONLY_A]).out
    )
    assert left.exists()

    assert (
        "removed              dags/generated/b.py"
        in run("generate", "--prune", adapters=[ONLY_A]).out
    )
    assert not left.exists()


def test_a_file_that_people_wrote_is_never_removed(orders: Path, run) -> None:
    own = orders / "dags/generated/legacy.py"
    own.parent.mkdir(parents=True)
    own.write_text("print('mine')\n")

    outcome = run("generate", "--prune", adapters=[ONLY_A])

    assert "legacy.py" not in outcome.out
    assert own.read_text() == "print('mine')\n"


@pytest.mark.parametrize("options", [[], ["--prune"], ["--dry-run"]])
def test_a_file_that_people_wrote_is_never_replaced(orders: Path, run, options: list[str]) -> None:
    theirs = orders / "dags/generated/b.py"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("from airflow import DAG\n")

    done = run("generate", *options, adapters=[BOTH])

    assert done.code == 5
    assert "dags/generated/b.py would be written over, and `bridge generate` did not" in done.err
    assert theirs.read_text() == "from airflow import DAG\n"
    assert [file.name for file in theirs.parent.iterdir()] == ["b.py"]


def test_an_empty_file_is_nobodys(orders: Path, run) -> None:
    empty = orders / "dags/generated/b.py"
    empty.parent.mkdir(parents=True)
    empty.touch()

    assert run("generate", adapters=[BOTH]).code == 0
    assert empty.read_text() == HEAD + "two\n"


def test_what_the_files_cannot_say_is_told(orders: Path, run) -> None:
    finding = Finding(level="warning", code="left", message="Sensor s is left to `bridge daemon`.")

    outcome = run("generate", adapters=[Generator({"a.py": HEAD}, finding)])

    assert "Sensor s is left to `bridge daemon`." in outcome.out


def test_a_dry_run_writes_nothing(orders: Path, run) -> None:
    outcome = run("generate", "--dry-run", adapters=[BOTH])

    assert outcome.out.splitlines()[-1] == "2 to write, 0 unchanged."
    assert not (orders / "dags").exists()


def test_what_cannot_be_generated_leaves_the_disk_as_it_is(orders: Path, run) -> None:
    outcome = run("generate", adapters=[Refusing({})])

    assert outcome.code == 2
    assert not (orders / "dags").exists()


@pytest.mark.parametrize("adapters", [[], [object()]])
def test_without_a_generator_the_error_says_what_to_install(
    adapters: list[object], orders: Path, run
) -> None:
    outcome = run("generate", adapters=adapters)

    assert outcome.code == 2
    assert "airflow-asset-bridge" in outcome.err


def test_options_are_said_to_the_generator_and_repeated_in_the_hint(orders: Path, run) -> None:
    generator = Generator(BOTH.texts)

    run("generate", "--render", "review/dags", "--target", "3", adapters=[generator])
    outcome = run("generate", "--check", "--render", "review/dags", adapters=[ONLY_A])

    assert generator.asked == GenerateSettings(form="rendered", target="3")
    assert (orders / "review/dags/a.py").read_text() == HEAD + "one\n"
    assert not (orders / "dags").exists()
    assert outcome.code == 3
    assert "bridge generate --render review/dags --prune writes it." in outcome.err


def test_an_unknown_target_is_refused(orders: Path, run) -> None:
    outcome = run("generate", "--target", "4", adapters=[BOTH])

    assert outcome.code == 2
    assert "'4'" in outcome.err


def test_settings_say_what_is_generated(orders: Path, run) -> None:
    generator = Generator(BOTH.texts)
    with (orders / "bridge.toml").open("a") as file:
        file.write('\n[generate]\nform = "rendered"\ntarget = "2"\n')

    run("generate", adapters=[generator])

    assert generator.asked == GenerateSettings(form="rendered", target="2")


def test_two_files_never_define_the_same_dags(orders: Path, run) -> None:
    run("generate", adapters=[BOTH])
    other = Generator({"all.py": HEAD}, in_the_way=["a.py"])

    refused = run("generate", adapters=[other])

    assert refused.code == 5
    assert "dags/generated/a.py defines DAGs that other files would define too." in refused.err
    assert "bridge generate --prune removes" in refused.err
    assert not (orders / "dags/generated/all.py").exists()

    assert run("generate", "--prune", adapters=[other]).code == 0
    assert [path.name for path in (orders / "dags/generated").iterdir()] == ["all.py"]


def test_a_second_folder_of_generated_files_is_pointed_out(orders: Path, run) -> None:
    run("generate", adapters=[BOTH])

    outcome = run("generate", "--render", "review", adapters=[BOTH])

    assert outcome.code == 0
    assert "dags/generated holds generated files too: let Airflow read one" in outcome.err


def test_status_says_that_generated_files_are_out_of_date(orders: Path, run) -> None:
    never = run("status", adapters=[BOTH])
    run("generate", adapters=[BOTH])
    as_they_are = run("status", adapters=[BOTH])
    changed = run("status", adapters=[Generator({**BOTH.texts, "a.py": HEAD + "1\n"})])

    assert "generated" not in never.out + as_they_are.out
    assert "1 generated file differs from the definitions. bridge generate writes" in changed.out


def test_status_shows_assets_also_where_nothing_can_be_generated(orders: Path, run) -> None:
    run("generate", adapters=[BOTH])

    outcome = run("status", adapters=[Refusing({})])

    assert outcome.code == 0
    assert "up to date cannot be told: marts/orders has no name" in outcome.err
