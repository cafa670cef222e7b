"""Which file of the code base a path on another machine means."""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH100, PTH119, PTH122

from __future__ import annotations

import os
import re

from .. import template_files
from ..journal import journal
from . import sources

_SCHEME = re.compile(r"[a-z][a-z0-9+]*:/+(?:[^/]+@)?")
_UNKNOWN = re.compile(r"\}+|\$\w+|~")
# So many repositories have one that a name alone says nothing.
_ANYWHERE = frozenset(
    "__init__ __main__ main app run cli setup manage config test script job task etl index".split()  # noqa: SIM905
)


def is_common(name: str) -> bool:
    """Whether so many code bases have a script of that name that it says nothing."""
    return os.path.splitext(os.path.basename(name))[0].lower() in _ANYWHERE


def located(name: str, folder: str | None, beside: str) -> tuple[str | None, bool]:
    """(the file of the code base that a name on another machine means, is it more than a name)."""
    is_elsewhere = _SCHEME.match(name) is not None and not name.startswith(("file:", "local:"))
    own = None if is_elsewhere else sources.own_path(name, beside)
    if own is not None:
        return own, True
    whole = f"{folder}/{name}" if folder and not name.startswith("/") else name
    last = _UNKNOWN.split(_SCHEME.sub("/", whole))[-1]
    known = [part for part in last.split("/") if part not in ("", ".", "..")]
    root = next((each for each in journal.roots if beside.startswith(each)), None)
    if root is None or not known:
        return None, False
    for start in range(len(known)):
        is_named = start == len(known) - 1
        if is_named and is_common(known[-1]):
            break
        end = "/".join(known[start:])
        path = template_files.nearest(end, beside, root.rstrip("/"), alone=is_named)
        if path is not None and path != beside and sources.is_own(path):
            return os.path.abspath(path), not is_named
    return None, False
