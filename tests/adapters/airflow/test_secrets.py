"""Connections and variables of Airflow where there is none: from the environment, or asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.airflow import AirflowConnection, AirflowVariable, secrets
from bridge import Definitions, asset, materialize
from bridge.errors import ConfigError
from bridge.store import open_store

HIDDEN = "sehr-geheim"
_VALUES = {
    "conn_type": "my_db",
    "host": "db.example",
    "login": "ann",
    "password": HIDDEN,
    "schema": "dwh",
    "port": 5432,
    "extra": {"ssl": "yes"},
}


@pytest.fixture(autouse=True)
def _no_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "airflow"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def asked() -> Iterator[list[tuple[str, str]]]:
    """As in an isolated interpreter: somebody else is asked, and says what there is."""
    questions: list[tuple[str, str]] = []

    def ask(kind: str, name: str) -> object:
        questions.append((kind, name))
        return _VALUES if kind == "connection" else HIDDEN

    secrets.ask_with(ask)
    yield questions
    secrets.ask_with(None)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(_VALUES),
        json.dumps({**_VALUES, "extra": json.dumps(_VALUES["extra"])}),
        f"my-db://ann:{HIDDEN}@db.example:5432/dwh?ssl=yes",
        f"my-db://ann:{HIDDEN}@db.example:5432/dwh?__extra__=%7B%22ssl%22%3A+%22yes%22%7D",
    ],
    ids=["JSON", "JSON in JSON", "URI", "URI with extra"],
)
def test_a_connection_is_read_as_airflow_reads_its_variable(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", text)

    found = AirflowConnection(conn_id="warehouse").get()

    assert {name: getattr(found, name) for name in _VALUES} == _VALUES


def test_what_it_holds_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps({**_VALUES, "extra": {"key": HIDDEN}}))
    resource = AirflowConnection(conn_id="warehouse")

    shown = f"{resource} {resource!r} {resource.get()} {resource.get()!r}"

    assert "warehouse" in shown
    assert HIDDEN not in shown


@pytest.mark.parametrize("text", ["{not json " + HIDDEN, f"db://ann:{HIDDEN}@host:port"])
def test_one_that_cannot_be_read_is_not_shown_either(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", text)

    with pytest.raises(ConfigError, match="'warehouse' cannot be read") as raised:
        AirflowConnection(conn_id="warehouse").get()

    assert HIDDEN not in str(raised.value)
    assert raised.value.__suppress_context__


def test_what_is_not_there_names_the_variable_to_set() -> None:
    with pytest.raises(ConfigError, match="Set AIRFLOW_CONN_LAKE, as Airflow reads it"):
        AirflowConnection(conn_id="lake").get()
    with pytest.raises(ConfigError, match="Set AIRFLOW_VAR_QUOTA"):
        AirflowVariable(name="quota").get()


def test_an_isolated_interpreter_asks_by_name_when_it_is_used(
    asked: list[tuple[str, str]],
) -> None:
    connection, variable = AirflowConnection(conn_id="warehouse"), AirflowVariable(name="quota")
    assert asked == []

    assert (connection.get().password, variable.get()) == (HIDDEN, HIDDEN)

    assert asked == [("connection", "warehouse"), ("variable", "quota")]


def test_a_run_leaves_none_of_it_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps(_VALUES))
    used: list[str | None] = []

    @asset
    def orders(warehouse: AirflowConnection) -> int:
        used.append(warehouse.get().password)
        return 1

    definitions = Definitions(
        [orders], resources={"warehouse": AirflowConnection(conn_id="warehouse")}
    )
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    assert materialize(definitions.assets, resources=definitions.resources, store=store).success
    store.close()

    assert used == [HIDDEN]
    assert not [path for path in tmp_path.iterdir() if HIDDEN.encode() in path.read_bytes()]


def test_naming_one_loads_no_airflow() -> None:
    script = (
        "import sys; from adapters.airflow import AirflowConnection; AirflowConnection(conn_id='a')"
        "; print([name for name in sys.modules if name.partition('.')[0] == 'airflow'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == "[]"
