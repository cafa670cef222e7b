"""Files that no one would call data: logs, locks, and code that a task reads to know what to do."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from adapters.airflow.legacy.datasets import Direction

_FOLDERS = frozenset(("log", "logs", "dev", "proc", "run"))
# What the recorder gives a file as its home and for temporary files.
_SCRATCH = "/tmp/bridge-record/"  # noqa: S108 - a name that it writes, not a place
_KEPT = frozenset(("lock", "log", "pid", "sock"))
_CODE = frozenset(
    """
    cfg conf cql ddl dml env hql ini j2 jar jinja jinja2 pem pig py pyc sh sql toml whl yaml yml
    """.split()  # noqa: SIM905
)


def is_housekeeping(uri: str, direction: Direction = "read") -> bool:
    """Whether a URI names such a file, on a disk or in a bucket. SQL that is written is a dump."""
    parts = urlsplit(uri)
    path = PurePosixPath(parts.path)
    ending = path.suffix.lower().lstrip(".")
    if parts.scheme in ("file", "s3", "gs", "wasbs", "abfss", "hdfs", "sftp", "ftp", "ssh"):
        is_logged = parts.scheme == "file" and not _FOLDERS.isdisjoint(path.parts[:-1])
        is_code = ending in _CODE and (direction == "read" or ending != "sql")
        return is_code or ending in _KEPT or is_logged or parts.path.startswith(_SCRATCH)
    return False
