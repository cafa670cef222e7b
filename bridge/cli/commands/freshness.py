"""`bridge freshness`: which assets with a policy are late, and until when the others are not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import typer

from bridge.cli import plain
from bridge.cli.options import Json, Selection
from bridge.cli.session import session_of
from bridge.cli.terminal import symbol, table
from bridge.cli.words import ago, count, moment
from bridge.cli.words import freshness as due

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.freshness import FreshnessVerdict
    from bridge.keys import AssetKey

_SYMBOLS = {"pass": "fresh", "warn": "warned", "fail": "failed", "unknown": "unknown"}


def freshness(context: typer.Context, selection: Selection = "*", as_json: Json = False) -> None:
    """Show how fresh the assets are that have a freshness policy.

    Of an asset cut by time the newest partition counts: computing one of long ago makes nothing
    fresh.
    """
    from bridge.recency import last_updates

    session = session_of(context)
    chosen = session.select(selection)
    watched = [node for node in session.graph if node.key in chosen and node.spec.freshness_policy]
    updates = last_updates(
        session.store, session.graph, [node.key for node in watched], session.now
    )
    found: list[tuple[AssetKey, datetime | None, FreshnessVerdict]] = [
        (node.key, updates[node.key], policy.verdict(updates[node.key], session.now))
        for node in watched
        if (policy := node.spec.freshness_policy) is not None
    ]
    if as_json:
        session.terminal.json(
            [
                {
                    "key": str(key),
                    "state": verdict.state,
                    "counts_from": plain.time(updated),
                    "due": plain.time(verdict.due),
                }
                for key, updated, verdict in found
            ]
        )
        return
    if not found:
        session.terminal.say("None of the selected assets has a freshness policy.")
        return
    rows = table("Asset", "Freshness", "Updated", "Due", "Deadline (UTC)")
    for key, updated, verdict in found:
        rows.add_row(
            str(key),
            symbol(_SYMBOLS[verdict.state], verdict.state),
            "-" if updated is None else ago(updated, session.now),
            due(verdict, session.now),
            "-" if verdict.due is None else moment(verdict.due),
        )
    session.terminal.rows(rows)
    counts = Counter(verdict.state for _, _, verdict in found)
    session.terminal.say()
    parts = [f"{counts[state]:,} {state}" for state in _SYMBOLS if counts[state]]  # type: ignore[index]
    session.terminal.say(f"{', '.join(parts)} of {count(len(found), 'asset')} with a policy.")
