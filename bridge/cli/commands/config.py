"""`bridge config`: the settings in effect, and where each came from."""

from __future__ import annotations

import typer

from bridge.cli.options import Json
from bridge.cli.session import session_of
from bridge.cli.terminal import table
from bridge.events import PlainValue


def config(context: typer.Context, as_json: Json = False) -> None:
    """Show the settings in effect, and where each came from.

    Passwords in addresses are not shown.
    """
    session = session_of(context)
    project = session.project
    if as_json:
        settings = {s.name: {"value": s.value, "from": s.source} for s in project.settings}
        file = None if project.file is None else str(project.file)
        session.terminal.json({"root": str(project.root), "file": file, "settings": settings})
        return
    rows = table("Setting", "~Value", "From")
    for setting in project.settings:
        rows.add_row(setting.name, _shown(setting.value), setting.source)
    session.terminal.rows(rows)
    session.terminal.say()
    session.terminal.say(f"Project {project.root}, {session.shown_root()}.")


def _shown(value: PlainValue) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)
