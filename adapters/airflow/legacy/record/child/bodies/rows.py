"""Rows of a model that a session gave: what is set in one of them is written to its table."""

import re
from typing import Any

from . import sources
from .values import UNKNOWN, Made
from .written import is_model

_ASKING = frozenset(("query", "get", "get_one", "execute", "scalar", "scalars", "exec"))
_GIVING = frozenset(
    """
    first one one_or_none get get_one scalar scalar_one scalar_one_or_none [] __next__
    """.split()  # noqa: SIM905
)
_OF_NONE = frozenset(("count", "exists", "delete", "update", "subquery", "keys", "mappings"))
_KEEPING = re.compile(
    r"\b(commit|flush|begin|provide_session|create_session|\w*session_scope)\b", re.IGNORECASE
)


def one_of(value: Any) -> Any:
    """A row of what a query gives, in a loop over it; UNKNOWN of anything else."""
    is_query = type(value) is Made and _asked(value.chain) is not None and not _is_row(value.chain)
    return value.then("[]") if is_query else UNKNOWN


def changed(row: Made) -> tuple[Made, Made] | None:
    """The session that a row came from, and the row's table; None for what is no such row."""
    at = _asked(row.chain)
    if at is None or not _is_row(row.chain[at:]):
        return None
    table = _entity(row.chain[at])
    return None if table is None else (Made(row.chain[:at]), table)


def are_kept(file: str) -> bool:
    """Does the code of a file keep what its sessions changed?"""
    return _KEEPING.search(sources.text_of(file) or "") is not None


def _asked(chain: list[dict[str, Any]]) -> int | None:
    """The step that asks for the rows of one model."""
    for at, step in enumerate(chain):
        if at and step["name"] in _ASKING and _entity(step) is not None:
            return at
    return None


def _is_row(chain: list[dict[str, Any]]) -> bool:
    last = chain[-1]
    is_called = "arguments" in last or last["name"] == "[]"
    names = {step["name"] for step in chain}
    return is_called and last["name"] in _GIVING and _OF_NONE.isdisjoint(names)


def _entity(step: dict[str, Any]) -> Made | None:
    """The table of `query(Order)` and `scalars(select(Order))`, alone and whole."""
    given = step.get("arguments") or []
    made = given[0].get("made_by") if given and isinstance(given[0], dict) else None
    if not made or (step["name"] in ("query", "select") and len(given) > 1):
        return None
    if made[0]["name"] == "select":
        return _entity(made[0])
    return Made(made) if len(made) == 1 and is_model(made[0]) else None
