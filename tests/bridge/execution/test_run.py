"""A run: order, what a failure stops, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bridge import (
    AssetKey,
    AssetSpec,
    DailyPartitionsDefinition,
    ObserveResult,
    asset,
    materialize,
    observable_source_asset,
    observe,
)
from bridge.errors import ExecutionError, SelectionError
from bridge.execution import RunResult
from bridge.io import InMemoryIOManager
from bridge.store import Store

Run = Callable[..., RunResult]
DAILY = DailyPartitionsDefinition("2024-01-01")


def statuses(result: RunResult) -> dict[str, str]:
    return {str(step.key): step.status for step in result.steps}


@asset
def broken() -> None:
    raise ValueError("no such column: qty")


def test_assets_run_after_their_upstream_whatever_the_order_given(run: Run) -> None:
    ran: list[str] = []

    @asset
    def first() -> None:
        ran.append("first")

    @asset(deps=[first])
    def second() -> None:
        ran.append("second")

    @asset(deps=[second])
    def third() -> None:
        ran.append("third")

    result = run(third, first, second)

    assert ran == ["first", "second", "third"]
    assert result.success
    assert result.materialized() == [AssetKey("first"), AssetKey("second"), AssetKey("third")]


def test_a_failure_stops_only_what_is_downstream_of_it(run: Run) -> None:
    @asset(deps=[broken])
    def child() -> None: ...

    @asset(deps=[child])
    def grandchild() -> None: ...

    @asset
    def other() -> None: ...

    result = run(broken, child, grandchild, other)

    assert not result.success
    assert statuses(result) == {
        "broken": "failed",
        "child": "skipped",
        "grandchild": "skipped",
        "other": "succeeded",
    }


def test_a_skipped_step_names_what_failed(run: Run) -> None:
    @asset(deps=[broken])
    def child() -> None: ...

    @asset(deps=[child])
    def grandchild() -> None: ...

    result = run(broken, child, grandchild)

    assert [step.message for step in result.steps[1:]] == ["broken failed", "broken failed"]


def test_a_failed_partition_stops_its_own_downstream_only(run: Run) -> None:
    @asset(partitions_def=DAILY)
    def orders(context: Any) -> None:
        if context.partition_key == "2024-01-02":
            raise ValueError("bad day")

    @asset(partitions_def=DAILY, deps=[orders])
    def sales() -> None: ...

    result = run(orders, sales, partition="2024-01-01...2024-01-03")

    skipped = [(str(s.key), s.partition) for s in result.steps if s.status == "skipped"]
    assert skipped == [("sales", "2024-01-02")]


def test_a_failed_partition_stops_the_whole_assets_that_read_all(run: Run) -> None:
    @asset(partitions_def=DAILY)
    def orders(context: Any) -> None:
        if context.partition_key == "2024-01-02":
            raise ValueError("bad day")

    @asset(deps=[orders])
    def report() -> None: ...

    result = run(orders, report, partition="2024-01-01...2024-01-03")

    assert statuses(result)["report"] == "skipped"


def test_an_unselected_asset_between_two_does_not_connect_them(run: Run) -> None:
    @asset(deps=[broken])
    def middle() -> None: ...

    @asset(deps=[middle])
    def last() -> None: ...

    result = run(broken, middle, last, only=["broken", "last"])

    assert statuses(result) == {"broken": "failed", "last": "succeeded"}


def test_a_failure_is_recorded_with_its_message_and_place(run: Run, store: Store) -> None:
    result = run(broken)

    state = store.asset_states()[AssetKey("broken")]
    assert state.activity == "failure"
    assert state.message is not None
    assert state.message.startswith("ValueError: no such column: qty, at ")
    assert __file__ in state.message
    assert result.steps[0].traceback is not None
    assert "raise ValueError" in result.steps[0].traceback


def test_a_traceback_shows_none_of_our_own_frames(run: Run) -> None:
    (step,) = run(broken).steps

    assert step.traceback is not None
    assert "bridge/execution" not in step.traceback.replace("tests/bridge/execution", "")


def test_every_fact_of_a_run_carries_its_id_and_source(run: Run, store: Store) -> None:
    @asset
    def orders() -> None: ...

    result = run(orders)

    events = [recorded.event for recorded in store.events()]
    assert {event.kind for event in events} == {"started", "materialization"}
    assert {event.run_id for event in events} == {result.run_id}
    assert {event.source for event in events} == {f"bridge:{result.run_id}/1"}


def test_a_run_is_stored_with_how_it_ended(run: Run, store: Store) -> None:
    run(broken, selection="broken")

    (stored,) = store.runs()
    assert (stored.status, stored.selection, stored.ended_at is None) == ("failed", "broken", False)


def test_a_run_gives_back_all_its_claims(run: Run, store: Store) -> None:
    @asset
    def orders() -> None: ...

    run(orders, broken)

    assert store.claims() == []


def test_the_observer_hears_of_each_step_as_it_begins_and_as_it_ends(run: Run) -> None:
    heard: list[tuple[str, str | None]] = []

    @asset(deps=[broken])
    def child() -> None: ...

    run(
        broken,
        child,
        observe=lambda step, result: heard.append((str(step.key), result and result.status)),
    )

    assert heard == [("broken", None), ("broken", "failed"), ("child", "skipped")]


def test_an_outside_asset_is_not_waited_for(run: Run) -> None:
    @asset(deps=["raw"])
    def orders() -> None: ...

    assert run(AssetSpec("raw"), orders).success


def test_materialize_raises_on_the_first_failure() -> None:
    with pytest.raises(ExecutionError, match="broken failed: ValueError: no such column"):
        materialize([broken])


def test_materialize_can_return_the_failure_instead() -> None:
    assert not materialize([broken], raise_on_error=False).success


def test_materialize_runs_one_partition() -> None:
    seen: list[str] = []

    @asset(partitions_def=DAILY)
    def orders(context: Any) -> None:
        seen.append(context.partition_key)

    materialize([orders], partition_key="2024-01-02")

    assert seen == ["2024-01-02"]


def test_materialize_uses_the_store_and_resources_it_is_given(store: Store) -> None:
    values = InMemoryIOManager()

    @asset
    def orders() -> int:
        return 7

    materialize([orders], store=store, resources={"io_manager": values})

    assert values.values == {(AssetKey("orders"), None): 7}
    assert store.asset_states()[AssetKey("orders")].materialized_at is not None


def test_steps_happen_one_after_the_other(run: Run, store: Store) -> None:
    @asset
    def first() -> None: ...

    @asset(deps=[first])
    def second() -> None: ...

    run(first, second)

    times = {
        (str(r.event.key), r.event.kind): r.event.happened_at for r in reversed(store.events())
    }
    assert times["first", "materialization"] <= times["second", "started"]
    assert datetime.now(timezone.utc) - times["second", "started"] < timedelta(minutes=1)


def test_observing_records_what_was_seen_and_computes_nothing(store: Store) -> None:
    @observable_source_asset
    def files() -> ObserveResult:
        return ObserveResult(data_version="v3", metadata={"files": 2})

    @observable_source_asset
    def table() -> str:
        return "v4"

    @asset(deps=[files])
    def report() -> None:
        raise AssertionError("is not called")

    result = observe([files, table, report], store=store)

    assert result.success
    seen = {str(r.event.key): r.event for r in store.events()}
    assert {name: (e.kind, e.data_version) for name, e in seen.items()} == {
        "files": ("observation", "v3"),
        "table": ("observation", "v4"),
    }
    assert seen["files"].metadata == {"files": 2}


def test_an_observation_that_saw_nothing_is_a_failure() -> None:
    @observable_source_asset
    def files() -> int:
        return 3

    with pytest.raises(ExecutionError, match="return an ObserveResult"):
        observe([files])


def test_observing_nothing_is_refused() -> None:
    with pytest.raises(SelectionError, match="Nothing to observe"):
        observe([AssetSpec("files")])
