"""Tables that arguments name, and the server that each is on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.lineage.context import (
    UNKNOWN_DATABASE,
    connection_of,
    database_named,
)
from adapters.airflow.lineage.families.named.arguments import Arguments, Guess
from adapters.airflow.lineage.naming import direction_named, is_no_place, sides_of, words_of
from bridge.uris import table

_TABLE = re.compile(r"[\w$-]+([.:][\w$-]+){0,3}")
_TABLE_NAME = re.compile(r"(.*?)_?(?:tables?|view)(_name|_id)?")
_OUTER = ("schema", "schema_name", "dataset", "dataset_id", "database")
_GOOGLE = ("gcp_conn_id", "google_cloud_conn_id", "bigquery_conn_id", "bq_conn_id")


def guesses(given: Arguments) -> Iterator[Guess]:
    """Every table, with its schema."""
    for name, begins, texts in given.named(_TABLE_NAME):
        if is_no_place(name, "table"):
            continue
        for text in texts:
            if _TABLE.fullmatch(text):
                yield Guess(_table(text, name, begins, given), name, "table")


def _table(text: str, name: str, begins: str, given: Arguments) -> str:
    scheme, authority = server(name, begins, given)
    if scheme == "bigquery":
        text, authority = text.replace(":", ".", 1).partition("$")[0], "default"
    for outer in _OUTER:
        if "." not in text:
            inside = given.texts.get(f"{begins}_{outer}") or given.texts.get(outer) or ()
            text = f"{inside[0]}.{text}" if len(inside) == 1 else text
    return str(table(scheme, authority, text))


def server(name: str, begins: str, given: Arguments) -> tuple[str, str]:
    """Kind and connection of the database that an argument is about."""
    connections = given.connections
    said = direction_named(name)
    kind = database_named(name) or _of_side(said, given)
    for key, connection in connections.items():
        own = database_named(key)
        if kind is not None and own is not None and own != kind:
            continue
        same_way = said is not None and direction_named(key) == said
        if (begins and key.startswith(begins)) or same_way or (kind and own == kind):
            known = given.context.schemes.get(connection, UNKNOWN_DATABASE)
            return kind or own or known, connection
    if kind == "bigquery" or (kind is None and _is_bigquery(given)):
        return "bigquery", "default"
    only = connection_of(given.task)
    own = next((database_named(key) for key, each in connections.items() if each == only), None)
    if kind is not None and own is not None and own != kind:
        only, own = None, None
    scheme = kind or own or given.context.scheme(given.task, only)
    if scheme == UNKNOWN_DATABASE and "dataset" in " ".join(given.texts):
        scheme = "bigquery"
    return scheme, only or "default"


def _of_side(said: Direction | None, given: Arguments) -> str | None:
    """The database on the side of `…To…` in the class's name that the argument is about."""
    sides = sides_of(given.name)
    if said is None or sides is None:
        return None
    side = sides[0 if said == "read" else 1]
    return "bigquery" if side in ("bq", "bigquery") else database_named(side)


def _is_bigquery(given: Arguments) -> bool:
    return "bq" in words_of(given.name) or not given.texts.keys().isdisjoint(_GOOGLE)
