"""`bridge migrate`: hand a legacy task over to its assets, take it back, see where all stand."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli import plain
from bridge.cli.options import DryRun, Json, Yes
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line, table
from bridge.cli.units import gates_of, known_units, recorded_unit, resolve
from bridge.cli.words import ago, count, listed
from bridge.errors import RefusedError

if TYPE_CHECKING:
    from bridge.migration import Change
    from bridge.store import RouteChange

Reason = Annotated[str, typer.Option(help="Why, for those who read the history.")]


def cutover(
    context: typer.Context,
    unit: Annotated[str, typer.Argument(help="The legacy task as dag_id.task_id.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    reason: Reason = "",
) -> None:
    """Let a legacy task compute its assets.

    It does so instead of running its own code, from its next attempt on; its DAG stays as it is.
    """
    from bridge import migration

    session = session_of(context)
    units = known_units(session)
    found = resolve(unit, [each.name for each in units])
    chosen = next(each for each in units if each.name == found)
    change = migration.cutover(
        chosen,
        session.graph,
        session.store,
        locations=session.project.definitions,
        gates=gates_of(session, chosen),
    )
    done = _carry_out(session, change, yes=yes, dry_run=dry_run, reason=reason, asks="Cut over?")
    if done is not None:
        session.terminal.say(line("done", f"state written, change {done.id}"))
        session.terminal.say(line("done", "route flipped, the next attempt obeys"))
        session.terminal.say()
        session.terminal.say(
            f"Cut over. Undo with {session.command(f'migrate rollback {done.id}')}"
        )


def rollback(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="UNIT|CHANGE", help="The legacy task, or the change, such as c-0142."
        ),
    ],
    yes: Yes = False,
    dry_run: DryRun = False,
    reason: Reason = "",
) -> None:
    """Give a legacy task its own code back."""
    from bridge import migration

    session = session_of(context)
    change = migration.rollback(recorded_unit(session, what), session.store)
    done = _carry_out(session, change, yes=yes, dry_run=dry_run, reason=reason, asks="Roll back?")
    if done is not None:
        session.terminal.say(line("done", f"state written, change {done.id}"))
        session.terminal.say()
        session.terminal.say(
            f"Rolled back. From its next attempt on, {_short(change.unit)} is {done.after.state}."
        )


def migrate_status(context: typer.Context, as_json: Json = False) -> None:
    """Show who runs each legacy task now.

    And since when, by which change, and who made it.
    """
    session = session_of(context)
    units = {unit.name: unit for unit in known_units(session)}
    routes = {route.unit: route for route in session.store.routes()}
    changes: dict[str, RouteChange] = {}
    for change in session.store.route_changes(limit=10_000):
        changes.setdefault(change.after.unit, change)
    rows: list[plain.Plain] = []
    for name in sorted({*units, *routes}):
        route, last = routes.get(name), changes.get(name)
        assets = route.assets if route is not None else units[name].assets
        rows.append(
            {
                "unit": name,
                "state": "observed" if route is None else route.state,
                "assets": [str(key) for key in assets],
                "last_change": None if last is None else plain.change(last),
            }
        )
    if as_json:
        session.terminal.json(rows)
        return
    _print_board(session, rows, changes)


def _print_board(
    session: Session, rows: list[plain.Plain], changes: dict[str, RouteChange]
) -> None:
    say = session.terminal.say
    if not rows:
        say(f"No legacy task is known. Start with {session.command('import airflow path/to/dags')}")
        return
    board = table("Legacy task", "State", "Since", "Change", "~Assets")
    for row in rows:
        last = changes.get(str(row["unit"]))
        assets = row["assets"]
        board.add_row(
            _short(str(row["unit"])),
            str(row["state"]),
            "-" if last is None else ago(last.changed_at, session.now),
            "-" if last is None else last.id,
            (listed(assets, 3) if isinstance(assets, list) else "") or "none mapped",
        )
    session.terminal.rows(board)
    moved = sum(row["state"] in ("migrated", "retired") for row in rows)
    say()
    say(f"{moved:,} of {count(len(rows), 'task')} moved.")


def _carry_out(
    session: Session, change: Change, *, yes: bool, dry_run: bool, reason: str, asks: str
) -> RouteChange | None:
    """Show conditions and steps, ask, do it; None where nothing was to be done."""
    say = session.terminal.say
    for gate in change.gates:
        say(line(gate.state, gate.text))
    if change.changes_nothing:
        say(f"{_short(change.unit)} is {change.after.state} already. Nothing to do.")
        return None
    if change.is_safe:
        say("This will" if not change.gates else "\nThis will")
        for number, step in enumerate(change.steps, 1):
            say(f"  {number}. {step}")
        say()
    else:
        failed = sum(gate.state == "failed" for gate in change.gates)
        raise RefusedError(
            f"{_short(change.unit)} was left as it is: {count(failed, 'condition')} not met."
        )
    if dry_run:
        session.terminal.note("Nothing was changed: --dry-run.")
        return None
    if not yes:
        _confirm(session, change, asks)
    return change.apply(
        session.store, actor=_actor(), reason=reason, now=datetime.now(timezone.utc)
    )


def _confirm(session: Session, change: Change, asks: str) -> None:
    if not sys.stdin.isatty():
        raise RefusedError(
            f"{_short(change.unit)} was not changed: there is nobody to ask. "
            "Give --yes to go on without asking."
        )
    name = _short(change.unit).rpartition(".")[2]
    session.terminal.err.print(f"{asks} Type {name} to go on: ", end="")
    session.terminal.err.file.flush()
    if sys.stdin.readline().strip() != name:
        raise RefusedError(f"{_short(change.unit)} was not changed: {name} was not typed.")
    session.terminal.note("")


def _actor() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry in passwd
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def _short(unit: str) -> str:
    return unit.partition(":")[2] or unit
