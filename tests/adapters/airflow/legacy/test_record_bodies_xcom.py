"""What one task returns or pushes is known in the functions of those that take it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.airflow.legacy.take import record_folder

HEAD = """
import pandas as pd
from airflow import DAG
from airflow.decorators import dag, task, task_group
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

"""


def read(tmp_path: Path, body: str) -> dict[str, list[object]]:
    """The first arguments of the calls of each task."""
    (tmp_path / "d.py").write_text(HEAD + body)
    found = record_folder(tmp_path, "x").dags[0].tasks
    return {task.task_id: [call.arguments[0] for call in task.calls] for task in found}


FUNCTIONS = """
def extract(ti=None):
    ti.xcom_push(key="other", value="s3://b/other")
    return {"path": "s3://b/x", "names": ["a", "b"]}
def load(value):
    pd.read_csv(value["path"])
def by_key(path):
    pd.read_csv(path)
def pulls(**context):
    pd.read_csv(context["ti"].xcom_pull(task_ids="extract")["path"])
    pd.read_csv(context["ti"].xcom_pull(task_ids="extract", key="other"))
    pd.read_csv(context["ti"].xcom_pull(task_ids="bash"))
def each(name):
    pd.read_csv(f"s3://b/{name}")
"""
DAG = """
with DAG("d", schedule=None):
    bash = BashOperator(task_id="bash", bash_command="echo x")
    first = task(extract)()
    task(load)(first)
    task(by_key)(first["path"])
    task(each).expand(name=first["names"])
    PythonOperator(task_id="pulls", python_callable=pulls)
    PythonOperator(
        task_id="in_a_template",
        python_callable=by_key,
        op_kwargs={"path": "{{ ti.xcom_pull(task_ids='extract', key='other') }}"},
    )
    PythonOperator(
        task_id="in_part_of_a_template",
        python_callable=by_key,
        op_args=["{{ ti.xcom_pull(task_ids='extract')['path'] }}/y"],
    )
    PythonOperator(task_id="of_bash", python_callable=by_key, op_args=[bash.output])
"""
UNKNOWN = {"opaque": "known when it runs"}
EXPECTED = {
    "load": ["s3://b/x"],
    "by_key": ["s3://b/x"],
    "each": ["s3://b/a", "s3://b/b"],
    "pulls": ["s3://b/x", "s3://b/other", UNKNOWN],
    "in_a_template": ["s3://b/other"],
    "in_part_of_a_template": ["s3://b/x/y"],
    "of_bash": [UNKNOWN],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    return read(tmp_path_factory.mktemp("xcom"), FUNCTIONS + DAG)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_result_is_known_where_it_is_taken(found: dict[str, list[object]], name: str) -> None:
    assert found[name] == EXPECTED[name]


def test_tasks_that_wait_for_each_others_results_end(tmp_path: Path) -> None:
    body = """
def one(ti):
    return ti.xcom_pull(task_ids="two")
def two(ti):
    pd.read_csv(ti.xcom_pull(task_ids="one"))
with DAG("d", schedule=None):
    PythonOperator(task_id="one", python_callable=one)
    PythonOperator(task_id="two", python_callable=two)
"""

    assert read(tmp_path, body) == {"one": [], "two": [UNKNOWN]}


PULLED = {
    "output": ("extracted['path']", "s3://b/x"),
    "template": ("\"{{ ti.xcom_pull(task_ids='extract', key='other') }}\"", "s3://b/other"),
    "in_a_text": ("\"cat {{ ti.xcom_pull('extract', key='other') }}\"", "cat s3://b/other"),
    "filtered": (
        "\"{{ task_instance.xcom_pull(key='other', task_ids=['extract']) | string }}/x\"",
        "s3://b/other/x",
    ),
    "list": ("[extracted['path'], 'y']", ["s3://b/x", "y"]),
    "deep": ("{'a': [{'b': extracted['path']}]}", {"a": [{"b": "s3://b/x"}]}),
}


@pytest.mark.parametrize(("value", "known"), PULLED.values(), ids=PULLED)
def test_an_operator_is_given_what_is_known_of_a_result(tmp_path: Path, value, known) -> None:
    body = f"""{FUNCTIONS}
with DAG("d", schedule=None):
    extracted = task(extract)()
    BashOperator(task_id="t", bash_command="true", env={value}, cwd="/x")
"""
    (tmp_path / "d.py").write_text(HEAD + body)
    found = record_folder(tmp_path, "x").dags[0].task("t")
    assert found is not None
    assert found.pulled == {"env": known}
    assert found.arguments["env"] != known


@pytest.mark.parametrize(
    "value",
    [
        "'s3://b/x'",
        "\"{{ ti.xcom_pull('none') }}\"",
        "bash.output",
        "\"{{ ti.xcom_pull(task_ids='extract', dag_id='other') }}\"",
        "\"{{ ti.xcom_pull(task_ids='extract') | length }}\"",
    ],
)
def test_what_is_not_known_of_a_result_is_left_as_it_is(tmp_path: Path, value) -> None:
    body = f"""{FUNCTIONS}
with DAG("d", schedule=None):
    task(extract)()
    bash = BashOperator(task_id="bash", bash_command="echo x")
    BashOperator(task_id="t", bash_command="true", env={value})
"""
    (tmp_path / "d.py").write_text(HEAD + body)
    found = record_folder(tmp_path, "x").dags[0].task("t")
    assert found is not None
    assert not found.pulled


DECIDED = {
    "nothing, until a loop is left": (
        "flag = None\nwhile True:\n    if ask():\n        flag = ask() > 3\n"
        "        if flag:\n            break\n        continue\n    raise ValueError"
    ),
    "nothing, until a turn of a loop ends": (
        "flag = None\nfor one in ask():\n    if one:\n        flag = one.x\n        continue\n"
        "    raise ValueError"
    ),
    "no, unless it was asked": "flag = False\nif ask():\n    flag = ask() > 3",
    "nothing, unless it was asked": "flag = None\nif ask():\n    flag = ask() > 3",
    "pushed as a failure, or as it came": (
        "if ask():\n    ti.xcom_push(key='k', value=ask())\nelse:\n"
        "    ti.xcom_push(key='k', value=[{'done': False, 'id': None}])\n"
        "flag = [one['done'] and one['id'] for one in ti.xcom_pull(task_ids='a', key='k')][0]"
    ),
    "returned as a failure, or as it came": (
        "def asked():\n    if ask():\n        return {'done': False}\n"
        "    return {'done': ask() > 3}\n"
        "flag = asked()['done']"
    ),
}


@pytest.mark.parametrize("lines", DECIDED.values(), ids=DECIDED.keys())
def test_what_only_one_branch_says_no_to_is_gone_into(tmp_path: Path, lines: str) -> None:
    body = lines.replace("\n", "\n    ")
    found = read(
        tmp_path,
        f"""
from elsewhere import ask
def first(ti):
    {body}
    if flag:
        pd.read_csv("s3://b/x")
with DAG("d", schedule=None):
    PythonOperator(task_id="a", python_callable=first)
""",
    )

    assert "s3://b/x" in found["a"]


def test_what_every_branch_says_no_to_is_left_out(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
from elsewhere import ask
def first(ti):
    flag = False if ask() else None
    if flag:
        pd.read_csv("s3://b/x")
with DAG("d", schedule=None):
    PythonOperator(task_id="a", python_callable=first)
""",
    )

    assert "s3://b/x" not in found["a"]
