"""Tables that a code base names with and without the default schema, or the only database that a
connection leads to: one dataset, not two.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace
from adapters.airflow.lineage.renaming import renamed
from adapters.airflow.lineage.table_names import DEFAULT_SCHEMAS
from bridge.capabilities import ConnectionAddress


def joined(
    lineage: Mapping[TaskPlace, TaskLineage], connections: Mapping[str, ConnectionAddress]
) -> dict[TaskPlace, TaskLineage]:
    """The same with `postgres://dwh/public.t` for `postgres://dwh/t`, where both are named and no
    other schema of that connection has a table of that name; and for `postgres://dwh/shop.public.t`
    where no other database is named there, nor told of the connection. What is declared stays.
    """
    refs = [ref for each in lineage.values() for ref in each.datasets]
    declared = {ref.uri for ref in refs if ref.evidence == "declared"}
    named = {ref.uri for ref in refs if "{server}" not in ref.uri}
    told = {f"postgres://{name}" for name, each in connections.items() if each.database}
    others = {**_longer(named), **_shorter(named, told)}
    others = {uri: name for uri, name in others.items() if uri not in declared}
    if not others:
        return dict(lineage)
    return {place: renamed(each, others) for place, each in lineage.items()}


def _longer(named: set[str]) -> dict[str, str]:
    schemas: dict[tuple[str, str], set[str]] = {}
    for uri in named:
        server, name = _parted(uri)
        schema, dot, table = name.partition(".")
        if dot and "." not in table:
            schemas.setdefault((server, table), set()).add(schema)
    found: dict[str, str] = {}
    for uri in named:
        server, name = _parted(uri)
        default = DEFAULT_SCHEMAS.get(uri.partition("://")[0])
        if default and "." not in name and schemas.get((server, name)) == {default}:
            found[uri] = f"{server}/{default}.{name}"
    return found


def _shorter(named: set[str], told: set[str]) -> dict[str, str]:
    """Names with a database, by those without: one connection to PostgreSQL sees one database."""
    databases: dict[str, set[str]] = {}
    short: dict[str, str] = {}
    for uri in named:
        server, name = _parted(uri)
        database, _, rest = name.partition(".")
        is_open = server.startswith("postgres://") and server not in told
        if is_open and rest.count(".") == 1:
            databases.setdefault(server, set()).add(database)
            if f"{server}/{rest}" in named:
                short[uri] = f"{server}/{rest}"
    return {uri: name for uri, name in short.items() if len(databases[_parted(uri)[0]]) == 1}


def _parted(uri: str) -> tuple[str, str]:
    server, _, name = uri.rpartition("/")
    return server, name
