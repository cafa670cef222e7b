"""Methods of known lists and dicts."""

from collections.abc import Callable
from typing import Any

from .contexts import Context
from .values import UNKNOWN, Some, choice

_MOST = 2000


def _append(items: list[Any], value: Any = UNKNOWN, *_: Any) -> None:
    if len(items) < _MOST:
        items.append(value)


def _extend(items: list[Any], more: Any = None, *_: Any) -> None:
    known = more if isinstance(more, list) else [UNKNOWN]
    if len(items) + len(known) < _MOST:
        items.extend(known)


def _insert(items: list[Any], at: Any = 0, value: Any = UNKNOWN, *_: Any) -> None:
    if isinstance(at, int):
        items.insert(at, value)


def _pop_item(items: list[Any], at: Any = -1, *_: Any) -> Any:
    is_there = isinstance(at, int) and -len(items) <= at < len(items)
    return items[at] if is_there else UNKNOWN  # it stays: the branch may not be taken


def _index(items: list[Any], value: Any = UNKNOWN, *_: Any) -> Any:
    return items.index(value) if value in items else UNKNOWN


_OF_LIST: dict[str, Callable[..., Any]] = {
    "append": _append,
    "add": _append,
    "extend": _extend,
    "insert": _insert,
    "pop": _pop_item,
    "index": _index,
    "copy": lambda items, *_: list(items),
    "union": lambda items, *more: (
        items + [each for one in more if type(one) is list for each in one]
    ),
    "sort": lambda items, *_: None,
    "reverse": lambda items, *_: items.reverse(),
    "remove": lambda items, *_: None,
    "count": lambda items, value=UNKNOWN, *_: items.count(value),
    "__getitem__": lambda items, at=None, *_: at_place(items, at),
}


def _get(found: dict[Any, Any], key: Any = UNKNOWN, other: Any = None, *_: Any) -> Any:
    if not isinstance(key, (str, int)):
        return choice(list(found.values())) if found else UNKNOWN
    return found.get(key, found.get(UNKNOWN, other))


def _update(found: dict[Any, Any], more: Any = None, *_: Any, **named: Any) -> None:
    found.update(more if isinstance(more, dict) else {} if more is None else {UNKNOWN: UNKNOWN})
    found.update(named)


def _setdefault(found: dict[Any, Any], key: Any = None, value: Any = None, *_: Any) -> Any:
    return found.setdefault(key, value) if isinstance(key, (str, int)) else value


_OF_DICT: dict[str, Callable[..., Any]] = {
    "get": _get,
    "pop": _get,
    "setdefault": _setdefault,
    "update": _update,
    "items": lambda found, *_: [[key, each] for key, each in found.items()],
    "keys": lambda found, *_: list(found),
    "values": lambda found, *_: list(found.values()),
    "copy": lambda found, *_: dict(found),
    "dict": lambda found, *_: dict(found),
    "__getitem__": _get,
}


def method(value: Any, name: str, args: list[Any], named: dict[str, Any]) -> Any:
    """What the method gives, or UNKNOWN; the list or dict is changed as it would be."""
    known = (_OF_LIST if isinstance(value, list) else _OF_DICT).get(name)
    if known is None:
        return UNKNOWN
    try:
        return known(value, *args, **(named if name == "update" else {}))
    except (TypeError, ValueError):
        return UNKNOWN


def at_place(items: list[Any], key: Any) -> Any:
    """`items[key]`; one of the few items where the key is not known."""
    if isinstance(items, Some):  # any of them may be there
        return items if isinstance(key, slice) else choice(list(items))
    if isinstance(key, int):
        return items[key] if -len(items) <= key < len(items) else UNKNOWN
    if isinstance(key, slice):
        return items[key]
    return choice(list(items)) if items else UNKNOWN


def put(owner: Any, key: Any, value: Any) -> None:
    """`owner[key] = value`, of a list or dict; a dict has one for all unknown keys."""
    if isinstance(owner, dict):
        owner[key if isinstance(key, (str, int)) else UNKNOWN] = value
    if isinstance(owner, Context) and isinstance(key, str):
        owner.known[key] = value
    if isinstance(owner, list) and isinstance(key, int) and -len(owner) <= key < len(owner):
        owner[key] = value
