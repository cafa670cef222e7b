"""Deleting the past: by age and count, above a floor, and never to come back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import AssetKey, DailyPartitionsDefinition, asset, asset_check, materialize
from bridge.events import AssetEvent, CheckOutcome
from bridge.materialized import partition_sets
from bridge.runs import Run, RunTarget, derived_run_id
from bridge.store import Pruned, RetentionPolicy, Store, open_store

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
ORDERS, OTHER = AssetKey("orders"), AssetKey("other")
DAYS = DailyPartitionsDefinition("2026-01-01")


def fact(days_ago: float, kind: Any = "materialization", **values: Any) -> AssetEvent:
    given: dict[str, Any] = {
        "kind": kind,
        "key": ORDERS,
        "happened_at": NOW - days_ago * DAY,
        "source": f"test:{days_ago}",
    }
    if kind == "check":
        given["check"] = CheckOutcome("rows", passed=True)
    return AssetEvent(**(given | values))


def ages(store: Store, key: AssetKey = ORDERS, *kinds: Any) -> list[float]:
    found = store.events(key, kinds=kinds, limit=1000)
    return [(NOW - each.event.happened_at) / DAY for each in found]


def prune(store: Store, **policy: Any) -> Pruned:
    return store.prune(RetentionPolicy(**policy), now=NOW)


def everything(store: Store) -> Any:
    return (
        store.asset_states(),
        store.partition_states(ORDERS),
        store.check_states(),
        store.failed_check_states(),
        store.data_states([ORDERS, OTHER]),
        store.partition_data_states(ORDERS),
        partition_sets(store, {ORDERS: DAYS}, NOW),
    )


def test_what_is_too_old_goes_and_the_newest_materializations_stay(store: Store) -> None:
    store.record([fact(age) for age in (50, 40, 30, 20, 5)])
    store.record([fact(age, "check") for age in (50, 5)])

    found = prune(store, events_days=10, materializations_per_asset=3)

    assert found == Pruned(events=3)
    assert ages(store, ORDERS, "materialization") == [5, 20, 30]
    assert ages(store, ORDERS, "check") == [5]


def test_each_asset_has_its_own_count_and_floor(store: Store) -> None:
    store.record([fact(age) for age in (9, 8, 7, 6)])
    store.record([fact(age, key=OTHER) for age in (90, 80)])

    prune(store, events_per_asset=2, materializations_per_asset=1)

    assert ages(store) == [6, 7]
    assert ages(store, OTHER) == [80, 90]


def test_nothing_younger_than_a_day_goes_whatever_the_count(store: Store) -> None:
    store.record([fact(age / 24) for age in range(1, 30)])
    store.record([fact(0.001, "check")])

    prune(store, events_per_asset=1, materializations_per_asset=1)

    assert max(ages(store)) <= 1


def test_the_latest_state_stays_as_it_was(store: Store) -> None:
    store.record([fact(age, partition=f"2026-0{n}-01") for n, age in enumerate((90, 80, 70), 1)])
    store.record([fact(60, "failure", partition="2026-01-01", message="no disk")])
    store.record([fact(60, "check", partition="2026-01-01")])
    store.record([fact(50, "observation", data_version="v")])
    before = everything(store)

    found = prune(store, events_days=10, materializations_per_asset=1)

    assert found.events == 4  # the last number ever given stays, see below
    assert everything(store) == before


def test_a_dry_run_counts_and_deletes_nothing(store: Store) -> None:
    store.record([fact(age) for age in (50, 40, 30)])
    policy = RetentionPolicy(events_days=10, materializations_per_asset=1)

    counted = store.prune(policy, now=NOW, dry_run=True)

    assert counted == Pruned(events=2)
    assert len(ages(store)) == 3
    assert store.prune(policy, now=NOW) == counted
    assert store.prune(policy, now=NOW) == Pruned()


def test_what_was_deleted_and_is_told_again_is_not_new(store: Store) -> None:
    old = [fact(age, partition="2026-01-01") for age in (50, 40, 30)]
    store.record(old)
    prune(store, events_days=10, materializations_per_asset=1)
    before = everything(store)

    assert store.record(old) == 0
    assert store.record([*old, fact(1)]) == 1

    assert ages(store) == [1, 30]
    assert store.partition_states(ORDERS)["2026-01-01"].materialized_at == NOW - 30 * DAY
    assert before[1] == store.partition_states(ORDERS)


def test_a_past_of_which_nothing_was_known_still_fills_its_gap(store: Store) -> None:
    store.record([fact(age, partition="2026-09-01") for age in (50, 40, 30)])
    prune(store, events_days=10, materializations_per_asset=1)

    store.record([fact(60, partition="2026-08-01"), fact(35, partition="2026-10-01")])

    states = store.partition_states(ORDERS)
    assert states["2026-08-01"].materialized_at == NOW - 60 * DAY
    assert states["2026-10-01"].materialized_at == NOW - 35 * DAY
    assert store.asset_states()[ORDERS].materialized_at == NOW - 30 * DAY
    assert ages(store) == [30, 35]  # after the floor, at 40 days: news; before it: none


def test_another_asset_s_past_is_news(store: Store) -> None:
    store.record([fact(age) for age in (50, 40)])
    prune(store, events_days=10, materializations_per_asset=1)

    assert store.record([fact(60, key=OTHER)]) == 1


def test_the_last_number_is_never_given_again(store: Store) -> None:
    store.record([fact(50, "check"), fact(40, "failure")])
    highest = max(each.sequence for each in store.events(ORDERS))
    prune(store, events_days=10)
    store.record([fact(1)])

    assert [each.sequence for each in store.events(ORDERS)] == [highest + 1, highest]


def test_many_thousand_go_in_several_transactions(store: Store) -> None:
    store.record(fact(40 + n / 1000, source=f"many:{n}") for n in range(12_000))

    assert prune(store, events_days=10, materializations_per_asset=10).events == 11_990
    assert len(store.events(ORDERS, limit=20_000)) == 10


@asset
def noisy() -> None:
    print("said")  # noqa: T201 - what is tested


@asset_check(asset=noisy)
def fine() -> bool:
    return True


def aged(store: Store, count: int) -> list[str]:
    for _ in range(count):
        materialize([noisy, fine], store=store)
    return [run.id for run in store.runs(limit=100)]


def later(days: float) -> datetime:
    return datetime.now(timezone.utc) + days * DAY


def test_runs_go_by_age_and_count_with_their_steps_and_logs(store: Store) -> None:
    ids = aged(store, 3)

    assert store.prune(RetentionPolicy(runs_count=1), now=later(0.5)) == Pruned()
    found = store.prune(RetentionPolicy(runs_count=1), now=later(2))

    assert (found.runs, found.logs) == (2, 2)
    assert [run.id for run in store.runs()] == ids[:1]
    assert store.prune(RetentionPolicy(runs_days=10), now=later(9)).runs == 0
    assert store.prune(RetentionPolicy(runs_days=10), now=later(11)).runs == 1
    assert store.asset_states()[noisy.key].materialized_at is not None


def test_runs_of_sensors_stay_since_a_run_key_counts_for_ever(store: Store) -> None:
    run = Run(
        id=derived_run_id("sensor:files", "key  file-1"),
        status="queued",
        created_at=NOW,
        target=RunTarget(),
        origin="sensor:files",
    )
    store.enqueue([run])
    store.cancel_run(run.id, now=NOW)

    assert store.prune(RetentionPolicy(runs_days=1, runs_count=1), now=NOW + 99 * DAY).runs == 0
    assert store.enqueue([run]) == 0


def test_logs_go_before_their_runs(store: Store) -> None:
    (run,) = aged(store, 1)
    policy = RetentionPolicy(logs_days=7)

    assert store.prune(policy, now=later(8), dry_run=True).logs == 1
    assert store.prune(policy, now=later(8)) == Pruned(logs=1)
    assert [each.id for each in store.runs()] == [run]
    assert store.prune(policy, now=later(8)) == Pruned()


def test_a_policy_that_says_nothing_deletes_nothing(store: Store) -> None:
    aged(store, 1)
    policy = RetentionPolicy()

    assert not policy.deletes_anything
    assert store.prune(policy, now=later(9999)) == Pruned()


@settings(max_examples=40, deadline=None)
@given(
    history=st.lists(
        st.tuples(
            st.integers(2, 60),
            st.sampled_from(["materialization", "failure", "check", "observation"]),
            st.sampled_from([None, "2026-01-01", "2026-01-02"]),
        ),
        min_size=1,
        max_size=15,
        unique=True,
    ),
    days=st.integers(1, 50),
    kept=st.integers(1, 3),
)
def test_pruning_and_telling_all_again_changes_no_state_and_brings_no_news(
    history: list[Any], days: int, kept: int
) -> None:
    facts = [
        fact(age, kind, partition=name, source=f"test:{age}:{kind}:{name}")
        for age, kind, name in history
        if len([h for h in history if h[0] == age]) == 1
    ]
    store = open_store("sqlite://")
    store.record(facts)
    before = everything(store)
    policy = RetentionPolicy(events_days=days, materializations_per_asset=kept)
    store.prune(policy, now=NOW)
    left = ages(store)

    assert everything(store) == before
    assert store.record(facts) == 0
    assert everything(store) == before
    assert ages(store) == left
    store.close()
