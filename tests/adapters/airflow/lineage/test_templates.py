import time

import pytest

from adapters.airflow.lineage.templates import Params, render


def shown(text, values=None, files=None):
    rendered, marks, problem = render(text, values or {}, files or {})
    return marks.put_back(rendered), problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sales_{{ ds_nodash }}", "sales_{ds_nodash}"),
        ("{{ ds }}", "{ds}"),
        ("{{ ds | replace('-', '') }}", "{ds}"),
        ("x_{{ macros.ds_add(ds, -1) }}", "x_{macros.ds_add(ds,-1)}"),
        ("{{ data_interval_start.strftime('%Y') }}", "{data_interval_start.strftime(Y)}"),
        (
            "{{ var.value.bucket }}/{{ var.json.cfg['a'].b }}",
            "{var.value.bucket}/{var.json.cfg.a.b}",
        ),
        ("{{ params.table }}", "orders"),
        ("{{ my_macro(ds) }}", "{my_macro()}"),
        ("in ('{{ ti.xcom_pull(task_ids=\"a\") | join(\"','\") }}')", "in ('{ti.xcom_pull(a)}')"),
        ("{% for t in params.tables %}{{ t }};{% endfor %}", "a;b;"),
        ("{% set x = ds %}{{ x }}", "{ds}"),
        (
            "{% set x = 's3://b/' + ds_nodash + '/' %}{{ x + params.table }}",
            "s3://b/{ds_nodash}/orders",
        ),
        ("{% if params.full %}all{% else %}some{% endif %}", "all"),
        ("{% include 'part.sql' %}", "part of {ds}"),
        ("no template at all", "no template at all"),
        ("{# a comment #}x", "x"),
    ],
)
def test_names_that_only_a_run_knows_stay_recognisable(text, expected):
    values = {"params": {"table": "orders", "tables": ["a", "b"], "full": True}}
    assert shown(text, values, {"part.sql": "part of {{ ds }}"}) == (expected, None)


def test_a_template_that_does_not_parse_is_read_with_its_expressions_as_marks():
    text, problem = shown("select * from a_{{ ds }} {% if %}")
    assert text == "select * from a_{ds}  "
    assert "TemplateSyntaxError" in problem


def test_of_a_template_that_fails_each_expression_is_read_by_itself():
    text = "insert into {{ params.t }} select {{ params.x.replace('a', ds) }} from a_{{ ds }}"
    rendered, marks, problem = render(text, {"params": Params({"t": "m.t", "x": "y"})}, {})
    assert problem is not None
    shown = marks.put_back(rendered)
    assert shown.startswith("insert into m.t select {params.x.replace")
    assert shown.endswith("from a_{ds}")


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(10**9) %}{% for b in range(10**9) %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 10**10 }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% include 'itself' %}",
    ],
)
def test_a_template_cannot_cost_time_or_memory_or_reach_out(text):
    began = time.monotonic()
    rendered, _ = shown(text, files={"itself": "{% include 'itself' %}"})
    assert time.monotonic() - began < 5
    assert "Popen" not in rendered


def test_a_param_that_is_not_given_has_its_default():
    values = {"params": Params(table="orders")}
    assert shown("{{ params.schema | default('public', true) }}.{{ params.table }}", values) == (
        "public.orders",
        None,
    )
    assert shown("{{ params.schema }}.{{ params.table }}", values)[0] == "{params.schema}.orders"


def test_a_param_that_stands_for_a_setting_is_that_setting():
    params = Params(
        project="{{ var.value.project }}",
        tables=["a_{{ ds }}", 7],
        own="{{ params.project }}",
        plain="orders",
    )
    text = "{{ params.project }}.{{ params.tables[0] }}.{{ params.own }}.{{ params.plain }}"

    assert shown(text, {"params": params}) == (
        "{var.value.project}.a_{ds}.{params.project}.orders",
        None,
    )
