"""What the words in names say."""

import pytest

from adapters.airflow.lineage.naming import direction_named, direction_of_class, is_no_place


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("source_table", "read"),
        ("srcPath", "read"),
        ("input_uri", "read"),
        ("dest_s3_key", "write"),
        ("output_path", "write"),
        ("target_table", "write"),
        ("from_source_to_target", None),
        ("table", None),
        ("total", None),
        ("inner_key", None),
    ],
)
def test_an_argument_says_its_direction(name: str, direction: str | None) -> None:
    assert direction_named(name) == direction


@pytest.mark.parametrize(
    ("name", "kind", "scheme", "direction"),
    [
        ("MsSqlToHiveOperator", "table", "hive", "write"),
        ("MsSqlToHiveOperator", "table", "mssql", "read"),
        ("LocalToS3", "object", "s3", "write"),
        ("LocalToS3", "file", "file", "read"),
        ("LoadOrders", "table", "sql", "write"),
        ("LoadOrders", "object", "gs", "read"),
        ("ExportOrders", "table", "sql", "read"),
        ("ExportOrders", "object", "gs", "write"),
        ("RowCountCheck", "table", "sql", "read"),
        ("FileArrivedSensor", "object", "s3", "read"),
        ("CreateReport", "file", "file", "write"),
        ("UploadReport", "file", "file", "read"),
        ("UploadReport", "object", "s3", "write"),
        ("Downloader", "object", "s3", None),
        ("RunReport", "table", "sql", None),
        ("S3ToS3", "object", "s3", None),
    ],
)
def test_a_class_says_what_it_does_to_a_place(name, kind, scheme, direction) -> None:
    assert direction_of_class(name, kind, scheme) == direction


@pytest.mark.parametrize("name", ["jar_uri", "kms_key", "log_path", "aws_access_key", "api_key"])
def test_code_keys_and_logs_are_no_places(name: str) -> None:
    assert is_no_place(name)


def test_a_staging_table_is_a_place_and_a_staging_bucket_is_none() -> None:
    assert is_no_place("staging_bucket")
    assert not is_no_place("staging_table", "table")
    assert not is_no_place("source_key")
