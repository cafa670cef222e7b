"""Dataset URIs: two spellings of one dataset are equal, two datasets are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import DefinitionError
from bridge.uris import canonical, table

SCHEMES = st.sampled_from(["s3", "file", "postgres", "sqlite", "gs", "duckdb"])
WORDS = st.text(alphabet="aZ09_-.%?# é/@:", max_size=12)


@given(SCHEMES, st.text(alphabet="ab0-.", max_size=6), WORDS)
def test_the_canonical_text_is_its_own_canonical_text(scheme: str, host: str, path: str) -> None:
    once = canonical(f"{scheme}://{host}/{path}")

    assert canonical(str(once)) == once
    assert str(canonical(str(once))) == str(once)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("postgresql://db/shop.public.orders", "postgres://db/shop.public.orders"),
        ("s3a://lake/orders/", "s3://lake/orders"),
        ("gcs://lake/orders", "gs://lake/orders"),
        ("S3://lake/orders", "s3://lake/orders"),
        ("postgres://ana:secret@db/shop", "postgres://db/shop"),
        ("sqlite://flights/FCT_Orders", "sqlite://flights/fct_orders"),
        ("s3://lake/a%20b", "s3://lake/a b"),
    ],
)
def test_two_spellings_of_one_dataset_are_equal(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("s3://lake/Orders", "s3://lake/orders"),
        ("s3://lake/orders", "s3://sea/orders"),
        ("sqlite:///data/shop.db#orders", "sqlite:///data/shop.db#users"),
        ("s3://lake/orders?version=1", "s3://lake/orders?version=2"),
        ("file:///data/a", "s3:///data/a"),
        ("abfss://raw@lake.dfs.core.windows.net/a", "abfss://mart@lake.dfs.core.windows.net/a"),
    ],
)
def test_two_datasets_stay_two(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_a_password_never_stays_in_a_name() -> None:
    assert "secret" not in str(canonical("postgres://ana:secret@db/shop.orders"))
    assert "secret" not in str(canonical("abfss://raw:secret@lake/orders"))


def test_an_address_with_a_lone_bracket_is_refused() -> None:
    with pytest.raises(DefinitionError, match="is no dataset URI: Invalid IPv6 URL"):
        canonical("http://[{host/x")


@pytest.mark.parametrize("text", ["", "orders", "/data/orders"])
def test_a_text_without_a_scheme_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError, match="is no dataset URI"):
        canonical(text)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("postgres://db/shop.public.orders", "orders"),
        ("s3://lake/raw/orders.parquet", "orders.parquet"),
        ("sqlite://flights/fct_orders", "fct_orders"),
    ],
)
def test_the_name_is_the_last_word(uri: str, name: str) -> None:
    assert canonical(uri).name == name


def test_a_table_is_named_below_its_database() -> None:
    assert str(table("sqlite", "flights", "main.Orders")) == "sqlite://flights/main.orders"
