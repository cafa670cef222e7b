"""Names that documentation leaves to be filled in."""

import pytest

from adapters.airflow.legacy.blanks import has_blank
from adapters.airflow.legacy.snapshot import Dag, Schedule, Task
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.reading import read_task
from tests.adapters.airflow.lineage.written_calls import lineage

BLANK = """
gs://<PROJECT ID>/x
bigquery://default/%3cproject%3e.d.t
bigquery://default/p.<your dataset>.t
s3://your-bucket-name/x
s3://your_bucket/x
s3://yourbucket/x
s3://YOUR-S3-BUCKET/x
s3://your-company-data-bucket/x
s3://b/your_file/x.csv
postgres://dwh/your_schema.t
bigquery://default/your_project_id.d.t
s3://REPLACE_ME/x
s3://changeme/x
gs://put-your-bucket-here/x
gs://insert_bucket_name_here/x
s3://TODO/x
"""
NAMES = """
gs://project-id/x
s3://my-bucket/x
s3://example-bucket/x
s3://bucket/your-orders/x
s3://yourls-logs/x
postgres://dwh/public.your_votes
postgres://dwh/app.todo
postgres://dwh/app.todo_items
s3://b/replacements/x
s3://b/exchange_me_rates
s3://{your_bucket}/x
s3://b/{var.value.your_bucket_name}/x
https://api.example.com/v1/here
s3://b/input_here/x
s3://b/a<b/x
s3://b/<3>/x
"""


@pytest.mark.parametrize("uri", BLANK.split("\n")[1:-1])
def test_blanks_are_seen(uri: str) -> None:
    assert has_blank(uri)


@pytest.mark.parametrize("uri", NAMES.split())
def test_names_are_none(uri: str) -> None:
    assert not has_blank(uri)


def test_a_dataset_with_a_blank_is_hardly_one_and_says_why() -> None:
    found = lineage("pd.read_csv('s3://your-bucket/x.csv')", "pd.read_csv('s3://lake/x.csv')")

    assert [(ref.uri, ref.evidence, ref.confidence) for ref in found.datasets] == [
        ("s3://lake/x.csv", "argument", 0.85),
        ("s3://your-bucket/x.csv", "placeholder", 0.3),
    ]


def test_what_is_declared_stays_declared() -> None:
    task = Task(task_id="t", operator="x.EmptyOperator", outlets=("s3://your-bucket/x.csv",))
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))

    (found,) = read_task(task, LineageContext(dag=dag)).datasets

    assert (found.evidence, found.confidence) == ("declared", 1.0)
