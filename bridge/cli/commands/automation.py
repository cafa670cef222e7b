"""`bridge automation`: jobs, schedules, sensors and conditions, what is on, and their ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli import plain
from bridge.cli.options import DryRun, Json
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line, shown_path, symbol, table
from bridge.cli.words import ago, count, duration, listed, moment
from bridge.errors import SelectionError

if TYPE_CHECKING:
    from bridge.automation.location import Automation, ResolvedSchedule
    from bridge.capabilities import Carried
    from bridge.store import InstigatorKind, InstigatorState, Tick

Name = Annotated[str, typer.Argument(help="The schedule's or sensor's name.")]


def list_automation(context: typer.Context, as_json: Json = False) -> None:
    """List jobs, schedules and sensors, and what is on."""
    from bridge.capabilities import carried_by

    session = session_of(context)
    automation, states = session.automation, session.store.instigators()
    if as_json:
        session.terminal.json(_plain(session, automation, states))
        return
    if automation.jobs:
        rows = table("Job", ">Assets", "Partitions", "~Selection", "Defined")
        for name, job in automation.jobs.items():
            cut = job.partitions_def
            place = job.definition.place
            rows.add_row(
                name,
                f"{len(job.keys):,}",
                "-" if cut is None else cut.kind,
                job.selection,
                f"{shown_path(place.file)}:{place.line}",
            )
        session.terminal.rows(rows)
        session.terminal.say()
    _print_instigators(session, automation, states)
    say_carried(
        session,
        carried_by(session.adapters, session.declared_graph, session.project, automation),
    )
    session.terminal.say(
        f"{count(len(automation.jobs), 'job')}, {count(len(automation.schedules), 'schedule')}, "
        f"{count(len(automation.sensors), 'sensor')}."
    )


def start(context: typer.Context, name: Name, dry_run: DryRun = False) -> None:
    """Turn a schedule or sensor on, from now on."""
    _turn(session_of(context), name, on=True, dry_run=dry_run)


def stop(context: typer.Context, name: Name, dry_run: DryRun = False) -> None:
    """Turn a schedule or sensor off."""
    _turn(session_of(context), name, on=False, dry_run=dry_run)


def ticks(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Only this one's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """Show the last ticks, and what came of them."""
    session = session_of(context)
    if name is not None:
        _kind(session, name)
    found = session.store.ticks(name, limit=limit)
    if as_json:
        session.terminal.json([plain.tick(tick) for tick in found])
        return
    if found:
        print_ticks(session, found)
        session.terminal.say()
    session.terminal.say(f"{count(len(found), 'tick')}.")


def cursor(
    context: typer.Context,
    name: Name,
    value: Annotated[str | None, typer.Option("--set", help="What the sensor sees next.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Let it begin from nothing.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Show what a sensor noted for itself, or change it."""
    session = session_of(context)
    _kind(session, name)
    state = session.store.instigators().get(name)
    if value is None and not clear:
        session.terminal.say("" if state is None else state.cursor or "")
        return
    if state is None:
        raise SelectionError(
            f"{name} has not been asked yet, so there is nothing to change. See "
            "`bridge automation list`."
        )
    if dry_run:
        session.terminal.note(f"The cursor of {name} is {state.cursor!r} and would be {value!r}.")
        return
    session.store.set_instigator_cursor(name, None if clear else value)
    session.terminal.say(line("done", f"{name} goes on from {None if clear else value!r}"))


def say_carried(session: Session, carried: Carried) -> None:
    """Which schedules and conditions no daemon asks, because generated DAGs do."""
    keys = sorted(map(str, carried.conditions))
    said = [
        *([f"schedules {listed(sorted(carried.schedules), 3)}"] if carried.schedules else []),
        *([f"conditions of {listed(keys, 3)}"] if keys else []),
    ]
    if said:
        session.terminal.note(f"Left to generated DAGs: {', '.join(said)}.")


def print_ticks(session: Session, found: list[Tick]) -> None:
    """One line a tick."""
    rows = table("", "Name", "Time (UTC)", "Asked", ">Took", "~Runs")
    for tick in found:
        sign = {"success": "done", "skipped": "skipped", "failure": "failed"}[tick.status]
        last = (tick.message or "").strip().splitlines()
        said = [*([listed(list(tick.run_ids), 3)] if tick.run_ids else []), *last[-1:]]
        rows.add_row(
            symbol(sign),
            tick.name,
            moment(tick.happened_at),
            ago(tick.evaluated_at, session.now),
            duration(tick.duration_s),
            "; ".join(said) or "-",
        )
    session.terminal.rows(rows)


def _print_instigators(
    session: Session, automation: Automation, states: dict[str, InstigatorState]
) -> None:
    from bridge.daemon.coming import instigators_of

    found = instigators_of(automation, session.declared_graph, states)
    if not found:
        return
    rows = table("", "Name", "Kind", "When", "Next", "Last")
    for each in found:
        state = states.get(each.name)
        last = None if state is None else state.last_evaluated_at
        rows.add_row(
            symbol("running" if each.is_on else "missing", "on" if each.is_on else "off"),
            each.name,
            each.kind,
            each.when,
            _next(session, each.schedule) if each.is_on and each.schedule else "-",
            "-"
            if state is None or last is None
            else f"{state.last_status} {ago(last, session.now)}",
        )
    session.terminal.rows(rows)
    session.terminal.say()


def _next(session: Session, schedule: ResolvedSchedule) -> str:
    return moment(schedule.cadence.after(session.now))


def _turn(session: Session, name: str, *, on: bool, dry_run: bool) -> None:
    kind = _kind(session, name)
    word = "on" if on else "off"
    if dry_run:
        session.terminal.note(f"{name} would be turned {word}.")
        return
    session.store.turn_instigator(name, kind, on=on, now=session.now)
    session.terminal.say(line("done", f"{kind} {name} is {word}"))
    if on:
        _hint_without_daemon(session)


def _hint_without_daemon(session: Session) -> None:
    from bridge.daemon.leading import LEASE

    lease = session.store.lease(LEASE)
    if lease is None or not lease.is_alive:
        session.terminal.note(f"No daemon runs now: {session.command('daemon')}")


def _kind(session: Session, name: str) -> InstigatorKind:
    from bridge.automation.jobs import suggestion
    from bridge.daemon.coming import kinds_of

    known = kinds_of(session.automation)
    if name not in known:
        raise SelectionError(
            f"There is no schedule or sensor {name!r}.{suggestion(name, known)} "
            "`bridge automation list` shows all."
        )
    return known[name]


def _plain(
    session: Session, automation: Automation, states: dict[str, InstigatorState]
) -> plain.Plain:
    from bridge.daemon.coming import instigators_of

    return {
        "jobs": [
            {
                "name": name,
                "assets": [str(key) for key in job.keys],
                "partitions": None if job.partitions_def is None else job.partitions_def.describe(),
                "description": job.definition.description,
                "place": str(job.definition.place),
            }
            for name, job in automation.jobs.items()
        ],
        "instigators": [
            {
                "name": each.name,
                "kind": each.kind,
                "when": each.when,
                "is_on": each.is_on,
                "next": plain.time(each.schedule.cadence.after(session.now))
                if each.schedule and each.is_on
                else None,
                "last": None
                if each.name not in states
                else plain.time(states[each.name].last_evaluated_at),
                "last_status": None if each.name not in states else states[each.name].last_status,
                "place": each.place,
            }
            for each in instigators_of(automation, session.declared_graph, states)
        ],
    }
