"""`bridge daemon`: ask schedules, sensors and conditions, and start runs, as long as it runs."""

from __future__ import annotations

import signal
import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli import plain
from bridge.cli.options import DryRun, Json
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line
from bridge.cli.words import ago, count, moment

if TYPE_CHECKING:
    from types import FrameType

    from bridge.daemon import Daemon, Happening, House
    from bridge.store import Lease

_SIGNS = {
    "leading": "note",
    "waiting": "hint",
    "queued": "planned",
    "skipped": "skipped",
    "failed": "failed",
    "started": "running",
    "warning": "warning",
    "recorded": "done",
}
_RUNS_SHOWN = 10


def daemon(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due with its runs, then end.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time; else the settings, else the CPUs.")
    ] = None,
    as_json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Run schedules, sensors, conditions and the queue.

    One line is printed for each thing that happens. It can be killed at any moment, and started
    twice: one leads, the other waits. Runs are processes of their own and go on when it ends.
    """
    if context.invoked_subcommand is not None:
        return
    session = session_of(context)
    house = _house(session)
    _say_carried(session, house)
    if dry_run:
        _print_due(session, house)
        return
    house.report = _Printer(session, as_json=as_json)
    _run(house, workers, once=once)


def daemon_status(context: typer.Context, as_json: Json = False) -> None:
    """Show who leads, what waits, and the last ticks."""
    from bridge.daemon.leading import LEASE, owner_of

    session = session_of(context)
    store = session.store
    lease, queued = store.lease(LEASE), store.queued_runs()
    running = store.runs(statuses=("running",), limit=1000)
    ticks = store.ticks(limit=_RUNS_SHOWN)
    leads = lease is not None and lease.is_alive
    if as_json:
        session.terminal.json(
            {
                "leads": leads,
                "leader": None if lease is None or not leads else vars_of(lease),
                "last_heartbeat": None if lease is None else plain.time(lease.renewed_at),
                "queued": [run.id for run in queued],
                "running": [run.id for run in running],
                "ticks": [plain.tick(tick) for tick in ticks],
            }
        )
        return
    say = session.terminal.say
    if lease is None:
        say(line("missing", f"no daemon has run yet. Start one with {session.command('daemon')}"))
    else:
        who = owner_of(lease)
        text = (
            f"process {who.pid} on {who.host}, last heartbeat {ago(lease.renewed_at, session.now)}"
        )
        if leads:
            say(line("running", f"leads since {moment(lease.since)} UTC: {text}"))
        else:
            say(line("warning", f"no daemon leads; the last was {text}"))
    say(f"  {count(len(queued), 'run')} queued, {len(running):,} running")
    if ticks:
        from bridge.cli.commands.automation import print_ticks

        say()
        print_ticks(session, ticks)


def vars_of(lease: Lease) -> plain.Plain:
    """The leader for programs."""
    from bridge.daemon.leading import owner_of

    who = owner_of(lease)
    return {"host": who.host, "pid": who.pid, "since": plain.time(lease.since)}


def _house(session: Session) -> House:
    from bridge.daemon import House
    from bridge.execution import resources_of

    graph = session.declared_graph
    return House(
        project=session.project,
        store=session.store,
        declared_graph=graph,
        automation=session.automation,
        resources=resources_of(session.definitions, session.project.storage),
        adapters=tuple(session.adapters),
    )


def _say_carried(session: Session, house: House) -> None:
    """Leave to others what they ask, and say so."""
    from bridge.cli.commands.automation import say_carried
    from bridge.daemon.house import without_carried

    say_carried(session, without_carried(house))


def _run(house: House, workers: int | None, *, once: bool) -> None:
    from bridge.daemon import Daemon, duties_of
    from bridge.daemon.leading import Leadership
    from bridge.execution.process import this_process

    found = Daemon(
        house,
        duties_of(house, workers=workers),
        Leadership(house.store, this_process()),
        lambda: datetime.now(timezone.utc),
    )
    with _Signals(found, house.wake):
        found.run_once() if once else found.run()


def _print_due(session: Session, house: House) -> None:
    from bridge.daemon.coming import due_now

    found = due_now(house, session.now)
    for each in found:
        session.terminal.say(line("planned", f"{each.who}  {each.text}"))
    session.terminal.note(f"{count(len(found), 'thing')} due. Nothing was done: --dry-run.")


class _Signals:
    """Ends the daemon at SIGTERM and SIGINT, and wakes it when a run's process ends."""

    def __init__(self, running: Daemon, wake: threading.Event) -> None:
        self._running = running
        self._wake = wake
        self._before: dict[int, object] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            self._before[number] = signal.signal(number, self._end)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, self._look)

    def __exit__(self, *_error: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._running.stop()

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        self._wake.set()


class _Printer:
    """One line a happening, or one JSON object a line."""

    def __init__(self, session: Session, *, as_json: bool) -> None:
        self._terminal = session.terminal
        self._as_json = as_json

    def __call__(self, happening: Happening) -> None:
        now = datetime.now(timezone.utc)
        if self._as_json:
            told: plain.Plain = {
                "at": plain.time(now),
                "what": happening.what,
                "who": happening.who,
                "text": happening.text,
                "run_ids": list(happening.run_ids),
            }
            self._terminal.json(told, indent=None)
            return
        sign = _SIGNS.get(happening.what) or (
            "done" if happening.text.startswith("succeeded") else "failed"
        )
        self._terminal.say(
            line(sign, f"{now:%H:%M:%S}  {happening.who}  {happening.what}: {happening.text}")
        )
        self._terminal.out.file.flush()
