"""Answers of checks, for each partition and over all of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from bridge import AssetKey
from bridge.events import AssetEvent, CheckOutcome
from bridge.store import Store

ORDERS = AssetKey("orders")
NOON = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


def answer(
    partition: str | None, minute: int, *, passed: bool, name: str = "rows", key: AssetKey = ORDERS
) -> AssetEvent:
    return AssetEvent(
        kind="check",
        key=key,
        partition=partition,
        happened_at=NOON + timedelta(minutes=minute),
        source=f"test:{minute}",
        check=CheckOutcome(name, passed=passed),
    )


def failing(store: Store) -> list[tuple[str, str | None]]:
    return [(state.name, state.partition) for state in store.failed_check_states()]


def test_a_failure_in_one_partition_stays_though_another_passed_later(store: Store) -> None:
    store.record([answer("a", 1, passed=False), answer("b", 2, passed=True)])

    assert failing(store) == [("rows", "a")]
    (newest,) = store.check_states()
    assert (newest.partition, newest.passed) == ("b", True)


def test_it_ends_once_that_partition_passes(store: Store) -> None:
    store.record([answer("a", 1, passed=False), answer("a", 2, passed=True)])

    assert failing(store) == []


@pytest.mark.parametrize(("minute", "expected"), [(2, []), (1, []), (0, [("rows", "a")])])
def test_an_answer_about_the_whole_asset_counts_for_what_came_before(
    store: Store, minute: int, expected: list[tuple[str, str]]
) -> None:
    store.record([answer("a", 1, passed=False), answer(None, minute, passed=True)])

    assert failing(store) == expected


def test_the_whole_asset_may_fail_itself(store: Store) -> None:
    store.record([answer(None, 1, passed=False), answer("a", 2, passed=True)])

    assert failing(store) == [("rows", None)]


def test_only_the_assets_asked_for_are_read(store: Store) -> None:
    other = AssetKey("other")
    store.record([answer("a", 1, passed=False), answer("a", 1, passed=False, key=other)])

    assert [state.key for state in store.failed_check_states([other])] == [other]
    many = [AssetKey(f"many_{number}") for number in range(600)]
    assert [state.key for state in store.failed_check_states([*many, other])] == [other]


def test_each_partition_has_its_newest_answer(store: Store) -> None:
    store.record(
        [
            answer("b", 1, passed=False),
            answer("b", 3, passed=True),
            answer("a", 2, passed=False),
            answer("a", 1, passed=True, name="ages"),
        ]
    )

    assert [(s.name, s.partition, s.passed) for s in store.partition_check_states(ORDERS)] == [
        ("ages", "a", True),
        ("rows", "a", False),
        ("rows", "b", True),
    ]


def test_the_newest_of_several_at_one_instant_is_one(store: Store) -> None:
    store.record([answer(p, 1, passed=True) for p in ("a", "b", "c")])

    (state,) = store.check_states()
    assert state.partition == "c"
