"""Operators that move data: each line of the table, and how places are filled."""

import re

import pytest

from adapters.airflow.legacy.snapshot import Dag, Schedule, Task, TemplateFile
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.families.moves import MOVES
from adapters.airflow.lineage.reading import read_task


def lineage(operator: str, schemes=None, templates=None, **arguments):
    task = Task(task_id="t", operator=f"some.provider.{operator}", arguments=arguments)
    dag = Dag(
        dag_id="d",
        file="d.py",
        schedule=Schedule(kind="none"),
        tasks=(task,),
        templates=templates or {},
    )
    return read_task(task, LineageContext(dag=dag, schemes=schemes or {}))


def touched(found):
    return [ref.uri for ref in found.reads], [ref.uri for ref in found.writes]


@pytest.mark.parametrize("operator", sorted(MOVES))
def test_every_operator_of_the_table_is_known_once_its_arguments_are_given(operator: str) -> None:
    move = MOVES[operator]
    given = {}
    for place in (*move.reads, *move.writes):
        for names in re.findall(r"\{([a-z0-9_|]+)", place):
            name = names.split("|")[0]
            is_query = f"sql:{{{name}" in place
            given[name] = f"select 1 from {name}_table" if is_query else f"/{name}_value"
            if place.startswith("{"):
                given[name] = f"gs://lake/{name}"

    found = lineage(operator, **given)

    assert bool(found.reads) == bool(move.reads)
    assert bool(found.writes) == bool(move.writes)
    assert found.writes_known
    assert not found.findings


CASES = {
    "both_sides": (
        "S3ToRedshiftOperator",
        {"s3_bucket": "lake", "s3_key": "in/{{ ds }}.csv", "schema": "raw", "table": "orders"},
        (["s3://lake/in/{ds}.csv"], ["redshift://redshift_default/raw.orders"]),
    ),
    "a_part_that_may_be_missing": (
        "S3ToRedshiftOperator",
        {"s3_bucket": "lake", "s3_key": "in.csv", "table": "orders"},
        (["s3://lake/in.csv"], ["redshift://redshift_default/orders"]),
    ),
    "a_list": (
        "GCSToBigQueryOperator",
        {
            "bucket": "lake",
            "source_objects": ["a/*.csv", "b.csv"],
            "destination_project_dataset_table": "p:raw.orders$20240101",
        },
        (["gs://lake/a/*.csv", "gs://lake/b.csv"], ["bigquery://default/p.raw.orders"]),
    ),
    "a_url_is_the_whole_place": (
        "S3CopyObjectOperator",
        {"source_bucket_key": "s3://a/x", "dest_bucket_name": "b", "dest_bucket_key": "y"},
        (["s3://a/x"], ["s3://b/y"]),
    ),
    "urls_in_a_list": (
        "BigQueryToGCSOperator",
        {
            "source_project_dataset_table": "p.d.t",
            "destination_cloud_storage_uris": ["gs://b/x-*.avro"],
        },
        (["bigquery://default/p.d.t"], ["gs://b/x-*.avro"]),
    ),
    "chunks_of_an_export": (
        "PostgresToGCSOperator",
        {"postgres_conn_id": "shop", "sql": "select * from m.o", "bucket": "b", "filename": "o-{}"},
        (["postgres://shop/m.o"], ["gs://b/o-*"]),
    ),
    "an_older_name_of_an_argument": (
        "GCSToLocalFilesystemOperator",
        {"bucket": "b", "object": "x", "filename": "/tmp/x"},
        (["gs://b/x"], ["file:///tmp/x"]),
    ),
    "a_table_instead_of_a_query": (
        "ExasolToS3Operator",
        {"query_or_table": "m.orders", "bucket_name": "b", "key": "k"},
        (["exasol://exasol_default/m.orders"], ["s3://b/k"]),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_places_are_filled_from_arguments(name: str) -> None:
    operator, arguments, expected = CASES[name]

    assert touched(lineage(operator, **arguments)) == expected


def test_a_connection_of_unknown_kind_is_what_other_tasks_say_it_is() -> None:
    found = lineage(
        "SqlToS3Operator",
        schemes={"shop": "mysql"},
        sql_conn_id="shop",
        query="select * from orders",
        s3_bucket="b",
        s3_key="k",
    )

    assert touched(found) == (["mysql://shop/orders"], ["s3://b/k"])


def test_a_query_in_a_file_is_read() -> None:
    sql = TemplateFile(path="sql/out.sql", text="select * from orders")

    found = lineage(
        "MySQLToS3Operator", templates={"out.sql": sql}, query="out.sql", s3_bucket="b", s3_key="k"
    )

    assert touched(found) == (["mysql://mysql_default/orders"], ["s3://b/k"])


@pytest.mark.parametrize(
    "arguments",
    [
        {"src": "data/x.csv", "dst": {"opaque": "function name"}, "bucket": "b"},
        {"src": "data/x.csv", "dst": "x.csv", "bucket": {"opaque": "unknown: conf.bucket"}},
        {},
    ],
    ids=["computed", "bucket_computed", "nothing"],
)
def test_nothing_is_guessed_where_an_argument_is_computed(arguments) -> None:
    found = lineage("LocalFilesystemToGCSOperator", **arguments)

    assert touched(found) == ([], [])
    assert not found.writes_known


def test_a_relative_file_is_nobodys_dataset() -> None:
    assert touched(lineage("LocalFilesystemToS3Operator", filename="x", dest_key="s3://b/k")) == (
        [],
        ["s3://b/k"],
    )


def test_sql_that_cannot_be_read_leaves_its_side_unknown() -> None:
    found = lineage("MySQLToS3Operator", query="select from from", s3_bucket="b", s3_key="k")

    assert [finding.code for finding in found.findings] == ["sql_not_read"]
    assert not found.reads_known
    assert found.writes_known
