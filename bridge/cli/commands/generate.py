"""`bridge generate`: write the files from which another system runs our assets."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from bridge.cli.files import FileChange, wanted_changes, write
from bridge.cli.findings import print_findings
from bridge.cli.options import DryRun
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import shown_path
from bridge.cli.words import count

_DIFFERENT = 3


def generate(
    context: typer.Context,
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
    """Write the DAG files that run the project's assets."""
    session = session_of(context)
    found, findings = wanted_changes(session)
    if check:
        _compare(session, found)
        return
    for change in found:
        if not dry_run:
            _apply(change, prune=prune)
        word = _word(change, prune=prune, dry_run=dry_run)
        session.terminal.say(f"{word:<20} {shown_path(change.path)}")
    print_findings(session.terminal.say, findings)
    _summarise(session, found, prune=prune, dry_run=dry_run)


def _compare(session: Session, found: list[FileChange]) -> None:
    differing = [change for change in found if change.state != "unchanged"]
    for change in differing:
        session.terminal.out.file.write(change.diff())
    if not differing:
        session.terminal.say(f"{count(len(found), 'generated file')} as on disk.")
        return
    left = any(change.state == "left over" for change in differing)
    writes = session.command("generate --prune" if left else "generate")
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


def _summarise(session: Session, found: list[FileChange], *, prune: bool, dry_run: bool) -> None:
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
    hint = f" {session.command('generate --prune')} removes them." if left and not prune else ""
    session.terminal.say(f"{', '.join(parts)}.{hint}")
