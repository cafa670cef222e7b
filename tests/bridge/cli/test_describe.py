from __future__ import annotations

from pathlib import Path


def test_list_shows_what_is_defined(orders: Path, run, lines) -> None:
    outcome = run("list")

    assert outcome.code == 0
    assert lines(outcome.out) == [
        "Asset          Group   Kinds    Partitions   Owners",
        "───────────────────────────────────────────────────────",
        "raw_orders     raw     python   -            team:sales",
        "marts/orders   marts   -        -            -",
        "daily_orders   marts   -        daily        -",
        "",
        "3 assets.",
    ]
    assert outcome.err == ""


def test_list_says_who_writes_what_is_not_ours(new_project, run) -> None:
    new_project("""
        from bridge import AssetSpec

        known = AssetSpec("known", produced_by=["airflow:nightly.load"])
        unknown = AssetSpec("unknown")
    """)

    out = run("list").out

    assert out.count("others") == 2
    assert "airflow:nightly.load" in run("show", "known").out
    assert "something outside" in run("show", "unknown").out


def test_a_long_key_stays_in_one_piece(new_project, run) -> None:
    key = "a_schema_with_a_long_name/a_table_with_a_long_name_too"
    new_project(f"""
        from bridge import AssetSpec

        spec = AssetSpec({key.split("/")!r}, owners=["someone@example.org", "team:data-platform"],
                         kinds=["python", "parquet", "sqlite"], group_name="a_group_of_its_own")
    """)

    assert key in run("list").out


def test_list_takes_a_selection_a_group_and_what_nobody_owns(orders: Path, run) -> None:
    def keys(*words: str) -> list[str]:
        return [each["key"] for each in run("list", "--json", *words).json]

    assert keys("+marts/orders") == ["raw_orders", "marts/orders"]
    assert keys("--group", "marts") == ["marts/orders", "daily_orders"]
    assert keys("--no-owner") == ["marts/orders", "daily_orders"]


def test_list_needs_no_store(orders: Path, run) -> None:
    run("list")

    assert not (orders / ".bridge").exists()


def test_list_as_json_says_everything_that_is_defined(orders: Path, run) -> None:
    first, second, third = run("list", "--json").json

    assert first["key"] == "raw_orders"
    assert first["owners"] == ["team:sales"]
    assert second["upstream"] == ["raw_orders"]
    assert second["downstream"] == ["daily_orders"]
    assert second["checks"] == ["has_rows"]
    assert third["partitions"]["start"] == "2026-11-01"
    assert third["place"] == f"{orders / 'assets.py'}:22"


def test_a_status_in_a_selection_asks_the_store(orders: Path, run) -> None:
    run("materialize", "raw_orders")

    assert [each["key"] for each in run("list", "--json", "status:done").json] == ["raw_orders"]


def test_what_modules_print_while_they_load_is_no_result(new_project, run) -> None:
    new_project("""
        from bridge import asset

        print("loading")

        @asset
        def only(): ...
    """)

    outcome = run("list", "--json")

    assert [each["key"] for each in outcome.json] == ["only"]
    assert outcome.err == "loading\n"


def test_show_says_where_an_asset_is_and_what_is_around_it(orders: Path, run, lines) -> None:
    assert lines(run("show", "marts/orders").out) == [
        "· marts/orders  missing, never materialized",
        "",
        "  defined     assets.py:12",
        "  written by  us",
        "  group       marts",
        "  upstream    raw_orders",
        "  downstream  daily_orders",
        "  check       · has_rows  not answered yet",
    ]


def test_show_lists_what_happened_last(orders: Path, run) -> None:
    run("materialize", "+marts/orders")

    text = run("show", "marts/orders").out

    assert "✓ marts/orders  done, now" in text
    assert "  check       ✓ has_rows  passed, now\n" in text
    assert "  path        " in text
    assert "Last events, times in UTC" in text
    assert "check has_rows passed" in text
    assert "1 row" in text


def test_show_as_json_has_definition_status_checks_and_events(orders: Path, run) -> None:
    run("materialize", "+marts/orders")

    found = run("show", "marts/orders", "--json").json

    assert found["key"] == "marts/orders"
    assert found["status"]["status"] == "done"
    assert found["check_states"][0]["passed"] is True
    assert {event["kind"] for event in found["events"]} == {"started", "materialization", "check"}
    assert found["events"][0]["happened_at"].endswith("+00:00")


def test_show_counts_partitions(orders: Path, run) -> None:
    run("materialize", "*", "--partition", "2026-11-02...2026-11-04")

    text = run("show", "daily_orders").out

    assert "daily from 2026-11-01, newest 2026-11-10; 3 of 10 materialized" in text


def test_show_counts_partitions_that_are_stale(orders: Path, run, lines) -> None:
    run("materialize", "*", "--partition", "2026-11-02...2026-11-04")
    assert "stale" not in run("show", "daily_orders").out
    run("materialize", "marts/orders")

    why = "3 of them stale; 2026-11-04 because marts/orders was materialized since"
    assert f"{'':14}{why}" in lines(run("show", "daily_orders").out)


def test_an_unknown_asset_suggests_the_one_that_was_meant(orders: Path, run) -> None:
    outcome = run("show", "mart/orders")

    assert outcome.code == 2
    assert outcome.err == (
        "error: There is no asset mart/orders. Did you mean marts/orders or raw_orders or "
        "daily_orders?\n"
    )


def test_typed_metadata_is_shown_as_what_it_is(new_project, run, lines, monkeypatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    new_project("""
        from datetime import datetime, timezone
        from bridge import MaterializeResult, MetadataValue, TableColumn, TableSchema, asset
        from bridge import TableColumnConstraints, TableColumnDep, TableColumnLineage

        key = TableColumnConstraints(nullable=False, unique=True)

        @asset(metadata={"docs": MetadataValue.url("https://example.org/orders")})
        def orders():
            return MaterializeResult(metadata={
                "notes": MetadataValue.md("# Orders\\n- one a day"),
                "head": MetadataValue.table([{"id": 1, "city": "Oslo"}, {"id": 20, "city": None}]),
                "schema": TableSchema([TableColumn("id", "int", "who", key)]),
                "from": TableColumnLineage({"id": [TableColumnDep("raw", "number")]}),
                "seen": MetadataValue.timestamp(datetime(2026, 11, 22, tzinfo=timezone.utc)),
                "rows": 2,
            })
    """)
    run("materialize", "orders")

    out = lines(run("show", "orders").out)

    start = out.index("  notes       # Orders")
    assert out[start : start + 10] == [
        "  notes       # Orders",
        "              - one a day",
        "  head        id  city",
        "              ────────",
        "              1   Oslo",
        "              20",
        "  schema      id  int  not null, unique  who",
        "  from        id from raw.number",
        "  seen        2026-11-22T00:00:00+00:00",
        "  rows        2",
    ]
    assert "  docs        https://example.org/orders" in out


LAGGED = """
    from bridge import (
        AssetDep, DailyPartitionsDefinition, LastPartitionMapping, TimeWindowPartitionMapping, asset
    )

    days = DailyPartitionsDefinition("2024-01-01")
    before = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    @asset(partitions_def=days)
    def rates(): return 1

    @asset(deps=[AssetDep("total", before), AssetDep(rates, LastPartitionMapping())],
           partitions_def=days)
    def total(): return 1
"""


def test_show_says_which_partitions_of_others_and_of_its_own_past_are_read(
    new_project, run, lines
) -> None:
    new_project(LAGGED)

    shown = lines(run("show", "total").out)

    assert "  upstream    rates (the last partition)" in shown
    assert "  own past    1 window before" in shown
    assert run("show", "total", "--json").json["reads_partitions"] == {
        "total": "1 window before",
        "rates": "the last partition",
    }


def test_show_says_what_requests_an_asset(new_project, run, lines) -> None:
    new_project("""
        from bridge import AutomationCondition as When, asset

        @asset(automation_condition=When.on_cron("0 6 * * *", "Europe/Zurich"))
        def daily(): ...

        @asset(automation_condition=When.missing() & ~When.in_progress())
        def own(): ...
    """)

    assert "on_cron(0 6 * * *, Europe/Zurich)" in run("show", "daily").out
    assert "missing & ~in_progress" in run("show", "own").out
    assert run("show", "own", "--json").json["automation_condition"] == "missing & ~in_progress"
