from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.cli import words
from bridge.freshness import FreshnessPolicy

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0ms"),
        (0.12, "120ms"),
        (4.2, "4s"),
        (59.9, "1m 00s"),
        (238, "3m 58s"),
        (726, "12m 06s"),
        (3900, "1h 05m"),
        (187_200, "2d 4h"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@given(st.floats(min_value=0, max_value=1e9))
def test_a_duration_is_never_more_than_two_words(seconds: float) -> None:
    assert 1 <= len(words.duration(seconds).split()) <= 2


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=34, seconds=59), "34m ago"),
        (timedelta(hours=2, minutes=59), "2h ago"),
        (timedelta(days=3), "3d ago"),
        (timedelta(days=90), "2026-08-24"),
    ],
)
def test_an_age_is_rounded_down(age: timedelta, text: str) -> None:
    assert words.ago(NOW - age, NOW) == text


def test_freshness_says_when_it_is_due_or_how_late_it_is() -> None:
    policy = FreshnessPolicy.time_window(fail_window=timedelta(hours=2))

    def text(age: timedelta) -> str:
        return words.freshness(policy.verdict(NOW - age, NOW), NOW)

    assert text(timedelta(minutes=99)) == "due in 21m"
    assert text(timedelta(hours=3, minutes=12)) == "late 1h 12m"
    assert text(timedelta(hours=2)) == "late 1m"


def test_freshness_without_a_policy_or_a_past_is_a_dash() -> None:
    policy = FreshnessPolicy.time_window(fail_window=timedelta(hours=2))

    assert words.freshness(None, NOW) == "-"
    assert words.freshness(policy.verdict(None, NOW), NOW) == "-"


def test_counts_have_separators_and_plurals() -> None:
    assert words.count(1, "asset") == "1 asset"
    assert words.count(2014, "asset") == "2,014 assets"
    assert words.count(0, "entry", "entries") == "0 entries"


def test_a_long_list_says_how_many_are_left_out() -> None:
    assert words.listed(["a", "b", "c"], most=2) == "a, b and 1 more"
    assert words.listed(["a", "b"], most=2) == "a, b"
