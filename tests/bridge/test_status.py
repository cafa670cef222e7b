"""Status: what is said of each asset, from graph, facts and the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import (
    AssetGraph,
    AssetKey,
    AssetSpec,
    DailyPartitionsDefinition,
    FreshnessPolicy,
    asset,
    asset_check,
)
from bridge.events import AssetEvent, CheckOutcome
from bridge.staleness import DataFacts, partition_staleness
from bridge.status import AssetStatus, read_facts, read_partition_staleness, summarise
from bridge.store import Route, Store, open_store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
HOURLY = FreshnessPolicy.time_window(HOUR)


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def tell(store: Store, kind: Any, name: str = "orders", **values: Any) -> None:
    given: dict[str, Any] = {"happened_at": NOON, "source": f"test:{len(store.events())}"}
    store.record([AssetEvent(kind=kind, key=AssetKey(name), **(given | values))])


def ours(name: str = "orders", **settings: Any) -> Any:
    return asset(name=name, **settings)(lambda: None)


def statuses(store: Store, *items: Any, now: datetime = NOON, checks: Any = ()) -> dict[str, Any]:
    graph = AssetGraph.build(items, checks)
    return {str(s.key): s for s in summarise(graph, read_facts(store, graph, now), now)}


def status(store: Store, *items: Any, **others: Any) -> AssetStatus:
    found = statuses(store, *(items or [ours()]), **others)["orders"]
    assert isinstance(found, AssetStatus)
    return found


def test_an_asset_of_ours_that_was_never_made_is_missing(store: Store) -> None:
    assert status(store).status == "missing"


def test_an_outside_asset_of_which_nothing_was_heard_is_unknown(store: Store) -> None:
    assert status(store, AssetSpec("orders")).status == "unknown"


def test_without_a_policy_a_materialized_asset_is_done(store: Store) -> None:
    tell(store, "materialization", row_count=3)

    found = status(store)
    assert (found.status, found.latest, found.row_count) == ("done", NOON, 3)


@pytest.mark.parametrize(("age", "word"), [(HOUR / 2, "fresh"), (HOUR, "stale")])
def test_a_policy_makes_it_fresh_or_stale(store: Store, age: timedelta, word: str) -> None:
    tell(store, "materialization")

    found = status(store, ours(freshness_policy=HOURLY), now=NOON + age)
    assert found.status == word
    assert found.stale_because is None


def test_a_failed_attempt_is_failed_with_why(store: Store) -> None:
    tell(store, "materialization")
    tell(store, "failure", happened_at=NOON + HOUR, message="no disk")

    found = status(store)
    assert (found.status, found.message, found.latest) == ("failed", "no disk", NOON)


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (CheckOutcome("rows", passed=False), "failed"),
        (CheckOutcome("rows", passed=False, severity="WARN"), "done"),
        (CheckOutcome("rows", passed=False, blocking=False), "done"),
        (CheckOutcome("rows", passed=True), "done"),
    ],
)
def test_only_a_failed_blocking_check_makes_it_failed(
    store: Store, outcome: CheckOutcome, word: str
) -> None:
    tell(store, "materialization")
    tell(store, "check", check=outcome)

    found = status(store)
    assert found.status == word
    assert found.failed_checks == (() if outcome.passed else ("rows",))


def test_checks_that_were_never_asked_count_as_not_passed(store: Store) -> None:
    checks = [asset_check(asset="orders", name=name)(lambda: True) for name in ("rows", "nulls")]
    tell(store, "materialization")
    tell(store, "check", check=CheckOutcome("rows", passed=True))

    found = status(store, ours(), checks=checks)
    assert (found.checks_passed, found.checks_total) == (1, 2)


@pytest.mark.parametrize("cause", ["failed", "stale"])
def test_a_bad_upstream_makes_its_users_stale(store: Store, cause: str) -> None:
    tell(store, "materialization", "raw", happened_at=NOON - HOUR)
    tell(store, "materialization")
    tell(store, "materialization", "report")
    if cause == "failed":
        tell(store, "failure", "raw")
    raw = ours("raw", freshness_policy=HOURLY)

    found = statuses(store, raw, ours(deps=["raw"]), ours("report", deps=["orders"]))

    assert [found[name].status for name in ("raw", "orders", "report")] == [cause, "stale", "stale"]
    assert found["orders"].stale_because == AssetKey("raw")
    assert found["report"].stale_because == AssetKey("orders")


def test_an_asset_is_running_while_its_claim_lives(store: Store) -> None:
    tell(store, "started")
    store.claim(AssetKey("orders"), None, owner="run")

    assert status(store).status == "running"


def test_an_asset_that_started_and_holds_no_claim_is_not_running(store: Store) -> None:
    tell(store, "materialization")
    tell(store, "started", happened_at=NOON + HOUR)

    assert status(store).status == "done"


def test_partitions_are_counted_of_those_that_exist(store: Store) -> None:
    daily = DailyPartitionsDefinition("2024-02-26")
    tell(store, "materialization", partition="2024-02-27")
    tell(store, "failure", partition="2024-02-28", happened_at=NOON - HOUR)

    found = status(store, ours(partitions_def=daily))
    assert (found.partitions_done, found.partitions_total) == (1, 4)


def test_an_unpartitioned_asset_has_no_count(store: Store) -> None:
    found = status(store)

    assert (found.partitions_done, found.partitions_total) == (None, None)


def test_what_a_legacy_task_writes_is_observed_until_a_route_says_otherwise(store: Store) -> None:
    spec = AssetSpec("orders", produced_by=["airflow:d.t"])
    assert status(store, spec).route == "observed"

    route = Route(unit="airflow:d.t", state="migrated", assets=(AssetKey("orders"),))
    store.change_route(route, actor="ana", reason="", now=NOON)

    assert status(store, spec).route == "migrated"


def test_every_asset_has_one_line_upstream_first(store: Store) -> None:
    found = statuses(store, ours("report", deps=["orders"]), ours(deps=["raw"]), AssetSpec("raw"))

    assert list(found) == ["raw", "orders", "report"]


def test_new_data_upstream_makes_its_users_stale_in_words(store: Store) -> None:
    tell(store, "materialization", "raw", data_version="2")
    tell(store, "materialization", input_versions={"raw": "1"}, data_version="1")
    tell(store, "materialization", "report", input_versions={"orders": "1"})

    found = statuses(store, ours("raw"), ours(deps=["raw"]), ours("report", deps=["orders"]))

    assert [each.status for each in found.values()] == ["done", "stale", "stale"]
    assert found["orders"].message == "stale because raw was materialized since"
    assert found["orders"].stale_because == AssetKey("raw")
    assert found["report"].message == "stale because orders is stale"
    assert found["report"].staleness.inherited_from == (AssetKey("orders"),)


def test_new_code_makes_an_asset_stale_until_it_is_made_again(store: Store) -> None:
    tell(store, "materialization", code_version="1", input_versions={})

    assert status(store, ours(code_version="1")).status == "done"
    found = status(store, ours(code_version="2"))
    assert (found.status, found.message) == ("stale", "stale because its code has a new version")
    assert found.stale_because is None


def test_new_data_in_a_partition_makes_who_read_them_all_stale(store: Store) -> None:
    daily = ours("raw", partitions_def=DailyPartitionsDefinition("2024-02-26"))
    tell(store, "materialization", "raw", partition="2024-02-26", data_version="1")
    tell(store, "materialization", input_versions={"raw": "1 partition"}, happened_at=NOON - HOUR)

    found = statuses(store, daily, ours(deps=["raw"]))

    assert found["orders"].staleness.causes[0].partition == "2024-02-26"


@pytest.mark.parametrize(
    ("kind", "values", "age", "health"),
    [
        ("started", {}, HOUR / 4, "unknown"),
        ("materialization", {}, HOUR / 4, "healthy"),
        ("materialization", {}, HOUR / 2, "warning"),
        ("materialization", {}, HOUR, "degraded"),
        ("failure", {}, HOUR / 4, "degraded"),
        ("check", {"check": CheckOutcome("rows", passed=True)}, HOUR / 4, "healthy"),
        ("check", {"check": CheckOutcome("x", passed=False, severity="WARN")}, HOUR / 4, "warning"),
        ("check", {"check": CheckOutcome("x", passed=False)}, HOUR / 4, "degraded"),
    ],
)
def test_health_is_the_worst_that_is_known(
    store: Store, kind: Any, values: dict[str, Any], age: timedelta, health: str
) -> None:
    policy = FreshnessPolicy.time_window(HOUR, HOUR / 2)
    tell(store, kind, **values)

    assert status(store, ours(freshness_policy=policy), now=NOON + age).health == health


DAILY = DailyPartitionsDefinition("2020-01-01")
DAY = timedelta(days=1)
WITHIN_26_HOURS = FreshnessPolicy.time_window(timedelta(hours=26))


def daily(**settings: Any) -> Any:
    return ours(partitions_def=DAILY, freshness_policy=WITHIN_26_HOURS, **settings)


def test_computing_a_partition_of_long_ago_makes_nothing_fresh(store: Store) -> None:
    tell(store, "materialization", partition="2024-02-27", happened_at=NOON - 2 * DAY)
    tell(store, "materialization", partition="2020-01-01")

    found = status(store, daily())
    assert (found.status, found.latest) == ("stale", NOON)
    assert found.freshness is not None
    assert found.freshness.due == NOON - 2 * DAY + timedelta(hours=26)


def test_the_newest_partition_makes_it_fresh(store: Store) -> None:
    tell(store, "materialization", partition="2024-02-29", happened_at=NOON - HOUR)
    tell(store, "materialization", partition="2020-01-01")

    assert status(store, daily()).status == "fresh"


def test_an_older_partition_computed_again_is_as_old_as_when_the_next_was_due(
    store: Store,
) -> None:
    tell(store, "materialization", partition="2024-02-27")  # the 28th was there on the 29th

    found = status(store, daily())
    assert found.freshness is not None
    assert found.freshness.due == datetime(2024, 3, 1, 2, tzinfo=timezone.utc)
    assert found.status == "stale"


def test_the_last_of_partitions_that_have_ended_waits_for_no_other(store: Store) -> None:
    ended = DailyPartitionsDefinition("2024-01-01", end_date="2024-01-03")
    tell(store, "materialization", partition="2024-01-02")

    found = status(store, ours(partitions_def=ended, freshness_policy=WITHIN_26_HOURS))
    assert found.status == "fresh"


def test_a_window_that_is_still_open_counts_until_the_next_begins(store: Store) -> None:
    today = DailyPartitionsDefinition("2024-01-01", end_offset=1)
    tell(store, "materialization", partition="2024-02-29")

    found = status(store, ours(partitions_def=today, freshness_policy=WITHIN_26_HOURS))
    assert found.freshness is not None
    assert found.freshness.due == datetime(2024, 3, 2, 2, tzinfo=timezone.utc)


def test_a_check_that_fails_for_one_partition_fails_though_another_passed_later(
    store: Store,
) -> None:
    tell(store, "materialization", partition="2024-02-28")
    tell(store, "check", partition="2024-02-28", check=CheckOutcome("rows", passed=False))
    after = {"partition": "2024-02-29", "happened_at": NOON + HOUR}
    tell(store, "check", check=CheckOutcome("rows", passed=True), **after)

    found = status(store, ours(partitions_def=DAILY))
    assert (found.status, found.health) == ("failed", "degraded")
    assert (found.checks_passed, found.failed_checks) == (0, ("rows",))


def test_a_failure_of_a_partition_that_no_longer_exists_is_forgotten(store: Store) -> None:
    tell(store, "materialization", partition="2019-02-28")
    tell(store, "check", partition="2019-02-28", check=CheckOutcome("rows", passed=False))

    assert status(store, ours(partitions_def=DAILY)).failed_checks == ()
    assert status(store, ours()).failed_checks == ()


def test_a_partition_that_failed_degrades_though_another_was_made_later(store: Store) -> None:
    tell(store, "failure", partition="2024-02-28")
    tell(store, "materialization", partition="2024-02-29", happened_at=NOON + HOUR)

    found = status(store, ours(partitions_def=DAILY))
    assert (found.status, found.health, found.failed_partitions) == ("done", "degraded", 1)


VERSIONS = st.none() | st.sampled_from(["1", "2", 'ü"'])
NAMES = st.sampled_from(["2024-02-27", "2024-02-28", "2024-02-29"])
READ = st.none() | st.dictionaries(st.sampled_from(["raw", "whole", "gone"]), st.sampled_from("12"))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(NAMES, VERSIONS, READ), max_size=4),
    st.lists(st.tuples(NAMES, VERSIONS), max_size=4),
    VERSIONS,
    st.booleans(),
)
def test_stale_partitions_are_those_that_looking_at_each_finds(
    made: list[Any], raw: list[Any], whole: str | None, has_code: bool
) -> None:
    store, days = open_store("sqlite://"), DailyPartitionsDefinition("2024-02-27")
    graph = AssetGraph.build(
        [
            ours("raw", partitions_def=days),
            ours("whole"),
            ours(
                deps=["raw", "whole"], partitions_def=days, code_version="1" if has_code else None
            ),
        ]
    )
    for partition, version in raw:
        tell(store, "materialization", "raw", partition=partition, data_version=version)
    tell(store, "materialization", "whole", data_version=whole)
    for partition, code, read in made:
        given_values = {"code_version": code, "input_versions": read}
        tell(store, "materialization", partition=partition, **given_values)

    key, deps = AssetKey("orders"), [AssetKey("raw"), AssetKey("whole")]
    states = {each: store.partition_data_states(each) for each in (key, deps[0])}
    facts = DataFacts(assets=store.data_states(deps), partitions=states)
    each = partition_staleness(graph, key, states[key], facts, NOON)
    stale = {name: found for name, found in each.items() if found.causes}
    assert read_partition_staleness(store, graph, key, NOON) == stale
    store.close()


def test_the_newest_of_many_windows_is_found_whether_they_exist_yet_or_not(store: Store) -> None:
    tell(store, "materialization", partition="2024-02-29", happened_at=NOON - HOUR)
    tell(store, "materialization", partition="2030-01-01")  # of a time to come: not yet

    assert status(store, daily()).freshness is not None
    sets = read_facts(store, AssetGraph.build([daily()]), NOON).partitions[AssetKey("orders")]
    assert sets.materialized.newest(NOON) == "2024-02-29"
    assert sets.materialized.newest(datetime(2019, 1, 1, tzinfo=timezone.utc)) is None
