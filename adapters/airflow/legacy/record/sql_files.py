"""The SQL files of a code base that define a function, a procedure or a materialized view which
tasks name.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import JsonValue

from adapters.airflow.legacy.snapshot import Dag, TemplateFile

_MAX_BYTES = 256 * 1024
_MOST_FILES = 5_000
_ENDINGS = (".sql", ".ddl", ".pgsql", ".psql", ".prc", ".fnc")
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "venv"})
_DEFINED = re.compile(
    r"\bCREATE\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?(?:\w+\s+){0,2}?"
    r"(?:FUNCTION|PROCEDURE|PROC|MATERIALIZED\s+VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:[\w\"`\[\]]+\.)*"
    r"[\"`\[]?(\w+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")


def definitions(root: Path, dags: Iterable[Dag]) -> tuple[TemplateFile, ...]:
    """The files that define what the tasks' SQL names, and what these definitions name in turn;
    paths are relative to `root`.
    """
    texts = dict(_files(root))
    by_name: dict[str, set[str]] = {}
    for path, text in texts.items():
        for name in _DEFINED.findall(text):
            by_name.setdefault(name.lower(), set()).add(path)
    taken: set[str] = set()
    named = {word for dag in dags for text in _texts(dag) for word in _words(text)}
    while named:
        new = {path for name in named & by_name.keys() for path in by_name[name]} - taken
        taken |= new
        named = {word for path in new for word in _words(texts[path])}
    return tuple(TemplateFile(path=path, text=texts[path]) for path in sorted(taken))


def _files(root: Path) -> Iterator[tuple[str, str]]:
    left = _MOST_FILES
    for folder, below, names in os.walk(root):
        below[:] = sorted(n for n in below if n not in _SKIPPED and not n.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.endswith(_ENDINGS) or path.stat().st_size > _MAX_BYTES:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            if _DEFINED.search(text):
                yield path.relative_to(root).as_posix(), text
            left -= 1
            if left <= 0:
                return


def _texts(dag: Dag) -> Iterator[str]:
    yield from (file.text for file in dag.templates.values() if file.text)
    for task in dag.tasks:
        yield from _strings(task.arguments)
        for call in (*task.calls, *(call for each in task.scripts for call in each.calls)):
            yield from _strings([*call.arguments, *call.named.values()])


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}
