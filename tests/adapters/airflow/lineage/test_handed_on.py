"""Files in the working folder that one task leaves for another."""

from __future__ import annotations

import textwrap
from pathlib import Path

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot

HEAD = """
import pandas as pd
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

def task(name, function):
    return PythonOperator(task_id=name, python_callable=function)
"""


def rated(tmp_path: Path, body: str) -> dict[str, float]:
    (tmp_path / "d.py").write_text(HEAD + textwrap.dedent(body))
    lineage = read_snapshot(record_folder(tmp_path, "x"))
    return {
        f"{place[2]} {ref.direction} {ref.uri}": ref.confidence
        for place, of_task in lineage.items()
        for ref in of_task.datasets
    }


def test_a_file_that_one_function_writes_and_another_reads_is_certain(tmp_path: Path) -> None:
    body = """
    def make():
        pd.DataFrame().to_csv("tmp/prices.csv")
        pd.DataFrame().to_csv("tmp/rest.csv")
    def use():
        pd.read_csv("tmp/prices.csv")
    with DAG("d"):
        task("make", make) >> task("use", use)
    """

    assert rated(tmp_path, body) == {
        "make write file:///{cwd}/tmp/prices.csv": 0.8,
        "make write file:///{cwd}/tmp/rest.csv": 0.4,
        "use read file:///{cwd}/tmp/prices.csv": 0.8,
    }


def test_what_a_task_itself_reads_again_stays_a_guess(tmp_path: Path) -> None:
    body = """
    def both():
        pd.DataFrame().to_csv("tmp/prices.csv")
        pd.read_csv("tmp/prices.csv")
    with DAG("d"):
        task("both", both)
    """

    assert set(rated(tmp_path, body).values()) <= {0.4}


def test_names_with_unknown_parts_other_dags_and_shells_hand_on_nothing(tmp_path: Path) -> None:
    body = """
    def make(**context):
        pd.DataFrame().to_csv(f"tmp/{context['what']}.csv")
        pd.DataFrame().to_csv("tmp/a.csv")
        pd.DataFrame().to_csv("tmp/b.csv")
    def use(**context):
        pd.read_csv(f"tmp/{context['what']}.csv")
    def other():
        pd.read_csv("tmp/a.csv")
    with DAG("d"):
        task("make", make) >> task("use", use)
        BashOperator(task_id="shell", bash_command="cp tmp/b.csv /data/b.csv")
    with DAG("e"):
        task("other", other)
    """
    found = rated(tmp_path, body)

    here = {name: each for name, each in found.items() if "{cwd}" in name}
    assert len(here) >= 5
    assert set(here.values()) == {0.4}
