"""What Python functions of tasks are seen to call, and with which texts."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.legacy.take import record_folder

HEAD = """
import os
from pathlib import Path

import pandas as pd
from airflow import DAG
from airflow.models import BaseOperator, Variable
from airflow.operators.python import PythonOperator
from airflow.providers.postgres.hooks.postgres import PostgresHook

import settings
from settings import LAKE
"""


def recorded(tmp_path: Path, body: str, operator: str = "python_callable=work"):
    (tmp_path / "settings.py").write_text('LAKE = "s3://lake"\nFOLDERS = ("a", "b")\n')
    task = f'    PythonOperator(task_id="t", {operator})\n' if operator else ""
    dag = f'\nwith DAG("d", schedule=None) as dag:\n{task}' if operator else ""
    (tmp_path / "d.py").write_text(HEAD + textwrap.dedent(body) + dag)
    return record_folder(tmp_path, "x")


def calls(tmp_path: Path, body: str, operator: str = "python_callable=work") -> tuple[Call, ...]:
    return recorded(tmp_path, body, operator).dags[0].tasks[0].calls


TEXTS = {
    "literal": ("'s3://b/x'", "s3://b/x"),
    "constant_of_a_module": ("LAKE + '/x'", "s3://lake/x"),
    "attribute_of_a_module": ("f'{settings.LAKE}/x'", "s3://lake/x"),
    "date_of_the_run": ("f'{LAKE}/{ds}.csv'", "s3://lake/{{ ds }}.csv"),
    "context": ("f\"{LAKE}/{context['ds_nodash']}\"", "s3://lake/{{ ds_nodash }}"),
    "context_get": ("LAKE + context.get('ds')", "s3://lake{{ ds }}"),
    "params": ("f\"{LAKE}/{context['params']['day']}\"", "s3://lake/{{ params.day }}"),
    "format": ("'{}/{}'.format(LAKE, 'x')", "s3://lake/x"),
    "format_by_name": ("'{lake}/x'.format(lake=LAKE)", "s3://lake/x"),
    "percent": ("'%s/x-%d' % (LAKE, 3)", "s3://lake/x-3"),
    "joined": ("os.path.join(LAKE, 'x', 'y.csv')", "s3://lake/x/y.csv"),
    "path": ("Path('/data') / 'x.csv'", "/data/x.csv"),
    "of_words": ("'/'.join([LAKE, 'x'])", "s3://lake/x"),
    "environment": ("os.environ.get('LAKE', 's3://y') + '/x'", "s3://y/x"),
    "variable": ("Variable.get('lake') + '/x'", "{{ var.value.lake }}/x"),
    "only_the_run_knows": ("f'{LAKE}/{len(ds)}'", "s3://lake/{{ unknown }}"),
    "helper": ("place('x')", "s3://lake/in/x"),
    "argument": ("folder + '/x'", "s3://lake/out/x"),
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Call, ...]]:
    """The calls of one task for each expression, of one recording."""
    body = ['def place(name):\n    return f"{LAKE}/in/{name}"\n']
    tasks = []
    for name, (expression, _) in TEXTS.items():
        body.append(f"def {name}(ds, folder='s3://lake/out', **context):")
        body.append(f"    pd.read_csv({expression})")
        tasks.append(f"    PythonOperator(task_id={name!r}, python_callable={name})")
    dag = ["with DAG('d', schedule=None) as dag:", *tasks, ""]
    found = recorded(tmp_path_factory.mktemp("texts"), "\n".join([*body, *dag]), operator="")
    return {task.task_id: task.calls for task in found.dags[0].tasks}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_are_followed(texts: dict[str, tuple[Call, ...]], name: str) -> None:
    (call,) = texts[name]

    assert (call.name, call.arguments) == ("read_csv", (TEXTS[name][1],))


def test_a_call_is_found_at_its_line(tmp_path: Path) -> None:
    (call,) = calls(tmp_path, "def work():\n    pd.read_csv('s3://b/x')")

    line = (tmp_path / "d.py").read_text().splitlines()[(call.line or 0) - 1]
    assert line.strip() == "pd.read_csv('s3://b/x')"


def test_arguments_of_the_task_are_known_in_its_function(tmp_path: Path) -> None:
    body = """
    def work(table, suffix, **context):
        pd.read_csv(f"{table}/{suffix}")
    """

    (call,) = calls(
        tmp_path, body, 'python_callable=work, op_args=["s3://b"], op_kwargs={"suffix": "{{ ds }}"}'
    )

    assert call.arguments == ("s3://b/{{ ds }}",)


def test_an_object_is_known_by_the_calls_that_made_it(tmp_path: Path) -> None:
    body = """
    def work():
        hook = PostgresHook(postgres_conn_id="dwh")
        with hook.get_conn() as connection:
            cursor = connection.cursor()
            cursor.execute("delete from t")
    """

    (call,) = calls(tmp_path, body)

    assert (call.name, call.arguments) == ("execute", ("delete from t",))
    assert [step.name for step in call.on] == ["PostgresHook", "get_conn", "cursor"]
    assert call.on[0].named == {"postgres_conn_id": "dwh"}


def test_a_loop_over_known_items_is_run_through(tmp_path: Path) -> None:
    body = """
    def work():
        for folder in settings.FOLDERS:
            pd.read_csv(f"{LAKE}/{folder}.csv")
    """

    found = calls(tmp_path, body)

    assert [call.arguments for call in found] == [("s3://lake/a.csv",), ("s3://lake/b.csv",)]


def test_every_branch_is_followed(tmp_path: Path) -> None:
    body = """
    def work(ds):
        try:
            frame = pd.read_csv("s3://b/x") if ds else None
        except OSError:
            frame = pd.read_json("s3://b/y")
        while frame is None:
            frame.to_csv("s3://b/z")
    """

    assert [call.name for call in calls(tmp_path, body)] == ["read_csv", "read_json", "to_csv"]


def test_an_operators_own_execute_is_followed_with_its_attributes(tmp_path: Path) -> None:
    body = """
    class Load(BaseOperator):
        def __init__(self, statement, connection, **kwargs):
            super().__init__(**kwargs)
            self.statement = statement
            self.connection = connection

        def execute(self, context):
            self.load()

        def load(self):
            PostgresHook(self.connection).run(self.statement)

    dag = DAG("d", schedule=None)
    Load(task_id="t", statement="delete from t", connection="dwh", dag=dag)
    """

    found = recorded(tmp_path, body, operator="").dags[0].tasks[0].calls

    assert [(call.name, call.arguments) for call in found] == [("run", ("delete from t",))]
    assert found[0].on[0].arguments == ("dwh",)


def test_no_password_is_kept(tmp_path: Path) -> None:
    body = """
    def work():
        first = create_engine("postgresql://amy:s3cret@h/db")
        pd.read_sql("select 1 from t", first)
        pd.read_sql("select 1 from t", connect("h", "amy", "s3cret"))
        pd.read_sql("select 1 from t", connect(host="h", password="s3cret"))
        pd.read_sql("select 1 from t", connect("host=h password=s3cret"))
    """

    snapshot = recorded(tmp_path, "from x import connect, create_engine\n" + textwrap.dedent(body))

    assert len(snapshot.dags[0].tasks[0].calls) == 4
    assert "s3cret" not in snapshot.to_json()


@pytest.mark.parametrize(
    "body",
    [
        "def work():\n    return work()",
        "def work():\n    while True:\n        pass",
        "def one():\n    return two()\ndef two():\n    return one()\ndef work():\n    one()",
        "work = len",
        "work = lambda: pd.read_csv('s3://b/x')",
    ],
    ids=["itself", "endless", "each_other", "builtin", "lambda"],
)
def test_a_function_that_cannot_be_followed_has_no_calls(tmp_path: Path, body: str) -> None:
    assert calls(tmp_path, body) == ()


def test_calls_that_touch_no_data_are_not_kept(tmp_path: Path) -> None:
    body = """
    def work():
        print("s3://b/x")
        len([1])
        PostgresHook("dwh").get_conn()
    """

    assert calls(tmp_path, body) == ()
