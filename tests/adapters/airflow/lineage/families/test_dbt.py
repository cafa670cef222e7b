"""Tasks that run dbt, and the tables of the nodes that they select."""

import pytest

from adapters.airflow.legacy.dbt.forms import DbtNode, DbtProject, DbtTarget
from adapters.airflow.legacy.snapshot import Dag, DagSnapshot, Schedule, Task
from adapters.airflow.lineage.reading import read_snapshot


def node(key, path, *above, **given):
    return DbtNode(id=key, path=path, depends_on=above, **given)


PROJECT = DbtProject(
    name="shop",
    path="dbt/shop",
    target="prod",
    targets={
        "prod": DbtTarget(adapter="postgres", server="db", schema_name="prod"),
        "dev": DbtTarget(adapter="postgres", server="db", schema_name="{{ env_var('ME') }}"),
    },
    nodes=(
        node("source.shop.raw.orders", "models/s.yml", schema_name="raw", is_placed=True),
        node("seed.shop.codes", "seeds/codes.csv"),
        node("model.shop.stg", "models/stg.sql", "source.shop.raw.orders"),
        node("model.shop.mid", "models/mid.sql", "model.shop.stg", materialized="ephemeral"),
        node("model.shop.fct", "models/fct.sql", "model.shop.mid", "seed.shop.codes"),
        node("snapshot.shop.kept", "snapshots/kept.sql", "model.shop.fct"),
        node("test.shop.not_null_fct_id", "models/s.yml", "model.shop.fct"),
        node("test.shop.rel_fct_codes", "models/s.yml", "model.shop.fct", "seed.shop.codes"),
    ),
)


def lineage(operator, projects=(PROJECT,), **arguments):
    task = Task(task_id="t", operator=f"x.{operator}", arguments=arguments)
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    snapshot = DagSnapshot(instance="a", folder="/", dags=(dag,), dbt_projects=tuple(projects))
    return read_snapshot(snapshot)["d.py", "d", "t"]


def touched(found):
    sides = (found.reads, found.writes)
    return [[ref.uri.removeprefix("postgres://db/") for ref in side] for side in sides]


def bash(script, **given):
    return lineage("BashOperator", bash_command=script, **given)


STG, FCT, KEPT, CODES, RAW = "prod.stg", "prod.fct", "prod.kept", "prod.codes", "raw.orders"
COMMANDS = {
    "all_models": ("dbt run", [[CODES, STG, RAW], [FCT, STG]]),
    "one": ("dbt run --select stg", [[RAW], [STG]]),
    "through_an_ephemeral_one": ("dbt run -s fct", [[CODES, STG], [FCT]]),
    "an_ephemeral_one_alone": ("dbt run -s mid", [[], []]),
    "build": ("dbt build", [[CODES, FCT, STG, RAW], [CODES, FCT, KEPT, STG]]),
    "only_seeds_of_a_build": ("dbt build --resource-type seed", [[], [CODES]]),
    "seed": ("dbt seed --full-refresh", [[], [CODES]]),
    "snapshot": ("dbt snapshot", [[FCT], [KEPT]]),
    "test": ("dbt test", [[CODES, FCT], []]),
    "tests_of_one": ("dbt test --select fct --exclude rel_fct_codes", [[FCT], []]),
    "one_test": ("dbt test --select not_null_fct_id", [[FCT], []]),
    "no_test": ("dbt test --select stg", [[], []]),
    "freshness": ("dbt source freshness", [[RAW], []]),
    "several": ("dbt deps && dbt seed && dbt run -s fct", [[CODES, STG], [CODES, FCT]]),
    "behind_poetry": ("cd /opt/airflow/dbt/shop && poetry run dbt run -s stg", [[RAW], [STG]]),
    "not_its_project": (
        "cp -r /opt/dbt/shop /tmp/x && cd /tmp/x && dbt run -s stg > /tmp/x/log && rm -r /tmp/x",
        [[RAW], [STG]],
    ),
    "beside_data": (
        "dbt run -s stg && aws s3 cp /opt/dbt/shop/target/x.json s3://b/x.json",
        [[RAW], [STG, "s3://b/x.json"]],
    ),
    "nothing": ("dbt deps && dbt debug && dbt docs generate", [[], []]),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_reads_and_writes_tables(name):
    script, expected = COMMANDS[name]
    found = bash(script)
    assert touched(found) == expected
    assert (found.reads_known or not any(expected), found.writes_known) == (True, True)
    assert found.findings == ()


def test_a_table_says_where_it_is_written_down_and_what_it_is_made_from():
    read, write = bash("dbt run -s stg").datasets
    assert (read.file, read.evidence, read.confidence) == ("dbt/shop/models/s.yml", "sql", 0.85)
    assert (write.file, write.derived_from) == ("dbt/shop/models/stg.sql", (read.uri,))
    through = next(ref for ref in bash("dbt run").writes if ref.uri.endswith(FCT))
    assert sorted(through.derived_from) == ["postgres://db/prod.codes", "postgres://db/prod.stg"]


def test_the_target_and_the_tasks_environment_count():
    dev = bash("dbt run -s stg --target dev", env={"ME": "{{ params.who }}_x"})
    assert touched(dev) == [[RAW], ["{params.who}_x.stg"]]
    assert touched(bash("dbt run -s stg", env={"DBT_TARGET": "dev", "ME": "me"}))[1] == ["me.stg"]


UNKNOWN = {
    "a_template": "dbt run --select {{ ti.xcom_pull('a') }}",
    "a_parameter": "dbt run --select {{ params.models }}",
    "a_templated_command": "dbt run {{ params.arguments }}",
    "a_variable": "dbt run --select $MODELS",
    "what_another_command_prints": "dbt run --select $(cat models.txt)",
    "a_state": "dbt run --select state:modified+",
    "an_operation": "dbt run-operation grant_all",
    "no_such_node": "dbt run --select gone",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_only_a_run_knows_is_said(name):
    found = bash(UNKNOWN[name])
    assert touched(found) == [[], []]
    assert (found.nature, found.writes_known) == ("opaque", False)
    assert {one.code for one in found.findings} == {"runs_dbt", "unknown_outputs"}


def test_a_project_that_is_not_in_the_code_base_is_not_guessed():
    other = PROJECT.model_copy(update={"path": "dbt/other"})
    found = lineage("BashOperator", (PROJECT, other), bash_command="cd /srv/x && dbt run")
    assert found.datasets == ()
    assert "dbt/shop, dbt/other" in found.findings[0].message
    assert lineage("BashOperator", (), bash_command="dbt run").datasets == ()


OPERATORS = {
    "airflow_dbt": ("DbtRunOperator", {"models": "stg", "dir": "/srv/app"}, [[RAW], [STG]]),
    "several": ("DbtRunOperator", {"select": ["stg", "fct"]}, [[CODES, STG, RAW], [FCT, STG]]),
    "test": ("DbtTestOperator", {"select": "not_null_fct_id"}, [[FCT], []]),
    "seed": ("DbtSeedOperator", {}, [[], [CODES]]),
    "snapshot": ("DbtSnapshotOperator", {}, [[FCT], [KEPT]]),
    "freshness": ("DbtSourceFreshnessOperator", {}, [[RAW], []]),
    "deps": ("DbtDepsOperator", {}, [[], []]),
    "cosmos": ("DbtRunLocalOperator", {"select": "stg"}, [[RAW], [STG]]),
    "of_the_house": ("DbtOperator", {"command": "run", "models": "stg"}, [[RAW], [STG]]),
    "a_whole_line": ("DbtOperator", {"dbt_command": "dbt run -s stg"}, [[RAW], [STG]]),
    "a_pod": (
        "KubernetesPodOperator",
        {"cmds": ["dbt"], "arguments": ["run", "--select", "stg"]},
        [[RAW], [STG]],
    ),
    "a_container": ("DockerOperator", {"command": "bash -c 'dbt run -s stg'"}, [[RAW], [STG]]),
    "over_ssh": ("SSHOperator", {"command": "cd /x && dbt run -s stg"}, [[RAW], [STG]]),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_says_the_same_by_its_arguments(name):
    operator, arguments, expected = OPERATORS[name]
    found = lineage(operator, **arguments)
    assert touched(found) == expected
    assert all(ref.confidence == 0.85 for ref in found.datasets)


def test_cosmos_makes_a_target_of_a_connection():
    profile = {"profile_mapping": "PostgresUserPasswordProfileMapping", "conn_id": "dwh"}
    said = {"select": "stg", "profile_config": {**profile, "schema": "marts", "dbname": "d"}}
    found = lineage("DbtRunLocalOperator", **said)
    assert [ref.uri for ref in found.writes] == ["postgres://dwh/d.marts.stg"]
    google = {"profile_mapping": "GoogleCloudOauthProfileMapping", "dataset": "d", "project": "p"}
    found = lineage("DbtRunLocalOperator", select="stg", profile_config=google)
    assert [ref.uri for ref in found.writes] == ["bigquery://default/p.d.stg"]


def test_cosmos_may_name_a_target_of_the_profile():
    said = {"profile_name": "shop", "target_name": "dev"}
    found = lineage("DbtRunLocalOperator", select="stg", profile_config=said, env={"ME": "me"})
    assert touched(found)[1] == ["me.stg"]


@pytest.mark.parametrize(
    ("operator", "arguments"),
    [
        ("DbtCloudRunJobOperator", {"job_id": 1}),
        ("DbtRunOperationOperator", {"macro": "x"}),
        ("DbtThingOperator", {"select": "stg"}),
        ("DbtRunOperator", {"select": {"opaque": "a function"}}),
        ("DbtRunOperator", {"models": "{{ params.models }}"}),
    ],
)
def test_other_operators_are_opaque(operator, arguments):
    found = lineage(operator, **arguments)
    assert (found.nature, found.datasets) == ("opaque", ())


def test_dbt_called_from_python():
    call = {"name": "invoke", "arguments": [["run", "--select", "stg"]], "module": None}
    on = [{"name": "dbtRunner", "module": "dbt.cli.main"}]
    task = Task.model_validate(
        {"task_id": "t", "operator": "x.PythonOperator", "calls": [{**call, "on": on}]}
    )
    dag = Dag(dag_id="d", file="d.py", schedule=Schedule(kind="none"), tasks=(task,))
    snapshot = DagSnapshot(instance="a", folder="/", dags=(dag,), dbt_projects=(PROJECT,))
    assert touched(read_snapshot(snapshot)["d.py", "d", "t"]) == [[RAW], [STG]]


def zoo(*names, materialized=None, **given):
    """What `dbt run` of a model reads whose SQL names these tables itself."""
    inner = "model.zoo.inner"
    nodes = (
        node(inner, "models/inner.sql", materialized=materialized, written_out=names),
        node("model.zoo.pets", "models/pets.sql", inner),
    )
    target = DbtTarget(adapter="postgres", server="db", schema_name="prod", **given)
    macros = {"lake": "{% macro lake(a) %}\n {{ return(a ~ '_' ~ target.name) }} {% endmacro %}"}
    project = DbtProject(
        name="zoo", path="dbt", target="x", targets={"x": target}, macros=macros, nodes=nodes
    )
    selected = "pets" if materialized else "inner"
    found = lineage("BashOperator", (project,), bash_command=f"dbt run -s {selected}")
    return [(ref.uri.removeprefix("postgres://db/"), ref.confidence) for ref in found.reads]


def test_tables_that_sql_names_itself_are_read():
    assert zoo("raw.pets") == [("raw.pets", 0.85)]
    assert zoo("raw.pets", database_name="dwh") == [("dwh.raw.pets", 0.85)]
    assert zoo("lake.raw.pets", database_name="dwh") == [("lake.raw.pets", 0.85)]
    assert zoo("raw.pets", materialized="ephemeral") == [("raw.pets", 0.85)]


def test_jinja_in_a_written_name_is_rendered():
    assert zoo("{{ lake('raw') }}.farm.pets") == [("raw_x.farm.pets", 0.85)]
    assert zoo("{{ target.schema }}.pets") == [("prod.pets", 0.85)]
    assert zoo("{{ unheard_of() }}.farm.pets") == [("{unheard_of%28%29}.farm.pets", 0.5)]


def test_a_model_does_not_read_itself_or_a_systems_tables():
    assert zoo("prod.inner", "information_schema.tables") == []
