"""`bridge backfill list`, `show`, `pause` and `cancel`: backfills that somebody started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli import plain
from bridge.cli.commands.backfill import BackfillId, known
from bridge.cli.options import DryRun, Json
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line, table
from bridge.cli.words import ago, count, listed, moment
from bridge.errors import DefinitionError, PartitionError

if TYPE_CHECKING:
    from bridge.keys import AssetKey
    from bridge.store import Backfill, BackfillCounts

_MOST_RUNS = 1000
_WORDS = {
    "requested": "requested",
    "in_progress": "in progress",
    "completed_success": "done",
    "completed_failed": "failed",
    "failed": "broken",
}


def list_backfills(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """List backfills, newest first."""
    session = session_of(context)
    found = session.store.backfills(limit=limit)
    if as_json:
        session.terminal.json([plain.backfill(each) for each in found])
        return
    if not found:
        session.terminal.note("There are no backfills yet. Start one: bridge backfill start")
        return
    rows = table("Backfill", "Status", "~Assets", ">Done", ">Failed", ">Left", "Started")
    for each in found:
        counts = each.counts
        rows.add_row(
            each.id,
            _WORDS.get(each.status, each.status),
            each.selection,
            f"{counts.materialized:,} of {counts.total:,}",
            f"{counts.failed + counts.blocked:,}",
            f"{counts.left + counts.under_way:,}",
            ago(each.created_at, session.now),
        )
    session.terminal.rows(rows)


def show_backfill(context: typer.Context, backfill_id: BackfillId, as_json: Json = False) -> None:
    """Show how far a backfill has come, asset by asset."""
    session = session_of(context)
    found = known(session, backfill_id)
    each, failed = _by_asset(session, found)
    if as_json:
        by_asset = {
            str(key): {**plain.backfill_counts(counts), "failed_partitions": failed.get(key, [])}
            for key, counts in each.items()
        }
        session.terminal.json({**plain.backfill(found), "assets": by_asset})
        return
    say = session.terminal.say
    status = _WORDS.get(found.status, found.status)
    say(f"{found.selection}, {status}")
    say()
    rows = table("Asset", ">Partitions", ">Done", ">Failed", ">Held back", ">Under way", ">Left")
    for key, counts in each.items():
        numbers = [counts.total, counts.materialized, counts.failed, counts.blocked]
        numbers += [counts.under_way, counts.left]
        rows.add_row(str(key), *(f"{number:,}" for number in numbers))
    session.terminal.rows(rows)
    say()
    for key, names in failed.items():
        say(line("failed", f"{key}   {listed(names)}".rstrip()))
    if failed:
        say()
    ended = "" if found.ended_at is None else f", ended {moment(found.ended_at)}"
    say(f"  started  {moment(found.created_at)}{ended}")
    if found.message:
        say(line("problem", found.message))
    hint = {"paused": "resume", "completed_failed": "retry", "canceled": "retry"}.get(found.status)
    if hint is not None:
        say()
        say(f"Go on: {session.command(f'backfill {hint} {found.id}')}")


def pause(context: typer.Context, backfill_id: BackfillId, dry_run: DryRun = False) -> None:
    """Begin no more runs of a backfill for now.

    Runs that wait are taken back, those that run end by themselves.
    """
    from bridge import backfills

    session = session_of(context)
    found = known(session, backfill_id)
    if dry_run:
        _would(session, found, "be paused")
        return
    done = backfills.pause(found, session.store, session.graph, session.now)
    _tell_elsewhere(session, done)
    _say(session, done, "paused", "resume")


def cancel(context: typer.Context, backfill_id: BackfillId, dry_run: DryRun = False) -> None:
    """Stop a backfill and its runs.

    Runs that wait are taken back, and those that run are asked to stop.
    """
    from bridge import backfills

    session = session_of(context)
    found = known(session, backfill_id)
    if dry_run:
        _would(session, found, "be canceled")
        return
    done = backfills.cancel(found, session.store, session.graph, session.now)
    if _tell_elsewhere(session, done):
        done = backfills.advance(done, session.store, session.graph, session.now)
    _say(session, done, done.status, "retry")


def _tell_elsewhere(session: Session, backfill: Backfill) -> bool:
    """Tell other systems that do runs of a backfill; whether there are such runs."""
    running = session.store.runs(statuses=("running",), origin=backfill.origin, limit=_MOST_RUNS)
    elsewhere = [run for run in running if run.remote is not None]
    session.look_after(elsewhere)
    return bool(elsewhere)


def _by_asset(
    session: Session, backfill: Backfill
) -> tuple[dict[AssetKey, BackfillCounts], dict[AssetKey, list[str]]]:
    """How many partitions are in which state, and which failed; nothing where assets are gone."""
    from bridge.backfills import counts_by_asset, failed_by_asset

    try:
        return (
            counts_by_asset(backfill, session.store, session.graph),
            failed_by_asset(backfill, session.store, session.graph),
        )
    except (DefinitionError, PartitionError) as error:
        session.terminal.note(line("warning", str(error)))
        return {}, {}


def _would(session: Session, backfill: Backfill, verb: str) -> None:
    open_runs = count(len(backfill.progress.open_runs), "run")
    session.terminal.say(line("planned", f"{backfill.id} would {verb}, {open_runs} under way"))
    session.terminal.note("Nothing was changed: --dry-run.")


def _say(session: Session, backfill: Backfill, word: str, then: str) -> None:
    counts = backfill.counts
    going = f", {counts.under_way:,} still under way" if counts.under_way else ""
    text = f"{backfill.id} {word}: {counts.materialized:,} of {counts.total:,} done{going}"
    session.terminal.say(line("done", text))
    session.terminal.say()
    session.terminal.say(f"Go on: {session.command(f'backfill {then} {backfill.id}')}")
