"""Operators that a function makes and executes: read as tasks of their own."""

from __future__ import annotations

import pytest

from tests.adapters.airflow.lineage.written_calls import lineage, touched

FOUND = {
    "GCSToBigQueryOperator(task_id='x', bucket='lake', source_objects=['a/*.csv'],"
    " destination_project_dataset_table='p.d.a').execute(context())": (
        ["gs://lake/a/*.csv"],
        ["bigquery://default/p.d.a"],
    ),
    "SQLExecuteQueryOperator(task_id='x', conn_id='dwh', sql='insert into a.b select 1 from a.c')"
    ".execute({})": (["sql://dwh/a.c"], ["sql://dwh/a.b"]),
    "BashOperator(task_id='x', bash_command='aws s3 cp s3://b/x.csv s3://c/x.csv')"
    ".execute(context=context())": (["s3://b/x.csv"], ["s3://c/x.csv"]),
}


@pytest.mark.parametrize("text", FOUND)
def test_an_executed_operator_is_read_as_a_task_is(text: str) -> None:
    found = lineage(text)

    assert touched(found) == FOUND[text]
    assert found.nature == "data"
    assert "unknown_outputs" not in [finding.code for finding in found.findings]


@pytest.mark.parametrize(
    "text",
    [
        "GCSToBigQueryOperator(task_id='x', bucket='b', source_objects=['x']).dry_run()",
        "Operator(bucket='b').execute({})",
        "TriggerDagRunOperator(task_id='x', trigger_dag_id='y').execute({})",
        "requests.TransferOperator(bucket='b', key='s3://b/k').execute({})",
    ],
)
def test_what_is_no_executed_operator_says_nothing(text: str) -> None:
    assert lineage(text).datasets == ()
