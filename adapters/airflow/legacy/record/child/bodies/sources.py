"""The code base's own files: syntax trees, the functions in them, modules by name, plain texts."""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH100, PTH112, PTH113, PTH118, PTH120, PTH123, PTH202, PTH207

import ast
import functools
import glob
import json
import os
import re
import sys
import types
from typing import Any

import yaml

from ..containment import guard
from ..journal import journal
from ..newer_syntax import parsed
from ..template_files import nearest

WORKERS_OWN = "{{ folder }}"  # where a worker stands
_LARGEST = 1 << 20
_LARGEST_DATA = 256 * 1024
_MOST_FILES = 200
_TEXTS = re.compile(r"\.(sql|hql|ddl|dml|json|ya?ml|toml|ini|cfg|conf|txt|j2|jinja2?)$")


def is_own(file: str) -> bool:
    """Is it a file of the code base?"""
    return file == journal.file or journal.is_user_file(file)


@functools.lru_cache(maxsize=500)
def tree(file: str) -> ast.Module | None:
    """The syntax tree of a file of the code base."""
    text = text_of(file, _LARGEST) if file.endswith(".py") else None
    try:
        return None if text is None else parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@functools.lru_cache(maxsize=500)
def _functions(file: str) -> dict[int, list[Any]]:
    """The functions of a file by the line that their code begins on."""
    found: dict[int, list[Any]] = {}
    parsed = tree(file)
    for node in ast.walk(parsed) if parsed is not None else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found.setdefault(first, []).append(node)
        elif isinstance(node, ast.Lambda):
            found.setdefault(node.lineno, []).append(node)
    return found


def node_of(function: Any) -> Any:
    """The definition of a loaded function; None where it is not the code base's, or unclear."""
    code = function.__code__
    if not is_own(code.co_filename):
        return None
    return _node_of(code.co_filename, code)


@functools.lru_cache(maxsize=2000)  # codes of two files may be equal
def _node_of(_file: str, code: types.CodeType) -> Any:
    return _alone(code) or _in_its_file(code)


@functools.lru_cache(maxsize=500)
def _lines(file: str) -> list[str]:
    return (text_of(file, _LARGEST) or "").splitlines(keepends=True)


def _alone(code: types.CodeType) -> Any:
    """The definition parsed without the rest of its file, which is quicker; else None."""
    first, last = code.co_firstlineno, _last_line(code)
    if code.co_name == "<lambda>" or not last:
        return None
    text = "".join(_lines(code.co_filename)[first - 1 : last])
    is_inside = text[:1].isspace()
    if is_inside and first == 1:
        return None
    before = "\n" * (first - 2) + "if 1:\n" if is_inside else "\n" * (first - 1)
    try:
        (found,) = parsed(before + text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    node = found.body[0] if isinstance(found, ast.If) else found
    return node if getattr(node, "name", None) == code.co_name else None


def _last_line(code: types.CodeType) -> int:
    """The last line of a function; 0 where Python (before 3.11) does not keep it."""
    positions = getattr(code, "co_positions", None)
    if positions is None:
        return 0
    ends = [end for _, end, _, _ in positions() if end is not None]
    ends += [_last_line(each) for each in code.co_consts if isinstance(each, types.CodeType)]
    return max(ends, default=0)


def _in_its_file(code: types.CodeType) -> Any:
    wanted = "" if code.co_name == "<lambda>" else code.co_name
    there = _functions(code.co_filename).get(code.co_firstlineno, [])
    fitting = [node for node in there if getattr(node, "name", "") == wanted]
    return fitting[0] if len(fitting) == 1 else None


def module_file(name: str, beside: str) -> str | None:
    """The file of a module that was not imported, looked for where imports of this file look."""
    inside = name.replace(".", "/")
    folders = [*sys.path, os.path.dirname(beside), *journal.roots]
    for folder in dict.fromkeys(folders):
        for path in (f"{folder}/{inside}.py", f"{folder}/{inside}/__init__.py"):
            is_there = is_own(path) and os.path.isfile(path)
            if is_there and os.path.abspath(path) != beside:
                return os.path.abspath(path)  # no module means itself by what it imports
    return None


def package_folder(name: str) -> str | None:
    """The folder of a package of the code base."""
    inside = name.replace(".", "/")
    folders = (f"{folder.rstrip('/')}/{inside}" for folder in (*journal.roots, *sys.path))
    return next((each for each in folders if is_own(each) and os.path.isdir(each)), None)


def own_path(text: str, beside: str) -> str | None:
    """The file of the code base that a path names, from the root or beside another file; where the
    worker stands may be either.
    """
    text = text.removeprefix(f"{WORKERS_OWN}/")
    if not text or "{{" in text or "\n" in text or "://" in text:
        return None
    if text.startswith("/"):
        there = text if is_own(text) and os.path.isfile(text) else None
        return there or _deployed(text)
    folder = os.path.dirname(beside)
    for place in (folder, *journal.roots):
        path = os.path.normpath(os.path.join(place, text))
        if is_own(path) and os.path.isfile(path):
            return path
    return None


def template(name: str, beside: str) -> str | None:
    """The text of a template that an environment of Jinja is asked for, wherever it looks."""
    path = own_path(name, beside)
    path = path or next((nearest(name, beside, root) for root in journal.roots), None)
    return None if path is None else text_of(path)


def _deployed(path: str) -> str | None:
    """What the code base has for a text of the machine that it is deployed to, such as
    `/opt/airflow/dags/sql/x.sql`: the longest end of the path that is below one of its roots.
    """
    if _TEXTS.search(path) is None:
        return None
    parts = path.strip("/").split("/")
    for start in range(len(parts) - 1):
        end = "/".join(parts[start:])
        for root in journal.roots:
            found = os.path.normpath(os.path.join(root, end))
            if is_own(found) and os.path.isfile(found):
                return found
    return None


def text_of(path: str, largest: int = _LARGEST_DATA) -> str | None:
    """The text of a file of the code base, unless it is large, hidden, or elsewhere in truth."""
    real = os.path.realpath(path)
    if not is_own(path) or not guard.may_read(real):
        return None
    try:
        if os.path.getsize(real) > largest:
            return None
        with open(real, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def decoded(text: str, how: str) -> Any:
    """The value of a JSON or YAML text; None where it has none."""
    try:
        return json.loads(text) if how == "json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        return None


def is_own_place(path: Any) -> bool:
    """Does a path lie in the code base?"""
    return isinstance(path, str) and path.startswith(journal.roots)


def matching(pattern: str) -> list[str]:
    """The files of the code base that a pattern names, in order."""
    if not is_own_place(pattern):
        return []
    found = sorted(path for path in glob.glob(pattern, recursive="**" in pattern) if is_own(path))
    return found[:_MOST_FILES]
