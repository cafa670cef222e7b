"""Databases that SQL attaches under names of their own."""

from __future__ import annotations

import pytest

from tests.adapters.airflow.lineage.written_calls import lineage, touched

CONNECTED = "duckdb.connect('/data/w.duckdb').execute"
ATTACHED = {
    "ATTACH 'postgresql://u:p@h:1/shop' AS pg (TYPE postgres)": (
        "pg.public.t",
        "postgres://h:1/shop.public.t",
    ),
    "attach 'dbname=shop host=h port=1' as pg (type postgres, read_only)": (
        "pg.sales.t",
        "postgres://h:1/shop.sales.t",
    ),
    "ATTACH 'host=h port=1 database=shop' AS my (TYPE mysql)": ("my.t", "mysql://h:1/shop.t"),
    "ATTACH IF NOT EXISTS '/data/o.duckdb' AS o": ("o.main.t", "duckdb://data/o.duckdb/t"),
    "ATTACH '/data/other.db'": ("other.t", "duckdb://data/other.db/t"),
    "ATTACH '/data/o.sqlite' AS o (TYPE sqlite)": ("o.t", "sqlite://data/o.sqlite/t"),
}
NOT_ATTACHED = {
    "ATTACH '/data/o.duckdb' AS o": ("raw.t", "duckdb://data/w.duckdb/raw.t"),
    "ATTACH 'md:shop' AS md": ("md.t", "duckdb://data/w.duckdb/md.t"),
    "ATTACH 'ducklake:x.db' AS lake": ("lake.t", "duckdb://data/w.duckdb/lake.t"),
    "DETACH o": ("o.t", "duckdb://data/w.duckdb/o.t"),
}


@pytest.mark.parametrize("sql", ATTACHED)
def test_a_table_is_in_the_database_that_is_attached(sql: str) -> None:
    name, uri = ATTACHED[sql]
    read = f'{CONNECTED}("create table x as select * from {name}")'
    found = lineage(f'{CONNECTED}("{sql}")', read)
    assert touched(found) == ([uri], ["duckdb://data/w.duckdb/x"])


@pytest.mark.parametrize("sql", NOT_ATTACHED)
def test_other_names_are_of_the_database_itself(sql: str) -> None:
    name, uri = NOT_ATTACHED[sql]
    found = lineage(f'{CONNECTED}("{sql}")', f'{CONNECTED}("select * from {name}")')
    assert touched(found) == ([uri], [])


def test_sqlite_attaches_too() -> None:
    sql = "attach database '/data/o.db' as o; insert into o.t select * from u"
    found = lineage(f'sqlite3.connect("/data/w.db").executescript("{sql}")')
    assert touched(found) == (["sqlite://data/w.db/u"], ["sqlite://data/o.db/t"])


def test_a_database_server_attaches_nothing() -> None:
    hook = "PostgresHook('dwh').run"
    found = lineage(f"{hook}(\"ATTACH 'x.db' AS o\")", f"{hook}('delete from o.t')")
    assert touched(found) == ([], ["postgres://dwh/o.t"])
