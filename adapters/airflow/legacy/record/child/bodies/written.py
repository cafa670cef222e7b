"""Calls and their arguments as JSON, in the form of `snapshot.Call`; no password is written."""

# ruff: noqa: PLR0911 - one branch for each kind of value

import re
from collections.abc import Iterator
from typing import Any

from ..placing import here
from ..redaction import looks_secret
from ..worth_reading import ASKING, MAKERS, NAMES
from .values import Choice, Made

_MOST_ITEMS = 50
_LONGEST = 256 * 1024  # a query of a report has been seen with 75 kB
_DEEPEST = 2  # lists in lists are enough
_MOST_BELOW = 8  # but for short ones
_MOST_MADE = 2  # of chains among the arguments of chains
_MOST_STEPS = 12
_MOST_OF_A_STEP = 8  # items of a list or dict that a call is given which is not kept itself
_THREE = 3
_CONFIGURED = ("QueryJobConfig", "Table")
_OF_HOOKS = ("schema", "database")
_USER = re.compile(r"(?<=://)[^/?#\s]*@")  # of a URL: it may hold a password, and that an "@"
_KEY_IN_PATH = re.compile(r"(?<=/bot)\d+:[\w-]{30,}|(?<=hooks\.slack\.com/services/)[\w/-]+")
# Who is asked, the user, a password, then this, by place.
_FOURTH = {"pymysql": "database", "MySQLdb": "database", "pymssql": "database"}
_FOURTH |= {"smb": "remote_name"}
_SECRET_WORD = re.compile(r"\b(password|passwd|pwd|token)\s*=\s*\S+", re.IGNORECASE)


def described(
    name: str, args: list[Any], named: dict[str, Any], module: str | None = None
) -> dict[str, Any]:
    """A call; of a constructor only the first argument by place, which may not be a password."""
    call: dict[str, Any] = {"name": name}
    if module is not None:
        call["module"] = module
    is_kept = name in NAMES or name in MAKERS or name in ASKING
    fourth = _FOURTH.get((module or "").partition(".")[0])
    if fourth and len(args) > _THREE and name.lower().endswith(("connect", "connection")):
        named = {fourth: args[_THREE], **named}
    call["arguments"] = [written(each) for each in (args if is_kept else _shown(args))]
    by_name = {
        key: written(each)
        for key, each in named.items()
        if not _is_secret(key) and (is_kept or _is_short(each))
    }
    if by_name:
        call["named"] = by_name
    return call


def _shown(args: list[Any]) -> list[Any]:
    """The first argument, and what calls made among the others."""
    last = max((n for n, each in enumerate(args) if isinstance(each, Made)), default=0)
    return [
        each if n == 0 or isinstance(each, Made) else None
        for n, each in enumerate(args[: last + 1])
    ]


def configured(made: Made, name: str, value: Any) -> None:
    """`config.destination = table`, `hook.schema = "shop"`: as if it had been made with that."""
    last = made.chain[-1]
    is_hook = last["name"].endswith("Hook") and "arguments" in last and name in _OF_HOOKS
    is_told = is_hook or last["name"] in _CONFIGURED
    if is_told and not _is_secret(name) and _is_short(value):
        made.chain = [
            *made.chain[:-1],
            {**last, "named": {**last.get("named", {}), name: written(value)}},
        ]


def _is_secret(name: str) -> bool:
    return looks_secret(name) or "headers" in name.lower()


def written(value: Any, depth: int = 0) -> Any:
    """JSON of what is known of a value."""
    if isinstance(value, str):
        text = here().placed(str.__str__(value))
        if len(text) > _LONGEST:
            return {"opaque": "a long text"}
        return _KEY_IN_PATH.sub("", _SECRET_WORD.sub("", _USER.sub("", text)))
    if isinstance(value, Made):
        return {"made_by": shortened(value.chain)}
    if isinstance(value, Choice):
        return written(value.values[0], depth)
    is_below = depth == _DEEPEST and isinstance(value, dict) and len(value) <= _MOST_BELOW
    if depth < _DEEPEST and isinstance(value, list):
        return [written(each, depth + 1) for each in _each(value)[:_MOST_ITEMS]]
    if (depth < _DEEPEST and isinstance(value, dict)) or is_below:
        items = list(value.items())[:_MOST_ITEMS]
        return {
            str(key): written(each, depth + 1) for key, each in items if not _is_secret(str(key))
        }
    is_plain = value is None or isinstance(value, (bool, int, float))
    return value if is_plain else {"opaque": "known when it runs"}


def shortened(chain: list[dict[str, Any]], depth: int = 0) -> list[dict[str, Any]]:
    """A chain without its middle, if it is long, and without chains far inside of it."""
    half = _MOST_STEPS // 2
    kept = chain if len(chain) <= _MOST_STEPS else [*chain[:half], *chain[-half:]]
    return [
        {
            key: _cut(each, depth) if key in ("arguments", "named") else each
            for key, each in step.items()
        }
        for step in kept
    ]


def _cut(value: Any, depth: int) -> Any:
    if isinstance(value, list):
        return [_cut(each, depth) for each in value]
    if isinstance(value, dict):
        if isinstance(value.get("made_by"), list):
            deeper = depth + 1
            if deeper >= _MOST_MADE:
                tables = list(_tables_in(value))[:_MOST_ITEMS]
                return tables if len(tables) > 1 else (*tables, {"opaque": "known when it runs"})[0]
            return {"made_by": shortened(value["made_by"], deeper)}
        return {key: _cut(each, depth) for key, each in value.items()}
    return value


def _tables_in(value: Any) -> Iterator[Any]:
    """The tables that a value was made of, however far inside."""
    if isinstance(value, list):
        for each in value:
            yield from _tables_in(each)
        return
    chain = value.get("made_by") if isinstance(value, dict) else None
    if not isinstance(chain, list):
        return
    if is_model(chain[0]):
        yield {"made_by": chain[: 1 + _goes_through(chain)]}
        return
    for step in chain:
        yield from _tables_in([*step.get("arguments", []), *step.get("named", {}).values()])


def _goes_through(chain: list[dict[str, Any]]) -> bool:
    """Is it `Order.tags`, whose pairs are in another table?"""
    return len(chain) > 1 and "secondary" in chain[1].get("named", {})


def is_model(step: dict[str, Any]) -> bool:
    """Is a step one of `models`: a table of SQLAlchemy's?"""
    module = str(step.get("module") or "")
    return step["name"] == "Table" and module.startswith("sqlalchemy") and "arguments" in step


def _is_short(value: Any) -> bool:
    return not isinstance(value, (list, dict)) or len(value) <= _MOST_OF_A_STEP


def _each(items: list[Any]) -> list[Any]:
    parted = (each.values if isinstance(each, Choice) else [each] for each in items)
    return [value for values in parted for value in values]
