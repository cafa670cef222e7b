"""`bridge generate`: write the files from which another system runs our assets."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.files import FileChange, generated_below, wanted_changes, write
from bridge.cli.findings import print_findings
from bridge.cli.options import DryRun
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import shown_path
from bridge.cli.words import count, listed
from bridge.errors import RefusedError

if TYPE_CHECKING:
    from bridge.project import Project

_DIFFERENT = 3


class Target(str, Enum):
    """Versions of the system that reads the files."""

    TWO = "2"
    THREE = "3"
    BOTH = "both"


def generate(
    context: typer.Context,
    render: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write a readable file for each DAG into this folder instead."
        ),
    ] = None,
    target: Annotated[
        Target | None, typer.Option(help="For this version of Airflow; `both` unless set.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing; print the difference, and end with 3 if there is one."
        ),
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove files that are no longer generated.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Write the DAG files that run the project's assets.

    A manifest and what loads it, or readable files with --render or `generate.form = "rendered"`.
    """
    session = session_of(context)
    project = _with_options(session.project, render, target)
    found, findings = wanted_changes(session, project)
    options = _options(render, target)
    if check:
        _compare(session, found, options)
        return
    _refuse_files_of_others(found)
    if not prune:
        _refuse_two_of_one(session, found, options)
    for change in found:
        if not dry_run:
            _apply(change, prune=prune)
        word = _word(change, prune=prune, dry_run=dry_run)
        session.terminal.say(f"{word:<20} {shown_path(change.path)}")
    print_findings(session.terminal.say, findings)
    _summarise(session, found, options, prune=prune, dry_run=dry_run)
    _warn_of_two_folders(session, project)


def _with_options(project: Project, render: Path | None, target: Target | None) -> Project:
    wanted = project.generate
    if target is not None:
        wanted = wanted.model_copy(update={"target": target.value})
    if render is None:
        return replace(project, generate=wanted)
    wanted = wanted.model_copy(update={"form": "rendered"})
    return replace(project, generate=wanted, generated=render.absolute())


def _options(render: Path | None, target: Target | None) -> str:
    """The options that say which files, to repeat them in a hint."""
    said = [] if render is None else [f"--render {shlex.quote(str(render))}"]
    said += [] if target is None else [f"--target {target.value}"]
    return " ".join(["generate", *said])


def _refuse_files_of_others(found: Sequence[FileChange]) -> None:
    names = [shown_path(change.path) for change in found if change.is_of_others]
    if names:
        raise RefusedError(
            f"{listed(names)} would be written over, and `bridge generate` did not write "
            f"{'it' if len(names) == 1 else 'them'}. Move {'it' if len(names) == 1 else 'them'} "
            "away, or name another folder: `generated` in the settings, or --render."
        )


def _refuse_two_of_one(session: Session, found: Sequence[FileChange], command: str) -> None:
    both = [shown_path(change.path) for change in found if change.is_in_the_way]
    if both:
        verb = "defines DAGs" if len(both) == 1 else "define DAGs"
        raise RefusedError(
            f"{listed(both)} {verb} that other files would define too. "
            f"{session.command(f'{command} --prune')} removes what is no longer generated."
        )


def _warn_of_two_folders(session: Session, project: Project) -> None:
    other = session.project.generated
    if other != project.generated and next(generated_below(other), None):
        session.terminal.note(
            f"{shown_path(other)} holds generated files too: let Airflow read one of the folders."
        )


def _compare(session: Session, found: list[FileChange], command: str) -> None:
    differing = [change for change in found if change.state != "unchanged"]
    for change in differing:
        session.terminal.out.file.write(change.diff())
    if not differing:
        session.terminal.say(f"{count(len(found), 'generated file')} as on disk.")
        return
    left = any(change.state == "left over" for change in differing)
    writes = session.command(f"{command} --prune" if left else command)
    verb = "differs" if len(differing) == 1 else "differ"
    session.terminal.note(
        f"{count(len(differing), 'generated file')} {verb} from disk. {writes} writes it."
    )
    raise typer.Exit(_DIFFERENT)


def _apply(change: FileChange, *, prune: bool) -> None:
    if change.after is None:
        if prune:
            change.path.unlink()
    elif change.state != "unchanged":
        write(change.path, change.after)


def _word(change: FileChange, *, prune: bool, dry_run: bool) -> str:
    if change.state == "unchanged":
        return "unchanged"
    if change.state == "left over":
        if not prune:
            return "no longer generated"
        return "would remove" if dry_run else "removed"
    return "would write" if dry_run else "wrote"


def _summarise(
    session: Session, found: list[FileChange], command: str, *, prune: bool, dry_run: bool
) -> None:
    counts = Counter(change.state for change in found)
    to_write = counts["new"] + counts["changed"]
    parts = [
        f"{to_write:,} {'to write' if dry_run else 'written'}",
        f"{counts['unchanged']:,} unchanged",
    ]
    left = counts["left over"]
    if left:
        removed = "to remove" if dry_run else "removed"
        parts.append(f"{left:,} {removed if prune else 'no longer generated'}")
    session.terminal.say()
    prunes = session.command(f"{command} --prune")
    hint = f" {prunes} removes them." if left and not prune else ""
    session.terminal.say(f"{', '.join(parts)}.{hint}")
