"""Topics, collections, indices, sheets and endpoints that arguments name, by the system that the
argument, a connection or the class is called after.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adapters.airflow.lineage.families.named.arguments import Arguments, Guess
from adapters.airflow.lineage.naming import Kind

_KINDS: tuple[tuple[re.Pattern[str], tuple[tuple[str, str], ...]], ...] = (
    (re.compile(r"(.*?)_?topics?(?:_name)?"), (("kafka", "kafka"),)),
    (re.compile(r"(.*?)_?collection(?:_name)?"), (("mongo", "mongodb"),)),
    (
        re.compile(r"(.*?)_?index(?:_name)?"),
        (("elastic", "elasticsearch"), ("es_conn", "elasticsearch"), ("opensearch", "opensearch")),
    ),
    (re.compile(r"(.*?)_?endpoint"), (("http", "http"), ("api_conn", "http"))),
)
_SHEET = re.compile(r"(.*?)_?(?:spread)?sheet_(?:id|key)")
_DATABASE = re.compile(r"(.*?)_?(?:db|database)(?:_name)?")
_NAME = re.compile(r"[\w./{}$-]+")


def guesses(given: Arguments) -> Iterator[Guess]:
    """Every one that a connection leads to."""
    for pattern, systems in _KINDS:
        for name, _, texts in given.named(pattern):
            found = _system(name, systems, given)
            for text in texts if found else ():
                if found and _NAME.fullmatch(text):
                    scheme, connection = found
                    inside = _inside(text, given) if scheme == "mongodb" else text.lstrip("/")
                    kind: Kind = "web" if scheme == "http" else "table"
                    yield Guess(f"{scheme}://{connection}/{inside}", name, kind)
    for name, _, texts in given.named(_SHEET):
        for text in texts:
            if _NAME.fullmatch(text):
                yield Guess(f"gsheets://{text}/", name, "table")


def _system(
    name: str, systems: tuple[tuple[str, str], ...], given: Arguments
) -> tuple[str, str] | None:
    """Scheme and connection: a connection's argument must be called after the system."""
    for word, scheme in systems:
        for key, connection in given.connections.items():
            if word in key:
                return scheme, connection
        if word in given.name.lower() and len(given.connections) == 1 and scheme != "http":
            return scheme, next(iter(given.connections.values()))
    return None


def _inside(collection: str, given: Arguments) -> str:
    database = next((texts[0] for _, _, texts in given.named(_DATABASE)), None)
    return f"{database}.{collection}" if database else collection
