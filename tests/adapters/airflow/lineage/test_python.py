"""Calls of Python functions, and the datasets that they name."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from adapters.airflow.legacy.snapshot import Call, Dag, Schedule, Task
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.reading import read_task


def chain(text: str) -> list[dict[str, Any]]:
    """`Hook("dwh").get_conn().execute("…")` in the form of the snapshot."""

    def value(node: ast.expr) -> Any:
        if isinstance(node, ast.Call):
            return {"made_by": steps(node)}
        return ast.literal_eval(node)

    def steps(node: ast.expr) -> list[dict[str, Any]]:
        if isinstance(node, ast.Name):
            return [{"name": node.id}]
        if isinstance(node, ast.Attribute):
            return [*steps(node.value), {"name": node.attr}]
        assert isinstance(node, ast.Call)
        step: dict[str, Any] = {
            "arguments": [value(each) for each in node.args],
            "named": {each.arg: value(each.value) for each in node.keywords},
        }
        if isinstance(node.func, ast.Name):
            return [{"name": node.func.id, **step}]
        assert isinstance(node.func, ast.Attribute)
        is_module = isinstance(node.func.value, ast.Name)
        before = [] if is_module else steps(node.func.value)
        return [*before, {"name": node.func.attr, **step}]

    return steps(ast.parse(text, mode="eval").body)


def lineage(*texts: str, operator: str = "PythonOperator", schemes=None, **arguments):
    calls = []
    for line, text in enumerate(texts, start=1):
        *on, last = chain(text)
        calls.append(Call.model_validate({**last, "on": on, "line": line}))
    task = Task(
        task_id="t", operator=f"x.{operator}", arguments=arguments, calls=tuple(calls), line=7
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    return read_task(task, LineageContext(dag=dag, schemes=schemes or {}))


def touched(found):
    return [ref.uri for ref in found.reads], [ref.uri for ref in found.writes]


NAMED = {
    "pd.read_csv('s3://b/{{ ds }}.csv')": (["s3://b/{ds}.csv"], []),
    "pd.read_excel(io='gs://b/x')": (["gs://b/x"], []),
    "frame().to_parquet('/data/x')": ([], ["file:///data/x"]),
    "x.open('/data/x', 'wb')": ([], ["file:///data/x"]),
    "x.open('/data/x')": (["file:///data/x"], []),
    "PostgresHook('dwh').run('insert into m.t select * from a')": (
        ["postgres://dwh/a"],
        ["postgres://dwh/m.t"],
    ),
    "MySqlHook(mysql_conn_id='shop').get_conn().cursor().execute('delete from t')": (
        [],
        ["mysql://shop/t"],
    ),
    "pd.read_sql('select * from t', create_engine('postgresql+psycopg2://h:5432/db'))": (
        ["postgres://h:5432/t"],
        [],
    ),
    "frame().to_sql('t', PostgresHook('dwh').get_sqlalchemy_engine(), schema='m')": (
        [],
        ["postgres://dwh/m.t"],
    ),
    "PostgresHook('dwh').insert_rows('m.t', [])": ([], ["postgres://dwh/m.t"]),
    "bigquery.Client().query('insert into `p.d.t` select * from `p.d.s`')": (
        ["bigquery://default/p.d.s"],
        ["bigquery://default/p.d.t"],
    ),
    "bigquery.Client().load_table_from_uri(['gs://b/x'], 'p.d.t')": (
        ["gs://b/x"],
        ["bigquery://default/p.d.t"],
    ),
    "bigquery.Client().extract_table('p.d.t', 'gs://b/x')": (
        ["bigquery://default/p.d.t"],
        ["gs://b/x"],
    ),
    "S3Hook('aws').load_file('/tmp/x', key='k', bucket_name='b')": ([], ["s3://b/k"]),
    "S3Hook('aws').read_key('s3://b/k')": (["s3://b/k"], []),
    "S3Hook('aws').download_file('k', 'b')": (["s3://b/k"], []),
    "S3Hook().copy_object(source_bucket_key='s3://a/k', dest_bucket_key='s3://b/k')": (
        ["s3://a/k"],
        ["s3://b/k"],
    ),
    "boto3.client('s3').upload_file('/tmp/x', 'b', 'k')": ([], ["s3://b/k"]),
    "boto3.client('s3').download_file('b', 'k', '/tmp/x')": (["s3://b/k"], []),
    "boto3.client('s3').put_object(Bucket='b', Key='k', Body='x')": ([], ["s3://b/k"]),
    "GCSHook().upload('b', 'k', '/tmp/x')": ([], ["gs://b/k"]),
    "GCSHook().copy('a', 'k', 'b')": (["gs://a/k"], ["gs://b/k"]),
    "storage.Client().bucket('b').blob('k').upload_from_string('x')": ([], ["gs://b/k"]),
    "storage.Client().get_bucket('b').get_blob('k').download_as_text()": (["gs://b/k"], []),
    "SparkSession().read.parquet('s3://b/x')": (["s3://b/x"], []),
    "frame().write.mode('append').parquet('s3://b/x')": ([], ["s3://b/x"]),
    "subprocess.run(['aws', 's3', 'cp', 's3://a/x', 's3://b/x'])": (["s3://a/x"], ["s3://b/x"]),
    "os.system('gsutil cp gs://a/x gs://b/x')": (["gs://a/x"], ["gs://b/x"]),
}


@pytest.mark.parametrize("text", NAMED)
def test_what_calls_name_is_found(text: str) -> None:
    assert touched(lineage(text)) == NAMED[text]


@pytest.mark.parametrize(
    "text",
    [
        "pd.read_csv('data/x.csv')",
        "pd.read_csv('{{ path }}')",
        "pd.read_csv('s3://{{ bucket }}/x')",
        "frame().to_csv()",
        "PostgresHook('dwh').run('{{ sql }}')",
        "cursor().execute(3)",
        "loop().run('x')",
        "dictionary().copy('a', 'b')",
        "requests().json('https://x/y')",
        "session().load('s3://b/x')",
        "table('x')",
        "subprocess.run('make all')",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    found = lineage(text)

    assert (found.nature, found.datasets) == ("opaque", ())
    assert "unknown_outputs" in [finding.code for finding in found.findings]


def test_a_dataset_is_found_at_its_line_of_the_function() -> None:
    found = lineage("pd.read_csv('s3://b/x')", "frame().to_csv('s3://b/y')")

    assert [(ref.uri, ref.line) for ref in found.datasets] == [("s3://b/x", 1), ("s3://b/y", 2)]


def test_a_function_may_do_more_than_its_texts_say() -> None:
    found = lineage("frame().to_csv('s3://b/y')")

    assert (found.reads_known, found.writes_known) == (False, False)
    assert found.findings == ()
    assert found.writes[0].confidence == 0.85


def test_a_function_that_is_only_seen_to_read_still_has_unknown_outputs() -> None:
    assert [each.code for each in lineage("pd.read_csv('s3://b/y')").findings] == [
        "unknown_outputs"
    ]


def test_a_file_that_a_function_writes_for_itself_is_no_dataset() -> None:
    found = lineage("x.open('/tmp/x', 'w')", "x.open('/tmp/x')", "frame().to_csv('s3://b/y')")

    assert touched(found) == ([], ["s3://b/y"])


@pytest.mark.parametrize(
    "text", ["cursor().execute('delete from t')", "frame().to_sql('t', connection())"]
)
def test_a_table_on_a_server_that_nothing_names_is_no_dataset(text: str) -> None:
    found = lineage(text)

    assert found.datasets == ()
    assert [each.code for each in found.findings] == ["server_unknown", "unknown_outputs"]
    assert "its SQL names t, and nothing says on which server" in found.findings[0].message


def test_an_own_operators_connection_is_read_from_its_execute() -> None:
    found = lineage(
        "PostgresHook('dwh').run('delete from t')", operator="Load", sql="delete from t", conn="dwh"
    )

    assert touched(found) == ([], ["postgres://dwh/t"])
