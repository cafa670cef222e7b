"""What changed between two snapshots."""

from __future__ import annotations

from adapters.airflow.legacy.differing import differences
from adapters.airflow.legacy.snapshot import Call, Dag, DagSnapshot, Schedule, Task, TemplateFile


def task(task_id: str = "load", **changed) -> Task:
    return Task(task_id=task_id, operator="x.BashOperator", **changed)


def dag(*tasks: Task, dag_id: str = "etl", **changed) -> Dag:
    given = {"file": "etl.py", "schedule": Schedule(kind="none"), **changed}
    return Dag(dag_id=dag_id, tasks=tasks, **given)


def changes(before: Dag | None, after: Dag | None) -> list[str]:
    old, new = (
        DagSnapshot(instance="a", folder="/dags", dags=() if each is None else (each,))
        for each in (before, after)
    )
    return differences(old, new)


def test_equal_snapshots_do_not_differ() -> None:
    assert changes(dag(task()), dag(task())) == []


def test_dags_come_and_go() -> None:
    assert changes(None, dag(task())) == ["+ etl  1 task"]
    assert changes(dag(task()), None) == ["- etl  1 task"]


def test_tasks_come_and_go() -> None:
    assert changes(dag(task("a")), dag(task("b"))) == [
        "- etl.a  BashOperator",
        "+ etl.b  BashOperator",
    ]


def test_what_changed_of_a_task_is_said() -> None:
    before = task(retries=1, upstream=("a", "b"), arguments={"bash_command": "x", "cwd": "/"})
    after = task(retries=3, upstream=("b", "c"), arguments={"bash_command": "y", "cwd": "/"})

    assert changes(dag(before), dag(after)) == [
        "~ etl.load  bash_command: x -> y; retries: 1 -> 3; upstream: +c -a"
    ]


def test_a_changed_schedule_and_template_are_said() -> None:
    before = dag(templates={"a.sql": TemplateFile(path="a.sql", text="select 1")})
    after = dag(
        schedule=Schedule(kind="cron", cron="0 1 * * *"),
        templates={"a.sql": TemplateFile(path="a.sql", text="select 2")},
    )

    (line,) = changes(before, after)

    assert line == "~ etl  schedule: none -> 0 1 * * *; templates: a.sql"


def test_what_code_calls_otherwise_is_said_and_a_line_that_moved_is_not() -> None:
    same = Call(name="read_csv", arguments=("s3://b/x",), line=3)
    before = task(calls=(same, Call(name="run", arguments=("delete from t",), line=4)))
    after = task(
        calls=(
            same.model_copy(update={"line": 9}),
            Call(name="run", arguments=("delete from u",), line=10),
        )
    )

    assert changes(dag(before), dag(after)) == ["~ etl.load  calls: run"]


def test_a_line_that_moved_is_no_change() -> None:
    assert changes(dag(task(line=3), line=1), dag(task(line=9), line=7)) == []


def test_long_values_are_cut() -> None:
    (line,) = changes(
        dag(task(arguments={"sql": "a"})), dag(task(arguments={"sql": "select " * 50}))
    )

    assert len(line) < 100
    assert line.endswith("…")


def test_a_search_path_from_where_the_scheduler_stands_is_no_difference(record):
    code = """
        from datetime import datetime
        from airflow import DAG
        from airflow.models import Variable
        with DAG("d", start_date=datetime(2024, 1, 1),
                 template_searchpath=["sql", Variable.get("sql_path")]):
            pass
    """
    before = record(code)
    assert before.dags[0].template_searchpath == ("sql", "var_sql_path")
    assert differences(before, record(code)) == []


def test_the_home_that_code_had_while_it_was_read_is_no_difference(record):
    code = """
        import os
        from datetime import datetime
        from airflow import DAG
        from airflow.operators.bash import BashOperator
        with DAG("d", start_date=datetime(2024, 1, 1)):
            BashOperator(task_id="t", bash_command="make", env={**os.environ})
    """
    assert differences(record(code), record(code)) == []


def test_of_long_values_that_begin_alike_the_part_that_differs_is_shown():
    was, now = (dag(task(arguments={"sql": f"{'select 1; ' * 20}{end}"})) for end in ("one", "two"))
    assert changes(was, now) == ["~ etl.load  sql: …; select 1; one -> …; select 1; two"]
