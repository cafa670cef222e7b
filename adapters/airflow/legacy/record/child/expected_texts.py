"""The form that a library asks of a text, as its error tells: what such a text may be instead."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from typing import Any

_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - `days_ago` stands for it too
_FORMATTED = re.compile(r"time data '(.*)' does not match format '(.*)'", re.DOTALL)
_PARTS = re.compile(r"not enough values to unpack \(expected (?:at least )?(\d+), got 1\)")
_MEMBER = re.compile(r"'(.*)' is not a valid (?:\w+\.)*(\w+)")
_PART = "list index out of range"
_MOST_PARTS = 8  # of a text of which one part is asked for
# what an error says before or around the text that it is about, and a text that does
_FORMS = (
    (re.compile(r"Invalid isoformat string: '(.*)'"), "2000-01-01"),
    (re.compile(r"Unknown string format: (.*)"), "2000-01-01"),
    (re.compile(r"Unknown datetime string format, unable to parse: (.*)"), "2000-01-01"),
    (re.compile(r"Unable to parse string \[(.*)\]"), "2000-01-01"),
    (re.compile(r"invalid literal for int\(\) with base \d+: '(.*)'"), "1"),
    (re.compile(r"could not convert string to float: '(.*)'"), "1"),
    (re.compile(r"No time zone found with key (.*)"), "UTC"),
)


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that it was raised for."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def told_by(error: BaseException, origins: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(origin, text) for each made-up text that the error says is of another form."""
    is_key = isinstance(error, KeyError) and error.args  # `str` would put it in quotes
    message = str(error.args[0] if is_key else error)
    formatted = _FORMATTED.fullmatch(message)
    if formatted is not None:
        day = _DAY.strftime(formatted[2])
        for origin in _named_in(formatted[1], origins):
            before, _, behind = formatted[1].partition(origin)
            yield origin, day[len(before) : len(day) - len(behind)]
    for form, text in _FORMS:
        met = form.fullmatch(message)
        if met is not None:
            yield from ((origin, text) for origin in _named_in(met[1], origins))


def _named_in(text: str, origins: Iterable[str]) -> list[str]:
    """The made-up texts in a text; not `var_day`, where it is in `var_day_first`."""
    found = [origin for origin in origins if origin in text]
    return [one for one in found if not any(one in other for other in found if other != one)]


def parts_asked_for(error: BaseException) -> int:
    """In how many parts the code wants a text that it has split in one; 0 where it is not that."""
    unpacked = _PARTS.fullmatch(str(error)) if isinstance(error, ValueError) else None
    if unpacked is not None:
        return int(unpacked[1])
    return _MOST_PARTS if isinstance(error, IndexError) and str(error) == _PART else 0


def members_asked_for(error: BaseException, names: dict[str, Any]) -> tuple[str, list[str]]:
    """(text, values of the Enum) where the text is none of its members; ("", []) elsewhere."""
    met = _MEMBER.fullmatch(str(error)) if isinstance(error, ValueError) else None
    kind = names.get(met[2]) if met is not None else None
    if met is None or not isinstance(kind, type) or not issubclass(kind, Enum):
        return "", []
    return met[1], [one.value for one in kind if isinstance(one.value, str)]
