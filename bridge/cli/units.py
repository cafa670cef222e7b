"""Finding the legacy task that somebody means by `dag_id.task_id`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bridge.cli.session import Session
from bridge.errors import SelectionError

if TYPE_CHECKING:
    from bridge.migration import Gate, Unit

_CHANGE = "c-"


def known_units(session: Session) -> list[Unit]:
    """The units of all adapters."""
    from bridge.capabilities import KnowsUnits

    offered: list[KnowsUnits] = session.offering(KnowsUnits)
    return [unit for knows in offered for unit in knows.units(session.project)]


def gates_of(session: Session, unit: Unit) -> list[Gate]:
    """What the adapter that knows a unit has to say about cutting it over."""
    from bridge.capabilities import KnowsUnits

    offered: list[KnowsUnits] = session.offering(KnowsUnits)
    return [
        gate
        for knows in offered
        if unit in knows.units(session.project)
        for gate in knows.gates(unit, session.project)
    ]


def resolve(text: str, names: Sequence[str]) -> str:
    """The one full name that `text` means. Raises SelectionError for none, or several."""
    found = _matches(text, names)
    if len(found) == 1:
        return found[0]
    if found:
        raise SelectionError(
            f"{text} is in several instances: {', '.join(found)}. Give one of these."
        )
    if not names:
        raise SelectionError(
            f"There is no legacy task {text}: none was imported. See `bridge import --help`."
        )
    short = sorted({name.partition(":")[2] or name for name in names})
    close = difflib.get_close_matches(text, short, n=3)
    hint = (
        f" Did you mean {' or '.join(close)}?" if close else " `bridge migrate status` lists all."
    )
    raise SelectionError(f"There is no legacy task {text}.{hint}")


def recorded_unit(session: Session, text: str) -> str:
    """A change id as it is, or the full name of a unit that has a route; needs no adapter."""
    if text.startswith(_CHANGE) and text[len(_CHANGE) :].isdigit():
        return text
    return resolve(text, [route.unit for route in session.store.routes()])


def _matches(text: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if text in (name, name.partition(":")[2])})
