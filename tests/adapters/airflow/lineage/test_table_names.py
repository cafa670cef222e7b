"""The whole name of a table."""

import pytest

from adapters.airflow.lineage.table_names import whole


@pytest.mark.parametrize(
    ("name", "kind", "told", "expected"),
    [
        ("t", "postgres", ("d", None), "d.public.t"),
        ("t", "redshift", ("d", "m"), "d.m.t"),
        ("m.t", "mssql", ("d", "other"), "d.m.t"),
        ("t", "mysql", ("d", None), "d.t"),
        ("t", "clickhouse", (None, "m"), "m.t"),
        ("t", "postgres", (None, "m"), "m.t"),
    ],
)
def test_what_is_told_of_a_database_is_in_the_name(
    name: str, kind: str, told: tuple[str | None, str | None], expected: str
) -> None:
    assert whole(name, kind, *told) == expected


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("t", "postgres", (None, None)),
        ("t", "snowflake", ("d", None)),  # has no schema that it looks in first
        ("e.m.t", "postgres", ("d", "n")),
        ("e.t", "mysql", ("d", None)),
    ],
)
def test_a_name_stays_where_it_is_whole_or_its_schema_is_anybody_s(
    name: str, kind: str, told: tuple[str | None, str | None]
) -> None:
    assert whole(name, kind, *told) == name
