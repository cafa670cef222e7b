"""Files that a command writes: whole or not at all, and how they would change."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from bridge.cli.session import Session
from bridge.cli.terminal import shown_path
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.capabilities import GeneratedFile
    from bridge.findings import Finding
    from bridge.project import Project

FileState: TypeAlias = Literal["new", "changed", "unchanged", "left over"]
# Stands in the first lines of every generated file; nothing without it is removed or replaced.
_MARK = "bridge generate"
_MARK_WITHIN = 2000


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file as it is (None: not there) and as it should be (None: it should not be there).

    `is_in_the_way`: it must not stay beside those that should be there.
    """

    path: Path
    before: str | None
    after: str | None
    is_in_the_way: bool = False

    @property
    def state(self) -> FileState:
        """What there is to do about it."""
        if self.after is None:
            return "left over"
        if self.before is None:
            return "new"
        return "unchanged" if self.before == self.after else "changed"

    @property
    def is_of_others(self) -> bool:
        """Whether somebody else wrote what is to be written over."""
        is_to_change = self.state == "changed" and bool(self.before and self.before.strip())
        return is_to_change and _MARK not in (self.before or "")[:_MARK_WITHIN]

    def diff(self) -> str:
        """As a unified diff, empty where nothing changes."""
        name = shown_path(self.path)
        lines = difflib.unified_diff(
            (self.before or "").splitlines(keepends=True),
            (self.after or "").splitlines(keepends=True),
            "/dev/null" if self.before is None else f"a/{name}",
            "/dev/null" if self.after is None else f"b/{name}",
        )
        return "".join(
            text if text.endswith("\n") else f"{text}\n\\ No newline at end of file\n"
            for text in lines
        )


def wanted_changes(
    session: Session, project: Project | None = None
) -> tuple[list[FileChange], list[Finding]]:
    """How all generated files differ from the disk, and what they cannot say.

    `project` holds other settings than the session's, if given. Raises ConfigError without a
    generator.
    """
    from bridge.capabilities import Generates

    generators: list[Generates] = session.offering(Generates)
    if not generators:
        raise ConfigError(
            "No installed adapter generates files. Reinstall airflow-asset-bridge: its Airflow "
            "adapter does."
        )
    graph, project = session.declared_graph, project or session.project
    made = [each.generate(graph, project, session.automation) for each in generators]
    files = [file for generated in made for file in generated.files]
    findings = [finding for generated in made for finding in generated.findings]
    in_the_way = {path for generated in made for path in generated.in_the_way}
    return _changes(files, project.generated, in_the_way), findings


def differing(session: Session) -> list[FileChange] | None:
    """The generated files that differ from the definitions; None where none were ever generated."""
    from bridge.capabilities import Generates

    folder = session.project.generated
    if not session.offering(Generates) or next(generated_below(folder), None) is None:
        return None
    changes, _ = wanted_changes(session)
    return [change for change in changes if change.state != "unchanged"]


def write(path: Path, text: str) -> None:
    """Replace a file in one step; a reader sees the old text or the new one.

    Raises ConfigError where the folder or the file may not be written.
    """
    if path.exists() and not path.stat().st_mode & 0o222:  # the folder alone would allow it
        raise ConfigError(f"{path} cannot be written: it is there for reading only.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        temporary.chmod(path.stat().st_mode if path.exists() else 0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _changes(
    wanted: Sequence[GeneratedFile], folder: Path, in_the_way: Collection[Path]
) -> list[FileChange]:
    """What separates the disk from `wanted`; what we once wrote below `folder` is left over."""
    found = [FileChange(file.path, _text(file.path), file.text) for file in wanted]
    paths = {file.path for file in wanted}
    found.extend(
        FileChange(path, _text(path), None, path in in_the_way)
        for path in generated_below(folder)
        if path not in paths
    )
    return found


def generated_below(folder: Path) -> Iterator[Path]:
    """The files in a folder that we wrote, as their first lines say."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.name.startswith(".") or not path.is_file():
            continue
        with path.open("rb") as stream:
            if _MARK.encode() in stream.read(_MARK_WITHIN):
                yield path


def _text(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        return stream.read()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
