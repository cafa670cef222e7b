"""Whether two calls of a function are the same call, as far as their values are plain ones."""

from typing import Any

from .values import UNKNOWN, Bound, Choice, Made, Routine

_PLAIN = (str, int, float, bool, type(None))
_DEEPEST = 6


class _NoKey(Exception):
    """It holds an object, which may be changed on the way."""


def same_call(*parts: Any) -> Any:
    """Equal for calls that are the same; None where nobody can tell. A function is itself."""
    try:
        return _key(parts)
    except _NoKey:
        return None


def _key(value: Any, depth: int = 0) -> Any:  # noqa: PLR0911 - one per kind
    kind = type(value)
    if kind in _PLAIN:
        return kind, value
    if value is UNKNOWN or isinstance(value, type):
        return value
    if depth > _DEEPEST:
        raise _NoKey
    if kind in (list, tuple):
        return kind, *(_key(each, depth + 1) for each in value)
    if kind is dict:
        return kind, *((key, _key(each, depth + 1)) for key, each in value.items())
    if isinstance(value, Choice):
        return kind, _key(value.values, depth + 1)
    if isinstance(value, Made):
        return kind, _key(value.chain, depth + 1)
    if isinstance(value, Bound):
        return kind, _key([value.function, value.args, value.named], depth + 1)
    if isinstance(value, Routine) and value.function is not None:
        return kind, value.function
    raise _NoKey
