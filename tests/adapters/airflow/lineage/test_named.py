"""Operators of a code base's own: places guessed from what their arguments are called."""

import pytest

from adapters.airflow.legacy.snapshot import Call, Dag, DagSnapshot, Schedule, Task
from adapters.airflow.lineage.reading import read_snapshot


def lineage(operator: str, calls=(), **arguments):
    task = Task(task_id="t", operator=operator, arguments=arguments, calls=calls)
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    (found,) = read_snapshot(DagSnapshot(instance="i", folder="f", dags=(dag,))).values()
    return found


def touched(found):
    return [ref.uri for ref in found.reads], [ref.uri for ref in found.writes]


FOUND = {
    "urls": (
        "acme.Cleanse",
        {"input_path": "s3://lake/raw/{{ ds }}", "output_path": "s3://lake/clean"},
        (["s3://lake/raw/{ds}"], ["s3://lake/clean"]),
    ),
    "urls_inside_of_an_argument": (
        "acme.Cleanse",
        {"job": {"source_uri": "gs://a/x", "target_uri": "gs://b/x"}},
        (["gs://a/x"], ["gs://b/x"]),
    ),
    "buckets_and_keys": (
        "acme.Cleanse",
        {"source_bucket": "a", "source_key": "x", "dest_bucket": "b", "dest_key": "y"},
        (["s3://a/x"], ["s3://b/y"]),
    ),
    "a_store_by_its_class": (
        "acme.LocalToGcs",
        {"local_path": "/data/out/x.csv", "bucket": "b", "object_name": "x.csv"},
        (["file:///data/out/x.csv"], ["gs://b/x.csv"]),
    ),
    "a_file_in_a_folder": (
        "acme.UploadFile",
        {"base_path": "/data/out", "file_name": "x.csv"},
        (["file:///data/out/x.csv"], []),
    ),
    "a_table_with_schema_and_connection": (
        "acme.LoadOrders",
        {"pg_table": "orders", "schema": "raw", "postgres_conn_id": "dwh"},
        ([], ["postgres://dwh/raw.orders"]),
    ),
    "two_tables": (
        "acme.CopyTable",
        {
            "source_table": "m.a",
            "source_conn_id": "mysql_shop",
            "target_table": "raw.a",
            "target_conn_id": "snowflake_dwh",
        },
        (["mysql://mysql_shop/m.a"], ["snowflake://snowflake_dwh/raw.a"]),
    ),
    "bigquery": (
        "acme.WriteFacts",
        {"dataset_id": "d", "table_id": "t", "gcp_conn_id": "g"},
        ([], ["bigquery://default/d.t"]),
    ),
    "bigquery_by_its_connection": (
        "acme.CopyTable",
        {"source_table": "p.d.a", "target_table": "p.d.b", "gcp_conn_id": "g"},
        (["bigquery://default/p.d.a"], ["bigquery://default/p.d.b"]),
    ),
    "the_side_of_the_class_that_an_argument_is_about": (
        "acme.PostgresToBigQuery",
        {
            "postgres_conn_id": "shop",
            "source_table": "m.a",
            "dataset": "d",
            "destination_table": "t",
        },
        (["postgres://shop/m.a"], ["bigquery://default/d.t"]),
    ),
    "tables_that_are_checked": (
        "acme.DataQuality",
        {"redshift_conn_id": "dwh", "tables": ["m.a", "m.b"]},
        (["redshift://dwh/m.a", "redshift://dwh/m.b"], []),
    ),
    "sql_of_each_check": (
        "acme.DataQuality",
        {
            "redshift_conn_id": "dwh",
            "checks": [
                {"check_sql": "select count(*) from m.a", "expected": 0},
                {"check_sql": "select count(*) from m.b", "expected": 0},
            ],
        },
        (["redshift://dwh/m.a", "redshift://dwh/m.b"], []),
    ),
    "a_view": (
        "acme.RefreshView",
        {"view": "m.v", "postgres_conn_id": "dwh"},
        ([], ["postgres://dwh/m.v"]),
    ),
    "a_topic": (
        "acme.KafkaToS3",
        {"topic": "orders", "kafka_conn_id": "k", "bucket": "b", "prefix": "orders"},
        (["kafka://k/orders"], ["s3://b/orders"]),
    ),
    "a_collection": (
        "acme.ExportDocuments",
        {"mongo_conn_id": "m", "mongo_db": "shop", "mongo_collection": "orders"},
        (["mongodb://m/shop.orders"], []),
    ),
    "an_index": (
        "acme.LoadProducts",
        {"es_conn_id": "search", "index": "products"},
        ([], ["elasticsearch://search/products"]),
    ),
    "an_endpoint": (
        "acme.FetchOrders",
        {"http_conn_id": "api", "endpoint": "/v1/orders"},
        (["http://api/v1/orders"], []),
    ),
    "a_path_of_a_connection": (
        "acme.FtpToS3",
        {"ftp_conn_id": "in", "remote_path": "/in/x.csv", "s3_bucket": "b", "s3_key": "x.csv"},
        (["ftp://in/in/x.csv"], ["s3://b/x.csv"]),
    ),
    "urls_in_a_list_that_is_a_text": (
        "acme.Cleanse",
        {"input_paths": '["s3://a/x", "s3://a/y"]'},
        (["s3://a/x", "s3://a/y"], []),
    ),
    "sql_by_another_name": (
        "acme.Report",
        {"report_query": "select * from m.orders", "conn_id": "postgres_dwh"},
        (["postgres://postgres_dwh/m.orders"], []),
    ),
    "sql_of_the_source_and_a_table": (
        "acme.PostgresToHive",
        {
            "hive_cli_conn_id": "lake",
            "postgres_conn_id": "shop",
            "sql": "select * from orders",
            "hive_table": "orders_raw",
        },
        (["postgres://shop/orders"], ["hive://lake/orders_raw"]),
    ),
    "names_in_capitals_and_in_one_word": (
        "acme.Run",
        {
            "TARGET_GCS_BUCKET": "b",
            "TARGET_GCS_PATH": "out/x.csv",
            "sourceBucket": "a",
            "sourceKey": "k",
        },
        (["s3://a/k"], ["gs://b/out/x.csv"]),
    ),
    "variables_of_a_container": (
        "x.KubernetesPodOperator",
        {
            "env_vars": [
                {"name": "TARGET_BUCKET", "value": "b"},
                {"name": "TARGET_KEY", "value": "k"},
            ]
        },
        ([], ["s3://b/k"]),
    ),
    "a_path_on_a_host": (
        "x.KubernetesPodOperator",
        {"env_vars": {"SFTP_HOST": "files.acme.com", "DST_PATH": "out/{{ ds }}.csv"}},
        ([], ["sftp://files.acme.com/out/{ds}.csv"]),
    ),
    "a_renaming": (
        "acme.RenameTable",
        {"old_table_name": "a", "new_table_name": "b", "postgres_conn_id": "dwh"},
        (["postgres://dwh/a"], ["postgres://dwh/b"]),
    ),
    "sql_between_two_of_a_kind": (
        "acme.PostgresToPostgres",
        {
            "dest_postgres_conn_id": "dwh",
            "src_postgres_conn_id": "shop",
            "sql": "select * from orders",
            "target_table": "raw.orders",
        },
        (["postgres://shop/orders"], ["postgres://dwh/raw.orders"]),
    ),
    "a_sensor": (
        "acme.ArrivalSensor",
        {"bucket_name": "b", "prefix": "in/"},
        (["s3://b/in"], []),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_places_are_guessed(name: str) -> None:
    operator, arguments, expected = FOUND[name]

    found = lineage(operator, **arguments)

    assert touched(found) == expected
    guesses = [ref for ref in found.datasets if ref.evidence == "name"]
    assert all(0.3 <= ref.confidence <= (0.8 if "urls" in name else 0.6) for ref in guesses)
    assert guesses or name in ("sql_by_another_name", "sql_of_each_check")


@pytest.mark.parametrize(
    ("operator", "arguments"),
    [
        ("acme.Run", {"path": "s3://lake/x"}),
        ("acme.Run", {"table": "orders"}),
        ("acme.LoadOrders", {"jar_uri": "s3://lake/x", "script_path": "/opt/x/y"}),
        ("acme.LoadOrders", {"source_path": "s3://lake/job.py", "log_path": "s3://lake/logs"}),
        ("acme.LoadOrders", {"table": "orders of today", "bucket": "b", "api_key": "k"}),
        ("acme.LoadOrders", {"source_bucket": {"opaque": "x"}, "source_key": "k"}),
        ("acme.DropBucketOperator", {"output_path": "s3:///x"}),
        ("acme.CreateClusterOperator", {"output_path": "s3://b/x"}),
        ("acme.OrdersSensor", {"http_conn_id": "a", "scopes": "https://auth.example.com/x"}),
        ("acme.Report", {"report_query": "orders of today"}),
        ("acme.Notify", {"topic": "orders", "http_conn_id": "api"}),
        ("acme.Search", {"index": 3, "index_name": "products"}),
        ("acme.Find", {"collection": "orders", "postgres_conn_id": "x"}),
    ],
)
def test_nothing_is_guessed_without_a_reason(operator: str, arguments) -> None:
    assert touched(lineage(operator, **arguments)) == ([], [])


def test_what_its_own_code_says_comes_first() -> None:
    call = Call(name="to_csv", arguments=("/data/out/said.csv",))

    found = lineage(
        "acme.Report", calls=(call,), source_path="/data/in/x.csv", target_path="/data/out/x.csv"
    )

    assert touched(found) == (["file:///data/in/x.csv"], ["file:///data/out/said.csv"])


def test_a_function_is_not_an_operator_of_its_own() -> None:
    found = lineage("x.PythonOperator", python_callable={"opaque": "f"}, output_path="s3://b/x")

    assert touched(found) == ([], [])


def test_a_name_that_only_the_run_knows_is_less_sure() -> None:
    found = lineage("acme.Cleanse", output_path="s3://lake/{{ ti.xcom_pull('up') }}")

    assert [ref.confidence for ref in found.writes] == [0.5]


def test_a_guess_leaves_the_outputs_unknown() -> None:
    found = lineage("acme.Cleanse", output_path="s3://lake/x")

    assert not found.writes_known
    assert [finding.code for finding in found.findings] == ["unknown_outputs"]


@pytest.mark.parametrize(
    ("operator", "arguments", "confidence"),
    [
        ("acme.Cleanse", {"output_path": "s3://lake/x"}, 0.8),
        ("acme.Cleanse", {"output_path": "/data/out/x.csv"}, 0.6),
        ("acme.CreateReport", {"path": "s3://lake/x"}, 0.4),
        ("airflow.providers.acme.operators.acme.Cleanse", {"output_path": "s3://lake/x"}, 0.6),
    ],
)
def test_only_a_url_in_a_telling_argument_of_ones_own_operator_is_certain(
    operator: str, arguments, confidence: float
) -> None:
    assert [ref.confidence for ref in lineage(operator, **arguments).writes] == [confidence]
