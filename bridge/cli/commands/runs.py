"""`bridge runs`: what ran, what became of each asset, what it printed; and ending a run."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.text import Text

from bridge.cli import plain
from bridge.cli.links import LINKED, pages
from bridge.cli.options import DryRun, Json
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line, symbol, table
from bridge.cli.words import ago, duration, moment
from bridge.errors import RefusedError, SelectionError

if TYPE_CHECKING:
    from bridge.runs import Run, RunStatus, StepRecord, StepText

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or how it begins.")]
_STATUSES = ("queued", "running", "succeeded", "failed", "canceled")
_SYMBOLS = {
    "succeeded": "done",
    "checked": "done",
    "queued": "planned",
    "waiting": "planned",
    "omitted": "skipped",
}
_BAR = 32
_SHOWN_PARTS = 20
_CANCELED_WITHIN_S = 15.0
_PAGES_LOOKED_FOR, _PAGES_SHOWN = 500, 20


def list_runs(
    context: typer.Context,
    status: Annotated[
        str | None, typer.Option(help=f"Only these: {', '.join(_STATUSES)}, with commas.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option(help="Only those asked for by, such as user or schedule:nightly.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """List runs of this project, the newest first.

    Runs of Airflow are part of an asset's history: `bridge show`.
    """
    session = session_of(context)
    wanted = [word.strip() for word in status.split(",")] if status else []
    for word in wanted:
        if word not in _STATUSES:
            raise SelectionError(f"No run is {word!r}; there are {', '.join(_STATUSES)}.")
    statuses = cast("list[RunStatus]", wanted)
    found = session.store.runs(statuses=statuses, origin=origin, limit=limit)
    if as_json:
        session.terminal.json([plain.run(each) for each in found])
        return
    if not found:
        session.terminal.note("No runs.")
        return
    is_elsewhere = any(each.remote is not None for each in found)
    rows = table(
        "Run", "Status", "~What", "Asked by", *(["On"] if is_elsewhere else []), ">Began", ">Took"
    )
    for each in found:
        began = each.started_at or each.created_at
        on = "" if each.remote is None else each.remote.place
        rows.add_row(
            each.id,
            symbol(_SYMBOLS.get(each.status, each.status), each.status),
            _what(each),
            each.origin,
            *([on] if is_elsewhere else []),
            ago(began, session.now),
            _took(each, session.now),
        )
    session.terminal.rows(rows)


def show_run(context: typer.Context, run: RunId, as_json: Json = False) -> None:
    """Show one run: what became of each asset, and when.

    What was skipped says why; the bars are times.
    """
    session = session_of(context)
    found = session.run(run)
    steps = session.store.steps(found.id)
    if as_json:
        session.terminal.json(plain.run(found) | {"steps": [plain.step(each) for each in steps]})
        return
    say = session.terminal.say
    say(
        Text.assemble(
            symbol(_SYMBOLS.get(found.status, found.status)), f" Run {found.id}  ", _what(found)
        )
    )
    began, took = moment(found.started_at or found.created_at), _took(found, session.now)
    say(f"  {found.status}, asked by {found.origin}, began {began}, took {took}")
    if found.retry_of:
        say(f"  retries {found.retry_of}")
    if found.message:
        say(f"  {found.message}")
    _say_parts(session, found)
    say()
    _say_steps(session, found, steps)
    _say_pages(session, found)
    if session.store.step_texts(found.id):
        say()
        say(f"  logs    {session.command(f'runs logs {found.id}')}")
    if found.status in ("failed", "canceled"):
        say(f"  retry   {session.command(f'materialize --retry {found.id}')}")


def logs(
    context: typer.Context,
    run: RunId,
    asset: Annotated[str | None, typer.Argument(help="Of this asset only.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a run's functions logged and printed.

    Where several partitions of an asset were computed, one after the other.
    """
    from bridge.keys import AssetKey

    session = session_of(context)
    found = session.run(run)
    key = None if asset is None else AssetKey.parse(asset)
    texts = session.store.step_texts(found.id, key)
    if as_json:
        session.terminal.json([plain.step_text(each) for each in texts])
        return
    if not texts:
        session.terminal.note(f"{asset or 'Nothing'} in run {found.id} printed or logged anything.")
        return
    for each in texts:
        _say_text(session, each)


def cancel(context: typer.Context, run: RunId, dry_run: DryRun = False) -> None:
    """End a run: what computes is stopped, the rest skipped.

    What is computed already stays. One that waits in the queue ends at once.
    """
    session = session_of(context)
    found = session.run(run)
    if found.has_ended:
        raise RefusedError(f"Run {found.id} has ended already: it is {found.status}.")
    if dry_run:
        session.terminal.say(f"Would cancel run {found.id}, which is {found.status}.")
        return
    session.store.cancel_run(found.id, now=session.now)
    session.look_after([session.run(found.id)])
    deadline = time.monotonic() + _CANCELED_WITHIN_S
    while not (now := session.run(found.id)).has_ended and time.monotonic() < deadline:
        time.sleep(0.1)
    if not now.has_ended:
        session.terminal.say(f"Run {now.id} was asked to end, and has not yet.")
        return
    session.terminal.say(line("done", f"Run {now.id} is {now.status}.", indent=0))


def _what(run: Run) -> str:
    target = run.target
    named = run.selection or run.job_name or ", ".join(map(str, target.assets[:3]))
    more = f" and {len(target.assets) - 3:,} more" if len(target.assets) > 3 else ""  # noqa: PLR2004
    text = named if run.selection or run.job_name else named + more
    return f"{text} {target.partition}" if target.partition else text


def _took(run: Run, now: datetime) -> str:
    if run.started_at is None:
        return "-"
    return duration(((run.ended_at or now) - run.started_at).total_seconds())


def _say_parts(session: Session, run: Run) -> None:
    """What another system does of a run, and where to look at it."""
    if run.remote is None:
        return
    session.terminal.say(f"  on {run.remote.place}")
    for part in run.remote.parts[:_SHOWN_PARTS]:
        of = f" {part.partition}" if part.partition else ""
        what = f"{part.name} {part.id}{of}" if part.id else f"{part.name}{of}"
        session.terminal.say(line(_SYMBOLS.get(part.state, part.state), f"{what}   {part.state}"))
        if part.link is not None:
            session.terminal.say(f"      {part.link}")
    if len(run.remote.parts) > _SHOWN_PARTS:
        session.terminal.say(f"      and {len(run.remote.parts) - _SHOWN_PARTS:,} more")


def _say_steps(session: Session, run: Run, steps: list[StepRecord]) -> None:
    begin = run.started_at or run.created_at
    whole = max(((run.ended_at or session.now) - begin).total_seconds(), 0.001)
    wide = min(60, max((len(_name(step)) for step in steps), default=0))
    for step in steps:
        word = "failed" if step.is_failure else _SYMBOLS.get(step.status, step.status)
        text = f"{_name(step):<{wide}}"
        if step.started_at is None:
            session.terminal.say(line(word, f"{text}   {step.status}{_because(step)}"))
            continue
        ended = step.ended_at or session.now
        took = (ended - step.started_at).total_seconds()
        at = (step.started_at - begin).total_seconds()
        bar = Text(_bar(at / whole, took / whole), "red" if step.is_failure else "blue")
        tries = f"   {step.attempts} attempts" if step.attempts > 1 else ""
        shown = line(word, text + "  ")
        session.terminal.say(Text.assemble(shown, bar, f" {duration(took):>8}{tries}"))
        for said in _details(step):
            session.terminal.say(Text.assemble(" " * 6, said))


def _say_pages(session: Session, run: Run) -> None:
    """Where to read on about what another system did in this run, what failed before the rest."""
    recorded = session.store.events(run_id=run.id, kinds=LINKED, limit=_PAGES_LOOKED_FOR)
    events = sorted((each.event for each in recorded), key=lambda event: event.kind != "failure")
    links = dict(pages(session, events))
    shown = [(event, links.pop(event.source)) for event in events if event.source in links]
    for event, page in shown[:_PAGES_SHOWN]:
        of = f" {event.partition}" if event.partition else ""
        session.terminal.say(f"  page    {event.key}{of}  {page}")
    if shown[_PAGES_SHOWN:]:
        session.terminal.say(f"  page    and {len(shown) - _PAGES_SHOWN:,} more")


def _details(step: StepRecord) -> list[Text]:
    found = [Text(f"check failed {name}", "red") for name in step.failed_checks]
    if step.message and step.status != "checked":
        found.append(Text(step.message, "red" if step.is_failure else ""))
    return found


def _because(step: StepRecord) -> str:
    return f", {step.message}" if step.message else ""


def _bar(begin: float, length: float) -> str:
    """A stretch of the run: at least one sign long, and inside."""
    first = min(int(begin * _BAR), _BAR - 1)
    signs = min(max(round(length * _BAR), 1), _BAR - first)
    return " " * first + "\N{BOX DRAWINGS HEAVY HORIZONTAL}" * signs + " " * (_BAR - first - signs)


def _name(step: StepRecord | StepText) -> str:
    key = step.keys[0] if hasattr(step, "keys") else step.key
    checks = f" ({', '.join(step.checks)})" if step.checks else ""
    return f"{key}{f' {step.partition}' if step.partition else ''}{checks}"


def _say_text(session: Session, text: StepText) -> None:
    say = session.terminal.say
    names = ", ".join(map(str, text.keys))
    say(Text(f"{names}{f' {text.partition}' if text.partition else ''}", "bold"))
    for each in text.log:
        say(f"  {moment(each.at)} {each.level} {each.message}")
    for title, printed in (("stdout", text.stdout), ("stderr", text.stderr)):
        if printed:
            say(Text(f"  {title}", "dim"))
            for row in printed.rstrip("\n").split("\n"):
                say(f"    {row}")
