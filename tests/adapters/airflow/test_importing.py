"""An import's report: what it says of the whole, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.airflow.importing import read_legacy
from bridge.capabilities import ImportReport, LegacySource, Supplied
from bridge.project import find_project

HEAD = """
from datetime import datetime
from airflow import DAG
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator as SQL
"""
ONE = "SQL(task_id='one', conn_id='c', sql='insert into a select * from b')"
TWO = "SQL(task_id='two', conn_id='c', sql='insert into b select * from a')"


def imported(folder: Path, *bodies: str) -> ImportReport:
    """The report on DAGs `d0`, `d1`, … of these bodies, each in a file of its own."""
    dags = folder / "dags"
    dags.mkdir()
    for number, body in enumerate(bodies):
        head = f"with DAG('d{number}', schedule='@daily', start_date=datetime(2024, 1, 1)):"
        (dags / f"d{number}.py").write_text(f"{HEAD}{head}\n    {body}\n")
    return read_legacy(
        LegacySource(folder=dags),
        instance="airflow",
        project=find_project(folder),
        supplied=Supplied(),
    )


@pytest.mark.parametrize(
    ("bodies", "code"),
    [((ONE, TWO), "cycle_across_dags"), ((f"{ONE}; {TWO}",), "circle")],
)
def test_a_circle_is_told_once_of_dags_or_else_of_assets(tmp_path, bodies, code):
    report = imported(tmp_path, *bodies)
    assert report.edges == 1
    found = [each.code for each in report.findings if "circle" in each.message]
    assert found == [code]


def test_a_circle_of_what_two_dags_both_write_is_one_of_assets(tmp_path):
    report = imported(tmp_path, f"{ONE}; {TWO}", f"{ONE}; {TWO}")
    found = [each.code for each in report.findings if "circle" in each.message]
    assert found == ["circle"]
