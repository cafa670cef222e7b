"""`bridge materialize`: compute assets on this machine, one line each, and say how it went."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.invocation import quoted
from bridge.cli.options import DryRun, Selection
from bridge.cli.progress import Progress
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line, shown_path
from bridge.cli.words import count, duration, listed
from bridge.errors import ExecutionError, SelectionError

if TYPE_CHECKING:
    from bridge.execution import Plan, RunResult
    from bridge.keys import AssetKey

_NAMED_AT_MOST = 4  # assets written out in the command that retries


def materialize(
    context: typer.Context,
    selection: Selection,
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition",
            "-p",
            metavar="P|A...B",
            help="One partition, or a range with both ends; else the newest.",
        ),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Compute the selected assets here, and check them.

    Upstream comes first; what fails keeps only its own downstream from being computed.
    """
    from bridge.execution import plan, run_plan
    from bridge.io import FilesystemIOManager

    session = session_of(context)
    chosen = session.select(selection, outside="left_out")
    if not chosen:
        raise SelectionError(f"Nothing to materialize: {selection!r} names no asset.")
    wanted = partition or _newest(session, chosen)
    todo = plan(session.graph, chosen, partition=wanted, now=session.now)
    _announce(session, todo)
    if dry_run:
        _print_plan(session, todo)
        return
    _show_logs(session)
    managers = {
        "io_manager": FilesystemIOManager(session.project.storage),
        **session.definitions.resources,
    }
    begin = time.perf_counter()
    with Progress(session.terminal, todo) as progress:
        try:
            result = run_plan(todo, session.store, managers, selection=selection, observe=progress)
        except SystemExit as error:
            raise ExecutionError(
                f"The code of an asset called sys.exit({error.code!r}), which ended the run. "
                "Raise an exception instead."
            ) from error
    _summarise(session, result, _retry(todo, result, selection, wanted), begin)
    if not result.success:
        raise typer.Exit(1)


def _newest(session: Session, chosen: set[AssetKey]) -> str | None:
    """The newest window where the selected assets agree on one; else `plan` asks for it."""
    from bridge.partitions import TimeWindowPartitionsDefinition

    nodes = (session.graph.nodes[key] for key in chosen)
    newest = {
        of.latest(session.now) if isinstance(of, TimeWindowPartitionsDefinition) else None
        for node in nodes
        if node.is_executable and (of := node.spec.partitions_def) is not None
    }
    found = newest.pop() if len(newest) == 1 else None
    if found is not None:
        session.terminal.note(f"No --partition given: the newest, {found}.")
    return found


def _announce(session: Session, todo: Plan) -> None:
    names = {step.partition for step in todo.steps if step.partition is not None}
    each = f", {count(len(names), 'partition')} each" if names else ""
    of = f"{len(todo.keys):,} of {count(len(session.graph), 'asset')}"
    session.terminal.note(f"{of}{each}.")
    if todo.not_ours:
        left = listed([str(key) for key in todo.not_ours], 3)
        session.terminal.note(f"Written outside, so left alone: {left}.")


def _print_plan(session: Session, todo: Plan) -> None:
    for step in todo.steps:
        at = f"{shown_path(step.place.file)}:{step.place.line}"
        checks = f", then {count(len(step.checks), 'check')}" if step.checks else ""
        of = f" {step.partition}" if step.partition else ""
        names = ", ".join(map(str, step.keys))
        session.terminal.say(line("planned", f"{names}{of}  {at}{checks}"))
    session.terminal.note("Nothing was computed: --dry-run.")


def _show_logs(session: Session) -> None:
    """What `context.log` says goes to stderr, above the line that is being written."""
    handler = logging.StreamHandler(session.terminal.err.file)
    handler.setFormatter(logging.Formatter("      %(levelname)s %(message)s"))
    logger = logging.getLogger("bridge")
    logger.handlers = [handler]
    logger.setLevel(logging.WARNING)
    logging.getLogger("bridge.user").setLevel(logging.INFO)


def _summarise(session: Session, result: RunResult, retry: str, begin: float) -> None:
    say = session.terminal.say
    reports = [report for step in result.steps for report in step.checks]
    passed = sum(report.outcome.passed for report in reports)
    warned = [
        r.outcome.name for r in reports if not r.outcome.passed and not r.outcome.stops_downstream
    ]
    failed = sum(step.is_failure for step in result.steps)
    skipped = sum(step.status in ("skipped", "omitted") for step in result.steps)
    done = len(result.steps) - failed - skipped
    say()
    if reports:
        words = [f"{passed:,} passed"]
        if passed + len(warned) < len(reports):
            words.append(f"{len(reports) - passed - len(warned):,} failed")
        if warned:
            words.append(f"{len(warned):,} warned: {listed(warned, 3)}")
        say(f"  checks  {', '.join(words)}")
    say(f"  run     {result.run_id}")
    say()
    took = duration(time.perf_counter() - begin)
    if result.success:
        say(f"{done:,} done in {took}. See {session.command('status')}")
        return
    say(f"{failed:,} failed, {skipped:,} skipped, {done:,} done in {took}. Exit code 1.")
    say(f"Retry what is not done: {session.command(retry)}")


def _retry(todo: Plan, result: RunResult, selection: str, partition: str | None) -> str:
    """The command that computes what failed and what was skipped for it.

    A function that cannot compute a part of its assets computes them all again.
    """
    unfinished = [step for step in result.steps if step.is_failure or step.status == "skipped"]
    whole = {
        key: step.definition.keys
        for step in todo.steps
        if step.definition is not None and not step.definition.can_subset
        for key in step.keys
    }
    again_keys = (key for step in unfinished for key in whole.get(step.key, (step.key,)))
    names = list(dict.fromkeys(_named(key) for key in again_keys))
    text = " or ".join(names) if len(names) <= _NAMED_AT_MOST else selection
    partitions = {step.partition for step in unfinished} - {None}
    again = next(iter(partitions)) if len(partitions) == 1 else partition
    return f"materialize {quoted(text)}" + (f" --partition {again}" if again else "")


def _named(key: AssetKey) -> str:
    text = str(key)
    return text if text.replace("_", "").replace("/", "").isalnum() else f'key:"{text}"'
