"""The table that a node of a dbt project is."""

import pytest

from adapters.airflow.legacy.dbt.forms import DbtNode, DbtProject, DbtTarget
from adapters.airflow.lineage.dbt.projects import DbtProjects
from adapters.airflow.lineage.dbt.relations import CERTAIN, GUESSED, IN_PART, Relations

DWH = DbtTarget(
    adapter="postgres", server="db", port="5432", database_name="dwh", schema_name="dbt"
)
ALONE = """{% macro generate_schema_name(custom_schema_name, node) -%}
{%- if custom_schema_name is none -%}{{ target.schema }}
{%- elif target.name == 'prod' -%}{{ custom_schema_name | trim }}
{%- else -%}{{ return(target.schema ~ '_' ~ custom_schema_name) }}{%- endif -%}
{%- endmacro %}"""
BY_FOLDER = "{% macro generate_schema_name(name, node) %}{{ node.fqn[1] }}{% endmacro %}"


def relation(target=DWH, macros=None, name=None, environment=None, variables=None, **given):
    project = DbtProject(
        name="shop",
        path="dbt",
        target="prod",
        targets={"prod": target, "dev": target} if target else {},
        macros=macros or {},
        variables={"where": "there"},
    )
    node = DbtNode(id="model.shop.orders", path="models/core/orders.sql", **given)
    found = Relations(project, name, environment or {}, variables or {}).of(node)
    return found.uri, found.confidence


def test_dbt_puts_the_targets_schema_before_a_custom_one():
    assert relation() == ("postgres://db:5432/dwh.dbt.orders", CERTAIN)
    assert relation(schema_name="marts")[0] == "postgres://db:5432/dwh.dbt_marts.orders"
    assert relation(alias="fct", database_name="lake")[0] == "postgres://db:5432/lake.dbt.fct"
    assert relation(schema_name="raw", is_placed=True)[0] == "postgres://db:5432/dwh.raw.orders"


def test_the_projects_own_macro_names_the_schema():
    own = {"generate_schema_name": ALONE}
    assert relation(macros=own, schema_name="marts")[0].endswith("/dwh.marts.orders")
    assert relation(macros=own)[0].endswith("/dwh.dbt.orders")
    assert relation(macros=own, name="dev", schema_name="m")[0].endswith("/dwh.dbt_m.orders")
    assert relation(macros={"generate_schema_name": BY_FOLDER})[0].endswith("/dwh.core.orders")


def test_what_the_environment_does_not_tell_has_its_name():
    asking = DWH.model_copy(
        update={
            "server": "{{ env_var('PG_HOST') }}",
            "schema_name": "{{ env_var('PG_SCHEMA', 'dev') }}",
            "port": "{{ env_var('PG_PORT') | int }}",
        }
    )
    assert relation(asking) == ("postgres://{PG_HOST}/dwh.dev.orders", CERTAIN)
    given = {"PG_HOST": "here", "PG_SCHEMA": "x", "PG_PORT": "1"}
    assert relation(asking, environment=given)[0] == "postgres://here:1/dwh.x.orders"


@pytest.mark.parametrize(
    ("given", "uri", "confidence"),
    [
        ({"target": None}, "sql://default/{target_schema}.orders", GUESSED),
        ({"target": None, "schema_name": "m"}, "sql://default/{target_schema}_m.orders", GUESSED),
        (
            {"target": DbtTarget(adapter="postgres"), "schema_name": "m"},
            "postgres://default/{target_schema}_m.orders",
            IN_PART,
        ),
        (
            {
                "target": DbtTarget(
                    adapter="snowflake", server="acc", schema_name="{{ env_var('S') }}"
                )
            },
            "snowflake://acc/{S}.orders",
            GUESSED,
        ),
        (
            {
                "target": DbtTarget(
                    adapter="bigquery", server="x", database_name="p-1", schema_name="d"
                )
            },
            "bigquery://default/p-1.d.orders",
            CERTAIN,
        ),
        (
            {"target": DbtTarget(adapter="clickhouse", server="ch", schema_name="d")},
            "clickhouse://ch/d.orders",
            CERTAIN,
        ),
        (
            {"schema_name": "{{ var('where') }}", "is_placed": True},
            "postgres://db:5432/dwh.there.orders",
            CERTAIN,
        ),
        (
            {
                "schema_name": "{{ var('where') }}",
                "variables": {"where": "here"},
                "is_placed": True,
            },
            "postgres://db:5432/dwh.here.orders",
            CERTAIN,
        ),
    ],
)
def test_a_name_is_as_sure_as_its_parts(given, uri, confidence):
    assert relation(**given) == (uri, confidence)


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("/opt/airflow/dbt/shop", "dbt/shop"),
        ("/opt/old/shop/", "old/shop"),
        ("/opt/shop", None),
        ("/tmp/copy", None),
        (None, None),
    ],
)
def test_a_project_is_found_by_the_longest_end_of_a_path(folder, found):
    projects = DbtProjects(DbtProject(name="s", path=path) for path in ("dbt/shop", "../old/shop"))
    project = projects.find(folder)
    assert (project and project.path.removeprefix("../")) == found


def test_the_only_project_is_meant_by_any_path():
    only = DbtProjects([DbtProject(name="s", path="dbt/shop")])
    assert only.find("/tmp/copy") is only.find(None) is only.projects[0]
    assert DbtProjects().find("/opt/dbt") is None
