"""What the words in the names of arguments and classes say: whether something is read or written,
and what kind of place it is.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from adapters.airflow.legacy.datasets import Direction

Kind: TypeAlias = Literal["object", "file", "table", "web"]
KINDS: tuple[Kind, ...] = ("object", "file", "table", "web")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_READ = frozenset(
    "source sources src from input inputs in origin read upstream old".split()  # noqa: SIM905
)
_WRITE = frozenset(
    """
    destination dest dst target tgt output outputs out to sink write save result results new
    """.split()  # noqa: SIM905
)
# Places of code, keys, messages and scratch work: no data.
_NO_PLACE = frozenset(
    """
    jar jars script scripts code log logs logging tmp temp temporary image executable application
    template templates docs webhook callback host base proxy kms api access secret primary
    partition partitioning sort unique upsert encryption encrypt merge join foreign private public
    ssh xcom dag task py package packages library libraries requirements config configuration
    conf bootstrap release binary credentials cert certificate ca notebook dockerfile keyfile
    subject message html command cmd entrypoint working checkpoint arn git repo scopes
    """.split()  # noqa: SIM905
)
_VERBS: tuple[tuple[frozenset[str], dict[Kind, Direction]], ...] = (
    (
        frozenset(
            """
            sensor check read get list wait validate validation fetch monitor quality count
            """.split()  # noqa: SIM905
        ),
        dict.fromkeys(KINDS, "read"),
    ),
    (
        frozenset(
            """
            create insert write save put store publish generate truncate upsert refresh
            """.split()  # noqa: SIM905
        ),
        dict.fromkeys(KINDS, "write"),
    ),
    (
        frozenset(("load", "import", "ingest", "stage", "copy", "index")),
        {"object": "read", "file": "read", "web": "read", "table": "write"},
    ),
    (
        frozenset(("export", "unload", "dump", "extract")),
        {"object": "write", "file": "write", "web": "read", "table": "read"},
    ),
    (
        frozenset(("upload",)),
        {"object": "write", "file": "read", "web": "read", "table": "write"},
    ),
    (
        frozenset(("download",)),
        {"object": "read", "file": "write", "web": "read", "table": "read"},
    ),
)
_OF_KIND: dict[Kind, tuple[str, ...]] = {
    "object": ("s3", "gcs", "gs", "blob", "wasb", "adls", "oss", "storage", "bucket"),
    "file": ("local", "file", "disk"),
    "table": ("sql", "table", "db", "database", "warehouse", "bq"),
    "web": ("http", "api", "url", "web"),
}


def words_of(name: str) -> list[str]:
    """`source_s3Key` is source, s, 3, key; in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def is_no_place(name: str, kind: Kind = "object") -> bool:
    """Whether an argument of that name is about code, keys or messages; a staging table is data, a
    staging bucket is not.
    """
    words = words_of(name)
    return not _NO_PLACE.isdisjoint(words) or (kind != "table" and "staging" in words)


def direction_named(name: str) -> Direction | None:
    """What an argument's own name says; None where it says nothing, or both."""
    words = words_of(name)
    reads, writes = not _READ.isdisjoint(words), not _WRITE.isdisjoint(words)
    if reads == writes:
        return None
    return "read" if reads else "write"


def direction_of_class(name: str, kind: Kind, scheme: str) -> Direction | None:
    """What a class such as `LoadToHive` or `MsSqlToS3Operator` does to a place of that kind."""
    words = words_of(name)
    moved = _moved(words, kind, scheme)
    if moved is not None:
        return moved
    return next((deed[kind] for verbs, deed in _VERBS if not verbs.isdisjoint(words)), None)


def _moved(words: list[str], kind: Kind, scheme: str) -> Direction | None:
    """The side of `…To…` that names the place, where only one does."""
    sides = _sides(words)
    if sides is None:
        return None
    for said in ((scheme,), _OF_KIND[kind]):
        first, second = (any(word in side for word in said) for side in sides)
        if first != second:
            return "read" if first else "write"
    return None


def sides_of(name: str) -> tuple[str, str] | None:
    """`postgres` and `bigquery` of `PostgresToBigQueryOperator`; None for any other class."""
    return _sides([word for word in words_of(name) if word not in ("operator", "transfer")])


def _sides(words: list[str]) -> tuple[str, str] | None:
    if "to" not in words:
        return None
    at = words.index("to")
    return "".join(words[:at]), "".join(words[at + 1 :])
