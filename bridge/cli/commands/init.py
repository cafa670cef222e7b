"""`bridge init`: a small project that runs, to change into one's own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.files import write
from bridge.cli.invocation import anywhere
from bridge.cli.options import DryRun
from bridge.cli.session import session_of
from bridge.cli.starter import IGNORED, starting_files
from bridge.cli.terminal import shown_path
from bridge.cli.words import count
from bridge.errors import RefusedError

_DAYS_BACK = 7


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; made if need be.")] = Path(),
    dry_run: DryRun = False,
) -> None:
    """Write a small project to start from.

    Three assets, a check and daily partitions, ready to be computed. Nothing is overwritten.
    """
    session = session_of(context)
    root = folder.absolute()
    start = (session.now - timedelta(days=_DAYS_BACK)).date()
    found = starting_files(root, start)
    blocked = [shown_path(path) for path, text in found.items() if _is_other(path, text)]
    if blocked:
        raise RefusedError(
            f"Nothing was written, nothing is overwritten: {', '.join(blocked)} "
            f"{'is' if len(blocked) == 1 else 'are'} there already. Choose another folder."
        )
    for path, text in found.items():
        if not dry_run and not path.exists():
            write(path, text)
        session.terminal.say(f"{'would write' if dry_run else 'wrote':<12} {shown_path(path)}")
    ignored = _ignore(root, dry_run=dry_run)
    if ignored:
        verb = "would add" if dry_run else "added"
        session.terminal.say(
            f"{verb:<12} {count(len(ignored), 'line')} to {shown_path(root / '.gitignore')}"
        )
    if dry_run:
        return
    session.terminal.say()
    session.terminal.say("Try next:")
    if root != Path.cwd():
        session.terminal.say(f"  cd {folder}")
    for words in ('materialize "*"', "status", "lineage warmest_city"):
        session.terminal.say(f"  {anywhere(session.prefix)} {words}")


def _is_other(path: Path, text: str) -> bool:
    return path.exists() and not (path.is_file() and path.read_text(encoding="utf-8") == text)


def _ignore(root: Path, *, dry_run: bool) -> list[str]:
    """Add what git should not see to .gitignore; the lines that were missing."""
    file = root / ".gitignore"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    missing = [text for text in IGNORED if text not in before.splitlines()]
    if missing and not dry_run:
        separator = "" if not before or before.endswith("\n") else "\n"
        write(file, before + separator + "".join(f"{text}\n" for text in missing))
    return missing
