from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bridge.keys import AssetKey
from bridge.migration import Gate, Unit
from bridge.project import Project


class Legacy:
    """Two tasks of one DAG, and the same DAG on a second instance if asked for."""

    name = "airflow"

    def __init__(self, *more: Unit, gate: Gate | None = None) -> None:
        self.gate = gate or Gate("passed", "the plugin is loaded")
        self.more = more

    def units(self, project: Project) -> Sequence[Unit]:
        return [
            Unit(name="airflow:nightly.build_orders", assets=(AssetKey(["marts", "orders"]),)),
            Unit(name="airflow:nightly.load_raw", assets=()),
            *self.more,
        ]

    def gates(self, unit: Unit, project: Project) -> Sequence[Gate]:
        return [self.gate]


LEGACY = Legacy()
UNIT = "nightly.build_orders"


class Typing(io.StringIO):
    """A person at a terminal."""

    def isatty(self) -> bool:
        return True


def state(run, unit: str = "airflow:nightly.build_orders") -> str:
    board = run("migrate", "status", "--json", adapters=[LEGACY]).json
    return next(row["state"] for row in board if row["unit"] == unit)


def test_cutover_shows_conditions_and_steps_and_how_to_go_back(orders: Path, run) -> None:
    outcome = run("migrate", "cutover", UNIT, "--yes", adapters=[LEGACY])

    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        f"  ✓ marts/orders is defined at {orders / 'assets.py'}:12",
        "  ✓ the plugin is loaded",
        "",
        "This will",
        "  1. make the legacy task nightly.build_orders compute marts/orders at its place in the "
        "same DAG run",
        "  2. leave its DAG, its file, its schedule and its history as they are",
        "  3. refuse any second writer of the same partition of marts/orders",
        "",
        "  ✓ state written, change c-0001",
        "  ✓ route flipped, the next attempt obeys",
        "",
        "Cut over. Undo with bridge migrate rollback c-0001",
    ]
    assert state(run) == "migrated"


@pytest.mark.parametrize("what", [UNIT, "airflow:nightly.build_orders", "c-0001"])
def test_rollback_by_unit_or_by_change_needs_no_adapter(what: str, orders: Path, run) -> None:
    run("migrate", "cutover", UNIT, "--yes", adapters=[LEGACY])

    outcome = run("migrate", "rollback", what, "--yes", adapters=[])

    assert outcome.code == 0
    last = outcome.out.splitlines()[-1]
    assert last == "Rolled back. From its next attempt on, nightly.build_orders is observed."
    assert state(run) == "observed"


def test_a_dry_run_changes_nothing(orders: Path, run) -> None:
    outcome = run("migrate", "cutover", UNIT, "--dry-run", adapters=[LEGACY])

    assert outcome.code == 0
    assert "  3. refuse" in outcome.out
    assert state(run) == "observed"


def test_without_a_terminal_and_without_yes_nothing_is_done(orders: Path, run) -> None:
    outcome = run("migrate", "cutover", UNIT, adapters=[LEGACY])

    assert outcome.code == 5
    assert "--yes" in outcome.err
    assert state(run) == "observed"


@pytest.mark.parametrize(
    ("typed", "code", "after"), [("build_orders", 0, "migrated"), ("yes", 5, "observed")]
)
def test_a_person_types_the_tasks_name(
    typed: str, code: int, after: str, orders: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Typing(f"{typed}\n"))

    outcome = run("migrate", "cutover", UNIT, adapters=[LEGACY])

    assert outcome.code == code
    assert "Cut over? Type build_orders to go on: " in outcome.err
    assert state(run) == after


def test_a_condition_that_does_not_hold_refuses(orders: Path, run) -> None:
    legacy = Legacy(gate=Gate("failed", "the plugin is not loaded"))

    outcome = run("migrate", "cutover", UNIT, "--yes", adapters=[legacy])

    assert outcome.code == 5
    assert "  ✗ the plugin is not loaded" in outcome.out
    assert "1 condition not met" in outcome.err
    assert state(run) == "observed"


def test_cutting_over_twice_does_nothing_the_second_time(orders: Path, run) -> None:
    run("migrate", "cutover", UNIT, "--yes", adapters=[LEGACY])

    outcome = run("migrate", "cutover", UNIT, "--yes", adapters=[LEGACY])

    assert outcome.code == 0
    assert outcome.out.endswith("nightly.build_orders is migrated already. Nothing to do.\n")


def test_an_unknown_task_suggests_the_one_that_was_meant(orders: Path, run) -> None:
    outcome = run("migrate", "cutover", "nightly.build_order", "--yes", adapters=[LEGACY])

    assert outcome.code == 2
    assert "Did you mean nightly.build_orders" in outcome.err


def test_a_task_of_two_instances_has_to_be_named_in_full(orders: Path, run) -> None:
    twice = Legacy(Unit(name="old:nightly.build_orders", assets=(AssetKey(["marts", "orders"]),)))

    unclear = run("migrate", "cutover", UNIT, "--yes", adapters=[twice])
    named = run("migrate", "cutover", "old:nightly.build_orders", "--yes", adapters=[twice])

    assert unclear.code == 2
    assert "airflow:nightly.build_orders, old:nightly.build_orders" in unclear.err
    assert named.code == 0


def test_rolling_back_what_was_never_changed_is_an_error(orders: Path, run) -> None:
    assert run("migrate", "rollback", UNIT, "--yes").code == 2
    assert run("migrate", "rollback", "c-0007", "--yes").code == 5


def test_the_board_shows_who_runs_what(orders: Path, run, lines) -> None:
    run("migrate", "cutover", UNIT, "--yes", "--reason", "14 equal", adapters=[LEGACY])

    outcome = run("migrate", "status", adapters=[LEGACY])
    first = run("migrate", "status", "--json", adapters=[LEGACY]).json[0]

    assert lines(outcome.out)[2].startswith("nightly.build_orders   migrated   now     c-0001")
    assert lines(outcome.out)[3].startswith("nightly.load_raw       observed   -")
    assert lines(outcome.out)[-1] == "1 of 2 tasks moved."
    assert first["last_change"]["reason"] == "14 equal"
    assert first["last_change"]["id"] == "c-0001"


def test_an_empty_board_says_how_to_begin(orders: Path, run) -> None:
    outcome = run("migrate", "status")

    assert outcome.out == (
        "No legacy task is known. Start with bridge import airflow path/to/dags\n"
    )
