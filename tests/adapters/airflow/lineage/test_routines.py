"""SQL routines of the code base, and what a call of one does."""

import pytest

from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Schedule, Task, TemplateFile
from adapters.airflow.lineage.reading import read_snapshot
from adapters.airflow.lineage.routines import Routines

FUNCTION = """
create or replace function m.load_all(day date) returns void as $$
declare n int;
begin
  select count(*) into n from m.log;
  insert into m.t select * from a;
end $$ language plpgsql;
"""


def touched(sql, *texts, dialect="postgres"):
    script = Routines(texts).script(sql, dialect)
    return (
        {name for each in script.statements for name in each.reads},
        {name for each in script.statements for name in each.writes},
        [what for _, what in script.problems],
    )


@pytest.mark.parametrize(
    "sql", ["select m.load_all('2024-01-01')", "select load_all(now())", "call m.load_all(now())"]
)
def test_a_call_does_what_the_body_does(sql):
    assert touched(sql, FUNCTION) == ({"a", "m.log"}, {"m.t"}, [])


def test_a_body_may_call_another():
    outer = "create procedure m.all() language sql as $$ call m.load_all(now()) $$"
    assert touched("call m.all()", FUNCTION, outer) == ({"a", "m.log"}, {"m.t"}, [])


def test_a_body_that_calls_itself_ends():
    one = "create procedure p() as $$ begin delete from t; call p(); end $$ language plpgsql"
    assert touched("call p()", one) == (set(), {"t"}, [])


def test_a_procedure_of_t_sql():
    text = "create or alter procedure dbo.p @d date as begin insert into t select * from a end"
    assert touched("exec dbo.p @d = 1", text, dialect="tsql") == ({"a"}, {"t"}, [])


def test_refreshing_a_view_reads_what_it_selects():
    view = "create materialized view m.v as select * from m.a join b using (i)"
    assert touched("refresh materialized view m.v", view) == ({"m.a", "b"}, {"m.v"}, [])


def test_refreshing_an_unknown_view_reads_nothing_that_is_known():
    assert touched("refresh materialized view m.v") == (set(), {"m.v"}, [])


@pytest.mark.parametrize(
    ("sql", "problems"),
    [
        ("call n.load_all()", ["it calls n.load_all, whose body is not here"]),
        ("call system$wait(1)", []),
        ("select load_more()", []),
    ],
)
def test_what_is_not_in_the_code_base_is_not_guessed(sql, problems):
    assert touched(sql, FUNCTION) == (set(), set(), problems)


def test_a_body_in_another_language_is_not_read():
    text = "create function f() returns text language javascript as $$ insert into t $$"
    assert touched("select f()", text) == (set(), set(), [])


def test_of_two_with_one_name_none_is_taken():
    one, two = (f"create function {n}.f() as $$ delete from {n}.t $$ language sql" for n in "mn")
    assert touched("select f()", one, two) == (set(), set(), [])
    assert touched("select m.f()", one, two) == (set(), {"m.t"}, [])


def test_the_files_of_a_snapshot_are_looked_in():
    task = Task(
        task_id="t",
        operator="x.PostgresOperator",
        arguments={"sql": "select m.load_all(1)", "postgres_conn_id": "dwh"},
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    file = TemplateFile(path="sql/load.sql", text=FUNCTION)
    snapshot = DagSnapshot(instance="i", folder="/x", dags=(dag,), sql_files=(file,))

    (found,) = read_snapshot(snapshot).values()

    assert {ref.uri: ref.confidence for ref in found.writes} == {"postgres://dwh/m.t": 0.85}


def test_an_operator_of_a_stored_procedure_does_what_its_body_does():
    text = "create or replace procedure load_all as begin insert into t select * from a; end;"
    task = Task(
        task_id="t",
        operator="x.OracleStoredProcedureOperator",
        arguments={"oracle_conn_id": "o", "procedure": "load_all"},
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    snapshot = DagSnapshot(
        instance="x",
        folder="dags",
        dags=(dag,),
        sql_files=(TemplateFile(path="p.sql", text=text),),
    )
    found = read_snapshot(snapshot)["d.py", "d", "t"]
    assert [ref.uri for ref in found.datasets] == ["oracle://o/a", "oracle://o/t"]
