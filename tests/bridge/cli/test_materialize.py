from __future__ import annotations

import logging
import re
import shlex
from pathlib import Path

import pytest

CHAIN = """
    from bridge import AssetCheckResult, asset, asset_check

    @asset
    def first(): return [1, 2]

    @asset(deps=[first])
    def second():
        BODY

    @asset(deps=[second])
    def third(): return [3]

    @asset
    def beside(): return [4]

    @asset_check(asset=second)
    def is_good(second):
        return AssetCheckResult(passed=PASSED, severity="SEVERITY", description="2 rows are odd")
"""


def chain(body: str = "return [2]", passed: bool = True, severity: str = "ERROR") -> str:
    return CHAIN.replace("BODY", body).replace("PASSED", str(passed)).replace("SEVERITY", severity)


def steady(text: str) -> list[str]:
    """Lines with run ids and times made the same for every run, without Python 3.11's carets."""
    text = re.sub(r"^[ ~^]+\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"run     [0-9a-f]{12}", "run     ID", text)
    text = re.sub(r" +\d+ms$", " 5ms", text, flags=re.MULTILINE)
    text = re.sub(r"--retry [0-9a-f]{12}", "--retry ID", text)
    return re.sub(r"\bin \d+ms", "in 5ms", text).rstrip().splitlines()


def test_each_asset_is_one_line_and_the_end_says_how_it_went(orders: Path, run) -> None:
    outcome = run("materialize", "*", "--partition", "2026-11-02")

    assert outcome.code == 0
    assert steady(outcome.out) == [
        "  ✓ raw_orders           2 rows 5ms",
        "  ✓ marts/orders          1 row 5ms",
        "  ✓ daily_orders 5ms",
        "",
        "  checks  1 passed",
        "  run     ID",
        "",
        "3 done in 5ms. See bridge status",
    ]
    assert outcome.err == "3 of 3 assets, 1 partition each.\n"


def test_a_range_of_partitions_names_each(orders: Path, run) -> None:
    outcome = run("materialize", "daily_orders", "-p", "2026-11-02...2026-11-03")

    assert outcome.code == 1, "its upstream was never materialized"
    assert "✗ daily_orders 2026-11-02" in outcome.out
    assert run("materialize", "*", "-p", "2026-11-02...2026-11-03").code == 0


def test_without_a_partition_the_newest_is_taken_and_named(orders: Path, run) -> None:
    outcome = run("materialize", "*")

    assert outcome.code == 0
    assert "No --partition given: the newest, 2026-11-10." in outcome.err


def test_a_failure_shows_the_users_own_traceback_and_the_next_command(new_project, run) -> None:
    folder = new_project(chain(body="return 1 / 0"))

    outcome = run("materialize", "*")

    assert outcome.code == 1
    assert steady(outcome.out) == [
        "  ✓ first          2 rows 5ms",
        "  ✓ beside          1 row 5ms",
        "  ✗ second 5ms",
        f'        File "{folder}/assets.py", line 9, in second',
        "          return 1 / 0",
        "      ZeroDivisionError: division by zero",
        "      at assets.py:7",
        "  – third    skipped, second failed",  # noqa: RUF001 - as it is printed
        "",
        "  run     ID",
        "",
        "1 failed, 1 skipped, 2 done in 5ms. Exit code 1.",
        "Retry what is not done: bridge materialize --retry ID",
    ]


def test_the_printed_retry_does_what_is_left(new_project, run) -> None:
    folder = new_project(chain(body="return 1 / 0"))
    retry = run("materialize", "*").out.strip().splitlines()[-1].partition("bridge ")[2]
    (folder / "assets.py").write_text((folder / "assets.py").read_text().replace("1 / 0", "[2]"))

    outcome = run(*shlex.split(retry))

    assert outcome.code == 0
    assert "2 done in" in outcome.out
    assert run("status", "--fail-on", "failed,stale,missing").code == 0


def test_a_failed_check_keeps_what_is_downstream_from_running(new_project, run) -> None:
    new_project(chain(passed=False))

    outcome = run("materialize", "*")

    assert outcome.code == 1
    assert "      check failed is_good: 2 rows are odd\n" in outcome.out
    assert "– third    skipped, second failed" in outcome.out  # noqa: RUF001
    assert "  checks  0 passed, 1 failed\n" in outcome.out


def test_a_check_that_only_warns_stops_nothing(new_project, run) -> None:
    new_project(chain(passed=False, severity="WARN"))

    outcome = run("materialize", "*")

    assert outcome.code == 0
    assert "      check warned is_good: 2 rows are odd\n" in outcome.out
    assert "  checks  0 passed, 1 warned: is_good\n" in outcome.out


def test_a_dry_run_computes_nothing(orders: Path, run) -> None:
    outcome = run("materialize", "*", "--partition", "2026-11-02", "--dry-run")

    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "  · raw_orders  assets.py:7",
        "  · marts/orders  assets.py:12, then 1 check",
        "  · daily_orders 2026-11-02  assets.py:22",
    ]
    assert not (orders / ".bridge").exists()


def test_assets_of_others_are_left_alone_and_named(new_project, run) -> None:
    new_project("""
        from bridge import AssetSpec, asset

        theirs = AssetSpec("theirs")

        @asset(deps=[theirs])
        def ours(): return 1
    """)

    assert "Written outside, so left alone: theirs." in run("materialize", "ours or theirs").err
    assert "left alone" not in run("materialize", "*").err
    alone = run("materialize", "theirs")
    assert alone.code == 2
    assert "Nothing to materialize" in alone.err


def test_what_an_asset_logs_goes_to_stderr(new_project, run) -> None:
    new_project("""
        from bridge import asset

        @asset
        def only(context):
            context.log.info("halfway %s", 1)
    """)

    outcome = run("materialize", "only")

    assert "INFO halfway 1" in outcome.err
    assert "halfway" not in outcome.out
    assert logging.getLogger("bridge").handlers == []  # as it was before


def test_sys_exit_in_an_asset_does_not_look_like_success(new_project, run) -> None:
    new_project("""
        import sys
        from bridge import asset

        @asset
        def only(): sys.exit(0)
    """)

    outcome = run("materialize", "only")

    assert outcome.code == 1
    assert "sys.exit(0)" in outcome.err
    assert "✗ failed" in run("status").out


@pytest.mark.parametrize("selection", ["", "((", "color:red", "marts/*"])
def test_a_selection_that_cannot_be_read_ends_with_2(selection: str, orders: Path, run) -> None:
    outcome = run("materialize", selection)

    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert outcome.out == ""


def test_each_asset_of_one_function_has_its_line(new_project, run) -> None:
    new_project("""
        from bridge import AssetSpec, MaterializeResult, asset, multi_asset

        @multi_asset(specs=[AssetSpec("x"), AssetSpec("y"), AssetSpec("z", skippable=True)])
        def both():
            yield MaterializeResult(asset_key="x")
            yield MaterializeResult(asset_key="y")

        @asset(deps=["z"])
        def after(): ...
    """)

    planned = run("materialize", "*", "--dry-run")
    outcome = run("materialize", "*")

    assert "x, y, z  assets.py:" in planned.out
    assert outcome.code == 0
    assert [entry.split()[:2] for entry in steady(outcome.out)[:4]] == [
        ["✓", "x"],
        ["✓", "y"],
        ["–", "z"],  # noqa: RUF001 - as it is printed
        ["–", "after"],  # noqa: RUF001 - as it is printed
    ]


def test_a_check_that_reads_another_asset_has_its_own_line(new_project, run) -> None:
    new_project("""
        from bridge import asset, asset_check

        @asset
        def a(): ...

        @asset
        def z(): ...

        @asset_check(asset=a, additional_deps=[z])
        def agrees():
            return False
    """)

    outcome = run("materialize", "*")

    assert outcome.code == 1
    assert "check failed agrees" in outcome.out
    assert "0 passed, 1 failed" in outcome.out


RANGED = """
    from bridge import BackfillPolicy, DailyPartitionsDefinition, asset, asset_check

    days = DailyPartitionsDefinition("2026-11-01", end_date="2026-11-11")

    @asset(partitions_def=days, backfill_policy=BackfillPolicy.single_run())
    def orders(context):
        return {key: [1, 2] for key in context.partition_keys}

    @asset_check(asset=orders)
    def is_fine(context):
        return context.partition_key not in ("2026-11-03", "2026-11-04")

    @asset(partitions_def=days, deps=[orders], backfill_policy=BackfillPolicy.multi_run(3))
    def report():
        pass
"""


def test_a_call_for_several_partitions_is_a_line_for_each_way_it_went(new_project, run) -> None:
    new_project(RANGED)

    outcome = run("materialize", "*", "--partition", "2026-11-01...2026-11-06")

    assert outcome.code == 1
    assert outcome.err == "2 of 2 assets, 6 partitions each.\n"
    assert steady(re.sub(r"\d+ms", "5ms", outcome.out))[:8] == [
        "  ✓ orders 2026-11-01...2026-11-02         4 rows 5ms",
        "  ✗ orders 2026-11-03...2026-11-04         4 rows 5ms",
        "      check failed is_fine",
        "      at assets.py:6",
        "  ✓ orders 2026-11-05...2026-11-06         4 rows 5ms",
        "  – report 2026-11-01...2026-11-03   skipped, orders failed",  # noqa: RUF001
        "  – report 2026-11-04...2026-11-06   skipped, orders failed",  # noqa: RUF001
        "",
    ]


def test_a_dry_run_shows_what_each_call_takes(new_project, run) -> None:
    new_project(RANGED)

    outcome = run("materialize", "report", "--partition", "2026-11-01...2026-11-05", "--dry-run")

    assert [text.split("  ")[1] for text in outcome.out.splitlines()] == [
        "· report 2026-11-01...2026-11-03",
        "· report 2026-11-04...2026-11-05",
    ]
