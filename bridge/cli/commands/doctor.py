"""`bridge doctor`: look at what an installation needs, and say what to do about what is wrong."""

from __future__ import annotations

from collections import Counter

import typer

from bridge.cli import plain
from bridge.cli.checkup import examine
from bridge.cli.findings import finding_line
from bridge.cli.options import Json
from bridge.cli.session import session_of
from bridge.cli.words import count


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Check the installation, and say what is wrong.

    Looks at Python, settings, store, code locations, generated files and adapters. A problem ends
    with 1.
    """
    session = session_of(context)
    findings = []
    for found in examine(session):
        findings.append(found)
        if not as_json:
            session.terminal.say(finding_line(found))
    if as_json:
        session.terminal.json([plain.finding(found) for found in findings])
    levels = Counter(found.level for found in findings)
    problems, warnings = levels["problem"], levels["warning"]
    if not as_json:
        session.terminal.say()
        end = "Exit code 1." if problems else "Exit code 0."
        session.terminal.say(f"{count(problems, 'problem')}, {count(warnings, 'warning')}. {end}")
    if problems:
        raise typer.Exit(1)
