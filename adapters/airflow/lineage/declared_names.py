"""One name for a table that a task declares, and that its code names by an address which only the
run knows: the declared one, in all tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from adapters.airflow.legacy.datasets import DatasetRef, TaskLineage, TaskPlace
from adapters.airflow.lineage.renaming import renamed

_FILES = frozenset(
    ("file", "s3", "gs", "wasbs", "abfss", "hdfs", "sftp", "ftp", "ssh", "http", "https")
)


def as_declared(found: Mapping[TaskPlace, TaskLineage]) -> dict[TaskPlace, TaskLineage]:
    """All lineage, with such tables by their declared names.

    `sqlite://{folder}/x.db/orders` in the code of a task that declares `dwh://sales/orders`, and no
    other table of that name, is that one; where two tasks would have it be two, it stays.
    """
    meant: dict[str, set[str]] = {}
    for lineage in found.values():
        for ref in lineage.datasets:
            if ref.evidence != "declared" and _is_open(ref.uri):
                same = _declared_as(ref, lineage)
                if len(same) == 1:
                    meant.setdefault(ref.uri, set()).update(same)
    names = {uri: one for uri, (one, *more) in meant.items() if not more}
    return {place: renamed(lineage, names) for place, lineage in found.items()}


def _declared_as(ref: DatasetRef, lineage: TaskLineage) -> set[str]:
    return {
        one.uri
        for one in lineage.datasets
        if one.evidence == "declared"
        and one.direction == ref.direction
        and _last(one.uri) == _last(ref.uri)
        and not _is_file(one.uri)
    }


def _is_open(uri: str) -> bool:
    """A table at an address with a part that only the run knows."""
    return "{" in uri.rpartition("/")[0] and not _is_file(uri)


def _is_file(uri: str) -> bool:
    return urlsplit(uri).scheme in _FILES


def _last(uri: str) -> str:
    return uri.rpartition("/")[2].rpartition(".")[2].lower()
