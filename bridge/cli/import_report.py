"""An import's report on a terminal: what needs a look, and how much more there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from bridge.cli.findings import finding_line
from bridge.cli.terminal import symbol, table
from bridge.cli.words import count

if TYPE_CHECKING:
    from bridge.capabilities import ImportedDag, ImportReport
    from bridge.cli.terminal import Terminal
    from bridge.findings import Finding, FindingLevel

_LEVELS: tuple[FindingLevel, ...] = ("problem", "warning", "note")
_MANY = 20  # DAGs: more of them do not fit on a screen
_COMPLETE = 2  # are shown all the same, to see what one looks like
_INCOMPLETE = 40
# Findings of one kind; what they have in common is in the first, what they are about in --all.
_ALIKE: dict[FindingLevel, int] = {"problem": 5, "warning": 3, "note": 1}


def print_report(terminal: Terminal, report: ImportReport, *, everything: bool) -> None:
    """DAGs, sums and findings. Of many, those that lack nothing are only counted, and so are
    findings of a kind after the first few; unless `everything` is wanted.
    """
    tasks = sum(dag.tasks for dag in report.dags)
    dags = count(len(report.dags), "DAG")
    if len(report.dags) < report.dags_in_all:
        some = f"{len(report.dags):,} of {count(report.dags_in_all, 'DAG')}"
        dags = f"{some} {'matches' if len(report.dags) == 1 else 'match'}"
    terminal.say(f"{report.source}, {dags}, {count(tasks, 'task')}")
    terminal.say()
    left_out = _print_dags(terminal, report.dags, everything=everything)
    needs = "needs" if report.unmapped_tasks == 1 else "need"
    unread = f", {count(report.files_unread, 'file')} not read" if report.files_unread else ""
    terminal.say(
        f"+ {count(report.assets, 'observed asset')}, + {count(report.edges, 'edge')}, "
        f"{count(report.unmapped_tasks, 'task')} {needs} a mapping{unread}"
    )
    if report.policies_suggested:
        policies = count(report.policies_suggested, "freshness policy", "freshness policies")
        terminal.say(f"{policies} suggested; none is in force before confirmed: true is set for it")
    if report.limits_held:
        terminal.say(_containment(report, everything=everything))
    left_out |= _print_findings(terminal, report.findings, everything=everything)
    terminal.say()
    if left_out:
        terminal.say("All of it: --all here, or --html FILE as a page.")


def _containment(report: ImportReport, *, everything: bool) -> str:
    held = ", ".join(report.limits_held)
    held = held if everything else count(len(report.limits_held), "limit")
    refused = ", ".join(report.limits_refused)
    missing = f"; this machine does not offer: {refused}" if refused else ""
    return f"files ran within {held}{missing} (containment, not a security boundary)"


def _print_dags(terminal: Terminal, dags: Sequence[ImportedDag], *, everything: bool) -> bool:
    """Whether some were only counted."""
    complete = [dag for dag in dags if _is_complete(dag)]
    lacking = [dag for dag in dags if not _is_complete(dag)]
    is_short = everything or len(dags) <= _MANY
    shown = list(dags) if is_short else [*complete[:_COMPLETE], *lacking[:_INCOMPLETE]]
    rows = table("DAG", ">Tasks", "Schedule", ">Outputs", "~How", "~Notes")
    for dag in shown:
        known = f"{dag.outputs_known:,}"
        rows.add_row(
            dag.dag_id,
            f"{dag.tasks:,}",
            dag.schedule,
            known if dag.outputs_known == dag.outputs else f"{known} of {dag.outputs:,}",
            ", ".join(dag.how) or "-",
            ", ".join(dag.notes),
        )
    if dags:
        terminal.rows(rows)
    more = 0 if is_short else len(complete[_COMPLETE:])
    gaps = 0 if is_short else len(lacking[_INCOMPLETE:])
    if gaps:
        terminal.say(f"  {gaps:,} more that lack something")
    if more:
        terminal.say(f"  {more:,} more, all complete")
    if dags:
        terminal.say()
    return bool(more or gaps)


def _is_complete(dag: ImportedDag) -> bool:
    return dag.outputs_known == dag.outputs and not dag.notes


def _print_findings(terminal: Terminal, findings: Sequence[Finding], *, everything: bool) -> bool:
    """The worst first, those of a kind together. Whether some were only counted."""
    kinds: dict[tuple[FindingLevel, str], list[Finding]] = {}
    for level in _LEVELS:
        for found in findings:
            if found.level == level:
                kinds.setdefault((level, found.code), []).append(found)
    left_out = False
    for (level, code), alike in kinds.items():
        # One more line that only counts says no more than the finding itself.
        most = _ALIKE[level]
        cut = most if not everything and len(alike) > most + 1 else len(alike)
        for found in alike[:cut]:
            terminal.say(finding_line(found, note="hint"))
        if more := len(alike) - cut:
            left_out = True
            word = "hint" if level == "note" else level
            kind = code.replace("_", " ").replace("-", " ")
            terminal.say(Text.assemble("  ", symbol(word), " ", (f"{more:,} more: {kind}", "dim")))
    return left_out
