"""One SQL statement as sqlglot's tree, in whichever dialect can read it."""

import logging
import re
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from adapters.airflow.lineage.templates import MARK

# What sqlglot cannot parse, as what it can.
_REWRITTEN = (
    (re.compile(r"^\s*REPLACE\s+INTO", re.IGNORECASE), "INSERT INTO"),
    (
        re.compile(
            r"\b(DIRECTORY\s+'[^']*')\s+USING\s+\w+(?:\s+OPTIONS\s*\([^()]*\))?", re.IGNORECASE
        ),
        r"\1",
    ),
    (
        re.compile(
            r"\bTABLE_DATE_RANGE(?:_STRICT)?\s*\(\s*\[([\w:.-]+)\]\s*,(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)",
            re.IGNORECASE,
        ),
        r"[\1*]",
    ),
    (re.compile(r"\b(OPENROWSET\s*\(\s*)BULK\s+(N?'[^']*')[^()]*", re.IGNORECASE), r"\1\2"),
)
# `… where a = b {{ more }}`: a whole clause that only the run knows.
_CLAUSE = re.compile(rf"(?P<before>[\w\"'`\])]+)\s+{MARK}(?=\s*(?:$|[);]|\w))")
_WANTS_MORE = frozenset(
    """
    all and as between by case cross delete distinct else exists explode from full group having if
    ilike in inner insert into is join lateral left like limit not offset on or order outer over
    overwrite right select set table then truncate union unnest update using values view when where
    with
    """.split()  # noqa: SIM905
)
logging.getLogger("sqlglot").setLevel(
    logging.ERROR
)  # it warns of every statement it keeps as plain text


def parsed(text: str, dialect: str | None) -> Any:
    """The tree in the dialect, else in one that can read it; a plain command only if none can."""
    for pattern, instead in _REWRITTEN:
        text = pattern.sub(instead, text)
    tree = _tried(text, dialect)
    if tree is None:
        shorter = _CLAUSE.sub(_left_out, text)
        tree = None if shorter == text else _tried(shorter, dialect)
    return tree


def _left_out(clause: re.Match[str]) -> str:
    """Without the clause, unless the word before it wants one."""
    return clause[0] if clause["before"].lower() in _WANTS_MORE else clause["before"]


def _tried(text: str, dialect: str | None) -> Any:
    command: Any = None
    for attempt in dict.fromkeys((dialect, None, "postgres", "snowflake", "bigquery", "tsql")):
        try:
            tree: Any = sqlglot.parse_one(text, read=attempt)
        except (SqlglotError, RecursionError):
            continue
        if not isinstance(tree, exp.Command):
            return tree
        command = command or tree
    return command
