from __future__ import annotations

from pathlib import Path


def test_nothing_is_deleted_unless_the_settings_say_so(orders: Path, run) -> None:
    run("materialize", "raw_orders")

    outcome = run("retention")

    assert outcome.out == "  ✓ 0 events, 0 runs, 0 logs deleted\n"
    assert "The settings keep everything" in outcome.err


def test_what_is_too_old_is_counted_then_deleted(orders: Path, run) -> None:
    (orders / "bridge.toml").write_text(
        'definitions = ["assets.py"]\n[retention]\nevents_days = 30\n'
        "materializations_per_asset = 1\n"
    )
    for day in (1, 2, 3):
        run("report", "raw_orders", "--at", f"2020-01-0{day}")

    planned = run("retention", "--dry-run", "--json")

    assert planned.json == {"events": 2, "runs": 0, "logs": 0}
    assert "Nothing was deleted" in planned.err
    assert run("retention").out == "  ✓ 2 events, 0 runs, 0 logs deleted\n"
    assert len(run("show", "raw_orders", "--json").json["events"]) == 1
    assert "retention.events_days" in run("config").out


def test_a_wrong_setting_is_told(orders: Path, run) -> None:
    (orders / "bridge.toml").write_text("[retention]\nevents_days = 0\n")

    outcome = run("retention")

    assert outcome.code == 2
    assert "retention.events_days" in outcome.err
