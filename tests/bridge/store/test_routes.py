"""Routes and cursors in the store: one audited transaction, never over somebody else's change."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge.errors import RefusedError
from bridge.keys import AssetKey
from bridge.store import Route, RouteChange, Store, open_store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
UNIT = "airflow:flights_daily.build"
MIGRATED = Route(
    unit=UNIT,
    state="migrated",
    assets=(AssetKey(["marts", "a/b"]), AssetKey("c")),
    locations=("flights.definitions",),
    partition_by="data_interval_start",
)
LEGACY = replace(MIGRATED, state="legacy")


def change(store: Store, route: Route, **values: Any) -> RouteChange:
    given: dict[str, Any] = {"actor": "ana", "reason": "test", "now": NOON}
    return store.change_route(route, **(given | values))


def test_a_unit_nobody_touched_has_no_route(store: Store) -> None:
    assert store.route(UNIT) is None


def test_a_route_comes_back_as_it_was_set(store: Store) -> None:
    change(store, MIGRATED)

    assert store.route(UNIT) == MIGRATED
    assert store.routes() == [MIGRATED]


def test_a_change_notes_who_when_why_and_what_was_before(store: Store) -> None:
    change(store, MIGRATED)
    later = NOON + timedelta(hours=1)

    made = change(store, LEGACY, expected=MIGRATED, actor="bo", reason="late", now=later)

    assert made == RouteChange(
        id="c-0002", changed_at=later, actor="bo", reason="late", before=MIGRATED, after=LEGACY
    )
    assert store.route_changes()[0] == made


def test_changes_are_listed_newest_first_and_by_unit(store: Store) -> None:
    other = replace(MIGRATED, unit="airflow:flights_daily.other")
    change(store, MIGRATED)
    change(store, other)
    change(store, LEGACY, expected=MIGRATED)

    assert [c.after for c in store.route_changes(UNIT)] == [LEGACY, MIGRATED]


def test_a_change_of_what_somebody_else_changed_is_refused(store: Store) -> None:
    change(store, MIGRATED)

    with pytest.raises(RefusedError, match="was without a route a moment ago and is migrated now"):
        change(store, LEGACY)


def test_a_refused_change_leaves_no_trace(store: Store) -> None:
    change(store, MIGRATED)

    with pytest.raises(RefusedError):
        change(store, LEGACY, expected=LEGACY)
    assert store.route(UNIT) == MIGRATED
    assert len(store.route_changes()) == 1


def test_of_two_first_changes_at_once_one_is_refused(shared_store_url: str) -> None:
    store = open_store(shared_store_url)
    outcomes: list[str] = []

    def attempt(unit: str) -> None:
        barrier.wait()
        try:
            change(store, replace(MIGRATED, unit=unit))
            outcomes.append("made")
        except RefusedError:
            outcomes.append("refused")

    for n in range(10):
        barrier = threading.Barrier(2)
        threads = [threading.Thread(target=attempt, args=(f"airflow:d.t{n}",)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(outcomes) == ["made"] * 10 + ["refused"] * 10
    store.close()


def test_a_cursor_nobody_set_is_none(store: Store) -> None:
    assert store.cursor("observe:airflow") is None


def test_a_cursor_keeps_what_was_set_last(store: Store) -> None:
    store.set_cursor("observe:airflow", "1")
    store.set_cursor("observe:airflow", "2")
    store.set_cursor("observe:other", "9")

    assert store.cursor("observe:airflow") == "2"
