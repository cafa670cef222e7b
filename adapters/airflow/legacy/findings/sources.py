"""Syntax trees of the files that a rule about source text may have something to say about."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from adapters.airflow.legacy.snapshot import DagSnapshot

_READ = ("recorded", "partial", "loaded", "source")
_MAX_BYTES = 1 << 20
# Most files have neither; reading a tree costs ten times as much as this search.
_WORTH_A_LOOK = re.compile(
    r"passw|pwd|secret|token|credential|_?key\b|://[^/\s]+:[^/\s]+@|AKIA|\d:AA|xox[abp]-|"
    r"gh[pousr]_|PRIVATE KEY|\buuid|\brandom|\bnow\(|\bs?today\(|utcnow",
    re.IGNORECASE,
)


def trees_of(snapshot: DagSnapshot, folder: Path | None = None) -> dict[str, ast.Module]:
    """By file name as the snapshot has it; a file that is no Python 3 is left out.

    The files are in `folder`, where they are not in that of the snapshot.
    """
    folder = folder or Path(snapshot.folder)
    found = {}
    for file in snapshot.files:
        if file.outcome in _READ and (tree := _tree(folder / file.path)) is not None:
            found[file.path] = tree
    return found


def _tree(path: Path) -> ast.Module | None:
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
        return ast.parse(text) if _WORTH_A_LOOK.search(text) else None
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # the recorder has said so
