"""Cutting over and rolling back: gates first, one audited change, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import AssetGraph, AssetKey, AssetSpec, asset
from bridge.errors import RefusedError
from bridge.migration import Change, Gate, Unit, cutover, rollback
from bridge.store import Route, RouteState, Store, open_store

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
UNIT = Unit(name="airflow:flights.build", assets=(AssetKey("fct"),))


@asset
def fct() -> None: ...


GRAPH = AssetGraph.build([fct, AssetSpec("raw")])


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def cut_over(store: Store, unit: Unit = UNIT, **others: Any) -> Change:
    return cutover(unit, GRAPH, store, locations=("shop.definitions",), **others)


def apply(change: Change, store: Store, after: int = 0) -> str:
    moment = NOON + timedelta(minutes=after)
    return change.apply(store, actor="ana", reason="test", now=moment).id


def failed(change: Change) -> list[str]:
    return [gate.text for gate in change.gates if gate.state == "failed"]


def test_a_planned_change_changes_nothing(store: Store) -> None:
    change = cut_over(store)

    assert change.is_safe
    assert len(change.steps) == 3
    assert store.route(UNIT.name) is None


def test_a_cut_over_unit_is_migrated_to_its_assets(store: Store) -> None:
    apply(cut_over(store), store)

    assert store.route(UNIT.name) == Route(
        unit=UNIT.name,
        state="migrated",
        assets=(AssetKey("fct"),),
        locations=("shop.definitions",),
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"assets": ()}, "is mapped to no asset"),
        ({"assets": (AssetKey("nope"),)}, "no code location defines nope"),
        ({"assets": (AssetKey("raw"),)}, "raw is only observed"),
        ({"is_mapped": True}, "dynamically mapped"),
        ({"result_users": ("flights.report",)}, "flights.report take what the task returns"),
    ],
)
def test_what_stands_in_the_way_is_named_and_refused(
    store: Store, changed: dict[str, Any], why: str
) -> None:
    change = cut_over(store, replace(UNIT, **changed))

    assert len(failed(change)) == 1
    assert why in failed(change)[0]
    with pytest.raises(RefusedError, match="was not changed"):
        apply(change, store)


def test_a_gate_of_the_adapter_counts_too(store: Store) -> None:
    change = cut_over(store, gates=[Gate("failed", "the plugin is not installed")])

    assert failed(change) == ["the plugin is not installed"]


def test_a_writer_at_work_is_a_warning(store: Store) -> None:
    store.claim(AssetKey("fct"), "2024-03-01", owner="airflow:x")

    change = cut_over(store)

    assert change.is_safe
    assert [gate.state for gate in change.gates] == ["passed", "warned"]


def test_rolling_back_the_first_cut_over_lets_the_task_run_its_own_code(store: Store) -> None:
    apply(cut_over(store), store)

    apply(rollback(UNIT.name, store), store, after=1)

    route = store.route(UNIT.name)
    assert route is not None
    assert route.state == "observed"


def test_a_rollback_names_the_change_it_undoes(store: Store) -> None:
    made = apply(cut_over(store), store)

    apply(rollback(made, store), store, after=1)

    assert store.route_changes()[0].reverts == made


def test_a_unit_can_be_cut_over_again_after_a_rollback(store: Store) -> None:
    apply(cut_over(store), store)
    apply(rollback(UNIT.name, store), store, after=1)

    apply(cut_over(store), store, after=2)
    apply(rollback(UNIT.name, store), store, after=3)

    route = store.route(UNIT.name)
    assert route is not None
    assert route.state == "observed"


def test_a_unit_that_runs_its_own_code_has_nothing_to_undo(store: Store) -> None:
    apply(cut_over(store), store)
    apply(rollback(UNIT.name, store), store, after=1)

    with pytest.raises(RefusedError, match="runs its own code already"):
        rollback(UNIT.name, store)


def test_a_change_under_a_newer_one_is_not_undone(store: Store) -> None:
    first = apply(cut_over(store), store)
    apply(rollback(first, store), store, after=1)

    with pytest.raises(RefusedError, match="was changed again since c-0001, by c-0002"):
        rollback(first, store)


def test_an_unknown_change_is_refused(store: Store) -> None:
    with pytest.raises(RefusedError, match="There is no change c-0099 to undo"):
        rollback("c-0099", store)


def test_a_change_planned_before_somebody_elses_is_refused(store: Store) -> None:
    mine, theirs = cut_over(store), cut_over(store)
    apply(theirs, store)

    with pytest.raises(RefusedError, match="somebody changed it"):
        apply(mine, store)


STATES: st.SearchStrategy[RouteState] = st.sampled_from(["observed", "shadow", "migrated"])


@given(STATES, st.lists(st.sampled_from(["raw", "fct"]), unique=True))
def test_a_cut_over_and_its_rollback_give_the_first_route(
    state: RouteState, names: list[str]
) -> None:
    store = open_store("sqlite://")
    first = Route(unit=UNIT.name, state=state, assets=tuple(map(AssetKey, names)))
    store.change_route(first, actor="ana", reason="", now=NOON)

    apply(cut_over(store), store, after=1)
    apply(rollback(UNIT.name, store), store, after=2)

    assert store.route(UNIT.name) == first
    store.close()
