"""How sure a name is that only the run knows in full."""

import pytest

from adapters.airflow.lineage.certainty import (
    Kind,
    is_told,
    kind_of,
    names_nothing,
    rated,
    says_something,
)

KINDS: dict[str, Kind] = {
    "ds_nodash": "time",
    "macros.ds_add(ds,-1)": "time",
    "data_interval_start.strftime(%Y)": "time",
    "prev_execution_date_success": "time",
    "dag_run.run_id": "time",
    "now": "time",
    "var.value.table": "setting",
    "conn.dwh.host": "setting",
    "BUCKET": "setting",
    "folder": "setting",
    "params.table": "asked",
    "params_table": "asked",
    "dag_run.conf.table": "asked",
    "ti.xcom_pull(a)": "unknown",
    "my_macro()": "unknown",
    "ds_folder": "unknown",
    "Bucket": "unknown",
    "folder_": "unknown",
    "server": "unknown",
}


@pytest.mark.parametrize("name", KINDS)
def test_a_name_says_what_it_stands_for(name: str) -> None:
    assert kind_of(name) == KINDS[name]


@pytest.mark.parametrize(
    "uri",
    [
        "s3://lake/orders.csv",
        "s3://lake/{ds}/{data_interval_start.strftime(%Y)}.csv",
        "s3://lake/{var.value.name}",
        "s3://lake/{params.day}.csv",
        "s3://lake/{ds}_{unknown}_orders.csv",
        "postgres://shop/raw_{params_region}.orders",
        "postgres://shop/{var.value.schema}.orders",
        "postgres://shop/sales.orders_{unknown}",
    ],
)
def test_times_settings_and_parts_of_words_are_told(uri: str) -> None:
    assert is_told(uri)
    assert rated(uri, 0.95) == 0.95


@pytest.mark.parametrize(
    "uri",
    [
        "s3://{var.value.bucket}/{conn.lake.schema}/orders",
        "s3://{BUCKET}/orders",
        "s3://{ti.xcom_pull(environment)}-lake/orders",
        "postgres://{server}/orders",
        "s3://lake/{unknown}/orders/x_of_day.csv",
        "s3://lake/{unknown}/orders_{unknown}.csv",
        "s3://lake/in/{dag_run.conf.get(folder)}/orders.csv",
    ],
)
def test_a_place_by_a_setting_is_told_though_nobody_knows_it(uri: str) -> None:
    assert is_told(uri)
    assert rated(uri, 0.95) == 0.8


@pytest.mark.parametrize(
    ("uri", "confidence"),
    [
        ("s3://{unknown}/orders", 0.5),
        ("s3://{unknown}-1/orders", 0.5),
        ("s3://{params.bucket}/orders", 0.5),
        ("s3://lake/{ti.xcom_pull(up)}", 0.5),
        ("s3://lake/x{unknown}", 0.5),
        ("file:///tmp/{unknown}.csv", 0.5),
        ("sql://{server}/orders", 0.5),
        ("postgres://shop/sales.{unknown}", 0.5),
        ("postgres://shop/sales.{var.value.table}", 0.5),
        ("postgres://shop/sales.{params.table}", 0.5),
        ("postgres://shop/{params_schema}.orders", 0.6),
        ("s3://lake/in/{dag_run.conf.get(folder)}/x.csv", 0.6),
        ("s3://lake/{unknown}/orders/{ds}.csv", 0.6),
    ],
)
def test_a_word_that_nobody_knows_is_not(uri: str, confidence: float) -> None:
    assert not is_told(uri)
    assert rated(uri, 0.95) == confidence
    assert rated(uri, 0.3) == 0.3


@pytest.mark.parametrize(
    ("path", "says"),
    [("/data/{x}.csv", True), ("/{x}/{y}.csv", False), ("/{x}.csv", False), ("/{x}/in", True)],
)
def test_a_path_says_something_beside_what_the_run_knows(path: str, says: bool) -> None:
    assert says_something(path) is says


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("bigquery://default/{project}.{dataset}.{table}", True),
        ("s3://{bucket}/{key}", True),
        ("s3://lake/{key}", False),
        ("bigquery://default/{dataset}.orders", False),
        ("bigquery://default/{params.table}", False),
        ("bigquery://default/{var.value.table}", False),
        ("http://{url}", False),
    ],
)
def test_a_name_of_which_nothing_is_known_names_nothing(uri: str, expected: bool) -> None:
    assert names_nothing(uri) is expected
