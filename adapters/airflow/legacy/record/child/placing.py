"""Where the code base lies on this machine, taken out of texts: the same code base gives the same
snapshot wherever it is imported.
"""

import functools
import re
from typing import Any

from .journal import journal

_LEAST = 2  # names of a path that no other machine is likely to have for something else


def placed(text: str) -> str:
    """A text with `/{{ folder }}` for the code base's folder, as a template could say it, and
    `/{{ AIRFLOW_HOME }}` for the one above the DAGs' where Airflow would be at home.
    """
    return _said(text, "/{{ %s }}")


def placed_in(value: Any) -> Any:
    """JSON with each of its texts placed, also names."""
    if isinstance(value, str):
        return placed(value)
    if isinstance(value, list):
        return [placed_in(each) for each in value]
    if isinstance(value, dict):
        return {placed(key): placed_in(each) for key, each in value.items()}
    return value


def placed_uris(value: Any) -> Any:
    """URIs as lineage writes them: `file:///{folder}/x.csv`."""
    return [_said(each, "/{%s}") for each in value] if isinstance(value, list) else value


def inside(text: str) -> str:
    """What is said of a file of the code base, with its path from the code base's folder."""
    for root in journal.roots:
        text = text.replace(root, "")
    return text


def _said(text: str, form: str) -> str:
    for name, path in (*(("folder", root[:-1]) for root in journal.roots), *_home(journal.home)):
        if path and path in text:
            text = _whole(path).sub(form % name, text)
    return text


@functools.lru_cache(maxsize=16)
def _whole(path: str) -> "re.Pattern[str]":
    """The path where it is no part of a longer name: not in `s3://lake/repo`, nor `/repo-old`."""
    return re.compile(rf"(?<![\w.}}-]){re.escape(path)}(?![\w.-])")


@functools.lru_cache(maxsize=16)
def _home(path: str) -> tuple[tuple[str, str], ...]:
    """The home, unless other things lie there too."""
    is_own = path.count("/") >= _LEAST and path.rpartition("/")[2] not in ("tmp", "home")
    return (("AIRFLOW_HOME", path),) if is_own else ()
