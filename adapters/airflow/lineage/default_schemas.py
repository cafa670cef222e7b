"""Tables that a code base names with the default schema and without it: one dataset, not two."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace
from adapters.airflow.lineage.renaming import renamed
from adapters.airflow.lineage.table_names import DEFAULT_SCHEMAS


def joined(lineage: Mapping[TaskPlace, TaskLineage]) -> dict[TaskPlace, TaskLineage]:
    """The same with `postgres://dwh/public.t` for `postgres://dwh/t`, where both are named and no
    other schema of that connection has a table of that name. What is declared stays.
    """
    refs = [ref for each in lineage.values() for ref in each.datasets]
    declared = {ref.uri for ref in refs if ref.evidence == "declared"}
    named = {ref.uri for ref in refs if "{server}" not in ref.uri}
    longer = {uri: name for uri, name in _longer(named).items() if uri not in declared}
    if not longer:
        return dict(lineage)
    return {place: renamed(each, longer) for place, each in lineage.items()}


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


def _parted(uri: str) -> tuple[str, str]:
    server, _, name = uri.rpartition("/")
    return server, name
