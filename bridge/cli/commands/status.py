"""`bridge status`: how every asset is now, and an exit code for those who watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli import plain
from bridge.cli.files import differing
from bridge.cli.options import Json, Selection
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import symbol, table
from bridge.cli.words import ago, count, freshness
from bridge.errors import BridgeError

if TYPE_CHECKING:
    from bridge.status import AssetStatus

WORDS = ("fresh", "done", "stale", "failed", "running", "missing", "unknown")
_BAD = ("stale", "failed")
_EXPLAINED = 5  # assets of which the summary says why they are stale


def status(
    context: typer.Context,
    selection: Selection = "*",
    owner: Annotated[
        str | None, typer.Option(help="Only assets of this owner; `finance` means team:finance.")
    ] = None,
    group: Annotated[str | None, typer.Option(help="Only assets of this group.")] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(metavar="WORD,...", help=f"End with 1 if one is any of {', '.join(WORDS)}."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show how every asset is now.

    Status, freshness, checks, partitions, and how far it has been moved over.
    """
    session = session_of(context)
    failing = _words(fail_on)
    known = session.statuses()
    chosen = None if selection == "*" else session.select(selection)
    shown = [
        found
        for found in known.values()
        if (chosen is None or found.key in chosen)
        and (group is None or found.group == group)
        and (owner is None or owner in found.owners or f"team:{owner}" in found.owners)
    ]
    if as_json:
        session.terminal.json([plain.status(found) for found in shown])
    else:
        _print(session, shown, failing)
    if any(found.status in failing for found in shown):
        raise typer.Exit(1)


def _words(fail_on: str | None) -> tuple[str, ...]:
    words = tuple(word.strip() for word in (fail_on or "").split(",") if word.strip())
    for word in words:
        if word not in WORDS:
            raise typer.BadParameter(
                f"{word!r} is no status; use {', '.join(WORDS)}.", param_hint="--fail-on"
            )
    return words


def _print(session: Session, shown: Sequence[AssetStatus], failing: Collection[str]) -> None:
    terminal, now = session.terminal, session.now
    if not shown:
        terminal.say("No asset matches.")
        return
    rows = table("Asset", "Status", "Latest", "Freshness", ">Checks", ">Partitions", "Migration")
    for found in shown:
        rows.add_row(
            str(found.key),
            symbol(found.status, found.status),
            "-" if found.latest is None else ago(found.latest, now),
            freshness(found.freshness, now),
            f"{found.checks_passed}/{found.checks_total}" if found.checks_total else "-",
            "-"
            if found.partitions_total is None
            else f"{found.partitions_done:,}/{found.partitions_total:,}",
            found.route or "-",
        )
    terminal.rows(rows)
    terminal.say()
    changed = [found for found in shown if found.status == "stale" and found.staleness.causes]
    for found in changed[:_EXPLAINED]:
        terminal.say(f"{found.key} is {found.message}.")
    if len(changed) > _EXPLAINED:
        more = count(len(changed) - _EXPLAINED, "asset")
        terminal.say(f"{more} more changed so; `bridge show` tells why.")
    terminal.say(_summary(shown))
    _say_drift(session)
    counts: Counter[str] = Counter(found.status for found in shown)
    if any(counts[word] for word in failing):
        terminal.say("Exit code 1.")
    elif not failing and any(counts[word] for word in _BAD):
        terminal.say("Exit code 0. With --fail-on stale,failed it would be 1.")


def _say_drift(session: Session) -> None:
    """That generated files on disk are not what the definitions say now, if they are not."""
    try:
        changed = differing(session)
    except BridgeError as error:
        session.terminal.note(f"Whether generated files are up to date cannot be told: {error}")
        return
    if changed:
        differ = "differs" if len(changed) == 1 else "differ"
        session.terminal.say(
            f"{count(len(changed), 'generated file')} {differ} from the definitions. "
            f"{session.command('generate')} writes it anew."
        )


def _summary(shown: Sequence[AssetStatus]) -> str:
    counts: Counter[str] = Counter(found.status for found in shown)
    parts = [f"{counts[word]:,} {word}" for word in WORDS if counts[word]]
    text = f"{', '.join(parts)} of {count(len(shown), 'asset')}."
    failed, explained = _explained(shown)
    if explained:
        verb = "explains" if failed == 1 else "explain"
        text += f" {count(failed, 'failure')} {verb} {count(explained, 'stale asset')}."
    return text


def _explained(shown: Sequence[AssetStatus]) -> tuple[int, int]:
    """How many failures explain how many stale assets; upstream comes first in `shown`."""
    words = {found.key: found.status for found in shown}
    roots: dict[object, object] = {}
    for found in shown:
        if found.status == "stale" and found.stale_because is not None:
            cause = found.stale_because
            root = cause if words.get(cause) == "failed" else roots.get(cause)
            if root is not None:
                roots[found.key] = root
    return len(set(roots.values())), len(roots)
