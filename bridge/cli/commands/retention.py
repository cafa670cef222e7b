"""`bridge retention`: delete what the settings do not keep of the past."""

from __future__ import annotations

import typer

from bridge.cli.options import DryRun, Json
from bridge.cli.session import session_of
from bridge.cli.terminal import line
from bridge.cli.words import count


def retention(context: typer.Context, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Delete events, runs and logs that are too old to keep.

    As [tool.bridge.retention] says: events_days, events_per_asset, runs_days, runs_count,
    logs_days. The latest state of everything stays, as do the newest materializations_per_asset
    (10) and whatever is younger than a day. `bridge daemon` does the same every six hours.
    """
    from bridge.store import RetentionPolicy

    session = session_of(context)
    policy = RetentionPolicy(**session.project.retention.model_dump())
    if not policy.deletes_anything:
        session.terminal.note("The settings keep everything: [tool.bridge.retention] says nothing.")
    found = session.store.prune(policy, now=session.now, dry_run=dry_run)
    if as_json:
        session.terminal.json({"events": found.events, "runs": found.runs, "logs": found.logs})
    else:
        verb = "to delete" if dry_run else "deleted"
        words = ", ".join(
            (
                count(found.events, "event"),
                count(found.runs, "run"),
                count(found.logs, "log"),
            )
        )
        session.terminal.say(line("planned" if dry_run else "done", f"{words} {verb}"))
    if dry_run:
        session.terminal.note("Nothing was deleted: --dry-run.")
