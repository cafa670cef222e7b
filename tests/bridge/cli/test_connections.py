"""Where connections lead, from what Airflow exports in three forms and from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.capabilities import ConnectionAddress
from bridge.cli.connections import connections_of, in_environment
from bridge.errors import ConfigError

DWH = ConnectionAddress(kind="postgres", host="db.example", port=5432, database="sales")
AS_JSON = """
{"dwh": {"conn_type": "postgres", "host": "db.example", "login": "etl", "password": "s3cret",
         "schema": "sales", "port": 5432, "extra": "{}"},
 "lake": "aws://key:s3cret@"}
"""
AS_YAML = """
dwh:
  conn_type: postgres
  host: db.example
  password: s3cret
  schema: sales
  port: 5432
lake: aws://key:s3cret@
"""
AS_LINES = """
dwh=postgres://etl:s3cret@db.example:5432/sales?sslmode=require
lake=aws://key:s3cret@
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("c.json", AS_JSON), ("c.yaml", AS_YAML), ("c.env", AS_LINES)],
)
def test_each_form_of_the_export_is_read_and_no_secret_kept(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)

    found = connections_of(tmp_path / name)

    assert found == {"dwh": DWH, "lake": ConnectionAddress(kind="aws")}
    assert "s3cret" not in repr(found)


def test_those_of_the_environment_are_read_as_airflow_does() -> None:
    environment = {
        "AIRFLOW_CONN_DWH": "postgresql://etl:s3cret@db.example:5432/sales",
        "AIRFLOW_CONN_SHOP": '{"conn_type": "mysql", "host": "shop.example", "port": "3307"}',
        "AIRFLOW_CONN_FILE": "sqlite:////srv/flights.db",
        "AIRFLOW_CONN_ENCODED": "google-cloud-platform://%2Fx%40y:1",
        "STAGE": "prod",
    }

    assert in_environment(environment) == {
        "dwh": ConnectionAddress(kind="postgresql", host="db.example", port=5432, database="sales"),
        "shop": ConnectionAddress(kind="mysql", host="shop.example", port=3307),
        "file": ConnectionAddress(kind="sqlite", database="/srv/flights.db"),
        "encoded": ConnectionAddress(kind="google_cloud_platform", host="/x@y", port=1),
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("c.json", '{"dwh":\n s3cret', ":2 is no JSON"),
        ("c.yaml", "- s3cret", "holds a list"),
        ("c.json", '{"dwh": {"host": "s3cret"}}', "the connection dwh is no connection"),
        ("c.json", '{"dwh": "s3cret"}', "the connection dwh is no connection"),
        ("c.json", '{"dwh": "postgres://s3cret@h:port/d"}', "the connection dwh is no connection"),
        ("c.json", '{"dwh": "{s3cret"}', "neither a URI nor JSON"),
        ("c.env", "s3cret", "c.env:1 is no NAME=value"),
    ],
)
def test_what_is_no_export_is_refused_and_not_shown(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(ConfigError) as refused:
        connections_of(tmp_path / name)

    assert said in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None
