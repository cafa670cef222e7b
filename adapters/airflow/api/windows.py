"""Reading every row of a span of time from listings that may change between two pages.

REST v1 lists task instances in no order at all, so a page says nothing about the next: there, a
window counts as read only when its pages hold as many different rows as Airflow counts. REST v2
goes on after a key, which is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias

from adapters.airflow.api.parsing import Json
from bridge.errors import RemoteUnreachableError

WINDOW_ROWS = 2000  # in memory at once, and read again at most when a poll is interrupted
SHORTEST = timedelta(seconds=1)
_PASSES = 4  # over a window too short to be halved


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of `total` rows. `cursor` continues, None after the last page; `has_cursor` is False
    where pages can only be counted off.
    """

    rows: list[Json]
    total: int
    cursor: str | None = None
    has_cursor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a window to read: a cursor, or how many rows to leave out."""

    since: datetime
    until: datetime
    offset: int = 0
    cursor: str = ""


ReadPage: TypeAlias = Callable[[Place], Page]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWindow:
    """All rows whose last change lies in [since, until]."""

    since: datetime
    until: datetime
    rows: list[Json]


def windows(
    read: ReadPage, since: datetime, until: datetime, *, window_rows: int = WINDOW_ROWS
) -> Iterator[RawWindow]:
    """Windows that cover [since, until], oldest first. A row on an edge may come twice.

    Raises RemoteUnreachableError where even a second's rows keep changing while they are read.
    """
    first = read(Place(since=since, until=until))
    can_halve = until - since > SHORTEST
    if can_halve and first.total > window_rows:
        yield from _halves(read, since, until, window_rows=window_rows)
    elif first.has_cursor:
        yield RawWindow(since=since, until=until, rows=_by_cursor(read, since, until, first))
    else:
        read_on = partial(_read_on, read, since, until)
        rows = _in_one_pass(read_on, first) if can_halve else every_row(read_on, first)
        if rows is None:
            yield from _halves(read, since, until, window_rows=window_rows)
        else:
            yield RawWindow(since=since, until=until, rows=rows)


def every_row(read: Callable[[int], Page], first: Page | None = None) -> list[Json]:
    """All rows of an unordered listing, read by how many rows to leave out.

    Raises RemoteUnreachableError where it keeps changing, so that rows may be missing.
    """
    found: dict[str, Json] = {}
    for _ in range(_PASSES):
        counted = _pass(read, first or read(0), found)
        first = None
        if counted is None:
            found.clear()
        elif len(found) >= counted:  # passes in different orders complete each other
            return list(found.values())
    raise RemoteUnreachableError(
        f"Airflow's rows changed {_PASSES} times while they were read. "
        "Nothing is lost: poll again, when fewer tasks start and end at once."
    )


def _in_one_pass(read: Callable[[int], Page], first: Page) -> list[Json] | None:
    """All rows, None where another pass or a shorter window is needed."""
    found: dict[str, Json] = {}
    counted = _pass(read, first, found)
    return None if counted is None or len(found) < counted else list(found.values())


def _pass(read: Callable[[int], Page], page: Page, found: dict[str, Json]) -> int | None:
    """Add the rows of all pages to `found`; how many Airflow counts, None if that changed."""
    counted, offset = page.total, len(page.rows)
    found.update((_identity(row), row) for row in page.rows)
    is_steady = True
    while page.rows and offset < page.total:
        page = read(offset)
        is_steady = is_steady and page.total == counted
        offset += len(page.rows)
        found.update((_identity(row), row) for row in page.rows)
    return counted if is_steady else None


def _read_on(read: ReadPage, since: datetime, until: datetime, offset: int) -> Page:
    return read(Place(since=since, until=until, offset=offset))


def _halves(
    read: ReadPage, since: datetime, until: datetime, *, window_rows: int
) -> Iterator[RawWindow]:
    middle = since + (until - since) / 2
    yield from windows(read, since, middle, window_rows=window_rows)
    yield from windows(read, middle, until, window_rows=window_rows)


def _by_cursor(read: ReadPage, since: datetime, until: datetime, first: Page) -> list[Json]:
    rows, page = list(first.rows), first
    while page.cursor:
        page = read(Place(since=since, until=until, cursor=page.cursor))
        rows += page.rows
    return rows


def _identity(row: Json) -> str:
    return repr([row.get(name) for name in ("dag_id", "dag_run_id", "task_id", "map_index")])
