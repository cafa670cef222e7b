from __future__ import annotations

from pathlib import Path

import pytest

FAILING = """
    from datetime import timedelta
    from bridge import AssetSpec, FreshnessPolicy, asset

    outside = AssetSpec("outside", produced_by=["airflow:nightly.load"])

    @asset(owners=["team:sales"], freshness_policy=FreshnessPolicy.time_window(timedelta(hours=2)))
    def first(): return 1

    @asset(deps=[first], owners=["a@example.org"])
    def second():
        return SWITCH

    @asset(deps=[second])
    def third(): return 3
"""


def test_status_of_what_never_ran(orders: Path, run, lines) -> None:
    outcome = run("status")

    assert outcome.code == 0
    assert lines(outcome.out) == [
        "Asset          Status      Latest   Freshness   Checks   Partitions   Migration",
        "───────────────────────────────────────────────────────────────────────────────",
        "raw_orders     · missing   -        -                -            -   -",
        "marts/orders   · missing   -        -              0/1            -   -",
        "daily_orders   · missing   -        -                -         0/10   -",
        "",
        "3 missing of 3 assets.",
    ]


def test_a_failure_is_named_and_explains_what_is_stale(new_project, run, lines) -> None:
    folder = new_project(FAILING.replace("SWITCH", "2"))
    run("materialize", "first+")
    (folder / "assets.py").write_text(
        (folder / "assets.py").read_text().replace("return 2", "1 / 0")
    )
    assert run("materialize", "second").code == 1

    outcome = run("status")

    assert outcome.code == 0
    assert lines(outcome.out) == [
        "Asset     Status      Latest   Freshness       Checks   Partitions   Migration",
        "──────────────────────────────────────────────────────────────────────────────",
        "outside   · unknown   -        -                    -            -   observed",
        "first     ✓ fresh     now      due in 1h 59m        -            -   -",
        "second    ✗ failed    now      -                    -            -   -",
        "third     ! stale     now      -                    -            -   -",
        "",
        "1 fresh, 1 stale, 1 failed, 1 unknown of 4 assets. 1 failure explains 1 stale asset.",
        "Exit code 0. With --fail-on stale,failed it would be 1.",
    ]


@pytest.mark.parametrize(
    ("words", "code"), [("failed", 0), ("missing", 1), ("stale,missing", 1), ("running, fresh", 0)]
)
def test_fail_on_sets_the_exit_code(words: str, code: int, orders: Path, run) -> None:
    assert run("status", "--fail-on", words).code == code
    assert run("status", "--fail-on", words, "--json").code == code


def test_status_takes_selection_owner_and_group(new_project, run) -> None:
    new_project(FAILING.replace("SWITCH", "2"))

    def keys(*words: str) -> list[str]:
        return [each["key"] for each in run("status", "--json", *words).json]

    assert keys("second+") == ["second", "third"]
    assert keys("--owner", "sales") == keys("--owner", "team:sales") == ["first"]
    assert keys("--owner", "a@example.org") == ["second"]
    assert keys("--group", "default", "third") == ["third"]
    assert run("status", "--owner", "nobody").out == "No asset matches.\n"


def test_status_as_json_keeps_its_names(orders: Path, run) -> None:
    run("materialize", "*", "--partition", "2026-11-02")

    found = {each["key"]: each for each in run("status", "--json").json}

    assert set(found["daily_orders"]) == {
        "key", "group", "owners", "status", "latest", "freshness", "checks", "partitions",
        "migration", "stale_because", "row_count", "message", "health", "sync",
    }  # fmt: skip
    assert found["daily_orders"]["partitions"] == {"done": 1, "total": 10, "failed": 0}
    assert found["marts/orders"]["checks"] == {"passed": 1, "total": 1, "failed": []}
    assert found["raw_orders"]["row_count"] == 2


def test_what_is_stale_says_why(new_project, run, lines) -> None:
    folder = new_project("""
        from bridge import asset

        @asset
        def first(): return 1

        @asset(deps=[first], code_version="1")
        def second(): return 2
    """)
    run("materialize", "*")
    assert "stale" not in run("status").out
    run("materialize", "first")

    why = "stale because first was materialized since"
    outcome = run("status")
    assert f"second is {why}." in lines(outcome.out)
    assert why in run("show", "second").out

    file = folder / "assets.py"
    file.write_text(file.read_text().replace('code_version="1"', 'code_version="1.1"'))
    assert "stale because its code has a new version, and first was" in run("status").out
    run("materialize", "second")
    assert "stale" not in run("status").out
