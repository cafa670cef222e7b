"""Dataset URIs: the name of a table or file that systems outside share with us (OpenLineage
naming).

A table is `<scheme>://<authority>/<database.schema.table>`, a file `<scheme>://<bucket>/<path>`.
Where only the name of an Airflow connection is known, the authority is that name and the scheme the
kind of database, `sqlite://flights_warehouse/fct_departures`, so that two tasks that use one
connection
meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from bridge.errors import DefinitionError

_ALIASES = {"postgresql": "postgres", "s3a": "s3", "s3n": "s3", "gcs": "gs"}
_CASE_FOLDED = {"postgres", "mysql", "sqlite", "redshift", "bigquery", "trino", "hive", "duckdb"}
# container@account, where others have a user before the "@"
_CONTAINER_FIRST = {"abfs", "abfss", "wasb", "wasbs"}
_SAFE = "/.-_~{}@$+=:,*"


@dataclass(frozen=True, slots=True)
class DatasetUri:
    """A dataset's URI in its parts; `str` gives the canonical text, equal for equal datasets."""

    scheme: str
    authority: str
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}/{quote(self.path, safe=_SAFE)}"

    @property
    def name(self) -> str:
        """The last word: the table without its schema, or the file's name."""
        last = self.path.rsplit("/", 1)[-1]
        return last.rsplit(".", 1)[-1] if self.scheme in _CASE_FOLDED else last


def canonical(uri: str) -> DatasetUri:
    """The dataset that `uri` names; two spellings of one dataset give equal values.

    Raises DefinitionError where `uri` has no scheme, or a bracket that no address has.
    """
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise DefinitionError(
            f"{uri!r} is no dataset URI: {error}. Write scheme://authority/path."
        ) from None
    if not parts.scheme:
        raise DefinitionError(
            f"{uri!r} is no dataset URI. Write scheme://authority/path, such as s3://lake/orders."
        )
    scheme = _ALIASES.get(parts.scheme.lower(), parts.scheme.lower())
    who, _, authority = parts.netloc.rpartition("@")
    if who and scheme in _CONTAINER_FIRST:
        authority = f"{who.partition(':')[0]}@{authority}"
    # "?" and "#" mean nothing to a store: they are signs of the name
    rest = uri.partition(":")[2].removeprefix("//").removeprefix(parts.netloc)
    path = unquote(rest).strip("/")
    if scheme in _CASE_FOLDED:
        path = path.lower()
    return DatasetUri(scheme, authority, path)


def table(scheme: str, authority: str, name: str) -> DatasetUri:
    """The table `name` (dotted as far as known) of a database."""
    return canonical(f"{scheme}://{authority}/{quote(name, safe=_SAFE)}")
