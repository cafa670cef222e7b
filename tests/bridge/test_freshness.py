"""Freshness: age and policy give the verdict."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import FreshnessPolicy
from bridge.errors import DefinitionError

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
DAY = FreshnessPolicy.time_window(timedelta(hours=24), timedelta(hours=12))
ORDER = {"pass": 0, "warn": 1, "fail": 2}


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(0), "pass"),
        (timedelta(hours=12) - timedelta(seconds=1), "pass"),
        (timedelta(hours=12), "warn"),
        (timedelta(hours=24) - timedelta(seconds=1), "warn"),
        (timedelta(hours=24), "fail"),
        (timedelta(days=400), "fail"),
        (-timedelta(hours=1), "pass"),
    ],
)
def test_an_edge_counts_as_late(age: timedelta, state: str) -> None:
    assert DAY.verdict(NOON - age, NOON).state == state


def test_what_was_never_materialized_is_unknown() -> None:
    verdict = DAY.verdict(None, NOON)

    assert (verdict.state, verdict.due) == ("unknown", None)


def test_due_is_when_it_turns_to_fail() -> None:
    assert DAY.verdict(NOON, NOON).due == NOON + timedelta(hours=24)


def test_without_a_warn_window_it_only_fails() -> None:
    policy = FreshnessPolicy.time_window(timedelta(hours=1))

    assert policy.verdict(NOON, NOON + timedelta(minutes=59)).state == "pass"


@given(st.timedeltas(timedelta(0), timedelta(days=3)), st.timedeltas(timedelta(0), timedelta(1)))
def test_an_asset_never_gets_fresher_by_waiting(age: timedelta, waited: timedelta) -> None:
    before = DAY.verdict(NOON, NOON + age).state
    after = DAY.verdict(NOON, NOON + age + waited).state

    assert ORDER[before] <= ORDER[after]


@pytest.mark.parametrize(
    ("fail", "warn"),
    [
        (timedelta(seconds=59), None),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(hours=2)),
        (timedelta(hours=1), timedelta(seconds=30)),
    ],
)
def test_windows_that_make_no_sense_are_refused(fail: timedelta, warn: timedelta | None) -> None:
    with pytest.raises(DefinitionError, match="at least one minute"):
        FreshnessPolicy.time_window(fail, warn)


MORNINGS = FreshnessPolicy.cron("0 10 * * *", timedelta(hours=2), "Europe/Zurich")
MOMENTS = st.datetimes(
    datetime(2023, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2026, 1, 1),  # noqa: DTZ001
    timezones=st.just(timezone.utc),
)


@pytest.mark.parametrize(
    ("materialized", "now", "state", "due"),
    [
        ((1, 7), (1, 9), "pass", (2, 9)),  # at 8:00 in Zurich, in time for 10:00
        ((1, 6, 59), (1, 8, 59), "pass", (1, 9)),
        ((1, 6, 59), (1, 9), "fail", (1, 9)),
        ((1, 12), (2, 9), "fail", (2, 9)),
        ((1, 12), (5, 9), "fail", (2, 9)),  # late since the first deadline that it missed
    ],
)
def test_a_deadline_wants_a_materialization_not_long_before_it(
    materialized: tuple[int, ...], now: tuple[int, ...], state: str, due: tuple[int, ...]
) -> None:
    def march(moment: tuple[int, ...]) -> datetime:
        return datetime(2024, 3, *moment, tzinfo=timezone.utc)

    found = MORNINGS.verdict(march(materialized), march(now))
    assert (found.state, found.due) == (state, march(due))


@given(MOMENTS, MOMENTS)
def test_a_deadline_fails_from_its_due_time_on(materialized: datetime, now: datetime) -> None:
    found = MORNINGS.verdict(materialized, now)

    assert found.due is not None
    assert found.due > materialized
    assert (found.state == "fail") == (now >= found.due)


def test_without_any_materialization_a_deadline_is_unknown() -> None:
    assert MORNINGS.verdict(None, NOON).state == "unknown"


@pytest.mark.parametrize(
    ("schedule", "delta", "zone", "said"),
    [
        ("0 10 * *", timedelta(hours=1), "UTC", "is no cron schedule"),
        ("0 0 30 2 *", timedelta(hours=1), "UTC", "Bad day-of-month"),
        ("0 10 * * *", timedelta(hours=1), "Mars/Base", "is no time zone"),
        ("0 10 * * *", timedelta(seconds=59), "UTC", "at least one minute"),
        ("0 10 * * *", timedelta(hours=25), "UTC", "at most 1 day"),
        ("0 0 1 * *", timedelta(days=29), "UTC", "at most 28 days"),
    ],
)
def test_a_deadline_that_cannot_be_kept_is_refused(
    schedule: str, delta: timedelta, zone: str, said: str
) -> None:
    with pytest.raises(DefinitionError, match=said):
        FreshnessPolicy.cron(schedule, delta, zone)
