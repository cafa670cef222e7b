from __future__ import annotations

from pathlib import Path

import pytest

FILES = """
    from bridge import (
        DynamicPartitionsDefinition, MultiPartitionsDefinition, StaticPartitionsDefinition, asset
    )

    files = DynamicPartitionsDefinition("files")
    parts = DynamicPartitionsDefinition("parts")

    @asset(partitions_def=files)
    def lines(context) -> str:
        return context.partition_key

    @asset(
        partitions_def=MultiPartitionsDefinition(
            {"part": parts, "region": StaticPartitionsDefinition(["eu", "us"])}
        )
    )
    def words(context) -> str:
        return context.partition_key.keys_by_dimension["region"]
"""
FLAKY = """
    from bridge import BackfillPolicy, DailyPartitionsDefinition, asset

    @asset(partitions_def=DailyPartitionsDefinition("2026-11-01", end_date="2026-11-11"))
    def orders(context) -> str:
        if context.partition_key in ("2026-11-03", "2026-11-07"):
            raise ValueError("closed")
        return context.partition_key
"""


def test_partitions_are_shown_range_by_range(new_project, run, lines) -> None:
    new_project(FLAKY)
    run("materialize", "orders", "--partition", "2026-11-01...2026-11-04")
    run("materialize", "orders", "--partition", "2026-11-07")

    outcome = run("partitions", "list", "orders")

    assert outcome.code == 0
    assert lines(outcome.out) == [
        "Partitions                Count   State",
        "────────────────────────────────────────────────",
        "2026-11-01 … 2026-11-02       2   ✓ materialized",
        "2026-11-03                    1   ✗ failed",
        "2026-11-04                    1   ✓ materialized",
        "2026-11-05 … 2026-11-06       2   · missing",
        "2026-11-07                    1   ✗ failed",
        "2026-11-08 … 2026-11-10       3   · missing",
        "",
        "3 materialized, 2 failed, 5 missing of 10 daily partitions.",
        "Compute the first that are not there: bridge materialize orders --partition 2026-11-03",
    ]


@pytest.mark.parametrize(
    ("words", "ranges"),
    [
        (["--missing"], [("2026-11-05", 2), ("2026-11-08", 3)]),
        (["--failed"], [("2026-11-03", 1), ("2026-11-07", 1)]),
        (["--materialized", "--failed", "--limit", "2"], [("2026-11-01", 2), ("2026-11-03", 1)]),
    ],
)
def test_a_state_is_asked_for_and_programs_get_json(
    new_project, run, words: list[str], ranges: list[tuple[str, int]]
) -> None:
    new_project(FLAKY)
    run("materialize", "orders", "--partition", "2026-11-01...2026-11-04")
    run("materialize", "orders", "--partition", "2026-11-07")

    found = run("partitions", "list", "orders", "--json", *words).json

    assert [(each["first"], each["count"]) for each in found["ranges"]] == ranges
    assert found["counts"] == {"materialized": 3, "failed": 2, "missing": 5}
    assert found["is_cut"] == ("--limit" in words)
    assert found["partitions"]["kind"] == "daily"


def test_what_is_missing_can_be_computed_as_it_is_shown(new_project, run) -> None:
    new_project(FILES)
    run("partitions", "add", "parts", "one", "two")

    shown = run("partitions", "list", "words", "--json", "--missing").json["ranges"]
    for each in shown:
        span = f"{each['first']}...{each['last']}"
        assert run("materialize", "words", "--partition", span).code == 0

    assert run("partitions", "list", "words", "--json").json["counts"]["missing"] == 0


def test_an_asset_without_partitions_has_none_to_show(orders: Path, run) -> None:
    outcome = run("partitions", "list", "raw_orders")

    assert outcome.code == 2
    assert "raw_orders has no partitions" in outcome.err


def test_dynamic_partitions_are_added_and_materialized(new_project, run, lines) -> None:
    new_project(FILES)
    assert run("materialize", "lines", "--partition", "b").code == 2

    added = run("partitions", "add", "files", "b", "a", "b")
    again = run("partitions", "add", "files", "a", "c")

    assert lines(added.out) == ["  ✓ added b, a to files", "2 partitions added, 2 now."]
    assert lines(again.out) == [
        "  – a is there already",  # noqa: RUF001 - a dash on purpose
        "  ✓ added c to files",
        "1 partition added, 3 now.",
    ]
    assert run("materialize", "lines", "--partition", "b...c").code == 0
    assert run("status", "lines", "--json").json[0]["partitions"]["done"] == 3


def test_a_dry_run_adds_and_deletes_nothing(new_project, run, lines) -> None:
    new_project(FILES)
    run("partitions", "add", "files", "a")

    added = run("partitions", "add", "files", "b", "--dry-run")
    deleted = run("partitions", "delete", "files", "a", "--dry-run")

    assert lines(added.out) == ["  · b would be added to files"]
    assert lines(deleted.out) == ["  · a would be deleted from files"]
    assert run("partitions", "list", "lines", "--json").json["counts"]["missing"] == 1


def test_a_deleted_partition_is_gone_and_can_come_back(new_project, run, lines) -> None:
    new_project(FILES)
    run("partitions", "add", "files", "a", "b")
    run("materialize", "lines", "--partition", "a")

    deleted = run("partitions", "delete", "files", "a")

    assert lines(deleted.out) == [
        "  ✓ deleted a from files",
        "Its data stays where it is. Undo with bridge partitions add files a",
    ]
    assert run("partitions", "list", "lines", "--json").json["counts"] == {
        "materialized": 0,
        "failed": 0,
        "missing": 1,
    }
    run("partitions", "add", "files", "a")
    assert run("partitions", "list", "lines", "--json").json["counts"]["materialized"] == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["add", "customers", "a"], "no dynamic partitions called 'customers'. There are: files"),
        (["delete", "files", "z"], "files has no partition 'z'. There are none."),
        (["add", "files", "a...b"], "cannot be called 'a...b'"),
        (["add", "parts", "a|b"], "'a|b' of the dimension 'parts of words'"),
    ],
)
def test_what_cannot_be_is_refused(new_project, run, words: list[str], why: str) -> None:
    new_project(FILES)

    outcome = run("partitions", *words)

    assert outcome.code == 2
    assert why in outcome.err


def test_a_list_needs_no_store_where_partitions_are_dynamic(
    new_project, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_project(FILES)
    monkeypatch.setenv("BRIDGE_STORE", "postgresql+psycopg2://postgres@127.0.0.1:1/none")

    assert run("list").code == 0
    assert run("status").code == 4
