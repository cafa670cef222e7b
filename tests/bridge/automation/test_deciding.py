"""What conditions request: the meaning of each, tick by tick, on a real store."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bridge import (
    AssetCheckSpec,
    AssetDep,
    AssetSpec,
    AutomationCondition,
    DailyPartitionsDefinition,
    DynamicPartitionsDefinition,
    FreshnessPolicy,
    HourlyPartitionsDefinition,
    LastPartitionMapping,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    asset_check,
    multi_asset,
    observable_source_asset,
)
from bridge.errors import DefinitionError
from bridge.events import CheckOutcome
from bridge.keys import AssetKey
from bridge.runs import Run, RunTarget
from tests.bridge.automation.conftest import NIGHT, House, named

of = AutomationCondition
DAILY = DailyPartitionsDefinition("2024-02-26")


def test_what_is_missing_from_the_start_is_requested_only_when_asked_for(house: House) -> None:
    house.define(
        named("left", condition=of.eager()),
        named("picked", condition=of.eager(pick_up_missing=True)),
    )

    assert house.requested() == ["picked"]
    assert house.requested() == []


def test_what_was_missing_from_the_start_is_requested_once_its_parent_is_there(
    house: House,
) -> None:
    """The reference never does; see the reference case au019."""
    house.define(named("a"), named("b", "a", condition=of.on_missing(pick_up_missing=True)))

    assert house.requested() == []
    house.happens("a")
    assert house.requested() == ["b"]
    assert house.requested() == []


def test_old_gaps_are_picked_up_without_the_guard_of_the_newest_window(house: House) -> None:
    condition = of.on_missing(pick_up_missing=True).without(of.in_latest_time_window())
    house.define(named("a", condition=condition, partitions_def=DAILY))
    house.happens("a@2024-02-27")

    assert house.requested() == ["a@2024-02-26", "a@2024-02-28", "a@2024-02-29"]


def test_what_reads_partitions_that_do_not_exist_yet_can_wait_for_them(house: House) -> None:
    ahead = HourlyPartitionsDefinition("2024-02-29-20:00")
    today = DailyPartitionsDefinition("2024-02-29", end_offset=1)
    waits = of.eager().without(of.in_latest_time_window()) & ~of.any_deps_nonexistent()
    house.define(
        named("h", partitions_def=ahead),
        named("plain", "h", partitions_def=today, condition=of.eager()),
        named("waits", "h", partitions_def=today, condition=waits),
    )
    house.requested()
    house.now += timedelta(hours=1)  # the first hour of March has ended, the day has not

    house.happens("h@2024-03-01-00:00", "h@2024-02-29-20:00")

    assert house.requested() == ["plain@2024-03-01"]


def test_upstream_and_downstream_are_requested_together(house: House) -> None:
    eager = of.eager()
    house.define(
        named("a"),
        named("b", "a", condition=eager),
        named("c", "b", condition=eager),
    )
    house.happens("a", "b", "c")
    house.requested()

    house.happens("a")

    assert house.requested() == ["b", "c"]


def test_what_reads_another_partition_waits_until_that_is_there(house: House) -> None:
    """No run computes both; the reference requests them at once."""
    yesterday = AssetDep("b", TimeWindowPartitionMapping(start_offset=-1, end_offset=-1))
    house.define(
        named("a", partitions_def=DAILY),
        named("b", "a", partitions_def=DAILY, condition=of.eager()),
        named(
            "c",
            yesterday,
            partitions_def=DAILY,
            condition=of.any_deps_match(of.will_be_requested()),
        ),
    )
    house.requested()

    house.happens("a@2024-02-29")

    assert house.requested() == ["b@2024-02-29"]


def test_a_run_in_progress_holds_back_until_it_is_done(house: House) -> None:
    house.define(named("a"), named("b", "a", condition=of.eager()))
    house.requested()
    run = Run(
        id="r1",
        status="queued",
        created_at=NIGHT,
        target=RunTarget(assets=(AssetKey("a"), AssetKey("b"))),
    )
    house.store.enqueue([run])

    house.happens("a")
    assert house.requested() == []
    house.store.cancel_run("r1", now=NIGHT)

    assert house.requested() == ["b"]


def test_an_update_by_a_run_that_computes_both_is_no_news(house: House) -> None:
    house.define(named("a"), named("b", "a", condition=of.any_deps_updated()))
    house.requested()
    for run_id, assets in (("both", ("a", "b")), ("one", ("a",))):
        target = RunTarget(assets=tuple(map(AssetKey, assets)))
        house.store.enqueue([Run(id=run_id, status="queued", created_at=NIGHT, target=target)])

    house.happens("a", run_id="both")
    assert house.requested() == []
    house.happens("a", run_id="one")

    assert house.requested() == ["b"]


def test_the_tags_of_runs_can_be_asked_for(house: House) -> None:
    prod = {"tag_values": {"env": "prod"}}
    house.define(
        named("a"),
        named("last", "a", condition=of.any_deps_match(of.executed_with_tags(**prod))),
        named("any", "a", condition=of.any_deps_match(of.any_new_update_has_run_tags(**prod))),
        named(
            "all",
            "a",
            condition=of.any_deps_match(of.all_new_updates_have_run_tags(tag_keys=["env"])),
        ),
    )
    target = RunTarget(assets=(AssetKey("a"),))
    for run_id, tags in (("p", {"env": "prod"}), ("d", {"env": "dev"}), ("n", {})):
        run = Run(id=run_id, status="queued", created_at=NIGHT, target=target, tags=tags)
        house.store.enqueue([run])
    house.requested()

    house.happens("a", run_id="p")
    assert house.requested() == ["last", "any", "all"]
    assert house.requested() == ["last"]
    house.happens("a", run_id="p")
    house.happens("a", run_id="d", happened_at=house.now + timedelta(seconds=40))
    assert house.requested() == ["any", "all"]
    house.happens("a", run_id="d")
    house.happens("a", run_id="n", happened_at=house.now + timedelta(seconds=40))
    assert house.requested() == []


def test_news_from_long_ago_that_is_learned_late_is_no_update(house: House) -> None:
    house.define(named("a", condition=of.newly_updated()))
    house.happens("a")
    house.requested()

    house.happens("a", happened_at=NIGHT - timedelta(days=3))

    assert house.requested() == []


def test_a_late_delivery_of_the_newest_data_is_an_update(house: House) -> None:
    house.define(named("a", condition=of.newly_updated()))
    house.requested()
    house.requested()

    house.happens("a", happened_at=NIGHT - timedelta(hours=1))

    assert house.requested() == ["a"]


def test_a_failed_attempt_can_be_asked_for(house: House) -> None:
    house.define(
        named("a", condition=of.execution_failed()),
        named("p", condition=of.execution_failed(), partitions_def=DAILY),
    )
    house.happens("a", "p@2024-02-27", kind="failure")

    assert house.requested() == ["a", "p@2024-02-27"]


def test_only_another_data_version_counts_as_changed(house: House) -> None:
    house.define(named("a", condition=of.data_version_changed()))
    house.happens("a", data_version="1")
    house.requested()

    house.happens("a", data_version="1")
    assert house.requested() == []
    house.happens("a", data_version="2")

    assert house.requested() == ["a"]


def test_what_something_else_writes_is_updated_when_it_is_seen_to_be_another(
    house: House,
) -> None:
    @observable_source_asset(name="seen")
    def seen() -> str:
        return "1"

    house.define(seen, named("b", "seen", condition=of.any_deps_match(of.newly_updated())))
    house.happens("seen", kind="observation", data_version="1")
    house.requested()

    house.happens("seen", kind="observation", data_version="1")
    assert house.requested() == []
    house.happens("seen", kind="observation", data_version="2")

    assert house.requested() == ["b"]


def test_what_only_others_write_is_never_requested(house: House) -> None:
    house.define(AssetSpec("outside", automation_condition=of.missing()))

    assert house.requested() == []


def test_what_one_function_computes_at_once_is_requested_at_once(house: House) -> None:
    specs = [AssetSpec("x", automation_condition=of.missing()), AssetSpec("y")]

    @multi_asset(specs=specs)
    def together() -> None: ...

    house.define(together, named("z", "y", condition=of.any_deps_match(of.will_be_requested())))

    assert house.requested() == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("condition", "due"),
    [(of.freshness_passed(), 30), (of.freshness_warned(), 90), (of.freshness_failed(), 150)],
)
def test_freshness_can_be_asked_for(house: House, condition: AutomationCondition, due: int) -> None:
    policy = FreshnessPolicy.time_window(timedelta(hours=2), timedelta(hours=1))
    house.define(named("a", condition=condition, freshness_policy=policy))
    house.happens("a")

    found = {minutes: house.requested(after=timedelta(hours=1)) for minutes in (60, 120, 180)}

    assert [minutes - 30 for minutes, names in found.items() if names] == [due]


def test_a_check_is_requested_by_its_own_condition(house: House) -> None:
    a = named("a")
    on_news = of.any_deps_match(of.newly_updated())

    @asset_check(asset=a, automation_condition=on_news)
    def is_whole() -> bool:
        return True

    house.define(a, checks=[is_whole])
    house.requested()

    house.happens("a")

    assert house.requested() == ["a:is_whole"]


def test_an_asset_waits_for_the_blocking_checks_upstream(house: House) -> None:
    a = named("a")

    @asset_check(asset=a)
    def is_whole() -> bool:
        return True

    @asset_check(asset=a, blocking=False)
    def is_pretty() -> bool:
        return False

    b = named("b", "a", condition=of.all_deps_blocking_checks_passed())
    house.define(a, b, checks=[is_whole, is_pretty])
    house.happens("a")

    assert house.requested() == []
    house.happens("a", kind="check", check=CheckOutcome("is_whole", passed=True))
    assert house.requested() == ["b"]
    house.happens("a")  # the answer is about data that is gone
    assert house.requested() == []


def test_a_check_that_the_asset_answers_itself_has_no_condition_of_its_own() -> None:
    spec = AssetCheckSpec("is_whole", "a", automation_condition=of.missing())

    with pytest.raises(DefinitionError, match="Give the condition to the asset"):
        named("a", check_specs=[spec])


def test_narrowing_by_selection_leaves_the_others_out(house: House) -> None:
    updated = of.any_deps_updated()
    house.define(
        named("raw", group_name="raw"),
        named("clean"),
        named("all", "raw", "clean", condition=updated),
        named("no_raw", "raw", "clean", condition=updated.ignore("group:raw")),
        named("only_raw", "raw", "clean", condition=updated.allow(AssetKey("raw"))),
    )
    house.requested()

    house.happens("raw")
    assert house.requested() == ["all", "only_raw"]
    house.happens("clean")
    assert house.requested() == ["all", "no_raw"]


def test_another_asset_can_be_asked_up_or_down(house: House) -> None:
    house.define(
        named("a", condition=of.asset_matches("b", of.newly_updated())),
        named("b", "a"),
        named("far", condition=of.asset_matches("b", of.newly_updated())),
    )
    house.requested()

    house.happens("b")

    assert house.requested() == ["a", "far"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (of.asset_matches("ordres", of.missing()), "names ordres, which .* Did you mean orders"),
        (of.eager().ignore(AssetKey("ordres")), "names ordres, which .* Did you mean orders"),
        (of.eager().allow("key:"), "names the selection 'key:', which cannot be read"),
    ],
)
def test_naming_what_is_not_there_is_refused_while_loading(
    house: House, condition: AutomationCondition, words: str
) -> None:
    with pytest.raises(DefinitionError, match=rf"(?s)asset orders {words}.*conftest\.py"):
        house.define(named("orders", condition=condition))


def test_two_that_differ_in_what_they_look_at_remember_apart(house: House) -> None:
    news = of.any_deps_match(of.newly_updated())
    never = of.newly_requested()
    both = news.ignore(AssetKey("x")).since(never) & news.ignore(AssetKey("a")).since(never)
    house.define(named("a"), named("x"), named("b", "a", "x", condition=both))
    house.requested()

    house.happens("a")
    assert house.requested() == []
    house.happens("x")

    assert house.requested() == ["b"]


def test_conditions_far_downstream_reach_upstream(house: House) -> None:
    far = of.any_downstream_conditions()
    house.define(
        named("a", condition=far),
        named("b", "a", condition=far),
        named("c", "b", condition=of.newly_requested() | of.initial_evaluation()),
    )

    assert house.requested() == ["a", "b", "c"]


def test_an_asset_of_its_own_past_asks_that_as_well(house: House) -> None:
    own = AssetDep("a", TimeWindowPartitionMapping(start_offset=-1, end_offset=-1))
    house.define(named("a", own, partitions_def=DAILY, condition=~of.any_deps_missing()))
    house.happens("a@2024-02-27")

    assert house.requested() == ["a@2024-02-26", "a@2024-02-28"]


def test_by_a_mapping_to_the_last_partition_older_ones_are_no_news(house: House) -> None:
    last = AssetDep("a", LastPartitionMapping())
    house.define(
        named("a", partitions_def=DAILY),
        named("b", last, condition=of.any_deps_match(of.newly_updated())),
    )
    house.requested()

    house.happens("a@2024-02-26")
    assert house.requested() == []
    house.happens("a@2024-02-29")
    assert house.requested() == ["b"]


def test_other_windows_begin_anew(house: House) -> None:
    condition = of.missing().newly_true().since_last_handled()
    house.define(named("a", condition=condition, partitions_def=DAILY))
    house.requested()

    later = DailyPartitionsDefinition("2024-02-28")
    house.define(named("a", condition=condition, partitions_def=later))

    assert house.requested() == []


def test_dynamic_partitions_come_and_go_without_forgetting_the_others(house: House) -> None:
    customers = DynamicPartitionsDefinition("customers")
    condition = of.on_missing()
    house.store.add_dynamic_partitions("customers", ["x", "y"])
    house.define(
        named("a", partitions_def=customers),
        named("b", "a", partitions_def=customers, condition=condition),
    )
    house.requested()
    house.store.add_dynamic_partitions("customers", ["z"])
    house.requested()
    house.store.delete_dynamic_partition("customers", "x")

    house.happens("a@z", "a@y")

    assert house.requested() == ["b@z"]


def test_a_partition_that_went_and_comes_again_is_new(house: House) -> None:
    house.store.add_dynamic_partitions("customers", ["x", "y"])
    customers = DynamicPartitionsDefinition("customers")
    house.define(named("a", partitions_def=customers, condition=of.missing().newly_true()))
    house.requested()
    house.store.delete_dynamic_partition("customers", "x")
    assert house.requested() == []

    house.store.add_dynamic_partitions("customers", ["x"])

    assert house.requested() == ["a@x"]


def test_what_is_left_is_small_at_a_hundred_thousand_partitions(house: House) -> None:
    hours = HourlyPartitionsDefinition("2012-10-01-00:00")
    house.define(
        named("h", partitions_def=hours),
        named("d", "h", partitions_def=hours, condition=of.eager()),
    )
    house.requested()

    assert house.cursor is not None
    assert len(house.cursor) < 1000
    assert json.loads(house.cursor)["format"] == 1


def test_names_of_static_partitions_may_change_their_places(house: House) -> None:
    condition = of.missing().newly_true()
    house.define(
        named("a", condition=condition, partitions_def=StaticPartitionsDefinition(["x", "y"]))
    )
    assert house.requested() == ["a@x", "a@y"]

    reordered = StaticPartitionsDefinition(["new", "y", "x"])
    house.define(named("a", condition=condition, partitions_def=reordered))

    assert house.requested() == ["a@new"]


def test_the_same_evaluation_gives_the_same_answer(house: House) -> None:
    house.define(named("a"), named("b", "a", condition=of.eager()))
    house.requested()
    house.happens("a")
    cursor, now = house.cursor, house.now

    first = house.tick()
    house.cursor, house.now = cursor, now

    assert house.tick() == first
