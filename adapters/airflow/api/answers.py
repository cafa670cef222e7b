"""The rows in an answer of Airflow's REST: every listing names and counts them the same way."""

from __future__ import annotations

from pydantic import JsonValue

from adapters.airflow.api.connection import Connection
from adapters.airflow.api.parsing import Json
from adapters.airflow.api.windows import Page
from bridge.errors import RemoteUnreachableError

PAGE_ROWS = 100  # what both versions allow at most


def listed(connection: Connection, path: str, name: str, body: Json, offset: int) -> Page:
    """One page of a listing that is asked for by POST."""
    answer = connection.read(path, {**body, "page_limit": PAGE_ROWS, "page_offset": offset})
    return Page(rows=objects_in(answer, name), total=total_in(answer))


def every_listed(
    connection: Connection,
    path: str,
    name: str,
    order_by: str | None = None,
    *,
    may_be_refused: bool = False,
) -> list[JsonValue]:
    """All rows of a listing that is asked for by GET, page by page; none where Airflow may keep the
    listing from this user, and does.
    """
    asked: dict[str, str | int | list[str]] = {"limit": PAGE_ROWS}
    if order_by is not None:
        asked["order_by"] = order_by
    found: list[JsonValue] = []
    while True:
        place = {**asked, "offset": len(found)}
        answer = (connection.get_allowed if may_be_refused else connection.get)(path, place)
        if answer is None and may_be_refused:
            return found
        answer = connection.known(answer, path)
        page, total = rows_in(answer, name), total_in(answer)
        found += page
        if not page or len(found) >= total:
            return found


def rows_in(answer: Json, name: str) -> list[JsonValue]:
    """The rows, whatever they are. Raises RemoteUnreachableError where there is no list of them."""
    found = answer.get(name)
    if not isinstance(found, list):
        raise RemoteUnreachableError(f"An Airflow answered without {name!r}: {str(answer)[:200]}")
    return found


def objects_in(answer: Json, name: str) -> list[Json]:
    """The rows that are objects."""
    return [row for row in rows_in(answer, name) if isinstance(row, dict)]


def total_in(answer: Json) -> int:
    """How many rows the whole listing has. Raises RemoteUnreachableError where it does not say."""
    total = answer.get("total_entries")
    if not isinstance(total, int):
        raise RemoteUnreachableError(f"An Airflow did not count its rows: {str(answer)[:200]}")
    return total
