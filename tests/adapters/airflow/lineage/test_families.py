"""Tasks of each operator family, and the datasets they are known to touch."""

import pytest

from adapters.airflow.legacy.snapshot import Call, Dag, DagSnapshot, Schedule, Task, TemplateFile
from adapters.airflow.lineage.context import LineageContext
from adapters.airflow.lineage.reading import RULES, read_snapshot, read_task
from adapters.airflow.lineage.schemes import schemes_of
from bridge.capabilities import ConnectionAddress

SQL = "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator"


def task(operator: str, inlets=(), outlets=(), bases=(), task_id="t", **arguments) -> Task:
    return Task(
        task_id=task_id,
        operator=operator,
        bases=bases,
        arguments=arguments,
        inlets=inlets,
        outlets=outlets,
        line=7,
    )


def lineage(one: Task, templates=None, schemes=None, params=None):
    dag = Dag(
        dag_id="d",
        file="d.py",
        schedule=Schedule(kind="none"),
        tasks=(one,),
        templates=templates or {},
        params=params or {},
    )
    return read_task(one, LineageContext(dag=dag, schemes=schemes or {}))


def touched(found):
    return {ref.uri for ref in found.reads}, {ref.uri for ref in found.writes}


FOUND = {
    "postgres": (
        task(
            "airflow.providers.postgres.operators.postgres.PostgresOperator",
            postgres_conn_id="dwh",
            sql="insert into m.t select * from Public.A",
        ),
        {"postgres://dwh/public.a"},
        {"postgres://dwh/m.t"},
    ),
    "list_of_statements": (
        task(
            "x.MySqlOperator",
            mysql_conn_id="c",
            sql=["delete from t", "insert into t select * from a"],
        ),
        {"mysql://c/a"},
        {"mysql://c/t"},
    ),
    "dated_table": (
        task(
            "x.SqliteOperator",
            sqlite_conn_id="c",
            sql="create table t_{{ ds_nodash }} as select * from {{ params.a }}",
            params={"a": "src"},
        ),
        {"sqlite://c/src"},
        {"sqlite://c/t_{ds_nodash}"},
    ),
    "schema_and_database": (
        task(
            "x.SnowflakeOperator",
            snowflake_conn_id="c",
            database="DB",
            schema="S",
            sql="insert into T select 1 from A.B",
        ),
        {"snowflake://c/DB.A.B"},
        {"snowflake://c/DB.S.T"},
    ),
    "database_of_schemas": (
        task("x.MsSqlOperator", mssql_conn_id="c", database="D", sql="delete from s.t"),
        set(),
        {"mssql://c/D.s.t"},
    ),
    "database_of_schemas_and_no_schema": (
        task("x.MsSqlOperator", mssql_conn_id="c", database="D", sql="delete from t"),
        set(),
        {"mssql://c/D.dbo.t"},
    ),
    "database_without_a_default_schema": (
        task("x.SnowflakeOperator", snowflake_conn_id="c", database="D", sql="delete from t"),
        set(),
        {"snowflake://c/t"},
    ),
    "database_of_tables": (
        task(
            "x.MySqlOperator",
            mysql_conn_id="c",
            database="d",
            sql="insert into t select 1 from e.a",
        ),
        {"mysql://c/e.a"},
        {"mysql://c/d.t"},
    ),
    "bigquery_job": (
        task(
            "x.BigQueryInsertJobOperator",
            gcp_conn_id="g",
            configuration={
                "query": {
                    "query": "select * from `p.d.a`",
                    "destinationTable": {"projectId": "p", "datasetId": "d", "tableId": "t"},
                }
            },
        ),
        {"bigquery://default/p.d.a"},
        {"bigquery://default/p.d.t"},
    ),
    "bigquery_partition": (
        task(
            "x.BigQueryInsertJobOperator",
            configuration={
                "query": {
                    "query": "select 1",
                    "destinationTable": {"datasetId": "d", "tableId": "t${{ ds_nodash }}"},
                }
            },
        ),
        set(),
        {"bigquery://default/d.t"},
    ),
    "bigquery_default_dataset": (
        task(
            "x.BigQueryInsertJobOperator",
            configuration={
                "query": {
                    "query": "insert into t select * from e.a",
                    "defaultDataset": {"projectId": "p", "datasetId": "d"},
                }
            },
        ),
        {"bigquery://default/e.a"},
        {"bigquery://default/p.d.t"},
    ),
    "bigquery_tables_of_the_job": (
        task(
            "x.BigQueryInsertJobOperator",
            configuration={
                "query": {
                    "query": "select * from mine join p.d.a using (id)",
                    "tableDefinitions": {"mine": {"sourceUris": ["gs://b/{{ ds }}/*.csv"]}},
                    "destinationTable": {"projectId": "p", "datasetId": "d", "tableId": "t"},
                }
            },
        ),
        {"gs://b/{ds}/*.csv", "bigquery://default/p.d.a"},
        {"bigquery://default/p.d.t"},
    ),
    "bigquery_legacy_names": (
        task(
            "x.BigQueryOperator",
            bql="select * from [p:d.a]",
            destination_dataset_table="p:d.t${{ ds_nodash }}",
        ),
        {"bigquery://default/p.d.a"},
        {"bigquery://default/p.d.t"},
    ),
    "stored_procedure_elsewhere": (
        task("x.OracleStoredProcedureOperator", oracle_conn_id="o", procedure="load_all"),
        set(),
        set(),
    ),
    "athena_database": (
        task("x.AthenaOperator", database="d", query="insert into t select * from e.a"),
        {"awsathena://default/e.a"},
        {"awsathena://default/d.t"},
    ),
    "dataproc_hive": (
        task(
            "x.DataprocSubmitJobOperator",
            job={"hive_job": {"query_list": {"queries": ["insert into d.t select * from d.a"]}}},
        ),
        {"hive://default/d.a"},
        {"hive://default/d.t"},
    ),
    "dataproc_spark_sql": (
        task(
            "x.DataprocSubmitJobOperator",
            job={"spark_sql_job": {"query_list": {"queries": ["truncate table d.t"]}}},
        ),
        set(),
        {"spark://default/d.t"},
    ),
    "own_subclass": (
        task(
            "my.ops.Nightly", bases=("x.PostgresOperator",), postgres_conn_id="c", sql="truncate t"
        ),
        set(),
        {"postgres://c/t"},
    ),
    "mapped": (
        task(
            SQL,
            conn_id="c",
            expand={"sql": ["insert into t select * from a", "insert into t select * from b"]},
        ),
        {"sql://c/a", "sql://c/b"},
        {"sql://c/t"},
    ),
    "transfer": (
        task(
            "airflow.operators.generic_transfer.GenericTransfer",
            sql="select * from a",
            source_conn_id="one",
            destination_conn_id="two",
            destination_table="m.t",
        ),
        {"sql://one/a"},
        {"sql://two/m.t"},
    ),
    "check": (
        task("x.SQLColumnCheckOperator", conn_id="c", table="t", column_mapping={}),
        {"sql://c/t"},
        set(),
    ),
    "sql_sensor": (
        task("x.SqlSensor", conn_id="c", sql="select count(*) from a"),
        {"sql://c/a"},
        set(),
    ),
    "s3_sensor": (
        task("x.S3KeySensor", bucket_name="b", bucket_key="in/{{ ds }}/x.csv"),
        {"s3://b/in/{ds}/x.csv"},
        set(),
    ),
    "s3_sensor_url": (
        task("x.S3KeySensor", bucket_key=["s3://b/x", "s3://b/y"]),
        {"s3://b/x", "s3://b/y"},
        set(),
    ),
    "gcs_sensor": (task("x.GCSObjectExistenceSensor", bucket="b", object="x"), {"gs://b/x"}, set()),
    "file_sensor": (task("x.FileSensor", filepath="/data/x.csv"), {"file:///data/x.csv"}, set()),
    "declared": (
        task("x.PythonOperator", inlets=("s3://b/in",), outlets=("S3://b/out/",)),
        {"s3://b/in"},
        {"s3://b/out"},
    ),
    "declared_by_name": (
        task("x.PythonOperator", outlets=("orders",)),
        set(),
        {"asset://airflow/orders"},
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_arguments_and_sql_say_is_found(name):
    one, reads, writes = FOUND[name]
    assert touched(lineage(one)) == (reads, writes)


LEFT_ALONE = [
    task(
        "x.PythonOperator",
        python_callable={"opaque": "function load"},
        op_kwargs={"name": "orders"},
    ),
    task("airflow.decorators.python._PythonDecoratedOperator", op_args=["s3://b/x"]),
    task("x.BashOperator", bash_command="python load.py --table orders s3://b/x"),
    task("x.ElasticsearchOperator", query="select * from a"),
    task(SQL, conn_id="c", sql={"opaque": "unknown: build_sql()"}),
    task("x.S3KeySensor", bucket_key="x.csv"),
    task("x.FileSensor", filepath="relative.csv"),
    task("x.EmptyOperator"),
]


@pytest.mark.parametrize("one", LEFT_ALONE, ids=lambda one: one.operator.rpartition(".")[2])
def test_nothing_is_guessed(one):
    assert lineage(one).datasets == ()


@pytest.mark.parametrize("one", LEFT_ALONE[:5], ids=lambda one: one.operator.rpartition(".")[2])
def test_a_task_whose_outputs_are_not_known_says_so(one):
    found = lineage(one)
    assert (found.nature, found.writes_known) == ("opaque", False)
    assert [(each.code, each.file, each.line, each.task_id) for each in found.findings] == [
        ("unknown_outputs", "d.py", 7, "t")
    ]


@pytest.mark.parametrize(
    "operator",
    [
        "x.EmptyOperator",
        "x.ExternalTaskSensor",
        "x.BranchPythonOperator",
        "x.MySensor",
        "x.EmrCreateJobFlowOperator",
        "x.S3DeleteBucketOperator",
        "x.DataprocCreateClusterOperator",
    ],
)
def test_tasks_that_move_no_data_are_quiet(operator):
    assert (lineage(task(operator)).nature, lineage(task(operator)).findings) == ("quiet", ())


def test_a_sql_file_is_read_and_its_lines_are_named():
    template = TemplateFile(
        path="sql/t.sql", text="-- t\n\ninsert into t\nselect * from a where d = '{{ ds }}'\n"
    )
    (write,) = lineage(
        task("x.SqliteOperator", sqlite_conn_id="c", sql="t.sql"), {"t.sql": template}
    ).writes
    assert (write.uri, write.file, write.line, write.derived_from) == (
        "sqlite://c/t",
        "sql/t.sql",
        3,
        ("sqlite://c/a",),
    )


def test_a_sql_file_that_is_not_there_leaves_the_outputs_unknown():
    found = lineage(task(SQL, conn_id="c", sql="t.sql"))
    assert (found.writes_known, [each.code for each in found.findings]) == (
        False,
        ["template_not_found"],
    )


def test_sql_that_cannot_be_read_leaves_the_outputs_unknown_but_keeps_what_could():
    found = lineage(task(SQL, conn_id="c", sql="insert into t select * from a; call load_more()"))
    assert (found.writes_known, touched(found)) == (False, ({"sql://c/a"}, {"sql://c/t"}))


def test_declared_outlets_win_over_an_argument_and_what_sql_writes_besides_is_a_finding():
    found = lineage(
        task(
            "x.PostgresOperator",
            postgres_conn_id="c",
            sql="insert into t select 1",
            outlets=("postgres://c/T", "s3://b/done"),
        )
    )
    assert {(ref.uri, ref.evidence) for ref in found.writes} == {
        ("postgres://c/t", "declared"),
        ("s3://b/done", "declared"),
    }
    assert found.findings == ()
    other = lineage(
        task(
            "x.PostgresOperator",
            postgres_conn_id="c",
            sql="insert into u select 1",
            outlets=("postgres://c/t",),
        )
    )
    assert {ref.uri for ref in other.writes} == {"postgres://c/t", "postgres://c/u"}
    assert [each.code for each in other.findings] == ["declared_differs"]


def test_beside_an_outlet_that_is_only_a_name_what_its_code_writes_is_kept():
    load = Call(name="read_csv", module="pandas", arguments=("s3://b/x.csv",))
    save = Call(name="to_parquet", on=(load,), arguments=("s3://b/y.parquet",))
    of_code = {"calls": (load, save)}
    named = lineage(task("x.PythonOperator", outlets=("orders",)).model_copy(update=of_code))
    placed = lineage(task("x.PythonOperator", outlets=("s3://b/z",)).model_copy(update=of_code))

    assert [ref.uri for ref in named.writes] == ["asset://airflow/orders", "s3://b/y.parquet"]
    assert [ref.uri for ref in placed.writes] == ["s3://b/z"]
    assert named.findings == placed.findings == ()


def test_confidence_falls_with_what_had_to_be_assumed():
    certain = lineage(task("x.PostgresOperator", postgres_conn_id="c", sql="truncate t")).writes[0]
    dated = lineage(
        task("x.PostgresOperator", postgres_conn_id="c", sql="truncate t_{{ ds_nodash }}")
    ).writes[0]
    unknown = lineage(task(SQL, conn_id="c", sql="truncate t")).writes[0]
    assert certain.confidence > unknown.confidence > dated.confidence


def test_a_connections_kind_is_learnt_from_declared_uris_then_operators_then_its_name():
    tasks = (
        task(SQL, task_id="a", conn_id="warehouse", sql="truncate t"),
        task("x.PythonOperator", task_id="b", outlets=("sqlite://warehouse/x",)),
        task(SQL, task_id="c", conn_id="dwh", sql="truncate t"),
        task("x.PostgresOperator", task_id="d", postgres_conn_id="dwh", sql="truncate u"),
        task(SQL, task_id="e", conn_id="snowflake_prod", sql="truncate t"),
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=tasks)
    snapshot = DagSnapshot(instance="airflow", folder="/", dags=(dag,))
    assert schemes_of(snapshot) == {
        "warehouse": "sqlite",
        "dwh": "postgres",
        "snowflake_prod": "snowflake",
    }
    found = read_snapshot(snapshot)
    assert [found["d.py", "d", name].writes[0].uri for name in "ace"] == [
        "sqlite://warehouse/t",
        "postgres://dwh/t",
        "snowflake://snowflake_prod/t",
    ]
    assert (
        read_snapshot(snapshot, {"dwh": ConnectionAddress(kind="redshift")})["d.py", "d", "c"]
        .writes[0]
        .uri
        == "redshift://dwh/t"
    )


def test_a_connections_kind_is_learnt_from_hooks_in_the_code_of_other_tasks():
    calls = tuple(
        Call(name="run", on=(Call(name=hook, named={"some_conn_id": connection}),))
        for hook, connection in (("MySqlHook", "shop"), ("HttpHook", "api"), ("X", "y"))
    )
    made = {"made_by": [{"name": "PostgresHook", "arguments": ["dwh"]}, {"name": "get_conn"}]}
    calls += (Call(name="read_sql", arguments=("SELECT 1", made)),)
    tasks = (
        Task(task_id="a", operator="x.PythonOperator", calls=calls),
        task("x.HiveOperator", task_id="b", hive_conn_id="shop", hql="truncate t"),
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=tasks)
    snapshot = DagSnapshot(instance="airflow", folder="/", dags=(dag,))
    assert schemes_of(snapshot) == {"dwh": "postgres", "shop": "hive"}


@pytest.mark.parametrize(
    ("connection", "argument"), [("dwh", "redshift_conn_id"), ("my_redshift", "conn_id")]
)
def test_a_hook_of_postgres_may_speak_to_redshift(connection, argument):
    hook = Call(name="PostgresHook", arguments=(connection,))
    tasks = (
        Task(task_id="a", operator="x.PythonOperator", calls=(Call(name="run", on=(hook,)),)),
        task("x.OwnOperator", task_id="b", **{argument: connection}),
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=tasks)
    snapshot = DagSnapshot(instance="airflow", folder="/", dags=(dag,))
    assert schemes_of(snapshot) == {connection: "redshift"}


def test_a_cloud_sql_connection_is_no_bigquery():
    one = task("x.QueryOperator", gcp_cloudsql_conn_id="google_cloud_sql_main", sql="delete from t")
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(one,))
    snapshot = DagSnapshot(instance="x", folder="dags", dags=(dag,))
    assert schemes_of(snapshot) == {"google_cloud_sql_main": "sql"}


def test_the_last_rule_takes_every_task():
    assert RULES[-1].applies(task("anything"))
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    ("sql", "confidence"),
    [
        ("delete from t_{{ ds_nodash }}", 0.8),
        ("delete from {{ var.value.schema }}.t", 0.8),
        ("delete from {{ params.schema }}.t", 0.6),
        ("delete from {{ params.table }}", 0.5),
        ("delete from {{ ti.xcom_pull('a') }}", 0.5),
        ("delete from t", 0.95),
    ],
)
def test_a_table_that_only_the_run_knows_is_a_guess(sql, confidence):
    (write,) = lineage(task("x.PostgresOperator", postgres_conn_id="c", sql=sql)).writes
    assert write.confidence == confidence


@pytest.mark.parametrize(
    ("sql", "uri"),
    [
        ("copy into @s/x from t", "snowflake://c/@S.s/x"),
        ("copy into @d.p.s from t", "snowflake://c/@d.p.s"),
        ("copy into @~/x from t", "snowflake://c/@~/x"),
        ("copy into 's3://b/x' from t", "s3://b/x"),
    ],
)
def test_stages_and_files_in_sql_are_datasets(sql, uri):
    found = lineage(task("x.SnowflakeOperator", snowflake_conn_id="c", schema="S", sql=sql))
    assert [ref.uri for ref in found.writes] == [uri]


def test_the_sql_of_an_operator_with_two_connections_reads_from_its_source():
    one = task(
        "my.PostgresToPostgresOperator",
        dest_postgres_conn_id="dwh",
        src_postgres_conn_id="shop",
        sql="select * from a",
    )
    assert touched(lineage(one, schemes={"shop": "postgres"})) == ({"postgres://shop/a"}, set())


def test_a_file_that_what_is_selected_is_written_to_is_found():
    one = task("x.DatabricksSqlOperator", sql="select * from a", output_path="/data/{{ ds }}.csv")
    assert [ref.uri for ref in lineage(one).writes] == ["file:///data/{ds}.csv"]


@pytest.mark.parametrize("path", ["x.csv", "gs://{{ params.bucket }}/x"])
def test_a_file_that_nobody_knows_is_not_certain(path):
    one = task("x.DatabricksSqlOperator", sql="select * from a", output_path=path)
    assert all(ref.confidence <= 0.5 for ref in lineage(one).writes)


def test_a_single_word_is_no_sql():
    assert lineage(task("x.PostgresOperator", sql="x", postgres_conn_id="c")).nature == "opaque"


def test_what_other_tasks_leave_stands_for_the_arguments_that_pull_it():
    one = task("x.S3ToRedshiftOperator", s3_bucket="b", s3_key={"xcom": "make"}, table="t")
    known = one.model_copy(update={"pulled": {"s3_key": "x.csv"}})
    assert [ref.uri for ref in lineage(known).reads] == ["s3://b/x.csv"]
    assert not lineage(one).reads


def test_a_part_of_a_name_that_nothing_sets_is_not_known():
    one = task("x.S3ToRedshiftOperator", s3_bucket="None", s3_key="None-x.csv", table="t")
    (read,) = lineage(one).reads
    assert (read.uri, read.confidence) == ("s3://{unset}/None-x.csv", 0.5)


def test_a_declared_name_is_taken_as_it_is():
    one = task("x.Any", outlets=("s3://b/None/x",))
    assert [ref.uri for ref in lineage(one).writes] == ["s3://b/None/x"]


@pytest.mark.parametrize(
    ("connection", "other", "kind"),
    [
        ("redshift", "x", "redshift"),
        ("dwh", "redshift_conn_id", "redshift"),
        ("dwh", "postgres_conn_id", "postgres"),
    ],
)
def test_a_client_of_postgres_may_speak_to_redshift(connection, other, kind):
    one = task("x.PostgresOperator", postgres_conn_id=connection, sql="delete from m.t")
    two = task("x.Stage", task_id="other", **{other: connection})
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(one, two))
    snapshot = DagSnapshot(instance="x", folder="dags", dags=(dag,))
    found = read_snapshot(snapshot)["d.py", "d", "t"]
    assert [ref.uri for ref in found.writes] == [f"{kind}://{connection}/m.t"]


def test_a_connection_is_what_it_is_said_to_be():
    one = task("x.PostgresOperator", postgres_conn_id="redshift", sql="delete from m.t")
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(one,))
    snapshot = DagSnapshot(instance="x", folder="dags", dags=(dag,))
    said = {"redshift": ConnectionAddress(kind="postgres")}
    found = read_snapshot(snapshot, said)["d.py", "d", "t"]
    assert [ref.uri for ref in found.writes] == ["postgres://redshift/m.t"]


MADE = "CREATE TABLE IF NOT EXISTS m.orders (id int);"


@pytest.mark.parametrize(
    ("sql", "confidences"),
    [
        (MADE, [0.95]),
        (f"{MADE} CREATE TABLE IF NOT EXISTS m.items (id int)", [0.95]),
        (f"{MADE} SELECT count(*) FROM m.orders", []),
        (f"{MADE} INSERT INTO m.items SELECT 1", []),
        (f"{MADE} INSERT INTO m.orders SELECT 1", [0.95]),
        ("CREATE TABLE IF NOT EXISTS m.orders AS SELECT * FROM raw.orders", [0.95]),
        ("CREATE TABLE m.orders (id int); SELECT count(*) FROM m.items", [0.95]),
    ],
)
def test_a_table_made_if_need_be_is_what_a_task_is_about_where_it_does_nothing_else(
    sql, confidences
):
    one = task("x.PostgresOperator", postgres_conn_id="c", sql=sql)
    made = [ref.confidence for ref in lineage(one).writes if ref.uri.endswith("m.orders")]
    assert made == confidences
