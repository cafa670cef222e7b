"""Templates that a DAG's own macros and filters, and supplied Variables, fill before a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.airflow.legacy.snapshot import DagSnapshot
from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot
from bridge.capabilities import ConnectionAddress

DAG = """
import os
from datetime import datetime
from pathlib import Path
import pandas as pd
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.providers.postgres.operators.postgres import PostgresOperator

def place(name, day=None):
    return f"s3://lake/{{name}}/{{day}}"

def below(name):
    return Path("/data") / name

def year_of(day):
    return datetime.strptime(day, "%Y-%m-%d").year

def forever():
    while True:
        pass

def leave(path):
    open("/nowhere/x", "w")

def read(path):
    pd.read_csv(path)

with DAG(
    "d",
    schedule=None,
    user_defined_macros=dict(
        place=place, below=below, year_of=year_of, forever=forever, leave=leave,
        own="b1", tables=["a", "b"], settings=dict(layer=dict(raw="r1")),
    ),
    user_defined_filters=dict(short=lambda day: day[2:], named=lambda text, end: text + "_" + end),
):
    BashOperator(task_id="t", bash_command={text!r})
    PythonOperator(task_id="p", python_callable=read, op_kwargs={{"path": "s3://{{{{ own }}}}/x"}})
    PostgresOperator(task_id="file", postgres_conn_id="dwh", sql="load.sql")
"""
SQL = """
{% for t in tables %}
insert into m.{{ t }} select * from {{ t }} where d = {{ ds }};
{% endfor %}
"""
VARIABLES = {
    "bucket": "vb",
    "layers": {"raw": "vr", "api_token": "hidden-9"},
    "db_password": "pw",
}
TEXTS = {
    "{{ own }}": "b1",
    "{{ settings.layer.raw }}-{{ settings['layer']['raw'] }}": "r1-r1",
    "{{ below('in') }}": "/data/in",
    "{{ place('in') }}": "s3://lake/in/None",
    "{{ place('in', ds) }}": "s3://lake/in/{{ ds }}",
    "{{ place(params.name, day=ds[:4]) }}": "s3://lake/{{ params.name }}/{{ ds[:4] }}",
    "{{ place(own, logical_date.strftime('%Y')) }}": (
        "s3://lake/b1/{{ logical_date.strftime('%Y') }}"
    ),
    "{{ ds | short }}": "{{ ds[2:] }}",
    "{{ 'x' | named('y') }}/{{ ds }}": "x_y/{{ ds }}",
    "{% if own == 'b1' %}one {{ ds }}{% endif %}": "one {{ ds }}",
    "{{ var.value.bucket }}/{{ var.json.layers.raw }}": "vb/vr",
    "{{ var.value.get('bucket') }}/{{ var.value.get('other', 'o') }}": "vb/o",
    "{{ place(var.value.bucket) }}": "s3://lake/vb/None",
    # left as they are: only a run knows, or nobody supplied it, or it is a secret
    "{{ year_of(ds) }}": None,
    "{{ place }}": None,
    "{{ own }}{{ year_of(ds) }}": "b1{{ year_of(ds) }}",
    "{{ leave('x') }}": None,
    "{{ ds }} {{ params.own_x }}": None,
    "{{ var.value.nobody }}": None,
    "{{ var.json.layers.api_token }}{{ var.json.layers }}": None,
    "{{ var.value.db_password }}": None,
    "{% if ds > own %}x{% endif %}{{ own }}": None,
    "{{ own": None,
}


def recorded(folder: Path, text: str) -> DagSnapshot:
    (folder / "d.py").write_text(DAG.format(text=text))
    (folder / "load.sql").write_text(SQL)
    return record_folder(folder, "x", variables=VARIABLES)


@pytest.mark.parametrize("text", TEXTS)
def test_templates_are_filled_as_far_as_they_are_known(tmp_path: Path, text: str) -> None:
    task = recorded(tmp_path, text).dags[0].task("t")

    assert task is not None
    assert task.arguments["bash_command"] == (TEXTS[text] or text)


def test_functions_and_sql_files_have_filled_templates(tmp_path: Path) -> None:
    found = {
        task: sorted(ref.uri for ref in each.datasets)
        for (_, _, task), each in read_snapshot(recorded(tmp_path, "true")).items()
    }

    assert found["p"] == ["s3://b1/x"]
    assert found["file"] == [
        *("postgres://dwh/a", "postgres://dwh/b"),
        *("postgres://dwh/m.a", "postgres://dwh/m.b"),
    ]


def test_a_macro_that_does_not_end_costs_the_macros_of_its_dag_and_no_more(tmp_path: Path) -> None:
    snapshot = recorded(tmp_path, "{{ forever() }} {{ place('x') }} {{ var.value.bucket }}")

    task = snapshot.dags[0].task("t")
    assert task is not None
    assert task.arguments["bash_command"] == "{{ forever() }} {{ place('x') }} vb"


def test_no_secret_that_was_supplied_reaches_the_snapshot(tmp_path: Path) -> None:
    text = "{{ var.json.layers.api_token }} {{ var.value.layers }} {{ place(var.value.layers) }}"

    assert "hidden-9" not in recorded(tmp_path, text).to_json()


def test_a_variable_of_the_environment_fills_templates(tmp_path: Path) -> None:
    (tmp_path / "d.py").write_text(
        DAG.format(text="{{ var.value.Stage }} {{ var.json.layers.raw }} {{ var.value.other }}")
    )
    environment = {"AIRFLOW_VAR_STAGE": "prod", "AIRFLOW_VAR_LAYERS": '{"raw": "r"}'}

    task = record_folder(tmp_path, "x", environment=environment).dags[0].task("t")

    assert task is not None
    assert task.arguments["bash_command"] == "prod r {{ var.value.other }}"


def test_connections_that_are_known_fill_templates_with_what_is_no_secret(tmp_path: Path) -> None:
    text = "aws s3 cp s3://{{ conn.lake.schema }}/{{ conn.lake.login }}/x s3://{{ conn.x.host }}/y"
    connections = {"lake": ConnectionAddress(kind="aws", database="raw")}

    snapshot = recorded(tmp_path, text)

    known = read_snapshot(snapshot, connections)["d.py", "d", "t"]
    assert [ref.uri for ref in known.datasets] == ["s3://raw/{conn.lake.login}/x", "s3://x/y"]
    unknown = read_snapshot(snapshot)["d.py", "d", "t"]
    assert [ref.uri for ref in unknown.reads] == ["s3://lake/{conn.lake.login}/x"]


def test_the_host_of_a_connection_that_is_known_is_the_one_of_an_address(tmp_path: Path) -> None:
    snapshot = recorded(tmp_path, "curl https://{{ conn.api.host }}/x -o /data/x")
    connections = {"api": ConnectionAddress(kind="http", host="api.example")}

    found = read_snapshot(snapshot, connections)["d.py", "d", "t"]

    assert [ref.uri for ref in found.reads] == ["https://api.example/x"]
