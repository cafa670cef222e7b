"""Python functions: calls together, what is certain of them, and what is a guess."""

from __future__ import annotations

import pytest

from adapters.airflow.legacy.snapshot import Call, Dag, Schedule, Task
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.reading import read_task
from tests.adapters.airflow.lineage.written_calls import lineage, touched


@pytest.mark.parametrize(
    "text",
    [
        "pd.read_csv('{{ path }}')",
        "pd.read_csv('{{ folder_ }}/{{ file }}.csv')",
        "pd.read_csv('/data/x/{{ cut')",
        "pd.read_csv('a text, no path')",
        "frame().to_csv()",
        "PostgresHook('dwh').run('{{ sql }}')",
        "cursor().execute(3)",
        "loop().run('x')",
        "dictionary().copy('a', 'b')",
        "requests().json('https://x/y')",
        "session().load('s3://b/x')",
        "table('x')",
        "subprocess.run('make all')",
        "dictionary().get('https://x/y')",
        "client().put_object(Bucket={'opaque': 'x'}, Key={'opaque': 'y'})",
        "requests.post('{{ kind }}://{{ host }}/token')",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    found = lineage(text)

    assert (found.nature, found.datasets) == ("opaque", ())
    assert "unknown_outputs" in [finding.code for finding in found.findings]


RATED = {
    "pd.read_csv('s3://b/{{ ds }}/x.csv')": 0.85,
    "pd.read_csv('s3://b/{{ params.day }}.csv')": 0.85,
    "pd.read_csv('s3://b/{{ var.value.name }}')": 0.85,
    "pd.read_csv('s3://{{ var.value.bucket }}/x.csv')": 0.8,
    "pd.read_csv('s3://{{ BUCKET }}/x.csv')": 0.8,
    "pd.read_csv('s3://b/orders_{{ part }}.csv')": 0.85,
    "pd.read_csv('s3://{{ bucket }}/x.csv')": 0.5,
    "pd.read_csv('s3://b/{{ name }}.csv')": 0.5,
    "pd.read_csv('s3://b/{{ folder_ }}/x.csv')": 0.6,
    "pd.read_csv('s3://b/{{ now }}/x.csv')": 0.85,
    "PostgresHook('dwh').insert_rows('orders.{{ table }}', [])": 0.5,
    "PostgresHook('dwh').insert_rows('orders.part_{{ table }}', [])": 0.85,
    "pd.read_csv('data/x.csv')": 0.4,
    "HttpHook('GET', http_conn_id='api').run('v1/x')": 0.85,
    "HttpHook(method='POST', http_conn_id='api').run('v1/x')": 0.3,
    "requests.request('post', 'https://h/x')": 0.3,
    "requests.request('put', 'https://h/x')": 0.5,
    "PostgresHook('dwh').insert_rows('m.{{ table }}', [])": 0.5,
    "PostgresHook('dwh').run('delete from m.{{ table }}')": 0.5,
    "PostgresHook('{{ name }}').run('delete from m.t')": 0.5,
    "pd.read_csv('s3://b/{{ ti.xcom_pull(task_ids=1) }}')": 0.5,
    "cursor().execute('delete from t')": 0.5,
    "client().get_object(Bucket={'opaque': 'x'}, Key='k')": 0.5,
}


@pytest.mark.parametrize("text", RATED)
def test_a_dataset_is_as_sure_as_its_place_is_known(text: str) -> None:
    (found,) = lineage(text).datasets

    assert found.confidence == RATED[text]


def test_a_path_from_nowhere_is_one_of_the_workers_folder() -> None:
    assert touched(lineage("pd.read_csv('./data/x.csv')")) == (["file:///{cwd}/data/x.csv"], [])


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
    found = lineage(
        "open('/tmp/x', 'w')", "open('/tmp/x')", "pd.read_csv('/tmp/y')", "frame().to_csv('/tmp/y')"
    )

    assert touched(found) == (["file:///tmp/y"], ["file:///tmp/y"])


def test_a_file_with_a_name_of_one_run_is_no_dataset() -> None:
    found = lineage("pd.read_csv('/tmp/{{ scratch }}/x')", "frame().to_csv('s3://b/{{ scratch }}')")

    assert touched(found) == ([], ["s3://b/{scratch}"])


def test_a_copy_for_hive_by_a_name_of_one_run_is_no_dataset() -> None:
    found = lineage("pd.read_csv('s3://a/x')", "frame().to_csv('hdfs://h/user/{{ scratch }}')")

    assert touched(found) == (["s3://a/x"], [])


def test_of_a_file_outside_of_scratch_places_what_is_written_stays() -> None:
    found = lineage("open('/data/x', 'w')", "open('/data/x')")

    assert touched(found) == ([], ["file:///data/x"])


def test_a_copy_fetched_to_a_scratch_place_is_a_guess() -> None:
    for folder, sure in (("/tmp", 0.4), ("/data", 0.85)):
        (copy,) = lineage(f"boto3.client('s3').download_file('b', 'k', '{folder}/x')").writes
        assert (copy.uri, copy.confidence) == (f"file://{folder}/x", sure)


@pytest.mark.parametrize(
    "text", ["cursor().execute('delete from t')", "frame().to_sql('t', connection())"]
)
def test_a_table_on_a_server_that_nothing_names_is_a_guess(text: str) -> None:
    found = lineage(text)

    assert touched(found) == ([], ["sql://{server}/t"])
    assert [each.code for each in found.findings] == ["server_unknown"]
    assert "its SQL names t, and nothing says on which server" in found.findings[0].message


@pytest.mark.parametrize(
    "operator",
    ["BranchPythonOperator", "_ShortCircuitDecoratedOperator", "PythonSensor"],
)
def test_what_a_branch_or_a_sensor_reads_is_found(operator: str) -> None:
    found = lineage("pd.read_csv('s3://b/x')", operator=operator)
    silent = lineage("pd.read_csv('{{ x }}')", operator=operator)

    assert touched(found) == (["s3://b/x"], [])
    assert (found.findings, found.writes_known) == ((), True)
    assert (silent.nature, silent.datasets) == ("quiet", ())


def test_an_own_operators_connection_is_read_from_its_execute() -> None:
    found = lineage(
        "PostgresHook('dwh').run('delete from t')", operator="Load", sql="delete from t", conn="dwh"
    )

    assert touched(found) == ([], ["postgres://dwh/t"])


def test_an_own_operator_does_what_its_execute_calls_and_inherits_the_other_side() -> None:
    copy = dict(s3_bucket="b", s3_key="k", schema="m", table="t")  # noqa: C408
    moved = lineage("x.get_x()", operator="S3ToRedshiftOperator", **copy)
    found = lineage(
        "PostgresHook('dwh').insert_rows('m.t', [])", operator="S3ToRedshiftOperator", **copy
    )
    guessed = lineage("cursor().execute('delete from t')", operator="S3ToRedshiftOperator", **copy)

    assert touched(moved) == (["s3://b/k"], ["redshift://redshift_default/m.t"])
    assert touched(found) == (["s3://b/k"], ["postgres://dwh/m.t"])
    assert touched(guessed) == touched(moved)
    assert (moved.writes_known, found.writes_known) == (True, False)


GUESSED = {
    "source_path": ("s3://b/x", (["s3://b/x"], [])),
    "output_path": ("s3://b/x", ([], ["s3://b/x"])),
    "path": ("/data/x.csv", (["file:///data/x.csv"], [])),
    "target_table": ("m.t", ([], ["sql://{server}/m.t"])),
    "url": ("https://h/x", (["https://h/x"], [])),
    "path_of_life": ("/data/x.csv", ([], [])),
    "table": ("not a table", ([], [])),
    "file": ("report", ([], [])),
    "key": ("no/bucket", ([], [])),
}


@pytest.mark.parametrize("name", GUESSED)
def test_what_a_function_is_given_is_guessed_by_its_name(name: str) -> None:
    text, expected = GUESSED[name]
    found = lineage(op_kwargs={name: text})

    assert touched(found) == expected
    assert all(ref.confidence <= 0.5 for ref in found.datasets)


def test_a_bucket_and_a_key_are_one_object() -> None:
    found = lineage(
        op_kwargs={"src_bucket": "a", "src_key": "x", "dest_bucket": "b", "dest_key": "y"}
    )

    assert touched(found) == (["s3://a/x"], ["s3://b/y"])


def test_names_are_not_asked_where_the_body_says_something() -> None:
    found = lineage("frame().to_csv('s3://b/y')", op_kwargs={"source_path": "s3://b/x"})

    assert touched(found) == ([], ["s3://b/y"])


def test_the_host_of_a_connection_is_that_connection() -> None:
    found = lineage(
        "create_engine('mssql+pymssql://{{ conn.dwh.host }}:1433/x').execute('delete from t')"
    )

    assert {ref.uri for ref in found.writes} == {"mssql://dwh/x.dbo.t"}


def test_what_is_posted_to_where_an_answer_is_read_is_a_question() -> None:
    found = lineage("requests.post('https://h/x')", "requests.post('https://h/x').json()")
    told = lineage("requests.put('https://h/x')", "requests.get('https://h/x')")

    assert touched(found) == (["https://h/x"], [])
    assert touched(told) == (["https://h/x"], ["https://h/x"])
    assert found.reads[0].confidence == 0.5


@pytest.mark.parametrize(
    ("folder", "path", "uri"),
    [
        ("/data/out", "sales.csv", "file:///data/out/sales.csv"),
        ("/data/out/", "./in/sales.csv", "file:///data/out/in/sales.csv"),
        ("{{ var.value.out }}", "sales.csv", "file:///{var.value.out}/sales.csv"),
        ("/data/out", "/in/sales.csv", "file:///in/sales.csv"),
        ("/data/out", "s3://b/sales.csv", "s3://b/sales.csv"),
        ("/data/out", "{{ var.value.in }}/sales.csv", "file:///{var.value.in}/sales.csv"),
    ],
)
def test_a_relative_path_begins_in_its_folder(folder: str, path: str, uri: str) -> None:
    call = Call(name="read_csv", module="pandas", arguments=(path,), folder=folder)
    task = Task(task_id="t", operator="PythonOperator", calls=(call,))
    context = LineageContext(dag=Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none")))
    assert [ref.uri for ref in read_task(task, context).datasets] == [uri]
