"""One SQL statement as sqlglot's tree, in whichever dialect can read it."""

import logging
import re
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

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
logging.getLogger("sqlglot").setLevel(
    logging.ERROR
)  # it warns of every statement it keeps as plain text


def parsed(text: str, dialect: str | None) -> Any:
    """The tree in the dialect, else in one that can read it; a plain command only if none can."""
    command: Any = None
    for pattern, instead in _REWRITTEN:
        text = pattern.sub(instead, text)
    for attempt in dict.fromkeys((dialect, None, "postgres", "snowflake", "bigquery", "tsql")):
        try:
            tree: Any = sqlglot.parse_one(text, read=attempt)
        except (SqlglotError, RecursionError):
            continue
        if not isinstance(tree, exp.Command):
            return tree
        command = command or tree
    return command
