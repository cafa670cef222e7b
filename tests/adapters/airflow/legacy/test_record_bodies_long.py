"""Functions of tasks that do much between what they read and what they write."""

from __future__ import annotations

import textwrap
from pathlib import Path
from types import SimpleNamespace

from adapters.airflow.legacy.record.child import wire
from adapters.airflow.legacy.record.child.containment import TookTooLong
from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot

HEAD = """
from datetime import datetime
import pandas as pd
from airflow import DAG
from airflow.operators.python import PythonOperator

def clean(value, kind="text"):
    if value is None:
        return ""
    text = str(value).strip().lower().replace(",", ".")
    return text if kind == "text" else float(text or 0)
"""
DAG = """
with DAG("d", schedule=None):
    PythonOperator(task_id="t", python_callable=work)
"""


def kept(tmp_path: Path, body: str) -> tuple[Call, ...]:
    (tmp_path / "d.py").write_text(HEAD + textwrap.dedent(body) + DAG)
    (dag,) = record_folder(tmp_path, "x").dags
    return dag.tasks[0].calls


def called(tmp_path: Path, body: str) -> list[str]:
    return [call.name for call in kept(tmp_path, body)]


def test_what_is_written_after_a_long_transformation_is_seen(tmp_path: Path) -> None:
    steps = "".join(f'        row["c{n}"] = clean(row.get("c{n}"), kind="t")\n' for n in range(300))
    body = (
        'def work():\n    rows = pd.read_csv("/data/in.csv").to_dict("records")\n'
        f'    for row in rows:\n{steps}    pd.DataFrame(rows).to_csv("/data/out.csv")\n'
    )

    assert called(tmp_path, body) == ["read_csv", "to_csv"]


def test_a_loop_that_shows_nothing_is_left_and_what_comes_behind_it_is_seen(
    tmp_path: Path,
) -> None:
    loops = "".join(f"{'    ' * depth}for n{depth} in range(50):\n" for depth in range(1, 9))
    body = (
        'def work():\n    pd.read_csv("/data/in.csv")\n'
        f'{loops}{"    " * 9}print(n1 * n2)\n    pd.DataFrame().to_csv("/data/out.csv")\n'
    )

    assert called(tmp_path, body) == ["read_csv", "to_csv"]


def test_a_long_loop_in_which_each_turn_shows_something_is_followed(tmp_path: Path) -> None:
    steps = "".join(f"        row{n} = clean(name, kind='t')\n" for n in range(20))
    body = (
        'def work():\n    for name in [f"t{n}" for n in range(40)]:\n'
        f'{steps}        pd.read_csv(f"/data/{{name}}.csv")\n'
    )

    assert called(tmp_path, body) == ["read_csv"] * 40


def test_a_folder_that_a_left_loop_went_to_is_left_too(tmp_path: Path) -> None:
    steps = "".join(
        f'            row["c{n}"] = clean(row.get("c{n}"), kind="t")\n' for n in range(300)
    )
    body = (
        "import pysftp\n"
        'def work():\n    row, remote = {}, pysftp.Connection("h")\n'
        f'    for n in range(9):\n        with remote.cd("in"):\n{steps}'
        '    remote.put("/data/x", "y")\n'
    )
    (tmp_path / "d.py").write_text(HEAD + body + DAG)

    (dag,) = record_folder(tmp_path, "x").dags

    (put,) = (call for call in dag.tasks[0].calls if call.name == "put")
    assert [step.name for step in put.on] == ["Connection"]


def of_each(tmp_path: Path, body: str, tasks: str) -> dict[str, list[str]]:
    text = HEAD + textwrap.dedent(body) + 'with DAG("d", schedule=None):\n' + tasks
    (tmp_path / "d.py").write_text(text)
    (dag,) = record_folder(tmp_path, "x").dags
    return {
        task.task_id: [str(value) for call in task.calls for value in call.arguments]
        for task in dag.tasks
    }


def test_tasks_that_call_one_function_alike_do_the_same(tmp_path: Path) -> None:
    body = "def work(name, rows):\n    pd.read_csv(name)\n"
    tasks = """
    for n in range(3):
        PythonOperator(task_id=f"a{n}", python_callable=work, op_args=["/in.csv", []])
    PythonOperator(task_id="b", python_callable=work, op_args=["/other.csv", []])
"""
    found = of_each(tmp_path, body, tasks)

    same = ["/in.csv"]
    assert found == {"a0": same, "a1": same, "a2": same, "b": ["/other.csv"]}


def test_tasks_that_call_alike_but_ask_what_was_left_for_them_differ(tmp_path: Path) -> None:
    body = (
        "def leave(ti, name):\n    ti.xcom_push(key='file', value=name)\n"
        "def work(ti):\n    pd.read_csv(ti.xcom_pull(key='file'))\n"
    )
    tasks = """
    for name in ("one", "two"):
        left = PythonOperator(task_id=f"leave_{name}", python_callable=leave,
                              op_kwargs={"name": f"/{name}.csv"})
        left >> PythonOperator(task_id=f"read_{name}", python_callable=work)
"""
    found = of_each(tmp_path, body, tasks)

    assert (found["read_one"], found["read_two"]) == (["/one.csv"], ["/two.csv"])


def test_the_last_of_many_long_tasks_of_a_file_is_still_read(tmp_path: Path) -> None:
    steps = "".join(f'        row["c{n}"] = clean(row.get("c{n}"), kind="t")\n' for n in range(80))
    body = (
        'def work(n):\n    rows = pd.read_csv(f"/{n}.csv").to_dict("records")\n'
        '    for at in range(40):\n        pd.read_csv(f"/{n}/{at}.csv")\n        row = {}\n'
        f"{steps}"
    )
    tasks = """
    for n in range(40):
        PythonOperator(task_id=f"t{n}", python_callable=work, op_args=[n])
"""
    found = of_each(tmp_path, body, tasks)

    assert found["t0"][:2] == ["/0.csv", "/0/0.csv"]
    assert found["t39"][:2] == ["/39.csv", "/39/0.csv"]
    assert len(found["t0"]) > len(found["t39"])


def test_a_query_of_many_pages_is_read(tmp_path: Path) -> None:
    columns = ",\n".join(f"    some_quite_long_name_of_a_column_{n} AS c{n}" for n in range(2000))
    (tmp_path / "report.sql").write_text(f"SELECT\n{columns}\nFROM shop.orders")
    body = f"""
    def work(path="{tmp_path}/report.sql"):
        pd.read_sql_query(open(path).read(), "postgresql://dwh/shop")
    """
    (tmp_path / "d.py").write_text(HEAD + textwrap.dedent(body) + DAG)
    (found,) = read_snapshot(record_folder(tmp_path, "x")).values()

    assert [ref.uri for ref in found.reads] == ["postgres://dwh/shop.shop.orders"]


def test_a_text_of_many_parts_that_depend_on_branches_is_followed(tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(14)]
    choose = "".join(
        f'    {name} = "a" if ask() else "b" if ask() else "c" if ask() else "d"\n'
        for name in names
    )
    text = "_".join(f"{{{name}}}" for name in names)
    body = f"def work(ask):\n{choose}    pd.DataFrame().to_csv(f'/data/{text}.csv')\n"
    (tmp_path / "d.py").write_text(HEAD + body + DAG)
    snapshot = record_folder(tmp_path, "x", timeout_s=5)
    assert [call.name for call in snapshot.dags[0].tasks[0].calls] == ["to_csv"] * 4
    assert snapshot.files[0].reason is None


def test_where_the_time_is_up_what_is_known_is_kept(monkeypatch) -> None:
    monkeypatch.setattr(wire, "let_it_end", lambda: None)  # a signal of this process
    collector = wire.Collector("/dags", "/dags/d.py")
    task = SimpleNamespace(task_id="t", recorder_place=("/dags/d.py", 3))
    asked = []

    def read(task):
        asked.append(task.task_id)
        raise TookTooLong

    assert collector._read_or(task, read, ["known"]) == ["known"]
    assert collector._read_or(task, read, ["known"]) == ["known"]
    assert asked == ["t"]


def test_what_only_tells_costs_no_patience(tmp_path: Path) -> None:
    body = f"""
    import logging
    log = logging.getLogger("x")
    def work():
        names = []
        for n in range(30):
            {"log.info('%s of %s', n, names); print(names); " * 20}
            names.append(f"s3://b/{{n}}")
        for name in names:
            pd.read_csv(name)
    """

    assert [call.arguments[0] for call in kept(tmp_path, body)] == [
        f"s3://b/{n}" for n in range(30)
    ]


def test_what_is_called_to_be_told_is_followed(tmp_path: Path) -> None:
    body = """
    class Catalog:
        def log(self, path):
            pd.read_csv(path)
    catalog = Catalog()
    import logging
    log = logging.getLogger("x")
    def work():
        print(pd.read_csv("s3://b/printed"))
        log.info("%s", [pd.read_csv("s3://b/logged")])
        catalog.log("s3://b/x")
    """

    assert [call.arguments[0] for call in kept(tmp_path, body)] == [
        "s3://b/printed",
        "s3://b/logged",
        "s3://b/x",
    ]
