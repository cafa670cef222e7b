"""The SQL files and scripts of a code base that its tasks name."""

from pathlib import Path

import pytest

from adapters.airflow.legacy.record.sql_files import definitions
from adapters.airflow.legacy.snapshot import Dag, Schedule, Task
from adapters.airflow.legacy.take import record_folder


def snapshot_of(folder: Path, task: str, **files: str):
    (folder / "pyproject.toml").touch()
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "dags").mkdir(exist_ok=True)
    (folder / "dags" / "d.py").write_text(
        "from airflow import DAG\n"
        "from airflow.operators.bash import BashOperator\n"
        "from airflow.providers.postgres.operators.postgres import PostgresOperator\n"
        f"with DAG('d'):\n    {task}\n"
    )
    return record_folder(folder / "dags", workers=1)


@pytest.mark.parametrize(
    "name",
    ["/opt/airflow/dags/sql/x.sql", "/usr/local/airflow/dags/sql/x.sql", "/elsewhere/sql/x.sql"],
)
def test_a_template_by_its_path_on_another_machine_is_found(tmp_path: Path, name: str) -> None:
    found = snapshot_of(
        tmp_path, f"PostgresOperator(task_id='t', sql={name!r})", dags__sql__x_dot_sql="select 1"
    )

    assert found.dags[0].templates[name].path == "sql/x.sql"


def test_of_two_files_as_near_none_is_taken(tmp_path: Path) -> None:
    found = snapshot_of(
        tmp_path,
        "PostgresOperator(task_id='t', sql='/elsewhere/x.sql')",
        dags__a__x_dot_sql="select 1",
        dags__b__x_dot_sql="select 2",
    )

    assert not found.dags[0].templates
    assert "template_not_found" in [finding.code for finding in found.findings]


def test_scripts_in_commands_are_found_and_what_they_name(tmp_path: Path) -> None:
    found = snapshot_of(
        tmp_path,
        "BashOperator(task_id='t', bash_command='bash $HOME/scripts/run.sh {{ ds }} other.sql')",
        dags__scripts__run_dot_sh="psql -f sql/load.sql",
        dags__sql__load_dot_sql="delete from t",
    )

    assert {name: file.path for name, file in found.dags[0].templates.items()} == {
        "$HOME/scripts/run.sh": "scripts/run.sh",
        "sql/load.sql": "sql/load.sql",
    }
    assert "template_not_found" not in [finding.code for finding in found.findings]


def dag(sql: str) -> Dag:
    task = Task(task_id="t", operator="x.PostgresOperator", arguments={"sql": sql})
    return Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))


def test_files_that_define_what_is_called_are_taken_and_what_they_call(tmp_path: Path) -> None:
    (tmp_path / "one.sql").write_text("create function m.one() as $$ select two() $$")
    (tmp_path / "two.sql").write_text("create or replace procedure two() as $$ delete from t $$")
    (tmp_path / "other.sql").write_text("create function other() as $$ delete from u $$")
    (tmp_path / "plain.sql").write_text("select one()")

    assert [file.path for file in definitions(tmp_path, [dag("select m.one()")])] == [
        "one.sql",
        "two.sql",
    ]


def test_the_snapshot_has_them(tmp_path: Path) -> None:
    found = snapshot_of(
        tmp_path,
        "PostgresOperator(task_id='t', sql='refresh materialized view v')",
        include__v_dot_sql="create materialized view v as select * from a",
        include__w_dot_sql="create materialized view w as select * from a",
    )

    assert [file.path for file in found.sql_files] == ["include/v.sql"]
