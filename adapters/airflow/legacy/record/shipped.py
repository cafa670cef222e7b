"""Variables that a code base ships itself: an export beside the DAGs, `variables.json` say."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adapters.airflow.legacy.blanks import has_blank

_MAX_BYTES = 1 << 20
_MAX_DEPTH = 3
PRODUCTION = frozenset({"prod", "production", "prd", "live"})
_PLAIN = re.compile(r"(airflow[-_ ]?)?variables?\.json")
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "tests", "test"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """The values, and how many came from which file, its name relative to the root."""

    values: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)


def shipped_variables(root: Path) -> Shipped:
    """What JSON files named after variables hold, below the root. Where two files have one name
    (`variables_dev.json`, `variables_prod.json`), production's counts, else the plain one
    (`variables.json` before `big_variables.json`), else the first in the order of names. A value
    that is there to be filled in stays open: it is the template of its Variable.
    """
    values: dict[str, object] = {}
    files: dict[str, int] = {}
    for path in sorted(_candidates(root), key=lambda path: _rank(path, root)):
        new = {key: value for key, value in _read(path).items() if key not in values}
        if new:
            values.update(new)
            files[path.relative_to(root).as_posix()] = len(new)
    return Shipped(values=values, files=files)


def _candidates(root: Path) -> Iterator[Path]:
    for current, inner, names in os.walk(root):
        depth = len(Path(current).relative_to(root).parts)
        inner[:] = sorted(
            name
            for name in inner
            if depth < _MAX_DEPTH and not name.startswith(".") and name not in _SKIPPED
        )
        for name in sorted(names):
            if name.endswith(".json") and "variable" in name.lower() and not name.startswith("."):
                yield Path(current, name)


def _rank(path: Path, root: Path) -> tuple[bool, bool]:
    return not _is_of_production(path, root), not _PLAIN.fullmatch(path.name.lower())


def _is_of_production(path: Path, root: Path) -> bool:
    words = re.split(r"[^a-z0-9]+", path.relative_to(root).as_posix().lower())
    return not PRODUCTION.isdisjoint(words)


def _read(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    values = found.items() if isinstance(found, dict) else ()
    return {name: _template(name) if _is_open(each) else each for name, each in values}


def _is_open(value: object) -> bool:
    return isinstance(value, str) and has_blank(value)


def _template(name: str) -> str:
    """What an operator would write for a Variable that nobody knows."""
    return f"{{{{ var.value.{name} }}}}"
