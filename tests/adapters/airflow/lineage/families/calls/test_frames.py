"""Data frames in SQL, and addresses with options."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot
from tests.adapters.airflow.lineage.written_calls import lineage, touched

HEAD = """
import duckdb
import pandas as pd
import snowflake.connector
from google.cloud import storage
from snowflake.connector.pandas_tools import write_pandas
from airflow import DAG
from airflow.operators.python import PythonOperator
"""
FRAME = "orders = pd.DataFrame()\n"
WRITTEN: dict[str, tuple[str, list[str], list[str]]] = {
    "a variable": (
        FRAME + "duckdb.connect('/x.db').execute('create table t as select * from orders, u')",
        ["duckdb://x.db/u"],
        ["duckdb://x.db/t"],
    ),
    "in memory": (FRAME + "duckdb.sql('select * from orders').df()", [], []),
    "registered": (
        "con = duckdb.connect('/x.db')\ncon.register('lines', rows())\n"
        "con.execute('insert into t select * from lines')",
        [],
        ["duckdb://x.db/t"],
    ),
    "a table with a schema": (
        FRAME + "duckdb.connect('/x.db').execute('select * from raw.orders')",
        ["duckdb://x.db/raw.orders"],
        [],
    ),
    "made later": (
        "con = duckdb.connect('/x.db')\norders = con.execute('select * from orders').df()",
        ["duckdb://x.db/orders"],
        [],
    ),
    "another database": (
        FRAME + "conn = snowflake.connector.connect(account='a', database='D', schema='S')\n"
        "conn.cursor().execute('select * from orders')\nwrite_pandas(conn, orders, 'T')",
        ["snowflake://a/D.S.orders"],
        ["snowflake://a/D.S.T"],
    ),
    "a blob of a bucket": (
        "storage.Blob('x.csv', storage.Client().bucket('b')).upload_from_string('x')",
        [],
        ["gs://b/x.csv"],
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_frame_is_no_table(tmp_path: Path, name: str) -> None:
    body, reads, writes = WRITTEN[name]
    code = f"{HEAD}\ndef work():\n{textwrap.indent(body, '    ')}\n"
    end = "with DAG('x'):\n    PythonOperator(task_id='t', python_callable=work)\n"
    (tmp_path / "dag.py").write_text(code + end, encoding="utf-8")
    (found,) = read_snapshot(record_folder(tmp_path)).values()
    assert touched(found) == (reads, writes)


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("mongodb+srv://u:p@c.mongodb.net/?retryWrites=true&w=majority", "c.mongodb.net"),
        ("mongodb://h:27017/shop?authSource=admin", "h:27017"),
        ("mongodb://h:27017", "h:27017"),
        ("host=h", "{server}"),
    ],
)
def test_the_options_of_an_address_are_no_part_of_its_server(address: str, server: str) -> None:
    found = lineage(f"MongoClient('{address}')['shop']['orders'].find()")
    assert [ref.uri for ref in found.datasets] == [f"mongodb://{server}/shop.orders"]
