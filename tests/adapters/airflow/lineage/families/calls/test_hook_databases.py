"""The database and schema that a hook is given."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot
from tests.adapters.airflow.lineage.written_calls import lineage

TOLD = {
    "PostgresHook('dwh', schema='shop').run('delete from t')": "postgres://dwh/shop.public.t",
    "PostgresHook('dwh', database='shop').run('delete from s.t')": "postgres://dwh/shop.s.t",
    "PostgresHook('dwh', schema='shop').insert_rows('t', [])": "postgres://dwh/shop.public.t",
    "MySqlHook(mysql_conn_id='my', schema='shop').run('delete from t')": "mysql://my/shop.t",
    "MySqlHook('my', schema='shop').run('delete from other.t')": "mysql://my/other.t",
    "MsSqlHook('ms', schema='shop').run('delete from t')": "mssql://ms/shop.dbo.t",
    "SnowflakeHook('sf', database='D', schema='S').run('delete from t')": "snowflake://sf/D.S.t",
    "SnowflakeHook('sf', schema='S').run('delete from t')": "snowflake://sf/S.t",
}
NOT_TOLD = {
    "PostgresHook('dwh').run('delete from t')": "postgres://dwh/t",
    "PostgresHook('dwh', schema='{{ params.x }}').run('delete from t')": "postgres://dwh/t",
    "OdbcHook('x', schema='shop').run('delete from t')": "sql://x/t",
}


@pytest.mark.parametrize("call", TOLD)
def test_a_hook_is_told_its_database(call: str) -> None:
    assert [ref.uri for ref in lineage(call).datasets] == [TOLD[call]]


@pytest.mark.parametrize("call", NOT_TOLD)
def test_a_name_has_no_database_that_is_not_told(call: str) -> None:
    assert [ref.uri for ref in lineage(call).datasets] == [NOT_TOLD[call]]


def test_a_database_that_a_hook_is_given_later_counts_too(tmp_path: Path) -> None:
    code = """
    from airflow import DAG
    from airflow.operators.python import PythonOperator
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    def work():
        hook = PostgresHook("dwh")
        hook.schema = "shop"
        hook.log_sql = "no"
        hook.run("delete from t")
    with DAG("x"):
        PythonOperator(task_id="t", python_callable=work)
    """
    (tmp_path / "dag.py").write_text(textwrap.dedent(code), encoding="utf-8")
    (found,) = read_snapshot(record_folder(tmp_path)).values()
    assert [ref.uri for ref in found.datasets] == ["postgres://dwh/shop.public.t"]


def test_an_operator_hands_its_hook_a_database() -> None:
    found = lineage(
        operator="SQLExecuteQueryOperator",
        conn_id="dwh",
        sql="delete from t",
        hook_params={"schema": "shop"},
        schemes={"dwh": "postgres"},
    )
    assert [ref.uri for ref in found.datasets] == ["postgres://dwh/shop.public.t"]


def test_what_an_operator_says_itself_stands_above_its_hook() -> None:
    found = lineage(
        operator="SQLExecuteQueryOperator",
        conn_id="dwh",
        sql="delete from t",
        database="core",
        hook_params={"schema": "shop", "enable_log_db_messages": True},
        schemes={"dwh": "postgres"},
    )
    assert [ref.uri for ref in found.datasets] == ["postgres://dwh/core.public.t"]
