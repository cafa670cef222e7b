"""Which database a module speaks to, by what it imports: dialects of SQLAlchemy, drivers."""

import functools
import re
from collections.abc import Iterable, Iterator

from ..drivers import OF_SERVERS
from . import sources

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)|import[ \t]+([^\n#]*))",
    re.MULTILINE,
)
_NAME = re.compile(r"(\.*\w[\w.]*)(?:\s+as\s+\w+)?\s*(?:,|$)")
_DIALECTS = "sqlalchemy.dialects."
_LARGEST = 1 << 20
_MOST_MODULES = 50


def told(files: Iterable[str]) -> dict[str, list[str]]:
    """The `dialects` and `drivers` of the first file that imports some, else of the modules of the
    code base that these files import.
    """
    files = list(dict.fromkeys(files))
    beyond = [other for file in files for other in _own_modules(file)]
    found: dict[str, list[str]] = {}
    for kind, of_file in (("dialects", _dialects), ("drivers", _drivers)):
        for among in (*([file] for file in files), beyond):
            names = {name for file in among for name in of_file(file)}
            if names:
                found[kind] = sorted(names)
                break
    return found


@functools.lru_cache(maxsize=500)
def _modules(file: str) -> tuple[str, ...]:
    """The modules that a file imports, and the names it imports of them as if they were modules."""
    text = sources.text_of(file, _LARGEST) or ""
    return tuple(dict.fromkeys(_named(text)))


def _named(text: str) -> Iterator[str]:
    for found in _IMPORT.finditer(text):
        parent, names, plain = found.groups()
        if parent is None:
            yield from _NAME.findall(plain.strip())
            continue
        yield parent
        dot = "" if parent.endswith(".") else "."
        yield from (f"{parent}{dot}{each}" for each in _NAME.findall(names.strip("() \t\n")))


def _dialects(file: str) -> set[str]:
    return {
        name.removeprefix(_DIALECTS).partition(".")[0]
        for name in _modules(file)
        if name.startswith(_DIALECTS)
    }


def _drivers(file: str) -> set[str]:
    return {name.partition(".")[0] for name in _modules(file)} & OF_SERVERS


@functools.lru_cache(maxsize=500)
def _own_modules(file: str) -> tuple[str, ...]:
    """The files of the code base among the modules that a file imports."""
    found = (_own_module(name, file) for name in _modules(file)[:_MOST_MODULES])
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _own_module(name: str, file: str) -> str | None:
    inside = name.lstrip(".")
    if not name.startswith("."):
        return sources.module_file(name, file)
    folder = file
    for _ in range(len(name) - len(inside)):
        folder = folder.rpartition("/")[0]
    return next(
        (
            path
            for path in (
                f"{folder}/{inside.replace('.', '/')}.py",
                f"{folder}/{inside}/__init__.py",
            )
            if inside and sources.text_of(path, _LARGEST) is not None
        ),
        None,
    )
