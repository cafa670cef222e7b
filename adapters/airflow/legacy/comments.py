"""The comments of people in a mapping file, which stay when it is written again. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import yaml

# An entry of a list at the top: ("units", 2); None stands for what is above all lists.
_Entry: TypeAlias = tuple[str, int] | None
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """`text` with its sign; `beside` is the line that it follows or, `is_above`, stands over, of
    the equal ones in its entry the `nth`.
    """

    entry: _Entry
    text: str
    beside: str
    nth: int
    is_above: bool


def comments_in(text: str) -> list[Comment]:
    """All comments of the file, in their order; a `#` within a value is none."""
    lines = text.splitlines()
    # A line that begins with the sign is in no value, and to look for values takes its time.
    ends = _ends_of_values(text) if any("#" in line[1:] for line in lines) else {}
    at = _entries_of(lines)
    plain = [line[: ends.get(number)].strip() for number, line in enumerate(lines)]
    nth = _nth(plain, at)
    found = []
    for number, line in enumerate(lines):
        rest = line[ends.get(number, 0) :].strip()
        if rest.startswith("#"):
            is_above = line.lstrip().startswith("#")
            of = _next_line(lines, number) if is_above else number
            entry = at.get(of)
            found.append(
                Comment(
                    entry=entry,
                    text=rest,
                    beside="" if of is None else plain[of],
                    nth=0 if of is None else nth[of],
                    is_above=is_above,
                )
            )
    return found


def with_comments(
    text: str, comments: list[Comment], renamed: Mapping[tuple[str, int], tuple[str, int]]
) -> str:
    """The text of a file with comments of an earlier one at the lines that they stood at.

    `renamed` says which entry of this text an earlier one is. Where its line is another one now, a
    comment stands above its entry; those of entries that are no more are left out.
    """
    lines = text.splitlines()
    at = _entries_of(lines)
    plain = [line.strip() for line in lines]
    nth = _nth(plain, at)
    first: dict[_Entry, int] = {}
    places: dict[tuple[_Entry, str, int], int] = {}
    for number, line in enumerate(plain):
        first.setdefault(at.get(number), number)
        places[at.get(number), line, nth[number]] = number
    above: dict[int, list[str]] = {}
    behind: dict[int, list[str]] = {}
    for comment in comments:
        if comment.entry is not None and comment.entry not in renamed:
            continue
        entry = None if comment.entry is None else renamed[comment.entry]
        place = places.get((entry, comment.beside, comment.nth))
        if place is not None and not comment.is_above:
            behind.setdefault(place, []).append(comment.text)
            continue
        over = first[entry] if place is None else place
        indent = lines[over][: len(lines[over]) - len(lines[over].lstrip())]
        if entry is not None or comment.text not in plain[:over]:  # what every file begins with
            above.setdefault(over, []).append(indent + comment.text)
    return "".join(f"{line}\n" for line in _put(lines, above, behind))


def _put(
    lines: list[str], above: Mapping[int, list[str]], behind: Mapping[int, list[str]]
) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield from above.get(number, ())
        yield "  ".join([line, *behind.get(number, ())])


def _ends_of_values(text: str) -> dict[int, int]:
    """Line -> the column at which its last value ends; only for lines that may have a comment."""
    ends: dict[int, int] = {}
    for token in yaml.scan(text, Loader=_LOADER):
        begin, end = token.start_mark, token.end_mark
        if isinstance(token, (yaml.BlockEndToken, yaml.StreamEndToken)):
            continue
        for line in range(begin.line, end.line + 1):
            column = end.column if line == end.line else len(text)
            ends[line] = max(ends.get(line, 0), column)
    return ends


def _entries_of(lines: list[str]) -> dict[int | None, _Entry]:
    """Line -> the entry that it is of."""
    found: dict[int | None, _Entry] = {}
    name, index = "", -1
    for number, line in enumerate(lines):
        if line[:1] not in ("", " ", "-", "#"):
            name, index = line.partition(":")[0], -1
        elif line.startswith("- "):
            index += 1
        if index >= 0 and not line.startswith("#"):
            found[number] = (name, index)
    return found


def _nth(lines: list[str], at: Mapping[int | None, _Entry]) -> list[int]:
    """How many equal lines of the same entry come before each."""
    seen: Counter[tuple[_Entry, str]] = Counter()
    found = []
    for number, line in enumerate(lines):
        found.append(seen[at.get(number), line])
        seen[at.get(number), line] += 1
    return found


def _next_line(lines: list[str], number: int) -> int | None:
    """The line that a comment on a line of its own is about."""
    following = range(number + 1, len(lines))
    return next(
        (at for at in following if (said := lines[at].strip()) and not said.startswith("#")), None
    )
