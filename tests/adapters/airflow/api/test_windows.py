"""Reading every row of a span from a listing without order that changes while it is read."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.airflow.api.parsing import Json
from adapters.airflow.api.windows import Page, Place, every_row, windows
from bridge.errors import RemoteUnreachableError

BEGIN = datetime(2024, 1, 1, tzinfo=timezone.utc)
END = BEGIN + timedelta(days=365)
seconds = st.integers(min_value=0, max_value=int((END - BEGIN).total_seconds()))


class Listing:
    """Rows by their time, in pages; in any order if given a generator. `asked` counts pages."""

    def __init__(
        self,
        times: list[datetime],
        *,
        page_rows: int = 3,
        order: Random | None = None,
        has_cursor: bool = False,
        after_each: Callable[["Listing"], None] = lambda _: None,
    ) -> None:
        self.times = dict(enumerate(times))
        self.page_rows = page_rows
        self.order = order
        self.has_cursor = has_cursor
        self.after_each = after_each
        self.asked = 0

    def read(self, place: Place) -> Page:
        self.asked += 1
        found = [n for n, time in self.times.items() if place.since <= time <= place.until]
        if self.order is not None:
            self.order.shuffle(found)
        start = int(place.cursor or place.offset)
        end = start + self.page_rows
        page = Page(
            rows=[_row(number) for number in found[start:end]],
            total=len(found),
            cursor=str(end) if self.has_cursor and end < len(found) else None,
            has_cursor=self.has_cursor,
        )
        self.after_each(self)
        return page


def _row(number: int) -> Json:
    return {"dag_id": "flights", "dag_run_id": str(number), "task_id": "load", "map_index": -1}


def numbers(listing: Listing, *, window_rows: int = 10) -> set[int]:
    read = windows(listing.read, BEGIN, END, window_rows=window_rows)
    return {int(str(row["dag_run_id"])) for window in read for row in window.rows}


@given(st.lists(seconds, max_size=60), st.booleans())
def test_every_row_is_read_however_they_lie_in_time(offsets: list[int], has_cursor: bool) -> None:
    listing = Listing([BEGIN + timedelta(seconds=s) for s in offsets], has_cursor=has_cursor)

    assert numbers(listing) == set(range(len(offsets)))


@given(st.lists(seconds, max_size=40, unique=True), st.randoms(use_true_random=False))
def test_every_row_is_read_from_pages_that_are_in_no_order(
    offsets: list[int], order: Random
) -> None:
    listing = Listing([BEGIN + timedelta(seconds=s) for s in offsets], order=order)

    assert numbers(listing) == set(range(len(offsets)))


@given(st.lists(seconds, min_size=5, max_size=40, unique=True), st.data())
def test_no_row_is_missed_when_others_change_between_two_pages(
    offsets: list[int], data: st.DataObject
) -> None:
    moving = set(data.draw(st.lists(st.integers(0, len(offsets) - 1), max_size=3, unique=True)))
    waiting = sorted(moving)

    def one_changes(listing: Listing) -> None:
        if waiting:
            listing.times[waiting.pop()] = END + timedelta(days=1)  # seen by the next poll

    listing = Listing([BEGIN + timedelta(seconds=s) for s in offsets], after_each=one_changes)

    assert numbers(listing) >= set(range(len(offsets))) - moving


def test_windows_cover_the_span_in_order_and_without_a_gap() -> None:
    listing = Listing([BEGIN + timedelta(hours=n) for n in range(100)])

    read = list(windows(listing.read, BEGIN, END, window_rows=10))

    assert [w.since for w in read] == [BEGIN, *(w.until for w in read[:-1])]
    assert read[-1].until == END


def test_a_large_listing_costs_about_one_request_a_page() -> None:
    times = [BEGIN + (END - BEGIN) * n / 20_000 for n in range(20_000)]
    listing = Listing(times, page_rows=100)

    found = numbers(listing, window_rows=1000)

    assert (len(found), listing.asked <= 200 * 1.4) == (20_000, True)


def test_a_thousand_rows_of_one_instant_are_read() -> None:
    listing = Listing([BEGIN + timedelta(days=100)] * 1000, page_rows=100)

    assert len(numbers(listing)) == 1000


def test_a_listing_that_never_stands_still_is_told_and_not_taken_for_whole() -> None:
    def one_more(listing: Listing) -> None:
        listing.times[len(listing.times)] = BEGIN

    listing = Listing([BEGIN] * 10, after_each=one_more)

    with pytest.raises(RemoteUnreachableError, match="poll again"):
        every_row(lambda offset: listing.read(Place(since=BEGIN, until=BEGIN, offset=offset)))
