"""Retry policies: the pause before each retry, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import Backoff, Jitter, RetryPolicy
from bridge.errors import DefinitionError


@pytest.mark.parametrize(
    ("backoff", "pauses"),
    [(None, [2, 2, 2]), (Backoff.LINEAR, [2, 4, 6]), (Backoff.EXPONENTIAL, [2, 6, 14])],
)
def test_a_pause_grows_as_the_policy_says(backoff: Backoff | None, pauses: list[float]) -> None:
    policy = RetryPolicy(max_retries=3, delay=2, backoff=backoff)

    assert [policy.delay_s(retry) for retry in (1, 2, 3)] == pauses


def test_without_a_delay_a_retry_follows_at_once() -> None:
    assert RetryPolicy(max_retries=1).delay_s(1) == 0


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 10), st.sampled_from(Jitter))
def test_chance_keeps_a_pause_within_its_bounds(chance: float, retry: int, jitter: Jitter) -> None:
    policy = RetryPolicy(max_retries=10, delay=3, backoff=Backoff.LINEAR, jitter=jitter)
    middle = 3 * retry
    lowest, highest = (0, middle) if jitter is Jitter.FULL else (middle - 3, middle + 3)

    assert lowest <= policy.delay_s(retry, lambda: chance) <= highest


@pytest.mark.parametrize(
    "settings",
    [{"max_retries": -1}, {"delay": -5}, {"jitter": Jitter.FULL}, {"backoff": Backoff.LINEAR}],
)
def test_a_policy_that_cannot_be_is_refused_with_its_place(settings: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match=r"test_retries\.py:"):
        RetryPolicy(**settings)
