"""`bridge check`: ask the checks of assets as they are, without computing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli import plain
from bridge.cli.options import DryRun, Json, Selection
from bridge.cli.session import Session, session_of
from bridge.cli.terminal import line, shown_path
from bridge.cli.words import count, listed, moment
from bridge.errors import SelectionError

if TYPE_CHECKING:
    from bridge.checks import AssetCheckKey
    from bridge.events import CheckOutcome
    from bridge.execution import Plan, RunResult
    from bridge.keys import AssetKey


def check(
    context: typer.Context,
    selection: Selection = "*",
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition",
            "-p",
            metavar="P|A...B",
            help="One partition, or a range with both ends; else the newest.",
        ),
    ] = None,
    history: Annotated[
        int,
        typer.Option(min=0, help="Ask nothing; show so many past answers of each asset."),
    ] = 0,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Ask checks of assets as they are, and record the answers.

    Nothing is computed. Ends with 1 where a check of severity ERROR fails.
    """
    from bridge.execution import plan, run_plan
    from bridge.execution.queued import resources_of

    session = session_of(context)
    chosen = session.select(selection)
    if history:
        _show_history(session, chosen, history, as_json=as_json)
        return
    asked = _asked(session, chosen)
    todo = plan(
        session.graph,
        [],
        checks=asked,
        partition=partition or _newest(session, asked),
        now=session.now,
    )
    if dry_run:
        _print_plan(session, todo, as_json=as_json)
        return
    result = run_plan(
        todo,
        session.store,
        resources_of(session.definitions, session.project.storage),
        selection=selection,
    )
    _print_result(session, result, as_json=as_json)
    if any(_is_bad(report.outcome) for step in result.steps for report in step.checks):
        raise typer.Exit(1)


def _asked(session: Session, chosen: set[AssetKey]) -> list[AssetCheckKey]:
    """The checks that can be asked now; what is left out is said on stderr."""
    states = session.store.asset_states(chosen)
    asked: list[AssetCheckKey] = []
    absent, own = [], []
    for key in session.graph.order:
        node = session.graph.nodes[key]
        if key not in chosen or not node.check_specs:
            continue
        if node.own_checks:
            own.append(str(key))
        state = states.get(key)
        if node.checks and node.is_executable and (state is None or not state.materialized_at):
            absent.append(str(key))
            continue
        asked += [s.key for each in node.checks for s in each.specs if s.asset_key == key]
    if absent:
        session.terminal.note(f"Never materialized, so not checked: {listed(absent)}.")
    if own:
        session.terminal.note(f"Answered only when it is computed: the checks of {listed(own)}.")
    if not asked:
        raise SelectionError(
            "There is no check to ask: the selected assets have none that can be asked alone now."
        )
    return asked


def _newest(session: Session, asked: list[AssetCheckKey]) -> str | None:
    """The newest window, where those that need a partition agree on one; else `plan` asks."""
    from bridge.partitions import TimeWindowPartitionsDefinition

    newest = set()
    for key in {each.asset_key for each in asked}:
        node = session.graph.nodes[key]
        definition = node.spec.partitions_def
        if definition is None or all(each.is_about_whole_assets for each in node.checks):
            continue
        is_time = isinstance(definition, TimeWindowPartitionsDefinition)
        newest.add(definition.latest(session.now) if is_time else None)
    found = newest.pop() if len(newest) == 1 else None
    if found is not None:
        session.terminal.note(f"No --partition given: the newest, {found}.")
    return found


def _print_plan(session: Session, todo: Plan, *, as_json: bool) -> None:
    steps = [
        (spec.asset_key, spec.name, step.partition, check.place)
        for step in todo.steps
        for check in step.checks
        for spec in check.specs
    ]
    if as_json:
        session.terminal.json(
            [
                {"key": str(key), "check": name, "partition": partition, "place": str(place)}
                for key, name, partition, place in steps
            ]
        )
    else:
        for key, name, partition, place in steps:
            of = f" {partition}" if partition else ""
            at = f"{shown_path(place.file)}:{place.line}"
            session.terminal.say(line("planned", f"{key}{of}: {name}  {at}"))
    session.terminal.note("Nothing was asked: --dry-run.")


def _print_result(session: Session, result: RunResult, *, as_json: bool) -> None:
    answers = [(step, report) for step in result.steps for report in step.checks]
    if as_json:
        session.terminal.json(
            [
                {
                    "key": str(step.key),
                    "check": report.outcome.name,
                    "partition": step.partition,
                    "passed": report.outcome.passed,
                    "severity": report.outcome.severity,
                    "blocking": report.outcome.blocking,
                    "message": report.message,
                }
                for step, report in answers
            ]
        )
        return
    for step, report in answers:
        outcome = report.outcome
        word = "passed" if outcome.passed else "failed" if _is_bad(outcome) else "warned"
        of = f" {step.partition}" if step.partition else ""
        said = f": {report.message}" if report.message and not outcome.passed else ""
        session.terminal.say(line(word, f"{step.key}{of}: {outcome.name} {word}{said}"))
    failed = sum(_is_bad(report.outcome) for _, report in answers)
    warned = sum(not report.outcome.passed for _, report in answers) - failed
    words = [f"{count(len(answers) - failed - warned, 'check')} passed"]
    words += [f"{failed:,} failed"] if failed else []
    words += [f"{warned:,} warned"] if warned else []
    session.terminal.say()
    session.terminal.say(f"{', '.join(words)}.{' Exit code 1.' if failed else ''}")


def _is_bad(outcome: CheckOutcome) -> bool:
    return not outcome.passed and outcome.severity == "ERROR"


def _show_history(session: Session, chosen: set[AssetKey], most: int, *, as_json: bool) -> None:
    """What checks answered before, the newest first, asset by asset."""
    answers = [
        (key, recorded)
        for key in session.graph.order
        if key in chosen
        for recorded in session.store.events(key, kinds=("check",), limit=most)
    ]
    if as_json:
        session.terminal.json([{"key": str(key)} | plain.event(each) for key, each in answers])
        return
    for key, recorded in answers:
        fact = recorded.event
        if fact.check is None:
            continue
        outcome = fact.check
        word = "passed" if outcome.passed else "failed" if _is_bad(outcome) else "warned"
        of = f" {fact.partition}" if fact.partition else ""
        said = f": {fact.message}" if fact.message and not outcome.passed else ""
        when = moment(fact.happened_at)
        session.terminal.say(line(word, f"{when}  {key}{of}: {outcome.name} {word}{said}"))
    if not answers:
        session.terminal.say("No check was asked yet.")
