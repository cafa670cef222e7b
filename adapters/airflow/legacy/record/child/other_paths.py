"""Files that code names by a path of the machine it is deployed to (`/opt/airflow/dags/x.yml`), and
where the code base has them.
"""

# Plain os: the user's code may have changed pathlib.
# ruff: noqa: PTH118, PTH120

import builtins
import errno
import importlib.machinery
import importlib.util
import io
import os
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

from .containment import guard, is_there
from .journal import journal

_BEFORE = ("airflow", "dags")  # a part of a path that has one of these is where Airflow's files are


def found_here(path: str, place: tuple[str, int] | None = None) -> str:
    """The path, or what the code base has in its place: the longest end of it that is below the DAG
    folder, the root, or a folder that the DAG file is below.
    """
    if is_there(path):
        return path
    parts = path.replace("\\", "/").strip("/").split("/")
    ends = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((found for end in ends if (found := _below(end, path, place))), path)


def dags_folder() -> str:
    """The folder Airflow reads DAGs from, as far as it is on this machine."""
    given = os.environ.get("AIRFLOW__CORE__DAGS_FOLDER", "")
    if is_there(given):
        return given
    return journal.roots[0].rstrip("/") if journal.roots else "."


def look_here_too() -> None:
    """From here on, what reads a file or lists a folder that is not on this machine reads the one
    of the code base: by a path in what looks like Airflow's own folders, or by a relative one,
    since a worker may stand in any of them; so does what makes a module of a file. Another path
    that is missing stays missing.
    """
    of_pathlib = getattr(pathlib, "_normal_accessor", None)  # Python 3.10 keeps its own
    places = ((os, "stat"), (os, "listdir"), (os, "scandir"), (io, "open"), (builtins, "open"))
    for module, name in places:
        replaced = _second_try(getattr(module, name))
        setattr(module, name, replaced)
        if of_pathlib is not None:
            setattr(of_pathlib, name, replaced)
    importlib.util.spec_from_file_location = _placed(importlib.util.spec_from_file_location)
    loader = importlib.machinery.SourceFileLoader
    setattr(loader, "__init__", _placed_module(loader.__init__))  # noqa: B010 - a replacement


def _placed(real: Callable[..., Any]) -> Callable[..., Any]:
    def call(name: str, location: Any = None, *args: Any, **kwargs: Any) -> Any:
        return real(name, _here_if_missing(location), *args, **kwargs)

    return call


def _placed_module(real: Callable[..., Any]) -> Callable[..., Any]:
    def begun(self: Any, fullname: str, path: Any) -> None:
        real(self, fullname, _here_if_missing(path))

    return begun


def _here_if_missing(path: Any) -> Any:
    if path is None or is_there(os.fspath(path)):
        return path
    return _in_its_place(path) or path


def _second_try(real: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
        try:
            return real(path, *args, **kwargs)
        except OSError as error:
            here = _in_its_place(path) if error.errno in (errno.ENOENT, errno.ENOTDIR) else None
            if here is None:
                raise
            return real(here, *args, **kwargs)

    return call


def _in_its_place(path: Any) -> str | None:
    """The path of the code base that stands for it, while the user's code runs."""
    text = os.fspath(path) if isinstance(path, (str, os.PathLike)) and guard.armed else None
    if not isinstance(text, str) or not text or text.startswith(journal.roots):
        return None
    if not text.startswith("/"):
        return _below(text, text, None)
    folders = text.lower().split("/")[:-1]
    if not any(word in each for each in folders for word in _BEFORE):
        return None
    found = found_here(text)
    return None if found == text else found


def _below(end: str, path: str, place: tuple[str, int] | None) -> str | None:
    if any(part.startswith(".") for part in os.path.normpath(end).split("/")):
        return None  # what is hidden, and what is above the code base
    around = _folders_around(journal.file) if "/" in end else ()
    for root in (dags_folder(), *journal.roots, *around):
        candidate = os.path.join(root, end)
        if is_there(candidate):
            message = f"{path} is not here; {end} of the code base is taken"
            journal.note("info", "assumed_path", message, place=place)
            return candidate
    return None


def _folders_around(file: str) -> Iterator[str]:
    """The folders of the code base that a file is in, nearest first: it may have several projects,
    each with a root of its own.
    """
    folder = os.path.dirname(file)
    while folder.startswith(journal.roots):
        yield folder
        folder = os.path.dirname(folder)
