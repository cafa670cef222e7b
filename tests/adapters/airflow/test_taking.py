"""What an import takes, and what it leaves as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.airflow.importing import read_legacy
from adapters.airflow.legacy.mapping_file import load_mapping
from bridge.capabilities import ImportReport, LegacyAddress, LegacySource, Supplied
from bridge.errors import ConfigError, ImportReadError, RemoteUnreachableError
from bridge.project import find_project

DAG = """
from airflow import DAG
from airflow.operators.bash import BashOperator
with DAG("{0}", schedule="@daily"):
    BashOperator(task_id="load", bash_command="./load.sh")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with two DAGs, and a file that cannot be read."""
    dags = tmp_path / "dags"
    dags.mkdir()
    for name in ("orders", "report"):
        (dags / f"{name}.py").write_text(DAG.format(name))
    (dags / "broken.py").write_text("from airflow import DAG\nDAG('x'\n")
    (tmp_path / "bridge.toml").touch()
    return tmp_path


def imported(project: Path, *, granularity=None, **source: object) -> ImportReport:
    """The report of an import, whose mapping is written."""
    given = {"folder": project / "dags", **source}
    report = read_legacy(
        LegacySource(**given),  # type: ignore[arg-type]
        instance="airflow",
        project=find_project(project),
        supplied=Supplied(),
        granularity=granularity,
    )
    report.mapping_path.parent.mkdir(exist_ok=True)
    report.mapping_path.write_text(report.mapping_text)
    return report


def test_a_pattern_takes_some_dags_and_what_is_said_of_them(project: Path) -> None:
    report = imported(project, names="ord*")

    assert [dag.dag_id for dag in report.dags] == ["orders"]
    assert report.dags_in_all == 2
    assert {found.file for found in report.findings} == {"orders.py", "broken.py"}


def test_a_pattern_that_nothing_matches_says_what_there_is(project: Path) -> None:
    with pytest.raises(ImportReadError, match=r"'stock\*'; there are 2, such as orders, report"):
        imported(project, names="stock*")


def test_entries_of_dags_that_were_not_asked_for_stay(project: Path) -> None:
    before = load_mapping(imported(project).mapping_path)
    after = load_mapping(imported(project, names="orders").mapping_path)
    assert after == before


def test_a_granularity_is_kept_until_another_is_given_and_a_change_is_told(project: Path) -> None:
    codes = []
    for granularity in (None, "dag", None, "dataset"):
        report = imported(project, granularity=granularity)
        mapping = load_mapping(report.mapping_path)
        told = [found.code for found in report.findings if found.code == "keys_change"]
        codes.append((mapping.granularity, told))

    assert codes == [
        ("dataset", []),
        ("dag", ["keys_change"]),
        ("dag", []),
        ("dataset", ["keys_change"]),
    ]


def test_nothing_to_read_says_what_could_be_given(project: Path) -> None:
    with pytest.raises(ConfigError, match=r"Give the folder .* or the --url"):
        imported(project, folder=None, running=LegacyAddress())


def test_an_address_where_nobody_answers_is_said_before_a_file_is_read(project: Path) -> None:
    nobody = LegacyAddress(url="http://127.0.0.1:9")
    with pytest.raises(RemoteUnreachableError, match="did not answer"):
        imported(project, folder=Path("/nowhere"), running=nobody)
