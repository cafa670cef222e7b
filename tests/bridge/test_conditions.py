"""Automation conditions as values: how they read, compare, change, and what is refused."""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest

from bridge import AssetCheckSpec, AssetOut, AssetSpec, asset, asset_check, multi_asset
from bridge.conditions import AutomationCondition
from bridge.errors import DefinitionError

of = AutomationCondition


def test_two_of_the_same_make_are_equal_whatever_their_labels() -> None:
    one = (of.missing() & ~of.in_progress()).with_label("gaps")
    other = of.missing() & ~of.in_progress()

    assert one == other
    assert hash(one) == hash(other)
    assert one != of.missing()
    assert {one: "as a key"}[other] == "as a key"


def test_a_policy_reads_as_its_name_and_is_spelled_out_on_request() -> None:
    assert str(of.eager()) == "eager"
    assert of.eager().expression == (
        "in_latest_time_window & (newly_missing | any_deps_updated).since_last_handled() & "
        "~any_deps_missing & ~any_deps_in_progress & ~in_progress"
    )
    assert str(of.on_cron("0 9 * * *", "Europe/Zurich")) == "on_cron(0 9 * * *, Europe/Zurich)"


def test_an_expression_keeps_its_grouping() -> None:
    condition = (of.missing() | of.newly_updated()) & ~(of.in_progress() & of.execution_failed())

    assert str(condition) == ("(missing | newly_updated) & ~(in_progress & execution_failed)")


def test_joining_three_is_one_and() -> None:
    a, b, c = of.missing(), of.newly_updated(), of.execution_failed()

    assert (a & b) & c == a & (b & c)


def test_the_same_policy_is_made_once() -> None:
    assert of.eager() is of.eager()


def test_eager_can_do_without_one_of_its_guards() -> None:
    assert "any_deps_missing" not in str(of.eager().without(~of.any_deps_missing()))


def test_doing_without_what_is_not_there_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"cannot do without missing.*test_conditions\.py"):
        of.eager().without(of.missing())


@pytest.mark.parametrize("old", [of.any_deps_missing(), "any_deps_missing"])
def test_an_operand_is_replaced_by_value_or_by_label(old: AutomationCondition | str) -> None:
    changed = of.eager().replace(old, of.any_deps_match(of.execution_failed()))

    assert "~any_deps_match(execution_failed)" in str(changed)


def test_replacing_what_is_not_there_changes_nothing() -> None:
    assert of.eager().replace("no such label", of.missing()) is of.eager()


def test_what_looks_at_others_is_narrowed_throughout() -> None:
    narrowed = of.eager().ignore("group:raw").allow(["orders", "customers"])

    assert str(narrowed).count(".allow(orders, customers).ignore('group:raw')") == 3


def test_what_looks_at_no_others_cannot_be_narrowed() -> None:
    with pytest.raises(DefinitionError, match="looks at no other assets"):
        of.missing().allow("a")


@pytest.mark.parametrize(
    ("cron", "zone", "words"),
    [
        ("every day", "UTC", "is no cron schedule"),
        ("0 25 * * *", "UTC", "is no cron schedule"),
        ("0 9 * * *", "Mars/Olympus", "is no time zone. Use an IANA name"),
    ],
)
def test_a_schedule_that_cannot_be_read_is_refused(cron: str, zone: str, words: str) -> None:
    with pytest.raises(DefinitionError, match=rf"{words}.*test_conditions\.py"):
        of.on_cron(cron, zone)


def test_looking_back_no_time_is_refused() -> None:
    with pytest.raises(DefinitionError, match="lookback_delta is 0:00:00"):
        of.in_latest_time_window(timedelta(0))


def test_asking_for_no_tags_is_refused() -> None:
    with pytest.raises(DefinitionError, match="names no tags"):
        of.executed_with_tags()

    tagged = of.any_new_update_has_run_tags(tag_keys=["team"], tag_values={"env": "prod"})
    assert str(tagged) == "any_new_update_has_run_tags(team, env=prod)"
    assert tagged.holds({"team": "", "env": "prod"})
    assert not tagged.holds({"env": "prod"})


def test_every_way_to_define_an_asset_takes_a_condition() -> None:
    eager = of.eager()

    @asset(automation_condition=eager)
    def one() -> None: ...

    @multi_asset(outs={"two": AssetOut(automation_condition=eager)})
    def several() -> None: ...

    @asset_check(asset=one, automation_condition=eager)
    def check() -> bool:
        return True

    declared = (
        one.spec,
        several.specs[0],
        check.spec,
        AssetSpec("three", automation_condition=eager),
        AssetCheckSpec("four", one, automation_condition=eager),
    )
    assert all(each.automation_condition is eager for each in declared)


def test_what_only_checks_know_is_not_asked_of_an_asset() -> None:
    with pytest.raises(DefinitionError, match=r"asks an asset for check_passed.*any_checks_match"):
        AssetSpec("a", automation_condition=of.check_passed())

    AssetSpec("a", automation_condition=of.any_checks_match(of.check_failed()))


def test_what_only_assets_know_is_not_asked_of_a_check() -> None:
    with pytest.raises(DefinitionError, match=r"asks a check for freshness_failed.*any_deps_match"):
        AssetCheckSpec("c", "a", automation_condition=of.freshness_failed())

    AssetCheckSpec("c", "a", automation_condition=of.any_deps_match(of.freshness_failed()))


def test_what_is_no_condition_is_refused() -> None:
    with pytest.raises(DefinitionError, match="automation_condition='eager', which is none"):
        AssetSpec("a", automation_condition="eager")  # type: ignore[arg-type]


def test_a_condition_survives_the_way_to_another_process() -> None:
    arrived = pickle.loads(pickle.dumps(of.eager()))  # noqa: S301 - our own bytes

    assert arrived == of.eager()
