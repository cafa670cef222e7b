"""How sure a name is that only the run knows in full."""

import pytest

from adapters.airflow.lineage.certainty import is_told, rated


@pytest.mark.parametrize(
    "uri",
    [
        "s3://lake/orders.csv",
        "s3://lake/{ds}/{data_interval_start.strftime(%Y)}.csv",
        "s3://{var.value.bucket}/{conn.lake.schema}/orders",
        "s3://{ti.xcom_pull(environment)}-lake/orders",
        "postgres://shop/raw_{params_region}.orders",
    ],
)
def test_times_settings_and_parts_of_words_are_told(uri: str) -> None:
    assert is_told(uri)
    assert rated(uri, 0.95) == 0.95


@pytest.mark.parametrize(
    "uri",
    [
        "s3://{unknown}/orders",
        "s3://lake/{ti.xcom_pull(up)}",
        "file:///tmp/{unknown}.csv",
        "postgres://shop/{params_schema}.orders",
        "s3://lake/in/{dag_run.conf.get(folder)}/x.csv",
        "s3://{unknown}-1/orders",
    ],
)
def test_a_word_that_nobody_knows_is_not(uri: str) -> None:
    assert not is_told(uri)
    assert rated(uri, 0.95) == 0.5
    assert rated(uri, 0.3) == 0.3
