"""Opening the files of a dbt project: texts within a limit, YAML as a mapping."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_MAX_BYTES = 4 << 20
_MOST_FILES = 50_000
_MOST_VALUES = 1_000_000  # aliases can make a small YAML file a very large value
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as quick, where it is
NOT_ENTERED = frozenset(
    {"dbt_packages", "dbt_modules", "target", "node_modules", "site-packages", "venv"}
)


@dataclass(slots=True)
class Files:
    """The files below a project's folder, and which of them could not be read."""

    folder: Path
    unread: list[str] = field(default_factory=list)

    def below(self, places: Iterable[str], *endings: str) -> Iterator[Path]:
        """Files with one of these endings below any of these folders, each once, by name."""
        found: set[Path] = set()
        for place in places:
            found |= {path for path in walk(self.folder / place) if path.suffix in endings}
        yield from sorted(found)

    def name(self, path: Path) -> str:
        """The file's path in the project."""
        return path.relative_to(self.folder).as_posix()

    def text(self, path: Path) -> str:
        """The file's text; nothing, and a note, where there is none to read."""
        try:
            if path.stat().st_size <= _MAX_BYTES:
                return path.read_text(encoding="utf-8", errors="replace")
            problem = "it has more than 4 MB"
        except OSError as error:
            problem = error.strerror or str(error)
        self.unread.append(f"{self.name(path)}: {problem}")
        return ""

    def mapping(self, path: Path) -> dict[str, Any]:
        """The mapping that a YAML file holds; nothing where it is not there or holds no such."""
        if not path.is_file():
            return {}
        try:
            found = yaml.load(self.text(path), Loader=_LOADER)  # noqa: S506 - it is a safe one
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self.unread.append(f"{self.name(path)}: {str(error).splitlines()[0]}")
            return {}
        if not _is_small(found):
            self.unread.append(f"{self.name(path)}: it holds more than {_MOST_VALUES:,} values")
            return {}
        return found if isinstance(found, dict) else {}


def _is_small(value: object) -> bool:
    """Whether all that a value holds, counted as often as it is held, is within the limit."""
    waiting = [value]
    for _ in range(_MOST_VALUES):
        if not waiting:
            return True
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False


def walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder, without what dbt and other tools put there."""
    left = _MOST_FILES
    for current, inner, names in os.walk(folder):
        inner[:] = sorted(
            name for name in inner if name not in NOT_ENTERED and not name.startswith(".")
        )
        for name in names:
            yield Path(current, name)
        left -= len(names)
        if left <= 0:
            return


def mappings(value: object) -> list[dict[str, Any]]:
    """The mappings of a list; none for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def mapping(value: object) -> dict[str, Any]:
    """The mapping itself; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def words(value: object) -> list[str]:
    """One text or a list of them, as a list."""
    items = value if isinstance(value, list) else [value]
    return [str(one) for one in items if isinstance(one, (str, int)) and str(one)]
