"""SQL text, and the tables it reads and writes."""

import time

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
        "create table t (a int references r (id), foreign key (a) references s (b))",
        None,
        set(),
        {"t"},
    ),
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
    # clauses that only the run knows
    (
        "with x as (select * from a where b = c\n  jinjamark0x\n), y as (select 1) "
        "insert into t select * from x where a = 'b' jinjamark1x order by 1",
        None,
        {"a"},
        {"t"},
    ),
    ("insert into t select * from a where b in jinjamark0x", None, {"a"}, {"t"}),
    ("select * from a join jinjamark0x on a.b = 1 jinjamark1x", None, {"a", "jinjamark0x"}, set()),
    ("insert overwrite table h.t partition (ds='1') select * from h.a", "hive", {"h.a"}, {"h.t"}),
    ("replace into t select * from a", "mysql", {"a"}, {"t"}),
    ("copy into t from @stage/x", "snowflake", {"@stage/x"}, {"t"}),
    ("unload ('select * from a where x = ''1''') to 's3://b/k'", "redshift", {"a"}, {"s3://b/k"}),
    ("refresh materialized view concurrently v", "postgres", set(), {"v"}),
    ("insert all into t into u select * from a", "snowflake", {"a"}, {"t", "u"}),
    ("select * from `p.d.a`", "bigquery", {"p.d.a"}, set()),
    (
        "with x as (select * from a), y as (insert into t select * from x returning 1)"
        " select (select max(i) from x), (select count(*) from y)",
        "postgres",
        {"a"},
        {"t"},
    ),
    (
        "with gone as (delete from a where x returning *) insert into t select * from gone",
        "postgres",
        {"a"},
        {"a", "t"},
    ),
    (
        "with x as (update t set i = 1 from a where a.id = t.id returning *) select * from x",
        "postgres",
        {"a", "t"},
        {"t"},
    ),
    (
        "do $$ declare n int; begin"
        " with x as (insert into t select * from a returning i) select max(i), 1 into n, m from x;"
        " with y as (select * from b) insert into u select * from y; end $$",
        "postgres",
        {"a", "b"},
        {"t", "u"},
    ),
    ("with x as (select * from a) select * into t from x", "postgres", {"a"}, {"t"}),
    ("select ';' from a; -- ; insert into z\nselect 1 from b", None, {"a", "b"}, set()),
]
FILES = [
    ("copy t from 's3://b/k' iam_role 'arn:x' csv", "redshift", {"s3://b/k"}, {"t"}),
    ("copy m.t (a, b) from '/d/x.csv' csv", "postgres", {"file:///d/x.csv"}, {"m.t"}),
    ("copy (select * from a) to '/d/x.csv'", "postgres", {"a"}, {"file:///d/x.csv"}),
    ("\\copy t from '/d/x.csv' csv\nselect 1", "postgres", {"file:///d/x.csv"}, {"t"}),
    ("copy t from stdin", "postgres", set(), {"t"}),
    ("copy a to '/d/x.parquet' (format parquet)", "duckdb", {"a"}, {"file:///d/x.parquet"}),
    ("select * from read_parquet('s3://b/x')", "duckdb", {"s3://b/x"}, set()),
    ("select * from 's3://b/x.parquet'", "duckdb", {"s3://b/x.parquet"}, set()),
    ("copy into @s/x/ from d.p.a file_format = (type = csv)", "snowflake", {"d.p.a"}, {"@s/x"}),
    ("copy into 's3://b/x' from (select * from a)", "snowflake", {"a"}, {"s3://b/x"}),
    ("copy into t from (select $1 from @d.p.s/x.csv q)", "snowflake", {"@d.p.s/x.csv"}, {"t"}),
    ("put file:///d/x.csv @s/x overwrite = true", "snowflake", {"file:///d/x.csv"}, {"@s/x"}),
    ("get @s/x file:///d/", "snowflake", {"@s/x"}, {"file:///d/"}),
    ("select * from @s/x.csv", "snowflake", {"@s/x.csv"}, set()),
    ("create external table t with location = @s/x", "snowflake", {"@s/x"}, {"t"}),
    ("copy into t from 's3://b/x' fileformat = csv", "databricks", {"s3://b/x"}, {"t"}),
    (
        "export data options (uri = 'gs://b/*.csv', format = 'CSV') as select * from d.a",
        "bigquery",
        {"d.a"},
        {"gs://b/*.csv"},
    ),
    (
        "load data overwrite d.t from files (format = 'CSV', uris = ['gs://b/x', 'gs://b/y'])",
        "bigquery",
        {"gs://b/x", "gs://b/y"},
        {"d.t"},
    ),
    (
        "create or replace external table d.t options (format = 'CSV', uris = ['gs://b/x'])",
        "bigquery",
        {"gs://b/x"},
        {"d.t"},
    ),
    (
        "create external table t (a int) stored as parquet location 's3://b/x/'",
        "hive",
        {"s3://b/x/"},
        {"t"},
    ),
    ("alter table t add partition (ds = '1') location 's3://b/x'", "hive", {"s3://b/x"}, {"t"}),
    ("load data inpath '/d/x' into table t", "hive", {"hdfs://default/d/x"}, {"t"}),
    ("load data local inpath '/d/x' into table t", "hive", {"file:///d/x"}, {"t"}),
    (
        "insert overwrite directory '/d/x' select * from a",
        "hive",
        {"a"},
        {"hdfs://default/d/x"},
    ),
    (
        "insert overwrite local directory '/d/x' select * from a",
        "hive",
        {"a"},
        {"file:///d/x"},
    ),
    ('load data local infile "/d/x" into table t', "mysql", {"file:///d/x"}, {"t"}),
    ("insert into d.t (a, b) format CSV", "clickhouse", set(), {"d.t"}),
    ("insert into t (format) select format from a", "clickhouse", {"a"}, {"t"}),
    (
        "select * from table_date_range([p:d.a_], timestamp('2020-01-01'), current_timestamp())",
        "bigquery",
        {"p:d.a_*"},
        set(),
    ),
    ("load data inpath 'hdfs://n/x' into table t", "hive", {"hdfs://n/x"}, {"t"}),
    ("insert overwrite directory 's3://b/x' select * from a", "hive", {"a"}, {"s3://b/x"}),
    (
        "insert overwrite directory 's3://b/x' using parquet select * from a",
        "spark",
        {"a"},
        {"s3://b/x"},
    ),
    ("select * from parquet.`s3://b/x`", "spark", {"s3://b/x"}, set()),
    (
        "create table t with (external_location = 's3://b/x') as select * from a",
        "trino",
        {"a"},
        {"t", "s3://b/x"},
    ),
    ("unload (select * from a) to 's3://b/x' with (format = 'TEXT')", None, {"a"}, {"s3://b/x"}),
    (
        "load data local infile '/d/x.csv' into table t fields terminated by ','",
        "mysql",
        {"file:///d/x.csv"},
        {"t"},
    ),
    (
        "select * from a into outfile '/d/x.csv' fields terminated by ','",
        "mysql",
        {"a"},
        {"file:///d/x.csv"},
    ),
    ("bulk insert t from '/d/x.csv'", "tsql", {"file:///d/x.csv"}, {"t"}),
    (
        "insert into t select * from openrowset(bulk 's3://b/x', format = 'CSV') as r",
        "tsql",
        {"s3://b/x"},
        {"t"},
    ),
    (
        "insert into t select * from s3('https://b.s3.eu-west-1.amazonaws.com/x/y', 'CSV')",
        "clickhouse",
        {"s3://b/x/y"},
        {"t"},
    ),
    ("insert into function s3('s3://b/x') select * from a", "clickhouse", {"a"}, {"s3://b/x"}),
]
RENAMED = [
    ("alter table m.a rename to b", "postgres", {"m.a"}, {"m.b"}),
    ("alter table m.a set schema n", "postgres", {"m.a"}, {"n.a"}),
    ("alter table a swap with b", "snowflake", {"a", "b"}, {"a", "b"}),
    ("alter table a append from b", "redshift", {"b"}, {"a"}),
    ("alter table a exchange partition (ds = '1') with table b", "hive", {"b"}, {"a"}),
    ("rename table a to b, c to d", "mysql", {"a", "c"}, {"b", "d"}),
    ("exchange tables a and b", "clickhouse", {"a", "b"}, {"a", "b"}),
    ("exec sp_rename 'm.a', 'b'", "tsql", {"m.a"}, {"m.b"}),
    ("create snapshot table d.t clone d.a", "bigquery", {"d.a"}, {"d.t"}),
    ("create or replace stream s on table a", "snowflake", {"a"}, {"s"}),
    ("create materialized view v to t as select * from a", "clickhouse", {"a"}, {"v", "t"}),
    ("update x set a = 1 from t x join b on b.i = x.i", "tsql", {"b", "t"}, {"t"}),
    ("delete from t using a where a.i = t.i", "postgres", {"a"}, {"t"}),
]
BLOCKS = [
    (
        "declare x int64 default (select max(i) from d.a);\n"
        "begin insert into d.t select * from d.b; exception when error then select 1; end;",
        "bigquery",
        {"d.a", "d.b"},
        {"d.t"},
    ),
    (
        "if exists (select 1 from a) then insert into t select 1 from b;\n"
        "elseif false then select 1; else delete from u; end if",
        "bigquery",
        {"a", "b"},
        {"t", "u"},
    ),
    ("for r in (select i from a) do insert into t select r.i; end for", "bigquery", {"a"}, {"t"}),
    (
        "while (select count(*) from a) > 0 do delete from t where 1=1; end while",
        "bigquery",
        {"a"},
        {"t"},
    ),
    ("execute immediate 'insert into t select ''x'' from a'", "bigquery", {"a"}, {"t"}),
    ("do $$ begin insert into t select * from a; end $$", "postgres", {"a"}, {"t"}),
    ("do $$ declare e int; begin select max(i) from a into e; end $$", "postgres", {"a"}, set()),
    ("begin insert into t select * from a; commit; end;", "oracle", {"a"}, {"t"}),
    ("insert into t select 1 from a\nGO\ndelete from u\nGO\n", "tsql", {"a"}, {"t", "u"}),
    (
        "if object_id('x') is not null drop table x\ninsert into t select 1 from a",
        "tsql",
        {"a"},
        {"t"},
    ),
    ("select * into #x from a; insert into t select * from #x", "tsql", {"a"}, {"t"}),
    (
        "use database d; use schema s; insert into t select * from p.a",
        "snowflake",
        {"d.p.a"},
        {"d.s.t"},
    ),
    ("set search_path to m, public; insert into t select * from n.a", "postgres", {"n.a"}, {"m.t"}),
    ("use h; insert into t select * from a", "hive", {"h.a"}, {"h.t"}),
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
    ("select refresh_sales()", "postgres"),
    ("create function f() returns void as $$ delete from t $$ language sql", "postgres"),
    ("create task k warehouse = w as insert into t select * from a", "snowflake"),
    ("create stage s url = 's3://b/x'", "snowflake"),
    ("select * from table(result_scan(last_query_id()))", "snowflake"),
    ("msck repair table t", "hive"),
    ("alter table t rename column a to b", "postgres"),
    ("begin transaction; commit; end", "sqlite"),
    ("set x = 'insert into t select * from a'", "mysql"),
    ("insert into #x select 1", "tsql"),
    ("optimize table t final", "clickhouse"),
    ("refresh table t", "spark"),
]


@pytest.mark.parametrize(("sql", "dialect", "reads", "writes"), [*FOUND, *FILES, *RENAMED, *BLOCKS])
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


def test_several_inserts_of_one_select():
    script = read_script("from a insert into table t select x insert into table u select y", "hive")
    (statement,) = script.statements
    assert (statement.reads, set(statement.writes)) == (("a",), {"t", "u"})


@pytest.mark.parametrize("sql", ["nonsense (", "frobnicate the table"])
def test_what_cannot_be_read_is_a_problem_not_a_guess(sql):
    script = read_script(f"insert into t select * from a;\n{sql}", None)
    assert [statement.writes for statement in script.statements] == [("t",)]
    assert [line for line, _ in script.problems] == [2]


def test_a_dialect_that_sqlglot_does_not_know_is_read_as_its_own_mixture():
    script = read_script("insert into t select * from a", "nobodys")

    assert [(one.reads, one.writes) for one in script.statements] == [(("a",), ("t",))]


@pytest.mark.parametrize("sql", ["call m.load(1)", "exec m.load", "execute procedure m.load()"])
def test_a_procedure_that_is_called_is_told(sql):
    assert read_script(sql, None).called == ((1, "m.load"),)


def test_functions_that_may_be_of_the_code_base_are_told():
    (statement,) = read_script("select m.load(1), max(x) from a", "postgres").statements
    assert (statement.calls, statement.reads) == (("m.load",), ("a",))


def test_a_statement_that_no_parser_reads_is_guessed_by_its_words():
    script = read_script("insert into t select x from a frobnicate join s.b on ,, z (", None)
    (guess,) = script.statements
    assert (guess.reads, guess.writes, guess.confidence) == (("a", "s.b"), ("t",), 0.5)
    assert len(script.problems) == 1


@pytest.mark.parametrize(
    "text", ["documents from the archive (of", "select extract(day from x) frob nicate ,, ("]
)
def test_no_names_are_guessed_from_prose_or_functions(text):
    assert read_script(text, None).statements == ()


def test_a_script_of_t_sql_needs_no_semicolons():
    sql = "set nocount on\ndelete from u\ninsert into t\nselect * from a"
    found = read_script(sql, "tsql")
    assert [(one.reads, one.writes, one.line) for one in found.statements] == [
        ((), ("u",), 2),
        (("a",), ("t",), 3),
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "declare @since date;\n\nset @since = getdate()\n\nselect * from m.a where d > @since",
        "declare @a int; declare @b int;\nset nocount on\nselect * from m.a",
        "declare @since date = getdate()\nselect * from m.a where d > @since",
    ],
)
def test_a_query_below_variables_of_t_sql_is_read(sql):
    (found,) = read_script(sql, "tsql").statements
    assert (found.reads, found.writes) == (("m.a",), ())


MOVED = {
    "alter table t rename to t_old; alter table t_new rename to t; drop table t_old": [
        (("t_new",), ("t",))
    ],
    "rename table t to t_old, t_new to t; drop table t_old": [(("t_new",), ("t",))],
    "exec sp_rename 't', 't_old'; exec sp_rename 't_new', 't'; drop table t_old": [
        (("t_new",), ("t",))
    ],
    "create table t_new as select * from a; alter table t_new rename to t": [
        (("a",), ()),
        (("a",), ("t",)),
    ],
    # what is kept under another name is a dataset, and what was read before it was dropped
    "drop table if exists t_old; alter table t rename to t_old": [(("t",), ("t_old",))],
    "alter table t rename to t_old; insert into u select * from t_old; drop table t_old": [
        (("t",), ("u",))
    ],
    "create table m.a (x int); alter table m.b rename to c": [((), ("m.a",)), (("m.b",), ("m.c",))],
}


@pytest.mark.parametrize("sql", MOVED)
def test_a_name_in_passing_is_no_dataset(sql):
    found = read_script(sql, None).statements
    assert [(each.reads, each.writes) for each in found] == MOVED[sql]


@pytest.mark.parametrize(
    "name",
    """
    pg_tables pg_class pg_stat_activity pg_catalog.pg_type svv_table_info v$session all_tables
    system.runtime.queries system.parts m.__TABLES__ sysobjects sysibm.sysdummy1
    """.split(),  # noqa: SIM905
)
def test_what_a_server_tells_of_itself_is_no_dataset(name):
    found = read_script(f"select * from {name} s join m.a on s.x = a.x", None).statements
    assert [each.reads for each in found] == [("m.a",)]


@pytest.mark.parametrize(
    "name", ["pg_orders", "m.pg_class", "system.orders", "user_orders", "all_orders", "a.system.t"]
)
def test_a_table_that_is_called_alike_is_one(name):
    assert read_script(f"select * from {name}", None).statements[0].reads == (name,)


def test_a_cursor_of_t_sql_is_no_table():
    script = read_script(
        """declare names cursor local static for
        select name from m.a where x = 1
        open names
        fetch next from names into @name, @other
        while @@fetch_status = 0
        begin
            update m.t set x = 1 where name = @name
            fetch next from names into @name, @other
        end
        close names
        deallocate names
        """,
        "tsql",
    )
    assert [(each.reads, each.writes, each.line) for each in script.statements] == [
        (("m.a",), (), 2),
        (("m.t",), ("m.t",), 7),
    ]
    assert not script.problems


def test_no_catalog_is_guessed():
    script = read_script("select a b c from information_schema.columns join m.t on x y", None)
    assert [each.reads for each in script.statements] == [("m.t",)]


def test_long_gaps_cost_no_time():
    started = time.process_time()
    read_script("\n" + " " * 4000 + "-- a remark\n" * 200 + "EXPLAIN x", "postgres")
    assert time.process_time() - started < 2
