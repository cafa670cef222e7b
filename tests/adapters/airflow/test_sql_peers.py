"""The harness that puts lineage from SQL beside other tools."""

import json
import stat
import sys
from pathlib import Path

import pytest

from tests.accuracy.datasets import Named
from tests.accuracy.sql_peers import Gathered, asked_of_sqllineage, row, table_names

DAG = """
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.providers.postgres.operators.postgres import PostgresOperator
with DAG("d"):
    PostgresOperator(task_id="a", postgres_conn_id="c", sql="insert into t select * from s")
    BashOperator(task_id="b", bash_command="true")
"""


@pytest.fixture
def gathered(tmp_path: Path) -> Gathered:
    (tmp_path / "d.py").write_text(DAG)
    found = Gathered()
    side = {"reads": ["postgres://c/s"], "writes": ["postgres://c/t"]}
    found.take(tmp_path, {"d.a": side, "d.b": side})
    return found


def test_only_labelled_tasks_with_sql_count(gathered: Gathered) -> None:
    assert {label.task for label in gathered.labels} == {"d.a"}
    assert [piece.text for piece in gathered.pieces] == ["insert into t select * from s"]
    assert {one.uri for one in gathered.ours} == {"postgres://c/s", "postgres://c/t"}


def test_the_names_of_a_tool_become_uris_as_ours_do(gathered: Gathered) -> None:
    (piece,) = gathered.pieces
    named = list(piece.named(table_names(piece.text, piece.dialect)))
    assert {(one.direction, one.uri) for one in named} == {
        ("read", "postgres://c/s"),
        ("write", "postgres://c/t"),
    }


@pytest.mark.parametrize("text", ["nonsense (", "select 1"])
def test_a_text_without_tables_has_no_names(text: str) -> None:
    assert table_names(text, None) == ((), ())


def test_another_python_is_asked(gathered: Gathered, tmp_path: Path) -> None:
    program = tmp_path / "python"
    answer = {"tables": [[["s"], ["t"]]], "cpu_s": 0.5}
    program.write_text(f"#!{sys.executable}\nprint({json.dumps(answer)!r})\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)

    assert asked_of_sqllineage(str(program), gathered.pieces) == ([(["s"], ["t"])], 0.5)


def test_a_row_tells_recall_and_precision_of_either_side() -> None:
    labels = [Named("t", "read", "postgres://c/a"), Named("t", "write", "postgres://c/b")]
    found = [Named("t", "read", "postgres://c/a"), Named("t", "read", "postgres://c/z")]

    assert row("it", labels, found, 1.0).split() == [
        *("it", "100.0", "/", "50.0"),
        *("0.0", "/", "100.0", "1.0"),
    ]
