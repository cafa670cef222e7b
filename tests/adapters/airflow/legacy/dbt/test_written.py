"""Tables that SQL of a dbt model names itself."""

import pytest

from adapters.airflow.legacy.dbt.written import macros_for, tables_in

NAMED = {
    "after_from_and_join": (
        "select * from raw.pets p join lake.raw.visits v on p.id = v.pet",
        ("raw.pets", "lake.raw.visits"),
    ),
    "by_a_macro": ("select * from {{ lake('gold') }}.base.pets", ("{{ lake('gold') }}.base.pets",)),
    "in_the_targets_schema": (
        "{% if is_incremental() %} select * from {{ target.schema }}.pets {% endif %}",
        ("{{ target.schema }}.pets",),
    ),
    "in_quotes": (
        'select * from `my-zoo.raw.pets` join [dbo].[Visits] on 1=1 join "raw"."toys" on 1=1',
        ("my-zoo.raw.pets", "dbo.Visits", "raw.toys"),
    ),
    "once": ("select * from raw.pets union all select * from raw.pets", ("raw.pets",)),
    "in_a_part_of_a_query": ("with p as (select * from raw.pets) select * from p", ("raw.pets",)),
}
NOT_NAMED = {
    "ref": "select * from {{ ref('pets') }} join {{ source('raw', 'visits') }} on 1=1",
    "this": "select max(born) from {{ this }}",
    "a_schema_of_this": "select * from {{ this.schema }}.pets",
    "one_word": "select * from pets",
    "a_comment": "select 1 -- from raw.pets\n/* join raw.visits */ {# from raw.toys #}",
    "a_text": "select 'bought from raw.pets'",
    "a_function": "select * from tools.dates(3)",
    "a_column_of_a_part": "with p as (select 1) select * from p cross join p.toys",
    "a_column_of_an_alias": "select * from pets as p cross join p.toys",
    "a_column_of_a_short_alias": "select * from {{ ref('pets') }} p cross join p.toys",
    "a_part_of_a_date": "select extract(day from p.born), trim(both from p.name) from pets p",
    "a_comparison": "select 1 from pets p where p.a is distinct from p.b",
    "a_table_that_only_a_run_knows": "select * from raw.{{ var('table') }}",
}


@pytest.mark.parametrize("name", NAMED)
def test_a_name_of_several_parts_is_a_table(name):
    sql, expected = NAMED[name]
    assert tables_in(sql) == expected


@pytest.mark.parametrize("name", NOT_NAMED)
def test_other_words_are_none(name):
    assert tables_in(NOT_NAMED[name]) == ()


def test_macros_are_kept_that_a_name_calls():
    own = {"lake": "{{ kind() }}", "kind": "x", "other": "y"}
    assert macros_for(["{{ lake('gold') }}.base.pets"], own).keys() == {"lake", "kind"}
    assert macros_for(["raw.pets"], own) == {}


@pytest.mark.parametrize("sign", ["{{", "{%", "{#", "/*", "'", "FROM [", "EXTRACT("])
def test_signs_without_an_end_are_looked_at_once(sign):
    assert tables_in(f"select * from raw.pets {sign * 100_000}") == ("raw.pets",)
