"""Calls of a function as they are written in Python, read as those of a task."""

from __future__ import annotations

import ast
from typing import Any

from adapters.airflow.legacy.datasets import TaskLineage
from adapters.airflow.legacy.snapshot import Call, Dag, Schedule, Task
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.reading import read_task

# What a name before a dot is imported as; any other is a name of nothing.
MODULES = {
    "pd": "pandas",
    "np": "numpy",
    "pq": "pyarrow.parquet",
    "gpd": "geopandas",
    "wr": "awswrangler.s3",
    "athena": "awswrangler.athena",
    "helpers": "elasticsearch.helpers",
    **{
        name: name
        for name in """
        requests httpx shutil os glob joblib torch subprocess boto3 psycopg2 pymysql sqlite3 duckdb
        pyodbc oracledb wget zipfile tarfile pysftp petl pandas_gbq deltalake clickhouse_connect
        gspread pygsheets pangres connectorx fast_to_sql smbclient
        """.split()  # noqa: SIM905
    },
}


def chain(text: str) -> list[dict[str, Any]]:
    """`Hook("dwh").get_conn().execute("…")` in the form of the snapshot."""

    def value(node: ast.expr) -> Any:
        if isinstance(node, (ast.Call, ast.Attribute)):
            return {"made_by": steps(node)}
        return ast.literal_eval(node)

    def steps(node: ast.expr) -> list[dict[str, Any]]:
        if isinstance(node, ast.Name):
            return [{"name": node.id}]
        if isinstance(node, ast.Attribute):
            return [*steps(node.value), {"name": node.attr}]
        if isinstance(node, ast.Subscript):
            return [*steps(node.value), {"name": "[]", "arguments": [value(node.slice)]}]
        assert isinstance(node, ast.Call)
        step: dict[str, Any] = {
            "arguments": [value(each) for each in node.args],
            "named": {
                name: each
                for keyword in node.keywords
                for name, each in (
                    ast.literal_eval(keyword.value).items()
                    if keyword.arg is None
                    else [(keyword.arg, value(keyword.value))]
                )
            },
        }
        if isinstance(node.func, ast.Name):
            return [{"name": node.func.id, **step}]
        assert isinstance(node.func, ast.Attribute)
        if not isinstance(node.func.value, ast.Name) or node.func.value.id[0].isupper():
            return [*steps(node.func.value), {"name": node.func.attr, **step}]
        module = MODULES.get(node.func.value.id)
        return [{"name": node.func.attr, **step, **({"module": module} if module else {})}]

    return steps(ast.parse(text, mode="eval").body)


def lineage(
    *texts: str,
    operator: str = "PythonOperator",
    schemes: dict[str, str] | None = None,
    **arguments: Any,
) -> TaskLineage:
    """What a task with these calls reads and writes."""
    calls = []
    for line, text in enumerate(texts, start=1):
        *on, last = chain(text)
        calls.append(Call.model_validate({**last, "on": on, "line": line}))
    task = Task(
        task_id="t", operator=f"x.{operator}", arguments=arguments, calls=tuple(calls), line=7
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    return read_task(task, LineageContext(dag=dag, schemes=schemes or {}))


def touched(found: TaskLineage) -> tuple[list[str], list[str]]:
    """The URIs that are read, and those that are written."""
    return [ref.uri for ref in found.reads], [ref.uri for ref in found.writes]
