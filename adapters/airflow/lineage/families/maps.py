"""Programs for maps: between files of shapes and rasters, and the tables of PostGIS."""

from __future__ import annotations

import re
from collections.abc import Callable

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.legacy.record.child.shell import Command
from adapters.airflow.lineage.families.client_servers import connected
from adapters.airflow.lineage.families.command_words import (
    SHOWN,
    Found,
    Query,
    Touch,
    copied,
    option,
    place,
    plain,
    touch,
)
from adapters.airflow.lineage.table_names import whole

_OGR_FLAGS = frozenset(
    ("-overwrite", "-append", "-update", "-upsert", "-skipfailures", "-progress", "-makevalid")
)
_FLAGS = frozenset(("-overwrite", "-q", "-quiet", "-separate", "-multi", "-v", "-strict", "-stats"))
_LOADERS = ("shp2pgsql", "raster2pgsql")
_TABLE = re.compile(r"[A-Za-z_{][\w{}]*(\.[A-Za-z_{][\w{}]*)?")
_PACKED = ("/vsizip/", "/vsigzip/", "/vsitar/")


def ogr2ogr(command: Command) -> Found:
    """The target comes first; `PG:host=h dbname=gis` is a database, whose layers are tables."""
    words = plain(command.words[1:], _OGR_FLAGS)
    if len(words) < 2:  # noqa: PLR2004 - to and from
        return []
    target, source, *layers = words
    asked = option(command.words, "-sql")
    return [
        *_side(source, "read", layers[0] if layers else None, asked),
        *_side(target, "write", option(command.words, "-nln"), None),
    ]


def _side(word: str, side: Direction, table: str | None, sql: str | None) -> Found:
    if not word.startswith("PG:"):
        packed = next((each for each in _PACKED if word.startswith(each)), "")
        return list(touch(word.removeprefix(packed), side, SHOWN))
    given: dict[str, str] = dict(re.findall(r"(\w+)=['\"]?([\w.{}-]+)", word))
    database, host = given.get("dbname"), given.get("host")
    server, inside = (host, database) if host and database else (database or host, None)
    if host and given.get("port", "").isdigit():
        server = f"{host}:{given['port']}"
    if server is None:
        return []
    if sql is not None:
        return [Query("postgres", server, text=sql, inside=inside)]
    name = table and whole(table, "postgres", inside, given.get("active_schema"))
    return [Touch(f"postgres://{server}/{name}", side)] if name else []


def first_file(command: Command) -> Found:
    """`shp2pgsql /in/a.shp m.a`: it prints SQL."""
    words = [word for word in command.words[1:] if word.startswith("/")]
    return list(touch(words[0], "read", SHOWN)) if words else []


def loaded(command: Command) -> Found:
    """The table of `shp2pgsql /in/a.shp m.a | psql -d gis`, of the client behind the pipe."""
    name, *words = command.piped or ("",)
    at = [n for n, word in enumerate(words) if "/" in word or ("." in word and place(word))]
    table = words[at[-1] + 1] if name in _LOADERS and at and at[-1] + 1 < len(words) else None
    if table is None and name in _LOADERS and words and _TABLE.fullmatch(words[-1]):
        table = words[-1]
    if table is None or not _TABLE.fullmatch(table):
        return []
    server, inside = connected(command, "postgres", ("-d", "--dbname"))
    return [Touch(f"postgres://{server}/{whole(table, 'postgres', inside)}", "write")]


def _rasters(
    *, target_first: bool = False, out: tuple[str, ...] = ()
) -> Callable[[Command], Found]:
    """A program of GDAL: sources, then the target, unless it is first or has an option."""

    def read(command: Command) -> Found:
        target = option(command.words, *out) if out else None
        words = [word for word in plain(command.words[1:], _FLAGS) if place(word) is not None]
        if target is not None:
            return copied([*words, target], SHOWN)
        return copied([*words[1:], *words[:1]] if target_first else words, SHOWN)

    return read


MAPS: dict[str, Callable[[Command], Found]] = {
    "ogr2ogr": ogr2ogr,
    **dict.fromkeys(_LOADERS, first_file),
    **dict.fromkeys(("gdal_translate", "gdalwarp", "gdal_rasterize", "gdaldem"), _rasters()),
    "gdalbuildvrt": _rasters(target_first=True),
    **dict.fromkeys(("gdal_merge.py", "gdal_merge"), _rasters(out=("-o",))),
}
