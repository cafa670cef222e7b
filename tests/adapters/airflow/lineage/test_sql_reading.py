"""SQL text, and the tables it reads and writes."""

import pytest

from adapters.airflow.lineage.sql_reading import read_script

FOUND = [
    ("select * from a", None, {"a"}, set()),
    ("insert into t select * from a join s.b using (id)", None, {"a", "s.b"}, {"t"}),
    (
        "with x as (select * from a), y as (select * from x) insert into t select * from y",
        None,
        {"a"},
        {"t"},
    ),
    ("insert into t with x as (select * from a) select * from x", None, {"a"}, {"t"}),
    ("create table t as select * from a", None, {"a"}, {"t"}),
    ("create or replace view v as select * from a", None, {"a"}, {"v"}),
    (
        "merge into t using a on t.id = a.id when matched then update set x = 1",
        "snowflake",
        {"a"},
        {"t"},
    ),
    ("update t set x = a.x from a where a.id = t.id", "postgres", {"a", "t"}, {"t"}),
    ("delete from t where id in (select id from a)", None, {"a"}, {"t"}),
    ("delete x from t x join a on a.id = x.id", "tsql", {"a"}, {"t"}),
    ("truncate table t; insert into t select 1 from a;", None, {"a"}, {"t"}),
    ("select * into t from a", "tsql", {"a"}, {"t"}),
    ("insert overwrite table h.t partition (ds='1') select * from h.a", "hive", {"h.a"}, {"h.t"}),
    ("replace into t select * from a", "mysql", {"a"}, {"t"}),
    ("copy into t from @stage/x", "snowflake", set(), {"t"}),
    ("unload ('select * from a where x = ''1''') to 's3://b/k'", "redshift", {"a"}, set()),
    ("refresh materialized view concurrently v", "postgres", set(), {"v"}),
    ("insert all into t into u select * from a", "snowflake", {"a"}, {"t", "u"}),
    ("select * from `p.d.a`", "bigquery", {"p.d.a"}, set()),
    ("select ';' from a; -- ; insert into z\nselect 1 from b", None, {"a", "b"}, set()),
]
LEFT_ALONE = [
    ("with a as (select 1) select * from a", None),
    ("select * from generate_series(1, 2) as g", "postgres"),
    ("select * from information_schema.tables", None),
    ("select 1 from dual", "oracle"),
    ("set x = 1; begin; commit; pragma busy_timeout = 3", "sqlite"),
    ("create temp table x as select 1; drop table x", None),
    ("create table x as select 1; drop table x", None),
    ("drop table if exists t", None),
    ("create index i on t (a)", None),
    ("grant select on t to public", "postgres"),
    ("alter table t add column x int", None),
    ("-- only a comment", None),
    ("select * from unnest([1, 2])", "bigquery"),
]


@pytest.mark.parametrize(("sql", "dialect", "reads", "writes"), FOUND)
def test_tables_are_found(sql, dialect, reads, writes):
    script = read_script(sql, dialect)
    assert {name for each in script.statements for name in each.reads} == reads
    assert {name for each in script.statements for name in each.writes} == writes
    assert script.problems == ()


@pytest.mark.parametrize(("sql", "dialect"), LEFT_ALONE)
def test_what_is_no_shared_data_is_left_alone(sql, dialect):
    script = read_script(sql, dialect)
    assert [name for each in script.statements for name in (*each.reads, *each.writes)] == []
    assert script.problems == ()


def test_a_cte_that_shadows_a_table_reads_the_table():
    (statement,) = read_script(
        "with orders as (select * from orders) select * from orders", None
    ).statements
    assert statement.reads == ("orders",)


def test_a_recursive_cte_reads_only_what_it_starts_from():
    sql = "with recursive t as (select id from a union all select id from t) select * from t"
    (statement,) = read_script(sql, "postgres").statements
    assert statement.reads == ("a",)


def test_what_a_temporary_table_was_made_from_is_read_by_its_users():
    sql = (
        "create temp table x as select * from a; create temp table y as select * from x; "
        "insert into t select * from y"
    )
    last = read_script(sql, "postgres").statements[-1]
    assert (last.reads, last.writes) == (("a",), ("t",))


def test_each_statement_keeps_its_own_reads_and_its_line():
    first, second = read_script(
        "insert into t select * from a;\n\ninsert into u select * from b", None
    ).statements
    assert (first.reads, first.writes, first.line) == (("a",), ("t",), 1)
    assert (second.reads, second.writes, second.line) == (("b",), ("u",), 3)


@pytest.mark.parametrize(
    "sql", ["call refresh_all()", "exec dbo.load", "nonsense (", "frobnicate the table"]
)
def test_what_cannot_be_read_is_a_problem_not_a_guess(sql):
    script = read_script(f"insert into t select * from a;\n{sql}", None)
    assert [statement.writes for statement in script.statements] == [("t",)]
    assert [line for line, _ in script.problems] == [2]


def test_a_dialect_that_sqlglot_does_not_know_is_read_as_its_own_mixture():
    script = read_script("insert into t select * from a", "nobodys")

    assert [(one.reads, one.writes) for one in script.statements] == [(("a",), ("t",))]
