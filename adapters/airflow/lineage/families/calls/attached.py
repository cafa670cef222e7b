"""Names in the SQL of DuckDB and SQLite that stand for something else than their own tables: other
databases, which SQL attaches under a name, and data frames of the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.legacy.snapshot import Call
from adapters.airflow.lineage.families.calls.connecting import (
    IN_FILES,
    Server,
    of_address,
    of_driver,
)
from adapters.airflow.lineage.table_names import whole

_ATTACH = re.compile(
    r"\bATTACH\s+(?:OR\s+REPLACE\s+)?(?:DATABASE\s+)?(?:IF\s+NOT\s+EXISTS\s+)?"
    r"'([^']+)'(?:\s+AS\s+(\w+))?(?:\s*\(([^)]*)\))?",
    re.IGNORECASE,
)
_TYPE = re.compile(r"\bTYPE\s+(\w+)", re.IGNORECASE)
_KINDS = {"postgres": "postgres", "mysql": "mysql", "sqlite": "sqlite", "duckdb": "duckdb"}
_OWN_SCHEMA = "main."


def attached(sql: str, kind: str) -> dict[str, Server]:
    """The databases that statements attach to one of this kind, by their names there."""
    found: dict[str, Server] = {}
    for place, name, options in _ATTACH.findall(sql) if kind in IN_FILES else ():
        asked = _TYPE.search(options)
        of_kind = _KINDS.get(asked[1].lower()) if asked else kind
        alias = name or place.rpartition("/")[2].partition(".")[0]
        if of_kind is not None and ":" not in place.partition("://")[0]:
            found[alias.lower()] = _server(of_kind, place)
    return found


def _server(kind: str, place: str) -> Server:
    if kind not in IN_FILES and "://" in place:
        return of_address(kind, place.partition("://")[2])
    connect = Call(name="connect", arguments=(place,))
    return of_driver(connect, kind, lambda value: value if isinstance(value, str) else None)


def in_its_place(
    ref: DatasetRef, servers: Mapping[str, Server], shown: Callable[[str], str]
) -> DatasetRef:
    """`postgres://h/shop.public.t` for `duckdb://x.db/pg.public.t`, where `pg` is that database."""

    def renamed(uri: str) -> str:
        place, _, name = uri.rpartition("/")
        alias, dot, table = name.partition(".")
        server = servers.get(alias.lower()) if dot and place.startswith(_OF_FILES) else None
        if server is None:
            return uri
        if server.kind in IN_FILES:
            table = table.removeprefix(_OWN_SCHEMA)
        named = whole(table, server.kind, server.database, server.schema)
        return f"{server.kind}://{shown(server.name)}/{named}"

    sources = ref.derived_from and tuple(map(renamed, ref.derived_from))
    return replace(ref, uri=renamed(ref.uri), derived_from=sources)


def without_frames(refs: list[DatasetRef], call: Call) -> list[DatasetRef]:
    """Without what SQL calls by the name of a data frame of the code."""
    frames = {name.lower() for name in call.frames}

    def is_frame(uri: str) -> bool:
        return uri.rpartition("/")[2].lower() in frames and not uri.startswith("file:")

    return [
        replace(ref, derived_from=tuple(one for one in ref.derived_from if not is_frame(one)))
        if ref.derived_from
        else ref
        for ref in refs
        if ref.direction == "write" or not is_frame(ref.uri)
    ]


_OF_FILES = tuple(f"{kind}://" for kind in IN_FILES)
