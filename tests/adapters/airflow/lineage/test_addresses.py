"""Datasets by the connections that lead to them, where these are supplied."""

from __future__ import annotations

import pytest

from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage, TaskPlace
from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Schedule, Task
from adapters.airflow.lineage.addresses import by_connection, kind_of
from adapters.airflow.lineage.reading import read_snapshot
from bridge.capabilities import ConnectionAddress

SQL = "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator"
DWH = ConnectionAddress(kind="postgres", host="db.example", port=5432, database="sales")


def task(task_id: str, connection: str, sql: str, outlets: tuple[str, ...] = ()) -> Task:
    arguments = {"conn_id": connection, "sql": sql}
    return Task(task_id=task_id, operator=SQL, arguments=arguments, outlets=outlets)


def written(connections: dict[str, ConnectionAddress], *tasks: Task) -> list[list[str]]:
    """What each task writes."""
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=tasks)
    found = read_snapshot(DagSnapshot(instance="x", folder="dags", dags=(dag,)), connections)
    return [[ref.uri for ref in found["d.py", "d", each.task_id].writes] for each in tasks]


def test_a_connection_tells_its_kind_of_database():
    tasks = (task("a", "dwh", "truncate marts.orders"),)

    assert written({}, *tasks) == [["sql://dwh/marts.orders"]]
    assert written({"dwh": DWH}, *tasks) == [["postgres://dwh/marts.orders"]]


def test_two_connections_to_one_database_are_one():
    again = ConnectionAddress(kind="postgres", host="DB.example", database="sales")
    tasks = (
        task("a", "dwh", "truncate marts.orders"),
        task("b", "reporting", "truncate marts.orders"),
    )

    assert (
        written({"dwh": DWH, "reporting": again}, *tasks) == [["postgres://dwh/marts.orders"]] * 2
    )


@pytest.mark.parametrize(
    "other",
    [
        ConnectionAddress(kind="postgres", host="other.example", database="sales"),
        ConnectionAddress(kind="postgres", host="db.example", port=6543, database="sales"),
        ConnectionAddress(kind="postgres", host="db.example", database="archive"),
        ConnectionAddress(kind="mysql", host="db.example", database="sales"),
    ],
)
def test_connections_to_different_databases_stay_apart(other: ConnectionAddress):
    tasks = (task("a", "dwh", "truncate orders"), task("b", "zeta", "truncate orders"))

    [[first], [second]] = written({"dwh": DWH, "zeta": other}, *tasks)

    assert first == "postgres://dwh/orders"
    assert second == f"{other.kind}://zeta/orders"


def test_connections_that_say_no_host_stay_apart():
    tasks = (task("a", "dwh", "truncate orders"), task("b", "zeta", "truncate orders"))
    bare = ConnectionAddress(kind="snowflake", database="sales")

    assert written({"dwh": bare, "zeta": bare}, *tasks) == [
        ["snowflake://dwh/orders"],
        ["snowflake://zeta/orders"],
    ]


def test_the_database_of_the_connection_is_not_said_again():
    tasks = (
        task("a", "dwh", "truncate sales.marts.orders"),
        task("b", "dwh", "truncate archive.marts.orders"),
        task("c", "dwh", "truncate sales.orders"),  # a schema of that name
    )

    assert written({"dwh": DWH}, *tasks) == [
        ["postgres://dwh/marts.orders"],
        ["postgres://dwh/archive.marts.orders"],
        ["postgres://dwh/sales.orders"],
    ]


def test_a_database_without_schemas_is_not_said_again_either():
    shop = ConnectionAddress(kind="mysql", host="db.example", database="shop")
    tasks = (task("a", "shop", "truncate shop.orders"), task("b", "shop", "truncate crm.orders"))

    assert written({"shop": shop}, *tasks) == [["mysql://shop/orders"], ["mysql://shop/crm.orders"]]


@pytest.mark.parametrize("server", ["db.example:5432", "db.example"])
def test_an_address_in_code_is_the_connection_that_leads_there(server: str):
    lineage = {("d.py", "d", "t"): lineage_of(f"postgres://{server}/sales.marts.orders")}

    assert uris(by_connection(lineage, {"dwh": DWH})) == ["postgres://dwh/marts.orders"]
    elsewhere = ConnectionAddress(kind="postgres", host="db.example", port=6543)
    assert uris(by_connection(lineage, {"dwh": elsewhere})) == [
        f"postgres://{server}/sales.marts.orders"
    ]


def test_an_address_that_two_connections_share_is_left():
    lineage = {("d.py", "d", "t"): lineage_of("postgres://db.example/orders")}
    archive = ConnectionAddress(kind="postgres", host="db.example", database="archive")

    assert uris(by_connection(lineage, {"dwh": DWH, "old": archive})) == [
        "postgres://db.example/orders"
    ]


def test_a_database_in_a_file_is_the_connection_that_opens_it():
    file = ConnectionAddress(kind="sqlite", host="/srv/Flights.db")
    lineage = {
        ("d.py", "d", "t"): lineage_of("sqlite://srv/flights.db/fct"),
        ("d.py", "d", "u"): lineage_of("sqlite://srv/other.db/fct"),
    }

    assert uris(by_connection(lineage, {"warehouse": file})) == [
        "sqlite://srv/other.db/fct",
        "sqlite://warehouse/fct",
    ]


def test_a_file_beside_the_code_is_the_connection_that_opens_it():
    file = ConnectionAddress(kind="sqlite", database="srv/flights/warehouse/flights.db")
    lineage = {
        ("d.py", "d", "t"): lineage_of("sqlite://{folder}/warehouse/flights.db/fct"),
        ("d.py", "d", "u"): lineage_of("sqlite://{folder}/flights.db/fct"),
    }

    assert uris(by_connection(lineage, {"warehouse": file}, "/srv/flights/dags")) == [
        "sqlite://warehouse/fct",
        "sqlite://{folder}/flights.db/fct",
    ]


def test_a_declared_name_stands_for_all():
    declared = "postgres://db.example:5432/sales.marts.orders"
    tasks = (
        task("a", "dwh", "truncate marts.orders"),
        task("b", "dwh", "select 1", outlets=(declared,)),
    )

    assert written({"dwh": DWH}, *tasks) == [[declared], [declared]]


def test_what_turns_out_to_be_declared_is_no_difference():
    declared = "postgres://dwh/marts.orders"
    tasks = (task("a", "etl", "truncate marts.orders; truncate x.y", outlets=(declared,)),)

    def differences(connections: dict[str, ConnectionAddress]) -> list[str]:
        dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=tasks)
        found = read_snapshot(DagSnapshot(instance="x", folder="f", dags=(dag,)), connections)
        return [one.message for one in found["d.py", "d", "a"].findings]

    assert len(differences({})) == 2
    assert [text.split()[4] for text in differences({"dwh": DWH, "etl": DWH})] == [
        "postgres://dwh/x.y,"
    ]


def test_files_of_a_store_keep_their_names():
    lineage = {("d.py", "d", "t"): lineage_of("s3://aws_default/x")}
    store = ConnectionAddress(kind="aws", host="aws_default")

    assert uris(by_connection(lineage, {"aws_default": store})) == ["s3://aws_default/x"]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (ConnectionAddress(kind="gcpbigquery"), "bigquery"),
        (ConnectionAddress(kind="ssh", host="h"), "sftp"),
        (ConnectionAddress(kind="postgres", host="x.eu.redshift.amazonaws.com"), "redshift"),
        (ConnectionAddress(kind="postgres", host="h", port=5439), "redshift"),
        (ConnectionAddress(kind="http", host="h"), None),
    ],
)
def test_the_kind_of_what_a_connection_leads_to(address: ConnectionAddress, kind: str | None):
    assert kind_of(address) == kind


def lineage_of(uri: str) -> TaskLineage:
    """A task that writes one dataset."""
    ref = DatasetRef(
        uri=uri, direction="write", evidence="sql", confidence=0.9, file="d.py", line=1
    )
    return TaskLineage(nature="data", datasets=(ref,), writes_known=True)


def uris(lineage: dict[TaskPlace, TaskLineage]) -> list[str]:
    """All datasets."""
    return sorted(ref.uri for each in lineage.values() for ref in each.datasets)
