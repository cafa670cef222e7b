"""`bridge materialize`: compute assets on this machine, one line each, and say how it went."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import SELECTION, DryRun
from bridge.cli.progress import Progress
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line, shown_path
from bridge.cli.words import count, duration, listed
from bridge.errors import ExecutionError, RefusedError, SelectionError

if TYPE_CHECKING:
    from bridge.automation.jobs import ResolvedJob
    from bridge.execution import Plan, RunResult
    from bridge.keys import AssetKey
    from bridge.runs import Run


def materialize(  # noqa: PLR0917 - each is an option
    context: typer.Context,
    selection: Annotated[str | None, SELECTION] = None,
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition",
            "-p",
            metavar="P|A...B",
            help="One partition, or a range with both ends; else the newest.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="How many assets at once, each in a process of its own; else 1."),
    ] = None,
    retry: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Only what did not succeed in that run."),
    ] = None,
    job: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The assets of a job, with its configuration and tags."),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Compute the selected assets here, and check them.

    Upstream comes first; what fails keeps only its own downstream from being computed.
    """
    session = session_of(context)
    if job is not None and (selection is not None or retry is not None):
        raise SelectionError(f"--job {job} says which assets; give no selection and no --retry.")
    again = None if retry is None else _to_retry(session, retry, selection, partition)
    named = None if job is None else session.automation.job(job)
    if named is not None:
        selection = named.selection
    todo = _again(session, again) if again else _selected(session, selection, partition, named)
    if again and not todo.steps:
        session.terminal.note(f"Nothing to retry: all of run {again.id} succeeded.")
        return
    _announce(session, todo)
    if dry_run:
        _print_plan(session, todo)
        return
    begin = time.perf_counter()
    with _logs_shown(session):
        result = _run(session, todo, selection or "", workers, again, named)
    _summarise(session, result, begin)
    if not result.success:
        raise typer.Exit(1)


def _selected(
    session: Session, selection: str | None, partition: str | None, job: ResolvedJob | None
) -> Plan:
    from bridge.execution import plan

    if selection is None:
        raise SelectionError(
            "Say which assets, such as orders or group:raw, or --job NAME, or --retry RUN."
        )
    chosen = set(job.keys) if job else session.select(selection, outside="left_out")
    if not chosen:
        raise SelectionError(f"Nothing to materialize: {selection!r} names no asset.")
    wanted = partition or _newest(session, chosen)
    return plan(session.graph, chosen, partition=wanted, now=session.now)


def _to_retry(session: Session, retry: str, selection: str | None, partition: str | None) -> Run:
    if selection is not None or partition is not None:
        raise SelectionError("--retry does the same assets and partitions as that run; name none.")
    run = session.run(retry)
    if not run.has_ended:
        raise RefusedError(
            f"Run {run.id} is {run.status}, so it is not known what will be left. Wait, or end it: "
            f"`bridge runs cancel {run.id}`."
        )
    return run


def _again(session: Session, run: Run) -> Plan:
    from bridge.execution import planned, retry_of

    return planned(retry_of(run, run.id, session.now), session.graph, session.store, session.now)


def _run(
    session: Session,
    todo: Plan,
    selection: str,
    workers: int | None,
    again: Run | None,
    job: ResolvedJob | None,
) -> RunResult:
    from bridge.execution import resources_of, run_plan
    from bridge.executors import in_process_executor, multiprocess_executor

    name = again.job_name if again else None if job is None else job.name
    executor = session.definitions.executor_of(name) or in_process_executor
    given = {} if job is None else job.definition.run_config
    if workers is not None:
        limits = executor.tag_concurrency_limits
        named = in_process_executor if workers == 1 else multiprocess_executor
        count = None if workers == 1 else workers
        executor = replace(named, max_concurrent=count, tag_concurrency_limits=limits)
    with Progress(session.terminal, todo) as progress:
        try:
            return run_plan(
                todo,
                session.store,
                resources_of(session.definitions, session.project.storage),
                selection=again.selection if again else selection,
                observe=progress,
                run_config=again.target.run_config if again else given,
                executor=executor,
                pools=session.project.pools,
                retries=again,
                job_name=name,
                tags=None if job is None else job.definition.tags,
            )
        except SystemExit as error:
            raise ExecutionError(
                f"The code of an asset called sys.exit({error.code!r}), which ended the run. "
                "Raise an exception instead."
            ) from error


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
    names = {name for step in todo.steps for name in step.partitions if name is not None}
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


@contextmanager
def _logs_shown(session: Session) -> Generator[None, None, None]:
    """What `context.log` says goes to stderr, above the line that is being written."""
    handler = logging.StreamHandler(session.terminal.err.file)
    handler.setFormatter(logging.Formatter("      %(levelname)s %(message)s"))
    ours, of_users = logging.getLogger("bridge"), logging.getLogger("bridge.user")
    before = ours.handlers, ours.level, of_users.level
    ours.handlers = [handler]
    ours.setLevel(logging.WARNING)
    of_users.setLevel(logging.INFO)
    try:
        yield
    finally:
        ours.handlers = before[0]
        ours.setLevel(before[1])
        of_users.setLevel(before[2])


def _summarise(session: Session, result: RunResult, begin: float) -> None:
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
    how = "Canceled: " if result.canceled else ""
    say(f"{how}{failed:,} failed, {skipped:,} skipped, {done:,} done in {took}. Exit code 1.")
    say(f"Retry what is not done: {session.command(f'materialize --retry {result.run_id}')}")
