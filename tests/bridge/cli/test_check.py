from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def checked(new_project) -> Path:
    return new_project("""
        from bridge import AssetCheckResult, AssetCheckSeverity, AssetSpec, asset, asset_check
        from bridge import DailyPartitionsDefinition

        daily = DailyPartitionsDefinition("2026-11-01", end_date="2026-11-11")

        @asset
        def orders() -> list:
            return [1, 2]

        @asset(partitions_def=daily)
        def days(context) -> str:
            return context.partition_key

        @asset_check(asset=orders)
        def has_rows(orders):
            return len(orders) == 2

        @asset_check(asset=orders)
        def few_rows(orders):
            return AssetCheckResult(False, severity=AssetCheckSeverity.WARN, description="two")

        @asset_check(asset=days)
        def is_a_day(context, days):
            return days == context.partition_key and not days.endswith("-07")
    """)


def test_checks_are_asked_without_computing(checked: Path, run, lines) -> None:
    run("materialize", "orders")

    outcome = run("check", "orders")

    assert outcome.code == 0
    assert lines(outcome.out) == [
        "  ✓ orders: has_rows passed",
        "  ! orders: few_rows warned: two",
        "",
        "1 check passed, 1 warned.",
    ]
    events = run("show", "orders", "--json").json["events"]
    assert [event["kind"] for event in events].count("materialization") == 1


def test_a_failed_error_ends_with_one(checked: Path, run) -> None:
    run("materialize", "days", "--partition", "2026-11-06...2026-11-07")

    outcome = run("check", "days", "--partition", "2026-11-06...2026-11-07")

    assert outcome.code == 1
    assert "days 2026-11-06: is_a_day passed" in outcome.out
    assert "days 2026-11-07: is_a_day failed" in outcome.out
    assert run("check", "days", "--partition", "2026-11-06").code == 0
    assert run("status", "days", "--json").json[0]["checks"]["failed"] == ["is_a_day"]


def test_without_a_partition_the_newest_is_asked(checked: Path, run) -> None:
    run("materialize", "days", "--partition", "2026-11-10")

    outcome = run("check", "days", "--json")

    assert "the newest, 2026-11-10" in outcome.err
    assert outcome.json == [
        {
            "key": "days",
            "check": "is_a_day",
            "partition": "2026-11-10",
            "passed": True,
            "severity": "ERROR",
            "blocking": True,
            "message": None,
        }
    ]


def test_a_dry_run_only_says_what_it_would_ask(checked: Path, run) -> None:
    run("materialize", "orders")

    outcome = run("check", "orders", "--dry-run")

    assert "· orders: has_rows  assets.py:" in outcome.out
    assert run("check", "orders", "--dry-run", "--json").json[0]["check"] == "has_rows"
    assert len(run("check", "orders", "--history", "9", "--json").json) == 2


def test_what_was_never_materialized_is_left_out_and_said(checked: Path, run) -> None:
    run("materialize", "orders")

    outcome = run("check", "*")

    assert "Never materialized, so not checked: days." in outcome.err
    assert "days" not in outcome.out
    assert run("check", "days").code == 2


def test_the_history_shows_past_answers_newest_first(checked: Path, run, lines) -> None:
    assert run("check", "--history", "3").out == "No check was asked yet.\n"
    run("materialize", "orders")
    run("check", "orders")

    found = lines(run("check", "orders", "--history", "3").out)

    assert len(found) == 3
    assert all("orders: " in each for each in found)


def test_freshness_says_who_is_late(new_project, run, lines) -> None:
    new_project("""
        from datetime import timedelta
        from bridge import DailyPartitionsDefinition, FreshnessPolicy, asset

        daily = DailyPartitionsDefinition("2020-01-01")
        policy = FreshnessPolicy.time_window(timedelta(hours=26))

        @asset(freshness_policy=policy)
        def orders() -> int:
            return 1

        @asset(freshness_policy=policy, partitions_def=daily)
        def days() -> int:
            return 1

        @asset(freshness_policy=policy)
        def never() -> int:
            return 1

        @asset
        def without() -> int:
            return 1
    """)
    run("materialize", "orders")
    run("materialize", "days", "--partition", "2020-01-05")

    states = {each["key"]: each for each in run("freshness", "--json").json}
    table = run("freshness").out

    assert {key: each["state"] for key, each in states.items()} == {
        "orders": "pass",
        "days": "fail",
        "never": "unknown",
    }
    assert states["days"]["counts_from"] == "2020-01-07T00:00:00+00:00"
    assert states["days"]["due"] == "2020-01-08T02:00:00+00:00"
    assert "2020-01-08 02:00:00" in table
    assert "1 pass, 1 fail, 1 unknown of 3 assets with a policy." in table
    assert (
        run("freshness", "without").out == "None of the selected assets has a freshness policy.\n"
    )
