"""A dbt project read from its files, without dbt. What is expected of names and of what depends on
what was compared with a manifest of dbt-core 1.11.
"""

import json
import textwrap
import time

import pytest

from adapters.airflow.legacy.dbt.places import projects_of
from adapters.airflow.legacy.snapshot import DagSnapshot

FILES = {
    "dbt_project.yml": """
        name: shop
        profile: shop
        models:
          +materialized: table
          shop:
            staging:
              +materialized: ephemeral
              +tags: [early]
            marts:
              +schema: marts
              tags: late
        seeds:
          shop: {+schema: seeds}
        vars: {lang: en, shop: {days: 3}}
    """,
    "profiles.yml": """
        shop:
          target: prod
          outputs:
            prod: {type: postgres, host: db, port: 5432, dbname: dwh, schema: dbt, password: s3cret}
    """,
    "models/staging/stg_orders.sql": "select * from {{ source('raw', 'orders') }} as source",
    "models/staging/stg_items.sql": "{# ref('old') #} select * from {{ ref('stg_orders') }}",
    "models/marts/orders.sql": """
        {{ config(alias="fct_orders", tags=["daily"], schema=var('where')) }}
        select * from {{ ref('stg_items') }} -- and {{ ref('shop', 'codes') }} (by "code")
    """,
    "models/marts/forecast.py": """
        def model(dbt, session):
            dbt.config(materialized="incremental")
            return dbt.ref("orders")
    """,
    "models/marts/off.sql": "{{ config(enabled=false) }} select 1",
    "models/marts/by_macro.sql": "select * from {{ latest_orders() }}",
    "macros/latest.sql": """
        {% macro latest_orders() %} {{ ref('orders') }} {% endmacro %}
        {% test covers(model, column_name, other, field) %}
        select * from {{ model }} left join {{ source('raw', other) }} on {{ field }}
        {% endtest %}
    """,
    "models/schema.yml": """
        sources:
          - name: raw
            schema: landing
            database: lake
            tags: [in]
            tables:
              - name: orders
                identifier: orders_v1
                columns: [{name: id, tests: [unique]}]
        models:
          - name: orders
            columns:
              - name: customer_id
                data_tests:
                  - not_null
                  - relationships: {to: ref('codes'), field: id}
                  - covers: {other: orders, field: id}
                  - dbt_utils.accepted_range: {min_value: 0, name: in_range}
          - name: forecast
            config: {tags: [slow]}
            columns: [{name: z, tags: [key], data_tests: [{unique: {config: {tags: [own]}}}]}]
    """,
    "seeds/codes.csv": "code\n1\n",
    "snapshots/kept.sql": """
        {% snapshot orders_kept %}{{ config(target_schema='history', unique_key='id',
        strategy='check', check_cols='all') }}
        select * from {{ ref('orders') }}{% endsnapshot %}
    """,
    "tests/no_gaps.sql": "select * from {{ ref('orders') }}, {{ ref('gone') }}",
    "dbt_packages/other/dbt_project.yml": "name: other",
}


@pytest.fixture
def write(tmp_path):
    def run(files, below="dbt/shop"):
        for name, text in files.items():
            place = tmp_path / below / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
        return tmp_path

    return run


@pytest.fixture
def project(write):
    (found,) = projects_of(write(FILES))
    return found


def node(project, key):
    return next(one for one in project.nodes if one.id == key)


def test_every_node_that_is_enabled_has_dbts_id(project):
    assert [one.id for one in project.nodes] == [
        "model.shop.by_macro",
        "model.shop.forecast",
        "model.shop.orders",
        "model.shop.stg_items",
        "model.shop.stg_orders",
        "seed.shop.codes",
        "snapshot.shop.orders_kept",
        "source.shop.raw.orders",
        "test.shop.covers_orders_customer_id__id__orders",
        "test.shop.in_range",
        "test.shop.no_gaps",
        "test.shop.not_null_orders_customer_id",
        "test.shop.relationships_orders_customer_id__id__ref_codes_",
        "test.shop.source_unique_raw_orders_id",
        "test.shop.unique_forecast_z",
    ]
    assert (project.name, project.path, project.folders) == ("shop", "dbt/shop", ("models",))
    assert project.variables == {"lang": "en", "days": 3}
    assert project.unread == ()


@pytest.mark.parametrize(
    ("key", "above"),
    [
        ("model.shop.stg_orders", ["source.shop.raw.orders"]),
        ("model.shop.stg_items", ["model.shop.stg_orders"]),
        ("model.shop.orders", ["model.shop.stg_items", "seed.shop.codes"]),
        ("model.shop.forecast", ["model.shop.orders"]),
        ("model.shop.by_macro", ["model.shop.orders"]),
        ("snapshot.shop.orders_kept", ["model.shop.orders"]),
        ("test.shop.no_gaps", ["model.shop.orders"]),
        (
            "test.shop.relationships_orders_customer_id__id__ref_codes_",
            ["model.shop.orders", "seed.shop.codes"],
        ),
        (
            "test.shop.covers_orders_customer_id__id__orders",
            ["model.shop.orders", "source.shop.raw.orders"],
        ),
        ("test.shop.source_unique_raw_orders_id", ["source.shop.raw.orders"]),
    ],
)
def test_a_node_depends_on_what_it_asks_for(project, key, above):
    assert list(node(project, key).depends_on) == above


def test_the_particular_stands_above_the_general_and_tags_add_up(project):
    orders, forecast = node(project, "model.shop.orders"), node(project, "model.shop.forecast")
    assert (orders.schema_name, orders.alias, orders.materialized) == (
        "{{ var('where') }}",
        "fct_orders",
        "table",
    )
    assert orders.tags == ("late", "daily")
    assert (forecast.schema_name, forecast.materialized) == ("marts", "incremental")
    assert forecast.tags == ("late", "slow")
    assert node(project, "test.shop.unique_forecast_z").tags == ("key", "own")
    assert node(project, "test.shop.source_unique_raw_orders_id").tags == ("in",)
    assert node(project, "model.shop.stg_items").materialized == "ephemeral"
    assert node(project, "seed.shop.codes").schema_name == "seeds"


def test_sources_and_old_snapshots_are_where_they_say(project):
    source, kept = (
        node(project, "source.shop.raw.orders"),
        node(project, "snapshot.shop.orders_kept"),
    )
    assert (source.database_name, source.schema_name, source.alias) == (
        "lake",
        "landing",
        "orders_v1",
    )
    assert (source.is_placed, source.tags) == (True, ("in",))
    assert (kept.schema_name, kept.is_placed) == ("history", True)
    assert not node(project, "model.shop.orders").is_placed


def test_of_a_profile_only_the_place_is_kept(project):
    assert project.target == "prod"
    assert project.targets["prod"].model_dump() == {
        "adapter": "postgres",
        "server": "db",
        "port": "5432",
        "database_name": "dwh",
        "schema_name": "dbt",
    }
    assert "s3cret" not in project.model_dump_json()


@pytest.mark.parametrize(
    ("asked", "adapter"),
    [
        ("dbt-core==1.9\ndbt-postgres==1.9", "postgres"),
        ("dbt-core==1.9", None),
        ("dbt-postgres\ndbt-duckdb", None),
    ],
)
def test_without_a_profile_the_only_installed_adapter_tells_the_kind(write, asked, adapter):
    write({"requirements.txt": asked}, below=".")
    (found,) = projects_of(write({"dbt_project.yml": "name: shop"}))
    assert [one.adapter for one in found.targets.values()] == ([adapter] if adapter else [])


def test_a_manifest_says_everything_itself(write):
    manifest = {
        "metadata": {"adapter_type": "bigquery"},
        "nodes": {
            "model.shop.orders": {
                "resource_type": "model",
                "original_file_path": "models/orders.sql",
                "database": "p-1",
                "schema": "marts",
                "alias": "fct",
                "tags": ["a"],
                "config": {"materialized": "table", "tags": ["a", "b"]},
                "depends_on": {"nodes": ["source.shop.raw.orders"]},
            },
            "test.shop.not_null_orders_id.0123456789": {
                "resource_type": "test",
                "original_file_path": "models/schema.yml",
                "depends_on": {"nodes": ["model.shop.orders"]},
            },
            "operation.shop.x": {"resource_type": "operation"},
        },
        "sources": {
            "source.shop.raw.orders": {
                "resource_type": "source",
                "database": "p-0",
                "schema": "landing",
                "identifier": "orders_v1",
            }
        },
    }
    files = {"target/manifest.json": json.dumps(manifest), "models/later.sql": "select 1"}
    (found,) = projects_of(write({"dbt_project.yml": "name: shop", **files}))
    assert found.targets["default"].adapter == "bigquery"
    model, source, test = found.nodes
    assert (model.database_name, model.schema_name, model.alias) == ("p-1", "marts", "fct")
    assert (model.is_placed, model.tags) == (True, ("a", "b"))
    assert (source.database_name, source.alias) == ("p-0", "orders_v1")
    assert (test.id, test.depends_on) == (
        "test.shop.not_null_orders_id",
        ("model.shop.orders",),
    )


def test_versions_of_a_model_are_nodes_and_the_last_is_meant_without_one(write):
    schema = (
        "models: [{name: dim, versions: [{v: 1}, {v: 2}], columns: [{name: a, tests: [unique]}]}]"
    )
    files = {
        "models/schema.yml": schema,
        "models/dim_v1.sql": "select 1",
        "models/dim_v2.sql": "select 2",
        "models/old.sql": "select * from {{ ref('dim', v=1) }}",
        "models/new.sql": "select * from {{ ref('dim') }}",
    }
    (found,) = projects_of(write({"dbt_project.yml": "name: shop", **files}))
    assert node(found, "model.shop.dim.v1").alias == "dim_v1"
    assert node(found, "model.shop.old").depends_on == ("model.shop.dim.v1",)
    assert node(found, "model.shop.new").depends_on == ("model.shop.dim.v2",)


def test_the_last_version_may_be_in_a_file_without_one_and_tests_are_of_each_version(write):
    schema = """
    models:
      - name: dim
        columns: [{name: a, tests: [unique]}, {name: b, tests: [not_null]}]
        versions: [{v: 1, columns: [{include: all, exclude: [a]}]}, {v: 2}]
    """
    files = {"models/schema.yml": schema, "models/dim_v1.sql": "", "models/dim.sql": ""}
    (found,) = projects_of(write({"dbt_project.yml": "name: shop", **files}))
    assert {one.id: one.depends_on for one in found.nodes} == {
        "model.shop.dim.v1": (),
        "model.shop.dim.v2": (),
        "test.shop.not_null_dim_v1_b": ("model.shop.dim.v1",),
        "test.shop.not_null_dim_v2_b": ("model.shop.dim.v2",),
        "test.shop.unique_dim_v2_a": ("model.shop.dim.v2",),
    }


def test_what_cannot_be_read_is_told_and_costs_nothing_else(write):
    files = {"models/a.sql": "select 1", "models/bad.yml": "a: [", "models/list.yml": "- 1"}
    files |= {"models/b.sql": "{{ config(alias='x', }} {{ ref( }} {{ ref(name) }}"}
    (found,) = projects_of(write({"dbt_project.yml": "name: shop", **files}))
    assert [one.id for one in found.nodes] == ["model.shop.a", "model.shop.b"]
    assert [one.partition(":")[0] for one in found.unread] == ["models/bad.yml"]


def test_paths_are_as_seen_from_the_folder_of_the_dags(write):
    root = write({"dbt_project.yml": "name: shop"})
    (root / "dags").mkdir()
    assert [one.path for one in projects_of(root, root / "dags")] == ["../dbt/shop"]


def test_no_project_no_node(write):
    assert projects_of(write({"models/a.sql": "select 1"})) == ()


DAG = """
from airflow import DAG
from airflow.operators.bash import BashOperator
with DAG("d"):
    BashOperator(task_id="t", bash_command="%s")
"""


@pytest.mark.parametrize(("command", "kept"), [("dbt run", 1), ("echo hello", 0)])
def test_a_snapshot_keeps_projects_where_a_task_speaks_of_dbt(record, command, kept):
    files = {f"include/shop/{name}": text for name, text in FILES.items()}
    snapshot = record({"dag.py": DAG % command, **files})
    assert len(snapshot.dbt_projects) == kept
    assert DagSnapshot.from_json(snapshot.to_json()) == snapshot


BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "\n".join(
    f"{after}: &{after} [{','.join([f'*{one}'] * 9)}]"
    for one, after in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "aliases": ("models/big.yml", BOMB),
    "deep": ("models/deep.yml", "a: " + "[" * 20_000),
    "open_comments": ("models/x.sql", "{# " * 300_000),
    "open_macros": ("macros/x.sql", "{% macro a( " * 50_000),
    "open_calls": ("models/x.sql", "{{ ref( " * 20_000),
    "many_calls": ("models/x.sql", "{{ ref('x') }}" * 20_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little(write, name):
    place, text = HOSTILE[name]
    files = {"dbt_project.yml": "name: shop", "models/a.sql": "select 1", place: text}
    begun = time.process_time()
    (found,) = projects_of(write(files))
    assert "model.shop.a" in [one.id for one in found.nodes]
    assert time.process_time() - begun < 5


def test_a_file_that_was_not_read_is_a_finding(record):
    files = {"shop/dbt_project.yml": "name: shop", "shop/models/bad.yml": "a: ["}
    snapshot = record({"dag.py": DAG % "dbt run", **files})
    (found,) = [one for one in snapshot.findings if one.code == "dbt_not_read"]
    assert found.file == "shop/models/bad.yml"


LAKE = "{% macro lake(layer) %}{{ return(layer ~ '_' ~ target.name) }}{% endmacro %}"


def test_tables_that_sql_names_itself_are_kept_with_the_macros_they_call(tmp_path):
    files = {
        "dbt_project.yml": "name: zoo",
        "models/pets.sql": "select * from {{ lake('raw') }}.farm.pets",
        "models/learn.py": "# from raw.pets\ndef model(dbt, session): ...",
        "macros/lake.sql": LAKE + "{% macro other() %}x{% endmacro %}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (project,) = projects_of(tmp_path)
    written = {node.name: node.written_out for node in project.nodes}
    assert written == {"pets": ("{{ lake('raw') }}.farm.pets",), "learn": ()}
    assert project.macros == {"lake": LAKE}


def test_a_manifest_tells_the_sql_too(tmp_path):
    node = {"resource_type": "model", "original_file_path": "models/pets.sql"}
    nodes = {
        "model.zoo.pets": {**node, "raw_code": "select * from raw.pets"},
        "model.zoo.learn": {**node, "raw_code": "# from raw.pets", "language": "python"},
        "model.zoo.old": {**node, "raw_sql": "select * from raw.olds"},
    }
    (tmp_path / "dbt_project.yml").write_text("name: zoo")
    (tmp_path / "target").mkdir()
    (tmp_path / "target/manifest.json").write_text(json.dumps({"metadata": {}, "nodes": nodes}))
    (project,) = projects_of(tmp_path)
    written = {node.name: node.written_out for node in project.nodes}
    assert written == {"pets": ("raw.pets",), "learn": (), "old": ("raw.olds",)}
