"""Several partitions at once: their window, and where one between them is missing."""

from __future__ import annotations

import pickle
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import (
    DailyPartitionsDefinition,
    DynamicPartitionsDefinition,
    MultiPartitionKey,
    MultiPartitionsDefinition,
    StaticPartitionsDefinition,
)
from bridge.errors import PartitionError
from bridge.partitions import PartitionsDefinition, consecutive, span_of

NOW = datetime(2024, 2, 1, tzinfo=timezone.utc)
DAYS = DailyPartitionsDefinition("2024-01-01", timezone="Europe/Zurich")
NAMES = StaticPartitionsDefinition(["c", "a", "b", "d"])
BOTH = MultiPartitionsDefinition({"day": DAYS, "name": NAMES})


@pytest.mark.parametrize(
    ("definition", "keys", "runs"),
    [
        (
            DAYS,
            ["2024-01-05", "2024-01-02", "2024-01-03", "2024-01-07"],
            [["2024-01-02", "2024-01-03"], ["2024-01-05"], ["2024-01-07"]],
        ),
        (NAMES, ["b", "d", "c"], [["c"], ["b", "d"]]),
        (DynamicPartitionsDefinition("n").with_keys(["x", "y"]), ["y", "x"], [["x", "y"]]),
        (
            BOTH,
            ["2024-01-02|c", "2024-01-02|a", "2024-01-03|c", "2024-01-02|d"],
            [["2024-01-02|c", "2024-01-02|a"], ["2024-01-02|d"], ["2024-01-03|c"]],
        ),
        (DAYS, [], []),
    ],
)
def test_a_gap_begins_another_run(
    definition: PartitionsDefinition, keys: list[str], runs: list[list[str]]
) -> None:
    assert consecutive(definition, keys, NOW) == runs


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(PartitionError):
        consecutive(NAMES, ["a", "z"], NOW)


@given(st.sets(st.sampled_from(BOTH.keys(NOW))))
def test_runs_hold_what_was_given_and_are_ranges(keys: set[str]) -> None:
    runs = consecutive(BOTH, keys, NOW)

    assert sorted(key for run in runs for key in run) == sorted(keys)
    assert all(BOTH.range(run[0], run[-1]) == run for run in runs)


def test_windows_span_from_the_first_to_the_last() -> None:
    window = span_of(DAYS, DAYS.range("2024-03-30", "2024-04-01"))

    assert window is not None
    assert (window.end - window.start).total_seconds() == 71 * 3600  # clocks changed meanwhile


def test_combinations_span_the_windows_of_their_time() -> None:
    window = span_of(BOTH, ["2024-01-02|b", "2024-01-04|a", "2024-01-03|a"])

    assert window is not None
    assert (window.start, window.end) == (
        DAYS.window("2024-01-02").start,
        DAYS.window("2024-01-04").end,
    )


def test_names_span_no_time() -> None:
    assert span_of(NAMES, ["a", "b"]) is None


def test_a_key_of_several_dimensions_is_its_text() -> None:
    key = MultiPartitionKey({"name": "a", "day": "2024-01-02"})

    assert key == "2024-01-02|a"
    assert hash(key) == hash("2024-01-02|a")
    copied = pickle.loads(pickle.dumps(key))  # noqa: S301 - our own
    assert copied.keys_by_dimension == {"day": "2024-01-02", "name": "a"}
