"""Tasks that Cosmos makes of a dbt manifest, with neither it nor Airflow here. What is expected was
compared with Cosmos 1.15 in Airflow 2.11.
"""

import json

import pytest

DAG = """
from pathlib import Path
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from cosmos import DbtDag, DbtTaskGroup, ExecutionConfig, ProjectConfig, ProfileConfig, RenderConfig
from cosmos.constants import ExecutionMode, LoadMode, TestBehavior
root = Path("/usr/local/airflow/dags/dbt")
project = ProjectConfig(root, manifest_path=root / "target" / "manifest.json")
"""


def node(kind, name, *above, path="models/x.sql", tags=(), kept_as="view"):
    return {
        "resource_type": kind,
        "original_file_path": path,
        "tags": list(tags),
        "config": {"materialized": kept_as},
        "depends_on": {"nodes": list(above)},
        "fqn": ["shop", name],
    }


MANIFEST = json.dumps(
    {
        "metadata": {"project_name": "shop"},
        "nodes": {
            "seed.shop.raw": node("seed", "raw", tags=["nightly"], path="seeds/raw.csv"),
            "model.shop.stg": node("model", "stg", "seed.shop.raw", "source.shop.a.b"),
            "model.shop.mid": node("model", "mid", "model.shop.stg", kept_as="ephemeral"),
            "model.shop.dim.v1": node("model", "dim", "model.shop.mid", tags=["nightly"]),
            "snapshot.shop.dim_s": node("snapshot", "dim_s", "model.shop.dim.v1"),
            "test.shop.not_null.1": node("test", "not_null", "model.shop.stg"),
            "test.shop.rel.2": node("test", "rel", "model.shop.stg", "model.shop.dim.v1"),
        },
        "sources": {"source.shop.a.b": node("source", "b")},
    }
)


def edges(dag):
    return {task.task_id: set(task.upstream) for task in dag.tasks}


def recorded(record, render=""):
    code = f"dag = DbtDag(dag_id='d', schedule='@daily', project_config=project{render})\n"
    snapshot = record({"dag.py": DAG + code, "dbt/target/manifest.json": MANIFEST})
    return snapshot, snapshot.dag("d")


def test_one_task_a_model_seed_and_snapshot_and_its_tests_behind_it(record):
    snapshot, dag = recorded(record)
    assert edges(dag) == {
        "raw_seed": set(),
        "stg.run": {"raw_seed"},
        "stg.test": {"stg.run"},
        "mid_run": {"stg.test"},
        "dim_v1.run": {"mid_run"},
        "dim_v1.test": {"dim_v1.run"},
        "dim_s_snapshot": {"dim_v1.test"},
    }
    assert {task.operator for task in dag.tasks} == {
        "airflow.operators.empty.EmptyOperator",
        "cosmos.operators.local.DbtRunLocalOperator",
        "cosmos.operators.local.DbtSeedLocalOperator",
        "cosmos.operators.local.DbtSnapshotLocalOperator",
        "cosmos.operators.local.DbtTestLocalOperator",
    }
    assert dag.schedule.cron == "@daily"
    assert {found.code for found in snapshot.findings} == {"assumed_path"}


@pytest.mark.parametrize(
    ("render", "tasks"),
    [
        ("test_behavior=TestBehavior.NONE, select=['tag:nightly']", {"raw_seed", "dim_v1_run"}),
        ("test_behavior=TestBehavior.BUILD, select=['path:seeds']", {"raw_seed_build"}),
        ("test_behavior=TestBehavior.NONE, select=['stg+1']", {"stg_run", "mid_run"}),
        ("test_behavior=TestBehavior.NONE, select=['+stg'], exclude=['raw']", {"stg_run"}),
        ("test_behavior=TestBehavior.NONE, select=['tag:nightly,path:models']", {"dim_v1_run"}),
        (
            "should_detach_multiple_parents_tests=True, select=['dim.v1']",
            {"dim_v1_run", "rel_test"},
        ),
        ("test_behavior=TestBehavior.AFTER_ALL, select=['raw']", {"raw_seed", "shop_test"}),
    ],
)
def test_what_is_rendered_is_chosen(record, render, tasks):
    _, dag = recorded(record, f", render_config=RenderConfig({render})")
    assert {task.task_id for task in dag.tasks} == tasks


def test_a_group_stands_between_the_tasks_around_it(record):
    code = """
with DAG("d"):
    group = DbtTaskGroup(group_id="dbt", project_config=project,
                         render_config=RenderConfig(test_behavior=TestBehavior.NONE))
    EmptyOperator(task_id="a") >> group >> EmptyOperator(task_id="b")
"""
    snapshot = record({"dag.py": DAG + code, "dbt/target/manifest.json": MANIFEST})
    found = edges(snapshot.dag("d"))
    assert found["dbt.raw_seed"] == {"a"}
    assert found["dbt.mid_run"] == {"dbt.stg_run"}
    assert found["b"] == {"dbt.dim_s_snapshot"}


@pytest.mark.parametrize("manifest", [None, "{"])
def test_without_a_manifest_the_missing_tasks_are_said(record, manifest):
    files = {"dag.py": DAG + "dag = DbtDag(dag_id='d', project_config=project)\n"}
    snapshot = record(
        files if manifest is None else {**files, "dbt/target/manifest.json": manifest}
    )
    assert snapshot.dag("d").tasks == ()
    (found,) = [found for found in snapshot.findings if found.severity != "info"]
    assert (found.code, found.file, found.line) == ("tasks_not_read", "dag.py", 8)


def test_a_selection_that_is_not_understood_is_said(record):
    snapshot, dag = recorded(record, ", render_config=RenderConfig(select=['state:modified'])")
    assert len(dag.tasks) == 7
    assert "selection_not_read" in {found.code for found in snapshot.findings}


WATCHED = ", execution_config=ExecutionConfig(execution_mode=ExecutionMode.WATCHER)"


def test_what_watches_has_a_producer_before_its_roots(record):
    snapshot, dag = recorded(record, WATCHED)
    producer = dag.task("dbt_producer_watcher")
    assert producer.operator == "cosmos.operators.watcher.DbtProducerWatcherOperator"
    assert {task.task_id for task in dag.tasks if producer.task_id in task.upstream} == {"raw_seed"}
    assert not [found for found in snapshot.findings if found.severity != "info"]


def test_in_a_group_only_a_gate_waits_for_the_producer(record):
    code = f"""
with DAG("d"):
    group = DbtTaskGroup(group_id="dbt", project_config=project{WATCHED})
"""
    snapshot = record({"dag.py": DAG + code, "dbt/target/manifest.json": MANIFEST})
    found = edges(snapshot.dag("d"))
    behind = {name for name, above in found.items() if "dbt.dbt_producer_watcher" in above}
    assert behind == {"dbt.dbt_producer_watcher_done"}


def test_what_runs_dbt_itself_has_no_producer(record):
    _, dag = recorded(record)
    assert not [task.task_id for task in dag.tasks if "producer" in task.task_id]


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ("project_config=project, operator_args={'vars': variables(), 'queue': 'big'}", "vars"),
        ("project_config=ProjectConfig(root, dbt_vars=variables())", "vars"),
        ("project_config=ProjectConfig(root, env_vars=variables())", "env"),
    ],
)
def test_arguments_for_all_operators_are_theirs_and_make_edges(record, given, argument):
    code = f"""
from airflow.decorators import task
@task
def variables():
    return {{}}
with DAG("d"):
    DbtTaskGroup(group_id="dbt", {given})
"""
    snapshot = record({"dag.py": DAG + code, "dbt/target/manifest.json": MANIFEST})
    run = snapshot.dag("d").task("dbt.stg.run")
    assert "variables" in run.upstream
    assert argument in run.arguments


def test_a_model_of_another_project_is_no_task(record):
    manifest = json.loads(MANIFEST)
    manifest["nodes"]["model.other.far"] = node("model", "far", path="")
    code = "dag = DbtDag(dag_id='d', schedule='@daily', project_config=project)\n"
    snapshot = record({"dag.py": DAG + code, "dbt/target/manifest.json": json.dumps(manifest)})
    names = {task.task_id for task in snapshot.dag("d").tasks}
    assert "raw_seed" in names
    assert not {name for name in names if name.startswith("far")}


def test_the_lines_of_dbt_ls_say_the_nodes(record):
    nodes = {"seed.shop.raw": node("seed", "raw"), "model.shop.stg": node("model", "stg")}
    nodes["model.shop.stg"]["depends_on"]["nodes"].append("seed.shop.raw")
    lines = [json.dumps({"unique_id": key, **one}) for key, one in nodes.items()]
    code = """
listed = RenderConfig(load_method=LoadMode.DBT_LS_FILE, dbt_ls_path=root / "listed.txt")
dag = DbtDag(dag_id="d", project_config=ProjectConfig(root), render_config=listed)
"""
    text = "\n".join(["12:00:00  Running with dbt=1.6.9", *lines])
    snapshot = record({"dag.py": DAG + code, "dbt/listed.txt": text})
    assert edges(snapshot.dag("d")) == {"raw_seed": set(), "stg_run": {"raw_seed"}}


def test_lines_of_dbt_ls_that_are_not_there_are_said(record):
    code = """
listed = RenderConfig(dbt_ls_path=root / "listed.txt")
dag = DbtDag(dag_id="d", project_config=ProjectConfig(root), render_config=listed)
"""
    snapshot = record({"dag.py": DAG + code})
    assert "tasks_not_read" in {found.code for found in snapshot.findings}


PROFILE = """
from cosmos.profiles import PostgresUserPasswordProfileMapping
profile = ProfileConfig(
    profile_name="shop",
    target_name="prod",
    profile_mapping=PostgresUserPasswordProfileMapping(
        conn_id="dwh", profile_args={"schema": "marts", "password": "s3cret"}
    ),
)
"""


def test_tasks_say_where_the_project_lies_and_where_its_tables_go(record):
    code = "dag = DbtDag(dag_id='d', project_config=project, profile_config=profile)\n"
    snapshot = record({"dag.py": DAG + PROFILE + code, "dbt/target/manifest.json": MANIFEST})
    arguments = snapshot.dag("d").task("stg.run").arguments
    assert arguments["project_dir"] == "/usr/local/airflow/dags/dbt"
    assert arguments["profile_config"] == {
        "profile_name": "shop",
        "target_name": "prod",
        "profile_mapping": "PostgresUserPasswordProfileMapping",
        "conn_id": "dwh",
        "schema": "marts",
    }
    assert "s3cret" not in snapshot.to_json()


def test_a_manifest_says_where_its_project_lies_too(record):
    code = """
project = ProjectConfig(manifest_path=root / "target" / "manifest.json", project_name="shop")
dag = DbtDag(dag_id='d', project_config=project)
"""
    snapshot = record({"dag.py": DAG + code, "dbt/target/manifest.json": MANIFEST})
    arguments = snapshot.dag("d").task("stg.run").arguments
    assert arguments["project_dir"] == "/usr/local/airflow/dags/dbt"
    assert "profile_config" not in arguments


DBT_FILES = {
    "dbt/dbt_project.yml": "name: shop\nmodel-paths: [models]\nseed-paths: [seeds]\n",
    "dbt/seeds/raw.csv": "id\n",
    "dbt/models/staging/stg.sql": "{{ config(tags=['nightly']) }} select * from {{ ref('raw') }}",
    "dbt/models/mid.sql": "{{ config(materialized='ephemeral') }} select * from {{ ref('stg') }}",
    "dbt/models/dim_v1.sql": "select * from {{ ref('mid') }}",
    "dbt/models/dim.sql": "select * from {{ ref('dim', v=1) }}",
    "dbt/models/schema.yml": """
        models:
          - name: stg
            columns: [{name: id, tests: [not_null]}]
          - name: dim
            latest_version: 2
            columns: [{name: id, tests: [unique]}, {name: old, tests: [not_null]}]
            versions: [{v: 1, columns: []}, {v: 2, columns: [{include: all, exclude: [old]}]}]
        """,
}


def of_files(record, render="", given="ProjectConfig(root)"):
    code = f"dag = DbtDag(dag_id='d', schedule='@daily', project_config={given}{render})\n"
    return record({"dag.py": DAG + code, **DBT_FILES})


@pytest.mark.parametrize(
    "given",
    [
        "ProjectConfig(root)",
        "ProjectConfig('/srv/elsewhere/dags/dbt')",
        "project",  # names a manifest that nobody has committed
    ],
)
def test_without_a_manifest_the_files_of_the_project_say_the_nodes(record, given):
    snapshot = of_files(record, given=given)
    assert edges(snapshot.dag("d")) == {
        "raw_seed": set(),
        "stg.run": {"raw_seed"},
        "stg.test": {"stg.run"},
        "mid_run": {"stg.test"},
        "dim_v1_run": {"mid_run"},
        "dim_v2.run": {"dim_v1_run"},
        "dim_v2.test": {"dim_v2.run"},
    }
    assert "dbt_read_from_files" in {found.code for found in snapshot.findings}
    assert "tasks_not_read" not in {found.code for found in snapshot.findings}


@pytest.mark.parametrize(
    ("select", "tasks"),
    [
        ("tag:nightly", {"stg.run", "stg.test"}),
        ("path:models/staging", {"stg.run", "stg.test"}),
        ("staging", {"stg.run", "stg.test"}),
        ("shop.staging", {"stg.run", "stg.test"}),
        ("config.materialized:ephemeral", {"mid_run"}),
        ("stag", set()),
    ],
)
def test_nodes_of_files_are_selected_as_dbt_does_it(record, select, tasks):
    snapshot = of_files(record, f", render_config=RenderConfig(select=['{select}'])")
    assert {task.task_id for task in snapshot.dag("d").tasks} == tasks


def test_of_several_projects_that_are_elsewhere_none_is_guessed(record):
    code = "dag = DbtDag(dag_id='d', project_config=ProjectConfig('/srv/third'))\n"
    two = {"one/dbt_project.yml": "name: one\n", "two/dbt_project.yml": "name: two\n"}
    snapshot = record({"dag.py": DAG + code, **two})
    assert snapshot.dag("d").tasks == ()
    assert "tasks_not_read" in {found.code for found in snapshot.findings}


def test_an_operator_of_cosmos_has_the_class_that_cosmos_gives_it(record):
    code = """
from cosmos.operators import DbtDocsOperator, DbtRunOperationOperator
from cosmos.operators.kubernetes import DbtRunKubernetesOperator
with DAG("d"):
    DbtDocsOperator(task_id="a", project_dir=root)
    DbtRunOperationOperator(task_id="b", macro_name="m")
    DbtRunKubernetesOperator(task_id="c")
"""
    dag = record({"dag.py": DAG + code}).dag("d")
    assert {task.task_id: task.operator for task in dag.tasks} == {
        "a": "cosmos.operators.local.DbtDocsLocalOperator",
        "b": "cosmos.operators.local.DbtRunOperationLocalOperator",
        "c": "cosmos.operators.kubernetes.DbtRunKubernetesOperator",
    }
