"""Status: what is said of each asset, from graph, facts and the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

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
from bridge.status import AssetStatus, read_facts, summarise
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
