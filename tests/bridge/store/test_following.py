"""Following the log from a position to the next: nothing twice, nothing passed over."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.events import AssetEvent, CheckOutcome
from bridge.keys import AssetKey
from bridge.store import Store, schema

T0 = datetime(2024, 3, 1, tzinfo=timezone.utc)
A = AssetKey("a")


def event(minutes: int = 0, **facts: Any) -> AssetEvent:
    given: dict[str, Any] = {"kind": "materialization", "key": A, "source": f"test:{minutes}"}
    return AssetEvent(happened_at=T0 + timedelta(minutes=minutes), **{**given, **facts})


def test_a_first_call_gives_the_position_only(store: Store) -> None:
    store.record([event()])

    first = store.changes(None)

    assert first.changes == []
    assert store.changes(first.position).changes == []


def test_each_event_is_in_one_of_consecutive_calls_as_it_was_learned(store: Store) -> None:
    begin = store.changes(None).position
    store.record([event(5)])
    store.record([event(1, partition="x", run_id="r1", data_version="v1")])

    found = store.changes(begin)
    store.record([event(2)])
    later = store.changes(found.position)

    assert [(each.partition, each.run_id, each.version) for each in found.changes] == [
        (None, None, None),
        ("x", "r1", "v1"),
    ]
    assert [each.happened_at for each in later.changes] == [T0 + timedelta(minutes=2)]


def test_what_only_starts_or_fails_changes_no_data(store: Store) -> None:
    begin = store.changes(None).position
    answer = CheckOutcome("is_whole", passed=True)
    store.record(
        [
            event(kind="started"),
            event(kind="failure"),
            event(kind="observation"),
            event(kind="check", check=answer),
        ]
    )

    found = store.changes(begin).changes

    assert {(each.kind, each.check_name) for each in found} == {
        ("observation", None),
        ("check", "is_whole"),
    }


def test_data_of_our_runs_has_a_version_of_its_own_where_nobody_gave_one(store: Store) -> None:
    begin = store.changes(None).position
    store.record([event(1, input_versions={})])
    first = store.changes(begin)
    store.record([event(2, input_versions={})])

    [second] = store.changes(first.position).changes

    assert first.changes[0].version is not None
    assert second.version not in (None, first.changes[0].version)
    assert store.version_before(A, None, first.position) == first.changes[0].version


def test_the_version_before_a_position_is_of_the_same_partition(store: Store) -> None:
    store.record([event(1, partition="x", data_version="1"), event(1, data_version="whole")])
    position = store.changes(None).position
    store.record([event(2, partition="x", data_version="2")])

    assert store.version_before(A, "x", position) == "1"
    assert store.version_before(A, "y", position) is None
    assert store.version_before(A, None, position) == "whole"


@pytest.mark.postgres
def test_a_writer_who_is_not_done_is_waited_for(clean_postgres_url: str) -> None:
    """Its events have lower numbers than those of a writer who overtakes it."""
    from bridge.store import open_store  # noqa: PLC0415 - only where there is a server

    store = open_store(clean_postgres_url)
    begin = store.changes(None).position
    engine = sa.create_engine(clean_postgres_url, future=True)
    values = {
        "id": "0" * 32,
        "kind": "materialization",
        "key": "slow",
        "happened_at": 0,
        "recorded_at": 0,
        "source": "test:slow",
    }
    found: list[Any] = []
    with engine.begin() as slow:
        slow.execute(sa.insert(schema.event).values(**values))
        store.record([event()])
        reader = threading.Thread(target=lambda: found.append(store.changes(begin)))
        reader.start()
        time.sleep(0.2)
        assert reader.is_alive()
    reader.join(timeout=10)

    assert {str(each.key) for each in found[0].changes} == {"slow", "a"}
    engine.dispose()
    store.close()
