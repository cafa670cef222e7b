"""Where Airflow's own cron would have other runs; `tests/airflow/test_ticks.py` asks Airflow."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from adapters.airflow.generate.airflow_cron import first_difference, is_read_alike


@pytest.mark.parametrize(
    "cron",
    [
        "0 0 * * *",
        "@daily",
        "*/15 8-18 * * mon-fri",
        "0 0 1,15 * *",
        "0 0 * jan-mar 7",
        "5 4 1 * 2",
    ],
)
def test_plain_schedules_are_read_alike(cron: str) -> None:
    assert is_read_alike(cron)


@pytest.mark.parametrize(
    "cron", ["0 0 L * *", "0 0 * * fri#2", "@midnight", "0 0 */2 * mon", "0 0 ? * *", "0 0 0 * * *"]
)
def test_what_only_croniter_knows_is_left_alone(cron: str) -> None:
    assert not is_read_alike(cron)


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("30 2 * * *", "UTC"),
        ("30 2 * * *", "Asia/Kolkata"),
        ("0 0 * * *", "Europe/Zurich"),
        ("0 3 * * *", "Europe/Zurich"),
        ("*/15 * * * *", "America/New_York"),
        ("0 0 1 * *", "Australia/Lord_Howe"),
    ],
)
def test_most_schedules_have_the_same_runs(cron: str, zone: str) -> None:
    assert first_difference(cron, zone, 2025) is None


def test_a_time_that_clocks_skip_is_another_moment() -> None:
    found = first_difference("30 2 * * *", "Europe/Zurich", 2025)

    assert found is not None
    three = datetime(2025, 3, 30, 1, tzinfo=timezone.utc)
    assert found.moments == (three, three + timedelta(minutes=30))


def test_after_a_time_that_clocks_skip_a_run_by_hand_would_be_about_nothing() -> None:
    found = first_difference("0 2 * * *", "Europe/Zurich", 2025)

    assert found is not None
    three = datetime(2025, 3, 30, 1, tzinfo=timezone.utc)
    assert (found.airflows.start, found.airflows.end, found.ours.end) == (three, three, three)


def test_half_an_hour_of_summer_time_upsets_every_hour() -> None:
    assert first_difference("0 * * * *", "Australia/Lord_Howe", 2025) is not None
