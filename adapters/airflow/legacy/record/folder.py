"""Which files of a folder are DAG files, as Airflow decides it, and which folders belong on their
path.
"""

import fnmatch
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from adapters.airflow.legacy.snapshot import SourceFile
from bridge.errors import ImportReadError

MAX_FILE_BYTES = 32 << 20
_MOST_FILES, _MOST_BYTES = 5000, 1 << 20  # of modules, in which only imports are looked for
_NOT_ENTERED = frozenset(
    {"__pycache__", ".git", "node_modules", ".venv", "venv", "site-packages", ".tox", ".mypy_cache"}
)
_MARKERS = (
    ".git",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Dockerfile",
    "docker-compose.yml",
    "docker-compose.yaml",
    "airflow.cfg",
    "airflow_settings.yaml",
)
_REGEX_SIGNS = re.compile(r"\.\*|\\|\^|\$|\||\+|\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class DagFile:
    """A file to run: its name relative to the folder, and its bytes' sha256."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DagFolder:
    """A folder looked through: what to run, what not and why, and where its code base begins.

    `imported` are the first names of all import statements, `imported_at_top` of those outside of
    functions and classes, which run when a file is loaded.
    """

    folder: Path
    root: Path
    path: tuple[Path, ...]
    to_run: tuple[DagFile, ...]
    others: tuple[SourceFile, ...]
    imported: frozenset[str] = field(default_factory=frozenset)
    imported_at_top: frozenset[str] = field(default_factory=frozenset)

    @property
    def dags(self) -> Path:
        """What Airflow would read DAGs from: the `dags` of a whole code base, else the folder."""
        below = self.folder / "dags"
        is_whole = self.folder.name != "dags" and below.is_dir()
        return (
            below
            if is_whole and any(below in each.path.parents for each in self.to_run)
            else self.folder
        )


def look_through(place: Path) -> DagFolder:
    """The folder (or one file) sorted into files to run and files left alone.

    Raises ImportReadError if there is no such place.
    """
    if not place.exists():
        message = (
            f"There is no file or folder {place}. Give the folder Airflow reads its DAGs from."
        )
        raise ImportReadError(message)
    place = place.resolve()
    folder = place if place.is_dir() else place.parent
    to_run: list[DagFile] = []
    others: list[SourceFile] = []
    imported: set[str] = set()
    at_top: set[str] = set()
    read: set[str] = set()
    files = _files(folder) if place.is_dir() else [place]
    for path in files:
        name = path.relative_to(folder).as_posix()
        ignored_by = _ignored_by(folder, path)
        if ignored_by is not None:
            others.append(SourceFile(path=name, outcome="ignored", reason=ignored_by))
        elif path.suffix == ".zip":
            others.append(
                SourceFile(path=name, outcome="zip", reason="DAGs in zip files are not read")
            )
        else:
            data = path.read_bytes() if path.stat().st_size <= MAX_FILE_BYTES else None
            imported |= _imports(data or b"")
            at_top |= _imports_at_top(data or b"")
            read.add(name)
            if data is None:
                others.append(
                    SourceFile(path=name, outcome="failed", reason="the file has more than 32 MB")
                )
            elif _might_hold_a_dag(data):
                to_run.append(
                    DagFile(name=name, path=path, sha256=hashlib.sha256(data).hexdigest())
                )
            else:
                others.append(
                    SourceFile(path=name, outcome="no_dag", sha256=hashlib.sha256(data).hexdigest())
                )
    root = root_of(folder)
    for path in (files if root == folder else _files(root))[:_MOST_FILES]:
        name = path.relative_to(folder).as_posix() if folder in path.parents else ""
        if path.suffix == ".py" and name not in read:
            data = _beginning(path)
            imported |= _imports(data)
            at_top |= _imports_at_top(data)
    return DagFolder(
        folder=folder,
        root=root,
        path=_path_of(folder, root),
        to_run=tuple(to_run),
        others=tuple(others),
        imported=frozenset(imported),
        imported_at_top=frozenset(at_top),
    )


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    visited: set[str] = set()
    for current, inner, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(current)
        if real in visited:
            inner[:] = []
            continue
        visited.add(real)
        inner[:] = sorted(name for name in inner if name not in _NOT_ENTERED)
        found += [Path(current, name) for name in files if name.endswith((".py", ".zip"))]
    return sorted(path for path in found if path.is_file())


def _might_hold_a_dag(data: bytes) -> bool:
    """Airflow's safe mode (2.11 `might_contain_dag_via_default_heuristic`): both words, in any
    case.

    Airflow 3's `@asset` files say "asset" instead of "dag".
    """
    lower = data.lower()
    return b"airflow" in lower and (b"dag" in lower or b"@asset" in lower)


_IMPORT = re.compile(rb"^\s*(?:from|import)\s+(\w+)", re.MULTILINE)
# An import, and whether it is indented; or the beginning of another line that is not.
_LINE = re.compile(
    rb"^(?:([ \t]*)(?:from|import)\s+(\w+)|(if\s+(?:\w+\.)?TYPE_CHECKING\b|[@\w]+))", re.MULTILINE
)
_BLOCKS = frozenset(b"if elif else try except finally with for while".split())


def _beginning(path: Path) -> bytes:
    """Of a module that DAG files may import; nothing where it may not be read."""
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return b""


def _imports(data: bytes) -> set[str]:
    return {name.decode() for name in _IMPORT.findall(data)}


def _imports_at_top(data: bytes) -> set[str]:
    """Those that are not indented, and those below `if`, `try` or `with` that is not; none that
    are for a type checker alone.
    """
    found: set[str] = set()
    runs = True  # what is indented, as the file is loaded
    for indent, name, begins in _LINE.findall(data):
        if begins:
            runs = begins in _BLOCKS
        if name and (runs or not indent):
            found.add(name.decode())
    return found


def _ignored_by(folder: Path, path: Path) -> str | None:
    """The .airflowignore line that leaves the file out. 2.x reads regular expressions, 3.x globs; a
    line's looks decide.
    """
    for above in [
        folder,
        *reversed([parent for parent in path.parents if folder in parent.parents]),
    ]:
        ignore = above / ".airflowignore"
        if not ignore.is_file():
            continue
        relative = path.relative_to(above).as_posix()
        found: str | None = None
        for number, line in enumerate(
            ignore.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        ):
            pattern = re.sub(r"(^|\s)#.*$", "", line).strip()
            if not pattern:
                continue
            where = f"{ignore.relative_to(folder).as_posix()} line {number}"
            if pattern.startswith("!"):
                found = None if _matches(pattern[1:], relative) else found
            elif _matches(pattern, relative):
                found = where
        if found is not None:
            return found
    return None


def _matches(pattern: str, relative: str) -> bool:
    looks_like_glob = not _REGEX_SIGNS.search(pattern) and any(sign in pattern for sign in "*?[/")
    if not looks_like_glob:
        try:
            return re.search(pattern, relative) is not None
        except re.error:
            looks_like_glob = True
    anchored = "/" in pattern.rstrip("/")
    bare = pattern.strip("/")
    parts = relative.split("/")
    tails = [relative] if anchored else ["/".join(parts[start:]) for start in range(len(parts))]
    return any(fnmatch.fnmatch(tail, bare) or fnmatch.fnmatch(tail, f"{bare}/*") for tail in tails)


def root_of(folder: Path) -> Path:
    """Where the code base begins: the nearest folder, at most three up, with a project's marks."""
    never = {Path.home(), Path("/"), Path(tempfile.gettempdir()).resolve()}
    for candidate in [folder, *folder.parents][:4]:
        if candidate in never:
            break
        if any((candidate / marker).exists() for marker in _MARKERS):
            return candidate
        if candidate.name.startswith("."):  # from above, what is in it counts as hidden
            break
    return folder.parent if folder.name == "dags" and folder.parent not in never else folder


def _path_of(folder: Path, root: Path) -> tuple[Path, ...]:
    """What Airflow and its images put on sys.path: the DAG folder, then plugins, config and source
    folders upwards.
    """
    found: list[Path] = [folder]
    above = [
        folder,
        *(parent for parent in folder.parents if parent == root or root in parent.parents),
    ]
    for parent in above:
        found.append(parent)
        found += [parent / name for name in ("dags", "plugins", "config", "include", "src", "lib")]
    return tuple(dict.fromkeys(path for path in found if path.is_dir()))
