"""Operators that move data: each line of the table, and how places are filled."""

import re

import pytest

from adapters.airflow.legacy.snapshot import Dag, Schedule, Task, TemplateFile
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.families.moves import MOVES, WAITS
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


LINES = [
    pytest.param(name, move, id=name + (f"[{move.argument}]" if move.argument else ""))
    for table in (MOVES, WAITS)
    for name, moves in sorted(table.items())
    for move in moves
]


def filling(move) -> dict:
    """Arguments that the places of a line name, each with a value of its own."""
    given: dict = {}
    for place in (*move.reads, *move.writes):
        for names in re.findall(r"\{([\w.*|]+)", place):
            path = names.split("|")[0]
            word = re.sub(r"\W", "_", path)
            value = f"select 1 from {word}_table" if f"sql:{{{names}" in place else f"/{word}_value"
            put(given, path.split("."), f"gs://lake/{word}" if place.startswith("{") else value)
    if move.argument:
        put(given, move.argument.split("."), move.value or {})
    return given


def put(inside, path: list[str], value) -> None:
    """Set what is at a path, keeping what else is there."""
    name, *rest = path
    if name == "*":
        inside[:] = inside or [{}]
        put(inside[0], rest, value)
    elif rest:
        put(inside.setdefault(name, [] if rest[0] == "*" else {}), rest, value)
    elif not (isinstance(value, dict) and name in inside):
        inside[name] = value


@pytest.mark.parametrize(("operator", "move"), LINES)
def test_every_operator_of_the_table_is_known_once_its_arguments_are_given(operator, move) -> None:
    found = lineage(operator, **filling(move))

    assert bool(found.reads) == bool(move.reads)
    assert bool(found.writes) == bool(move.writes)
    assert found.writes_known
    assert not found.findings


@pytest.mark.parametrize(("operator", "move"), LINES)
def test_no_operator_of_the_table_is_guessed_at_without_arguments(operator, move) -> None:
    arguments = {move.argument: move.value} if move.value else {}

    assert touched(lineage(operator, **arguments)) == ([], [])


CASES = {
    "inside_an_argument": (
        "SageMakerTrainingOperator",
        {
            "config": {
                "InputDataConfig": [
                    {"DataSource": {"S3DataSource": {"S3Uri": "s3://b/train"}}},
                    {"DataSource": {"S3DataSource": {"S3Uri": "s3://b/test"}}},
                ],
                "OutputDataConfig": {"S3OutputPath": "s3://b/model"},
            }
        },
        (["s3://b/test", "s3://b/train"], ["s3://b/model"]),
    ),
    "a_load_of_a_job": (
        "BigQueryInsertJobOperator",
        {
            "configuration": {
                "load": {
                    "sourceUris": ["gs://b/x*.csv"],
                    "destinationTable": {"projectId": "p", "datasetId": "d", "tableId": "t$2024"},
                }
            }
        },
        (["gs://b/x*.csv"], ["bigquery://default/p.d.t"]),
    ),
    "an_upload": (
        "SFTPOperator",
        {"ssh_conn_id": "c", "local_filepath": "/tmp/x", "remote_filepath": "/in/x"},
        (["file:///tmp/x"], ["sftp://c/in/x"]),
    ),
    "a_download": (
        "SFTPOperator",
        {
            "ssh_conn_id": "c",
            "local_filepath": "/tmp/x",
            "remote_filepath": "/in/x",
            "operation": "GET",
        },
        (["sftp://c/in/x"], ["file:///tmp/x"]),
    ),
    "a_schema_said_twice": (
        "S3ToRedshiftOperator",
        {"s3_bucket": "b", "s3_key": "k", "schema": "raw", "table": "raw.orders"},
        (["s3://b/k"], ["redshift://redshift_default/raw.orders"]),
    ),
    "an_address_over_http": (
        "S3ToTeradataOperator",
        {"s3_source_key": "/s3/lake.s3.amazonaws.com/in/x.csv", "teradata_table": "t"},
        (["s3://lake/in/x.csv"], ["teradata://teradata_default/t"]),
    ),
    "mapped": (
        "S3CopyObjectOperator",
        {"dest_bucket_key": "s3://b/y", "expand": {"source_bucket_key": ["s3://a/1", "s3://a/2"]}},
        (["s3://a/1", "s3://a/2"], ["s3://b/y"]),
    ),
    "a_partition_waited_for": (
        "NamedHivePartitionSensor",
        {"partition_names": ["m.orders/ds={{ ds }}"], "metastore_conn_id": "h"},
        (["hive://h/m.orders"], []),
    ),
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


@pytest.mark.parametrize(
    ("operator", "arguments"),
    [
        ("SFTPOperator", {"operation": "delete", "remote_filepath": "/in/x"}),
        ("BigQueryInsertJobOperator", {"configuration": {"load": {}}}),
    ],
)
def test_an_operator_that_does_something_else_moves_nothing(operator: str, arguments) -> None:
    assert touched(lineage(operator, **arguments)) == ([], [])


@pytest.mark.parametrize("given", [{}, {"method": "POST"}, {"method": "PATCH"}])
def test_what_is_sent_to_an_address_may_be_written_there(given) -> None:
    (found,) = lineage("HttpOperator", endpoint="/orders", http_conn_id="shop", **given).datasets

    assert (found.direction, found.uri) == ("write", "http://shop/orders")
    assert found.confidence < 0.8


def test_the_schema_of_the_target_is_not_that_of_the_query() -> None:
    found = lineage(
        "GenericTransfer",
        schema="public",
        sql="select * from orders",
        source_conn_id="a",
        destination_conn_id="b",
        destination_table="orders",
    )

    assert touched(found) == (["sql://a/orders"], ["sql://b/orders"])


@pytest.mark.parametrize(
    ("key", "confidence"),
    [
        ("in/{{ ds }}.csv", 0.95),
        ("in/{{ data_interval_start.strftime('%Y') }}.csv", 0.95),
        ("{{ var.value.folder }}/x.csv", 0.95),
        ("{{ params.folder }}/x.csv", 0.6),
        ("{{ ti.xcom_pull('up') }}", 0.5),
        ("{{ unknown }}.csv", 0.5),
    ],
)
def test_only_times_and_settings_are_certain_in_a_name(key: str, confidence: float) -> None:
    found = lineage("S3ReadObjectOperator", s3_bucket="b", s3_key=key)

    assert [ref.confidence for ref in found.reads] == [confidence]


def test_a_place_that_the_table_guesses_is_a_guess() -> None:
    found = lineage("HttpSensor", http_conn_id="shop", endpoint="orders")

    assert [(ref.uri, ref.confidence) for ref in found.reads] == [("http://shop/orders", 0.5)]
