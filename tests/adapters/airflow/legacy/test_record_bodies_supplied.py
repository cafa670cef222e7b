"""What a task's functions name by settings that somebody supplied."""

from __future__ import annotations

from pathlib import Path

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot

DAG = """
import json, os
from airflow import DAG
from airflow.models import Variable
from airflow.operators.python import PythonOperator
import pandas as pd

def move():
    settings = Variable.get("settings", deserialize_json=True)
    frame = pd.read_csv(f"s3://{Variable.get('bucket', 'sandbox')}/{os.environ['STAGE']}/in.csv")
    frame.to_csv(f"s3://{settings['lake']}/{os.getenv('STAGE', 'dev')}/out.csv")
    frame.to_csv(f"s3://{json.loads(Variable.get('settings'))['lake']}/{os.environ.get('STAGE')}/copy.csv")

with DAG("d", schedule=None) as dag:
    PythonOperator(task_id="t", python_callable=move)
"""


def named(tmp_path: Path, **supplied: object) -> list[str]:
    """The datasets of the task."""
    (tmp_path / "d.py").write_text(DAG)
    snapshot = record_folder(tmp_path, **supplied)  # type: ignore[arg-type]
    (found,) = read_snapshot(snapshot).values()
    return [ref.uri for ref in found.datasets]


def test_supplied_variables_and_environment_stand_above_defaults(tmp_path: Path) -> None:
    found = named(
        tmp_path,
        variables={"bucket": "raw", "settings": {"lake": "lake-prod"}},
        environment={"STAGE": "prod"},
    )

    assert found == [
        "s3://raw/prod/in.csv",
        "s3://lake-prod/prod/copy.csv",
        "s3://lake-prod/prod/out.csv",
    ]


def test_variables_of_the_environment_stand_above_others(tmp_path: Path) -> None:
    found = named(
        tmp_path,
        variables={"bucket": "raw", "settings": {"lake": "lake-prod"}},
        environment={"AIRFLOW_VAR_BUCKET": "told", "AIRFLOW_VAR_OTHER": "x", "STAGE": "s"},
    )

    assert found == [
        "s3://told/s/in.csv",
        "s3://lake-prod/s/copy.csv",
        "s3://lake-prod/s/out.csv",
    ]


def test_what_nobody_supplied_is_the_default_or_open(tmp_path: Path) -> None:
    found = named(tmp_path)

    assert found[0] == "s3://sandbox/{STAGE}/in.csv"
    assert found[-1].endswith("/dev/out.csv")
    assert not any("lake-prod" in uri for uri in found)
