from __future__ import annotations

from pathlib import Path


def test_a_report_makes_an_asset_materialized(orders: Path, run, lines) -> None:
    outcome = run(
        "report",
        "marts/orders",
        "--metadata",
        "rows=12",
        "--metadata",
        "by=hand",
        "--data-version",
        "v1",
        "--at",
        "2026-11-21T06:00:00Z",
    )

    assert outcome.out == "  ✓ marts/orders  materialization at 2026-11-21 06:00:00 UTC\n"
    event = run("show", "marts/orders", "--json").json["events"][0]
    assert event["metadata"] == {"rows": 12, "by": "hand"}
    assert (event["data_version"], event["happened_at"]) == ("v1", "2026-11-21T06:00:00+00:00")
    found = run("status", "marts/orders", "--json").json[0]
    assert found["latest"] == "2026-11-21T06:00:00+00:00"


def test_a_dry_run_records_nothing(orders: Path, run) -> None:
    outcome = run("report", "raw_orders", "--observation", "--dry-run", "--json")

    assert outcome.json["kind"] == "observation"
    assert "Nothing was recorded" in outcome.err
    assert run("show", "raw_orders", "--json").json["events"] == []


def test_a_partition_is_reported_where_there_are_any(orders: Path, run) -> None:
    assert run("report", "daily_orders", "--partition", "2026-11-03").code == 0
    assert run("status", "daily_orders", "--json").json[0]["partitions"]["done"] == 1

    for words, said in (
        (["daily_orders"], "say which partition"),
        (["daily_orders", "--partition", "1999-01-01"], "1999-01-01"),
        (["raw_orders", "--partition", "2026-11-03"], "has no partitions"),
        (["raw_order"], "There is no asset raw_order"),
    ):
        outcome = run("report", *words)
        assert outcome.code == 2
        assert said in outcome.err


def test_what_cannot_be_read_is_refused(orders: Path, run) -> None:
    for words in (["--metadata", "rows"], ["--at", "noon"], ["--at", "2999-01-01"]):
        outcome = run("report", "raw_orders", *words)
        assert outcome.code == 2
        assert words[1] in outcome.err
