"""Texts that hold the day on which the import runs: a name made with it is another one tomorrow.

`f"s3://lake/{date.today()}"` at the top of a DAG file is a text of today when the file has run.
What looks like it is written as a template of the time, where the code base asks a clock, would
write that day in that form, and does not hold the text itself.
"""

# ruff: noqa: DTZ005 - the clock of the machine is what the code saw

import functools
import linecache
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from .each_text import each_text
from .journal import journal
from .pristine import of_one_file

NOW = "{{ now }}"
_CLOCK = re.compile(r"\b(now|today|utcnow|yesterday|tomorrow|time|localtime|gmtime|strftime)\s*\(")
_SPAN = re.compile(r"\b(?:(days)|(weeks))\s*=\s*-?\s*(\d{1,3})\b")
_MONTHS = re.compile(r"\bmonths\s*=\s*-?\s*(\d{1,2})\b")
_FIRST = re.compile(r"\bday\s*=\s*1\b|start_of\(|first_of\(|MonthBegin")
_SHORTEST_MONTH = 28
_DAYS_AGO = date(2000, 1, 1)  # the stand-in's answer
_FORMAT = re.compile(r"""(?:["']|\{[^{}"'\n:]*:)([^"'{}\n]*%[^"'{}\n]*)""")
_WORDED = re.compile(r"""["']([^"'{}\n]*YYYY[^"'{}\n]*)["']""")  # as pendulum and arrow write it
_WORDS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_DIRECTIVE = re.compile(r"%(-?[A-Za-z%])")
_USUAL = (
    *("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y_%m_%d", "%Y/%-m/%-d", "%Y-%-m-%-d"),
    *("%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y"),
)
_PARTS = {"year=": "%Y", "month=": "%m|%-m", "day=": "%d|%-d"}  # of a folder for each day
_OF_DAY = frozenset(("Y", "m", "d", "y", "j", "b", "B", "U", "W", "V", "-m", "-d", "-j"))
_OF_TIME = {
    **dict.fromkeys(("H", "I", "M", "S"), r"\d\d"),
    **dict.fromkeys(("-H", "-I", "-M", "-S"), r"\d\d?"),
    "f": r"\d{6}",
    "p": "[AP]M",
    "z": r"(?:[+-]\d{4})?",
    "Z": r"\w*",
}
_ISO_TIME = r"(?:[T _]\d\d[:-]\d\d(?:[:-]\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"
_LEAST = 4  # signs of a day that tell it from any number
_LONGEST = 400  # days from the import to a day that is named by its distance

_DIGIT = re.compile(r"\d")  # in each such text

_libraries: set[str] = set()
_clocks: "dict[str, _Clock | None]" = of_one_file({})


class _Clock(NamedTuple):
    """The code that asks a clock, the days that it may name, and what a text of them looks like."""

    source: str
    days: set[date]
    pattern: "re.Pattern[str]"


def begin() -> None:
    """What is loaded now is no module of a code base."""
    _libraries.update(sys.modules)


def is_of_import(value: date) -> bool:
    """Is it what a clock said while the file ran, or a day at a distance from it that it names?"""
    if isinstance(value, datetime):
        return bool(value.microsecond) or is_of_import(value.date())
    clock = _clock()
    return clock is not None and value in clock.days


def with_now(value: Any, shown: str = NOW) -> Any:
    """JSON in which each text of the day of the import is `shown`, a template of the time."""
    clock = _clock()
    if clock is None:
        return value
    source, _, pattern = clock

    def written(text: str) -> str:
        if not _DIGIT.search(text):
            return text
        return pattern.sub(lambda found: found[0] if found[0] in source else shown, text)

    return each_text(value, written)


def _clock() -> _Clock | None:
    """What is known of the file that runs; None where its code asks no clock."""
    if journal.file not in _clocks:
        files = _files()
        asks = any(map(_asks_a_clock, files))
        _clocks[journal.file] = _of("\n".join(map(_text, files))) if asks else None
    return _clocks[journal.file]


@functools.lru_cache(maxsize=2000)
def _asks_a_clock(file: str) -> bool:
    return _CLOCK.search(_text(file)) is not None


def _text(file: str) -> str:
    return "".join(linecache.getlines(file))


def _of(source: str) -> _Clock:
    days = _days(source)
    return _Clock(source, days, _pattern(source, days))


def _pattern(source: str, days: set[date]) -> "re.Pattern[str]":
    texts = sorted({*_USUAL, *_formats(source)}, key=lambda each: (-len(each), each))
    forms = [
        form + (_ISO_TIME if text.replace("%-", "%") == _USUAL[0] else "")
        for text in texts
        for day in sorted(days)
        if (form := _form(text, day))
    ]
    seconds = str(int(datetime.now().timestamp()))[:5] + r"\d{5}(?:\d{3})?(?:\.\d+)?"
    known = "|".join((*forms, *_forms_of_parts(days), seconds))
    return re.compile(rf"(?<!\d)(?:{known})(?!\d)")


def _files() -> list[str]:
    """The file, and all modules of the code base that it loaded."""
    new = sys.modules.keys() - _libraries
    loaded = [getattr(sys.modules[name], "__file__", None) for name in new]
    own = {file for file in loaded if isinstance(file, str) and journal.is_user_file(file)}
    return sorted({journal.file, *own})


def _days(source: str) -> set[date]:
    """The day of the import, those beside it, and those at the distances that the code names."""
    spans = {int(match[3]) * (7 if match[2] else 1) for match in _SPAN.finditer(source)}
    distances = {0, 1, *(each for each in spans if each < _LONGEST)}
    today = datetime.now().date()
    found = {today + timedelta(days=each * sign) for each in distances for sign in (-1, 1)}
    for months in {int(each) for each in _MONTHS.findall(source)}:
        first = _months_before(today, months)
        found |= {first, first + timedelta(days=min(today.day, _SHORTEST_MONTH) - 1)}
    if _FIRST.search(source):
        found |= {today.replace(day=1), today.replace(day=1) - timedelta(days=1)}
    return {*found, _DAYS_AGO} if "days_ago(" in source else found


def _months_before(day: date, months: int) -> date:
    """The first of a month before that of the day."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def _formats(source: str) -> Iterator[str]:
    """The forms of dates that the code holds."""
    for match in _FORMAT.finditer(source):
        words = _DIRECTIVE.findall(match[1])
        if words and all(word in _OF_DAY or word in _OF_TIME for word in words):
            yield match[1]
    for match in _WORDED.finditer(source):
        yield re.sub("|".join(_WORDS), lambda found: _WORDS[found[0]], match[1])


def _form(text: str, day: date) -> str:
    """A pattern for what the form makes of that day; nothing where that may be any number."""
    plain = _DIRECTIVE.split(text)
    written, said = [re.escape(plain[0])], 0
    for word, after in zip(plain[1::2], plain[2::2], strict=True):
        shown = day.strftime(f"%{word}") if word in _OF_DAY else ""
        said += len(shown)
        written += [re.escape(shown) or _OF_TIME[word], re.escape(after)]
    return "".join(written) if said >= _LEAST else ""


def _forms_of_parts(days: set[date]) -> Iterator[str]:
    for name, forms in _PARTS.items():
        shown = {day.strftime(form) for day in days for form in forms.split("|")}
        yield f"(?<={name})(?:{'|'.join(sorted(shown))})"
