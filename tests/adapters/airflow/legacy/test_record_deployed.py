"""The environment, as the files of a deployment in the code base say it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.airflow.legacy.record.deployed import deployed_environment
from adapters.airflow.legacy.snapshot import DagSnapshot

Recorder = Callable[..., DagSnapshot]
DAG = """
import os
from airflow import DAG
from airflow.operators.bash import BashOperator
with DAG("x"):
    BashOperator(task_id="t", bash_command="cp " + os.environ["BUCKET"] + " /data/x")
"""
COMPOSE = """
x-common: &common
  image: ${AIRFLOW_IMAGE:-apache/airflow:2.9.0}
  environment: &environment
    AIRFLOW__CORE__EXECUTOR: LocalExecutor
    AIRFLOW_CONN_DWH: postgres://u:p@dwh/shop
    BUCKET: orders-lake
    PORT: 5433
    IS_ON: true
    DB_PASSWORD: hunter22
    SHOP_URL: postgresql://u:p@dwh:5432/shop
    REGION: ${REGION:-eu-west-1}
    FROM_DOTENV: ${NAME_OF_LAKE}/in
    UNKNOWN: ${NOBODY_KNOWS}
    PLACE: ${PWD}/data
    STAGE: dev
services:
  scheduler:
    <<: *common
    env_file: [settings.env]
  database:
    image: postgres:16
    environment: {POSTGRES_DB: airflow}
"""


def environment(folder: Path, files: dict[str, str]) -> dict[str, str]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "dags").mkdir(exist_ok=True)
    return dict(deployed_environment(folder / "dags", folder).values)


def test_the_airflow_services_of_a_compose_file_say_their_environment(tmp_path: Path) -> None:
    files = {
        "docker-compose.yml": COMPOSE,
        ".env": "NAME_OF_LAKE=lake # of ours\n",
        "settings.env": "export TOPIC='orders'\nno line\n# A=b\n",
    }
    assert environment(tmp_path, files) == {
        "BUCKET": "orders-lake",
        "PORT": "5433",
        "IS_ON": "true",
        "SHOP_URL": "postgresql://dwh:5432/shop",
        "REGION": "eu-west-1",
        "FROM_DOTENV": "lake/in",
        "NAME_OF_LAKE": "lake",
        "TOPIC": "orders",
    }


FILES = {
    "a list": (
        "compose.yaml",
        "services: {airflow-worker: {environment: ['A=x', 'B', 'C=y=z']}}",
        {"A": "x", "C": "y=z"},
    ),
    "a Dockerfile": (
        "docker/Dockerfile",
        'FROM apache/airflow\nENV A=x B="y z" \\\n  C=$HOME/c\nENV D e f\nRUN ENV',
        {"A": "x", "B": "y z", "D": "e f"},
    ),
    "a chart": (
        "chart/values.yaml",
        "airflow:\n  extraEnv: |\n    - {name: A, value: x}\nworkers:\n  env:\n"
        "  - {name: B, value: 3}\n  - {name: C, valueFrom: {secretKeyRef: {}}}\n",
        {"A": "x", "B": "3"},
    ),
    "an example": (".env.example", "A=x\nB=\nC=<your bucket>\nD=xxxx\nE=changeme\n", {"A": "x"}),
    "another image": ("Dockerfile", "FROM python:3.11\nENV A=x\n", {}),
    "other services": ("docker-compose.yml", "services: {web: {environment: {A: x}}}", {}),
    "no YAML": ("docker-compose.yml", "services: [", {}),
    "another chart": ("values.yaml", "env: [{name: A, value: x}]", {}),
    "secrets": (".env", "API_TOKEN=abc\nSECRET_KEY=abc\nPASSWORD=abc\nDB_PASS=abc\n", {}),
    "more secrets": (
        ".env",
        "AWS_ACCESS_KEY_ID=abc\nSENTRY_DSN=https://abc@h/1\nSLACK_WEBHOOK_URL=https://h/abc\n"
        "OPENAI_KEY=abc\nGITHUB_PAT=abc\n",
        {},
    ),
    "what looks like one": (
        ".env",
        f"A={'AK'}IAIOSFODNN7ABCDEFGH\nB=0123456789abcdef0123456789abcdef\nC=orders_of_the_shop\n"
        "D=https://h/x?sig=abc\nE=host=h password=abc\n",
        {"C": "orders_of_the_shop"},
    ),
    "of the image's user": (".env", "A=/home/airflow/a.yml", {"A": "/home/airflow/a.yml"}),
    "of a machine": (".env", "A=/home/ada/data\nB=./data\nHOME=/root\nPYTHONPATH=/x\n", {}),
    "a stage": (".env", "STAGE=dev\nTARGET=ci\nHOST=localhost\n", {}),
    "of tests": (
        "docker-compose.ci.yml",
        "services: {airflow: {environment: {BUCKET: lake}}}",
        {},
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_files_of_a_deployment(tmp_path: Path, name: str) -> None:
    file, text, expected = FILES[name]
    assert environment(tmp_path, {file: text}) == expected


def test_the_machine_that_imports_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "BUCKET_OF_MINE", "mine")
    files = {
        "compose.yml": "services: {airflow: {environment: {A: '${BUCKET_OF_MINE}', B: ''}}}",
        ".env": f"C={tmp_path}/data\n",
    }
    assert environment(tmp_path, files) == {}


def test_no_file_outside_of_the_code_base_is_read(tmp_path: Path) -> None:
    (tmp_path / "outside.env").write_text("A=x\n", encoding="utf-8")
    compose = "services: {airflow: {env_file: ../outside.env}}"
    assert environment(tmp_path / "code", {"docker-compose.yml": compose}) == {}


def test_production_and_what_is_nearer_come_first(tmp_path: Path) -> None:
    compose = "services: {{airflow: {{environment: {{A: {}}}}}}}"
    files = {
        "docker-compose.yml": compose.format("plain"),
        "docker-compose.prod.yml": compose.format("production"),
    }
    assert environment(tmp_path, files) == {"A": "production"}
    assert environment(tmp_path, {"dags/.env": "A=nearer"}) == {"A": "nearer"}


def test_what_the_deployment_says_is_an_assumption_that_names_its_file(record: Recorder) -> None:
    snapshot = record({"dag.py": DAG, "../docker-compose.yml": COMPOSE})
    assert snapshot.dags[0].tasks[0].arguments["bash_command"] == "cp orders-lake /data/x"
    (found,) = [one for one in snapshot.findings if one.code == "deployed_environment"]
    assert found.message == (
        "the environment variable BUCKET is assumed to be what docker-compose.yml says"
    )
    assert (found.file, found.line) == ("dag.py", 5)


def test_what_is_supplied_stands_above_the_deployment(record: Recorder) -> None:
    compose = (
        "services: {airflow: {environment: {BUCKET: lake, AIRFLOW_VAR_TABLE: a}}}"  # as Airflow has
    )
    files = {"dag.py": DAG, "../docker-compose.yml": compose}
    snapshot = record(files, environment={"BUCKET": "real"}, variables={"table": "b"})
    assert snapshot.dags[0].tasks[0].arguments["bash_command"] == "cp real /data/x"


def test_a_value_that_nobody_asks_for_is_no_finding(record: Recorder) -> None:
    files = {"dag.py": DAG, "../.env": "OTHER=x\n"}
    codes = {one.code for one in record(files).findings}
    assert "deployed_environment" not in codes


def test_the_function_of_a_task_knows_the_deployment_too(record: Recorder) -> None:
    code = """
    import os
    import pandas as pd
    from airflow import DAG
    from airflow.operators.python import PythonOperator
    def work():
        pd.read_csv(f"s3://{os.getenv('BUCKET')}/x.csv")
    with DAG("x"):
        PythonOperator(task_id="t", python_callable=work)
    """
    snapshot = record({"dag.py": code, "../.env": "BUCKET=lake\n"})
    assert snapshot.dags[0].tasks[0].calls[0].arguments == ("s3://lake/x.csv",)
    assert [one.line for one in snapshot.findings if one.code == "deployed_environment"] == [6]


def test_without_such_a_file_the_environment_is_assumed(record: Recorder) -> None:
    snapshot = record(DAG)
    assert snapshot.dags[0].tasks[0].arguments["bash_command"] == "cp {{ BUCKET }} /data/x"
    assert not [one for one in snapshot.findings if one.code == "deployed_environment"]
