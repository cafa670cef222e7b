"""Paths of the machine that imports: not in a snapshot."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from adapters.airflow.legacy.record.child.placing import Places
from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot

DAG = """
import json
import os
from pathlib import Path
import pandas as pd
from airflow import DAG, Dataset
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.providers.amazon.aws.transfers.local_to_s3 import LocalFilesystemToS3Operator
from airflow.providers.postgres.operators.postgres import PostgresOperator

HERE = Path(__file__).parent
TOP = str(HERE.parent)
HOME = os.environ["AIRFLOW_HOME"]
ORDERS = Dataset(f"file://{TOP}/data/orders.csv")

def work(path):
    pd.read_csv(path)
    pd.read_csv(f"file://{TOP}/data/b.csv")

with DAG("d", schedule=[ORDERS], template_searchpath=[f"{TOP}/sql"], params={"at": TOP}):
    PythonOperator(task_id="python", python_callable=work, op_kwargs={"path": HERE / "a.csv"})
    BashOperator(task_id="bash", bash_command=f"cp {HOME}/data/a.csv /data/b.csv", outlets=[ORDERS])
    BashOperator(task_id="script", bash_command=f"bash {TOP}/load.sh", env={"HOME_DIR": HOME})
    PostgresOperator(task_id="sql", sql=f"{TOP}/sql/load.sql", postgres_conn_id="dwh")
    LocalFilesystemToS3Operator(task_id="s3", filename=f"{TOP}/data/a.csv", dest_key="s3://b/a")
    for name in json.load(open(HERE / "missing.json")):
        BashOperator(task_id=name, bash_command="true")
"""
FILES = {
    "dags/d.py": textwrap.dedent(DAG),
    "sql/load.sql": "insert into m.t select * from m.a",
    "load.sh": "aws s3 cp s3://b/x /data/x",
}


def written(top: Path) -> Path:
    """The code base at a place; its DAGs' folder."""
    for name, text in FILES.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    return top / "dags"


def test_a_snapshot_is_the_same_wherever_the_code_base_lies(tmp_path: Path) -> None:
    one = record_folder(written(tmp_path / "one" / "shop"), "x")
    other = record_folder(written(tmp_path / "some" / "where" / "else"), "x")

    assert {task.task_id for task in one.dags[0].tasks} >= {"python", "bash", "script", "sql", "s3"}
    assert one.model_copy(update={"folder": ""}) == other.model_copy(update={"folder": ""})
    assert str(tmp_path) not in one.model_copy(update={"folder": ""}).to_json()


def test_files_of_the_code_base_are_told_by_its_folder(tmp_path: Path) -> None:
    snapshot = record_folder(written(tmp_path / "shop"), "x")

    found = read_snapshot(snapshot)

    assert {
        task: sorted(ref.uri for ref in each.datasets) for (_, _, task), each in found.items()
    } == {
        "python": ["file:///{folder}/dags/a.csv", "file:///{folder}/data/b.csv"],
        "bash": ["file:///{folder}/data/a.csv", "file:///{folder}/data/orders.csv"],
        "script": ["file:///data/x", "s3://b/x"],
        "sql": ["postgres://dwh/m.a", "postgres://dwh/m.t"],
        "s3": ["file:///{folder}/data/a.csv", "s3://b/a"],
    }
    assert snapshot.dags[0].schedule.datasets == ("file:///{folder}/data/orders.csv",)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/srv/shop/data/x.csv", "/{{ folder }}/data/x.csv"),
        ("cp /srv/shop/a /srv/shop", "cp /{{ folder }}/a /{{ folder }}"),
        ("sqlite:////srv/shop/x.db", "sqlite:////{{ folder }}/x.db"),
        ("/srv/airflow/x.csv", "/{{ AIRFLOW_HOME }}/x.csv"),
        ("s3://lake/srv/shop/x.csv", None),
        ("/srv/shop-old/x.csv", None),
        ("/srv/shop.csv", None),
        ("/srv/x.csv", None),
        ("/mnt/srv/shop/x.csv", None),
    ],
)
def test_only_paths_of_the_code_base_are_told_otherwise(text: str, wanted: str | None) -> None:
    places = Places(["/srv/shop"], "/srv/airflow")

    assert places.placed(text) == (wanted or text)


@pytest.mark.parametrize("folder", ["/dags", "/srv/dags", "/tmp/dags", "/private/tmp/dags"])
def test_a_place_where_other_things_lie_is_no_home(folder: str) -> None:
    home = folder.rpartition("/")[0]

    assert Places([folder], home).placed(f"{home}/x.csv") == f"{home}/x.csv"


@pytest.mark.parametrize("given", ["shop", "shop/dags"])
def test_code_finds_its_home_whichever_folder_is_given(tmp_path: Path, given: str) -> None:
    (tmp_path / "shop/dags").mkdir(parents=True)
    (tmp_path / "shop/include/tables/orders").mkdir(parents=True)
    (tmp_path / "shop/requirements.txt").write_text("")
    text = """
    import os
    from airflow import DAG
    from airflow.operators.bash import BashOperator
    HOME = os.environ.get("AIRFLOW_HOME")
    with DAG("d"):
        for name in os.listdir(os.path.join(HOME, "include", "tables")):
            BashOperator(task_id=name, bash_command=f"cp {HOME}/data/{name}.csv /data/x.csv")
    """
    (tmp_path / "shop/dags/d.py").write_text(textwrap.dedent(text))

    snapshot = record_folder(tmp_path / given, "x")

    (task,) = snapshot.dags[0].tasks
    assert task.task_id == "orders"
    assert task.arguments["bash_command"] == "cp /{{ folder }}/data/orders.csv /data/x.csv"
