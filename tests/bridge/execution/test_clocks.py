"""A host whose clock is not that of the store says so."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bridge import asset
from bridge.store import Store, open_store
from tests.bridge.execution.conftest import Run


@pytest.fixture
def store(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[Store]:
    """A store on a server whose clock is so many seconds ahead of ours."""
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA skewed"))
        connection.execute(
            text(
                "CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
                f"'SELECT pg_catalog.clock_timestamp() + make_interval(secs => {request.param})'"
            )
        )
    engine.dispose()
    options = {"options": "-csearch_path=skewed,pg_catalog,public"}
    url = make_url(postgres_url).update_query_dict(options)
    opened = open_store(url.render_as_string(hide_password=False))
    yield opened
    opened.close()


@asset
def numbers() -> list[int]:
    return [1]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("store", "said"),
    [(-90, "90 s ahead of that of the store"), (90, "90 s behind that of the store")],
    indirect=["store"],
)
def test_another_time_than_the_stores_is_a_warning(
    run: Run, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert run(numbers).success

    assert f"this host's clock is {said}" in caplog.text


@pytest.mark.postgres
@pytest.mark.parametrize("store", [-1, 0, 1], indirect=True)
def test_a_second_or_two_are_none(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert run(numbers).success

    assert "clock" not in caplog.text
