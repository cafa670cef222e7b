"""Tables named with the default schema and without it."""

import pytest

from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Schedule, Task
from adapters.airflow.lineage.reading import read_snapshot


def uris(*sql: str, kind: str = "Postgres", outlets: tuple[str, ...] = ()) -> list[str]:
    tasks = tuple(
        Task(
            task_id=f"t{number}",
            operator=f"x.{kind}Operator",
            arguments={"conn_id": "dwh", "sql": each},
            outlets=outlets,
        )
        for number, each in enumerate(sql)
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=tasks)
    found = read_snapshot(DagSnapshot(instance="x", folder="dags", dags=(dag,)))
    return sorted({ref.uri for each in found.values() for ref in each.datasets})


def test_a_table_with_its_default_schema_and_without_it_is_one() -> None:
    found = uris("insert into public.t select 1", "insert into m.u select * from t")
    assert found == ["postgres://dwh/m.u", "postgres://dwh/public.t"]


def test_what_a_table_is_made_from_is_named_alike() -> None:
    task = Task(
        task_id="t",
        operator="x.PostgresOperator",
        arguments={"conn_id": "dwh", "sql": "insert into m.u select * from t join public.t x on 1"},
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    found = read_snapshot(DagSnapshot(instance="x", folder="dags", dags=(dag,)))
    (write,) = found["d.py", "d", "t"].writes
    assert write.derived_from == ("postgres://dwh/public.t",)
    assert [ref.uri for ref in found["d.py", "d", "t"].reads] == ["postgres://dwh/public.t"]


def test_a_table_with_the_only_database_of_its_connection_and_without_it_is_one() -> None:
    found = uris("insert into shop.public.t select 1", "insert into m.u select * from public.t")
    assert found == ["postgres://dwh/m.u", "postgres://dwh/public.t"]


@pytest.mark.parametrize(
    ("sql", "kind", "expected"),
    [
        (
            ("select * from a.m.t", "delete from m.t", "delete from b.m.t"),
            "Postgres",
            ["postgres://dwh/a.m.t", "postgres://dwh/b.m.t", "postgres://dwh/m.t"],
        ),
        (
            ("select * from a.m.t", "delete from m.u"),
            "Postgres",
            ["postgres://dwh/a.m.t", "postgres://dwh/m.u"],
        ),
        (
            ("select * from a.m.t", "delete from m.t"),
            "Snowflake",
            ["snowflake://dwh/a.m.t", "snowflake://dwh/m.t"],
        ),
        (("select * from t",), "Postgres", ["postgres://dwh/t"]),
        (
            ("select * from t", "delete from public.t", "delete from m.t"),
            "Postgres",
            ["postgres://dwh/m.t", "postgres://dwh/public.t", "postgres://dwh/t"],
        ),
        (
            ("select * from t", "delete from public.t"),
            "Snowflake",
            ["snowflake://dwh/public.t", "snowflake://dwh/t"],
        ),
        (("select * from t", "delete from dbo.t"), "MsSql", ["mssql://dwh/dbo.t"]),
    ],
)
def test_other_names_stay_as_they_are(sql, kind, expected) -> None:
    assert uris(*sql, kind=kind) == expected


def test_a_declared_name_stays_as_it_is() -> None:
    found = uris("select * from public.t", outlets=("postgres://dwh/t",))
    assert found == ["postgres://dwh/public.t", "postgres://dwh/t"]
