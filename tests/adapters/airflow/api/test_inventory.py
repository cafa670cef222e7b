"""What a running Airflow says of itself beside its DAGs."""

from __future__ import annotations

import httpx
import pytest

from adapters.airflow.api.inventory import Inventory
from adapters.airflow.api.rest import AirflowRest
from bridge.capabilities import ConnectionAddress

WHOLE = {
    "connection_id": "dwh",
    "conn_type": "postgres",
    "description": None,
    "host": "db.example",
    "login": "etl",
    "password": "s3cret",
    "schema": "sales",
    "port": 5432,
    "extra": '{"token": "s3cret"}',
}
BARE = {"connection_id": "lake", "conn_type": "aws", "host": None, "schema": None, "port": None}
BAD = {"connection_id": "odd"}


def inventory(answers: list[httpx.Response], asked: list[str] | None = None) -> Inventory:
    """An Airflow that answers one after the other."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/version"):
            return httpx.Response(200, json={"version": "3.3.2"})
        if asked is not None:
            asked.append(str(request.url))
        return answers.pop(0)

    transport = httpx.MockTransport(answer)
    return AirflowRest.connect("http://airflow.test", attempts=1, transport=transport).inventory()


def page(*rows: object, total: int) -> httpx.Response:
    return httpx.Response(200, json={"connections": list(rows), "total_entries": total})


def test_connections_are_read_page_by_page_without_secrets() -> None:
    asked: list[str] = []

    found = inventory([page(WHOLE, BAD, total=3), page(BARE, total=3)], asked).connections()

    assert found == {
        "dwh": ConnectionAddress(kind="postgres", host="db.example", port=5432, database="sales"),
        "lake": ConnectionAddress(kind="aws"),
    }
    assert "s3cret" not in repr(found)
    assert [url.partition("?")[2] for url in asked] == ["limit=100&offset=0", "limit=100&offset=2"]


@pytest.mark.parametrize("status", [403, 404])
def test_who_may_not_see_connections_goes_on_without(status: int) -> None:
    assert inventory([httpx.Response(status, json={})]).connections() == {}


def variables(*rows: object) -> httpx.Response:
    return httpx.Response(200, json={"variables": list(rows), "total_entries": len(rows)})


def test_variables_are_read_but_what_airflow_hides() -> None:
    bucket = {"key": "bucket", "value": "lake", "description": "where it all is"}
    hidden = {"key": "api_key", "value": "***"}
    encrypted_elsewhere = {"key": "old", "value": None}

    found = inventory([variables(bucket, hidden, encrypted_elsewhere)]).variables()

    assert found == {"bucket": "lake"}


@pytest.mark.parametrize("status", [403, 404])
def test_who_may_not_see_variables_goes_on_without(status: int) -> None:
    assert inventory([httpx.Response(status, json={})]).variables() == {}
