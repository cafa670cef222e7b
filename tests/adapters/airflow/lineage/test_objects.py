"""Addresses over HTTP that are objects in a store."""

import pytest

from adapters.airflow.lineage.objects import object_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://lake.s3.amazonaws.com/in/x.csv", "s3://lake/in/x.csv"),
        ("https://lake.s3.eu-west-1.amazonaws.com/in/x.csv", "s3://lake/in/x.csv"),
        ("https://s3.eu-west-1.amazonaws.com/lake/in/x.csv", "s3://lake/in/x.csv"),
        ("/s3/lake.s3.amazonaws.com/in", "s3://lake/in"),
        ("https://storage.googleapis.com/lake/x", "gs://lake/x"),
        ("/gs/storage.googleapis.com/lake/x", "gs://lake/x"),
        (
            "/az/acme.blob.core.windows.net/raw/x",
            "wasbs://raw@acme.blob.core.windows.net/x",
        ),
        ("bq://p.d.t", "bigquery://default/p.d.t"),
    ],
)
def test_an_address_of_an_object_is_its_url(text: str, url: str) -> None:
    assert object_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "s3://lake/x",
        "https://example.com/s3/x",
        "/s3/notes/x",
        "/data/x",
        "orders",
        "",
        f"https://{'.s3' * 9999}/x",
    ],
)
def test_any_other_text_stays(text: str) -> None:
    assert object_url(text) == text
