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
