"""Which file a template's name means: where Airflow looks, else the nearest of the code base."""

# Plain os.path: the user's code may have changed pathlib.
# ruff: noqa: PTH113, PTH118

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator, Sequence

from .other_paths import found_here

_MOST_FILES = 50_000
_SCRIPT = re.compile(r"(?:^|(?<=[\s'\"=<@;(]))([\w./${}~-]+\.(?:sql|hql|ddl|sh|bash))(?![\w.])")
_UNKNOWN = re.compile(r"\}+|\$\w+|~")  # what comes before is known on the other machine only


def as_airflow_finds(name: str, folders: Sequence[str]) -> str | None:
    """The first folder's file of that name; a name may be a whole path too."""
    for folder in folders:
        path = os.path.join(folder, name.lstrip("/"))
        if os.path.isfile(path):
            return path
    return name if os.path.isfile(name) else None


def named_in(command: str) -> list[str]:
    """The SQL files and scripts that a command names: `psql -f load.sql`, `bash run.sh`."""
    return _SCRIPT.findall(command) if " " in command.strip() else []


def of_another_machine(name: str, dag_file: str, root: str) -> str | None:
    """The file of the code base that `/opt/airflow/dags/sql/x.sql` or `$HOME/sql/x.sql` names."""
    known = [part for part in _UNKNOWN.split(name)[-1].split("/") if part not in ("", ".", "..")]
    path = found_here("/" + "/".join(known))
    if os.path.isfile(path):
        return path
    ends = ("/".join(known[start:]) for start in range(len(known)))
    return next((found for end in ends if (found := nearest(end, dag_file, root))), None)


def nearest(name: str, dag_file: str, root: str, *, alone: bool = False) -> str | None:
    """The file below `root` whose path ends in `name` and begins most like the DAG file's; None
    where two are equally near, so that nothing is guessed. `alone`: only if there is no other.
    """
    ending = os.sep + name.lstrip("/")
    shared = [
        (len(os.path.commonpath([path, dag_file])), path)
        for path in _files(root)
        if path.endswith(ending)
    ]
    if alone and len(shared) > 1:
        return None
    most = max((length for length, _ in shared), default=0)
    best = [path for length, path in shared if length == most]
    return best[0] if len(best) == 1 else None


@functools.lru_cache(maxsize=4)
def _files(root: str) -> list[str]:
    return list(_walked(root))


def _walked(root: str) -> Iterator[str]:
    left = _MOST_FILES
    for folder, below, names in os.walk(root):
        below[:] = [each for each in below if not each.startswith((".", "__pycache__"))]
        for name in names:
            yield os.path.join(folder, name)
        left -= len(names)
        if left <= 0:
            return
