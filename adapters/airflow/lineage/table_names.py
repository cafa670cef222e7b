"""The whole name of a table, by what else is known of the database that it stands in."""

from __future__ import annotations

DEFAULT_SCHEMAS = {"postgres": "public", "redshift": "public", "mssql": "dbo"}
# A database of these holds tables, of the others schemas.
_OF_TABLES = frozenset(("mysql", "hive", "clickhouse", "impala", "awsathena"))
# The hooks of these call their database `schema`, as Airflow's connections do.
_CALLED_SCHEMA = frozenset(("postgres", "mysql", "mssql", "redshift"))


def whole(name: str, kind: str, database: str | None, schema: str | None = None) -> str:
    """`shop.public.orders` for `orders`, where Postgres was told the database `shop`.

    A schema that is not told is the one that this kind of database looks in first; where it has
    none, the database does not say whose table it is and stays away.
    """
    parts = name.split(".")
    inside = 1 if kind in _OF_TABLES else 2
    if len(parts) == 1 and database and inside > 1:
        schema = schema or DEFAULT_SCHEMAS.get(kind)
    if len(parts) == 1 and schema:
        parts = [schema, *parts]
    if len(parts) == inside and database:
        parts = [database, *parts]
    return ".".join(parts)


def of_hook(kind: str, database: str | None, schema: str | None) -> tuple[str | None, str | None]:
    """(database, schema) of what a hook of Airflow was given by these names."""
    if kind in _CALLED_SCHEMA:
        return database or schema, None
    return (None, None) if kind == "sql" else (database, schema)
