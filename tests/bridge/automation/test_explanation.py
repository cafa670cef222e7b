"""Why something was requested, or not, as a person reads it."""

from __future__ import annotations

from bridge import (
    AssetKey,
    AutomationCondition,
    DailyPartitionsDefinition,
    Definitions,
    evaluate_automation_conditions,
)
from bridge.store import open_store
from tests.bridge.automation.conftest import NIGHT, House, named

of = AutomationCondition
B = AssetKey("b")


def test_what_keeps_an_asset_from_being_requested_is_named(house: House) -> None:
    house.define(named("a"), named("x"), named("b", "a", "x", condition=of.eager()))
    house.tick()
    house.happens("a")

    told = house.tick(explained=[B]).explanations[B]

    assert told.because() == "not requested, since ~any_deps_missing is not so"
    lines = list(told.lines())
    assert lines[0] == "eager: no"
    assert "  (newly_missing | any_deps_updated).since_last_handled(): yes" in lines
    assert "  ~any_deps_missing: no" in lines
    assert "      x: missing & ~will_be_requested: yes" in lines


def test_what_was_not_looked_at_says_so(house: House) -> None:
    house.define(named("a"), named("b", "a", condition=of.eager()))
    house.tick()

    told = house.tick(explained=[B]).explanations[B]

    assert "  ~in_progress: not asked" in list(told.lines())
    assert told.because() == (
        "not requested, since (newly_missing | any_deps_updated).since_last_handled() is not so"
    )


def test_partitions_are_counted_and_the_first_are_named(house: House) -> None:
    days = DailyPartitionsDefinition("2024-02-24")
    house.define(named("b", condition=of.missing(), partitions_def=days))

    told = house.tick(explained=None).explanations[B]

    assert told.verdict == "2024-02-24, 2024-02-25, 2024-02-26 and 3 more"
    assert told.because().startswith("to be requested: 2024-02-24")


def test_explaining_changes_nothing(house: House) -> None:
    house.define(named("a"), named("b", "a", condition=of.eager()))
    house.tick()
    house.happens("a")
    cursor, now = house.cursor, house.now

    plain = house.tick()
    house.cursor, house.now = cursor, now
    explained = house.tick(explained=None)

    assert (plain.assets, plain.cursor) == (explained.assets, explained.cursor)


def test_in_a_test_of_a_project_one_evaluation_follows_the_other() -> None:
    store = open_store("sqlite://")
    definitions = Definitions([named("a"), named("b", "a", condition=of.eager())])
    first = evaluate_automation_conditions(definitions, store, evaluation_time=NIGHT)

    again = evaluate_automation_conditions(
        [named("a"), named("b", condition=of.missing())],
        store,
        evaluation_time=NIGHT,
        cursor=first.cursor,
    )

    assert first.total_requested == 0
    assert first.explain("a") == "a has no automation condition"
    assert again.total_requested == again.get_num_requested("b") == 1
    assert again.get_requested_partitions(B) == {None}
    assert again.explain("b") == "missing: yes"
    store.close()
