from __future__ import annotations

import pytest

from adapters.airflow.uris import asset_uri
from bridge.errors import DefinitionError
from bridge.keys import AssetKey

KEY = AssetKey(["marts", "orders"])


@pytest.mark.parametrize(
    ("uri", "known_as"),
    [
        (None, "x-bridge://marts/orders"),
        ("s3://lake/orders", "s3://lake/orders"),
        ("sqlite://flights_warehouse/fct_departures", "sqlite://flights_warehouse/fct_departures"),
        ("postgres://host:5432/db/public/orders", "postgres://host:5432/db/public/orders"),
        # Airflow's provider would refuse OpenLineage's way to name a table.
        ("postgres://host:5432/db.public.orders", "x-postgres://host:5432/db.public.orders"),
        ("mysql://host/db/orders", "mysql://host/db/orders"),
        ("postgres:///db/public/orders", "x-postgres:///db/public/orders"),
        ("s3://user:secret@lake/orders", "s3://lake/orders"),
        ("s3://lake/größe", "s3://lake/gr%C3%B6%C3%9Fe"),
        ("s3://lake/a%20b", "s3://lake/a%20b"),
    ],
)
def test_an_assets_uri_is_one_that_both_airflows_take(uri: str | None, known_as: str) -> None:
    assert asset_uri(KEY, uri) == known_as


def test_keys_that_differ_have_uris_that_differ() -> None:
    keys = [["a", "b"], ["a/b"], ["a%2Fb"], ["a", ""], ["a"], [""], ["a b"], ["é"]]

    assert len({asset_uri(AssetKey(path), None) for path in keys}) == len(keys)


def test_airflows_own_scheme_is_refused() -> None:
    with pytest.raises(DefinitionError, match="keeps the scheme airflow:// for itself"):
        asset_uri(KEY, "airflow://dag/task")
