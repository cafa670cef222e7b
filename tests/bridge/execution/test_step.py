"""One step: what goes into a user's function, what comes out, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from bridge import (
    AssetExecutionContext,
    AssetKey,
    DailyPartitionsDefinition,
    IOManager,
    MaterializeResult,
    asset,
)
from bridge.errors import ClaimRefusedError
from bridge.execution import RunResult, Step, Writer, execute_step
from bridge.graph import AssetGraph
from bridge.io import InMemoryIOManager, OutputContext
from bridge.staleness import default_data_version, partitions_version
from bridge.store import AssetState, Store

Run = Callable[..., RunResult]
DAILY = DailyPartitionsDefinition("2024-01-01")


def state_of(store: Store, name: str) -> AssetState:
    return store.asset_states()[AssetKey(name)]


def test_an_input_is_the_value_that_upstream_stored(run: Run, values: InMemoryIOManager) -> None:
    @asset
    def numbers() -> list[int]:
        return [1, 2, 3]

    @asset
    def total(numbers: list[int]) -> int:
        return sum(numbers)

    run(numbers, total)

    assert values.values[AssetKey("total"), None] == 6


def test_an_input_of_an_earlier_run_is_loaded(run: Run, values: InMemoryIOManager) -> None:
    @asset
    def numbers() -> list[int]:
        return [1]

    @asset
    def total(numbers: list[int]) -> int:
        return sum(numbers) + 41

    run(numbers)
    run(numbers, total, only=["total"])

    assert values.values[AssetKey("total"), None] == 42


def test_an_input_that_was_never_stored_fails_with_what_to_do(run: Run) -> None:
    @asset
    def numbers() -> list[int]:
        return [1]

    @asset
    def total(numbers: list[int]) -> int:
        return sum(numbers)

    (step,) = run(numbers, total, only=["total"]).steps

    assert step.status == "failed"
    assert step.message == (
        "total takes the value of numbers, which was not materialized in this process."
    )
    assert step.traceback is None


def test_a_partition_is_read_and_written_under_its_own_key(
    run: Run, values: InMemoryIOManager
) -> None:
    @asset(partitions_def=DAILY)
    def orders(context: Any) -> str:
        return f"orders of {context.partition_key}"

    @asset(partitions_def=DAILY)
    def sales(orders: str) -> str:
        return orders.replace("orders", "sales")

    run(orders, sales, partition="2024-01-02")

    assert values.values[AssetKey("sales"), "2024-01-02"] == "sales of 2024-01-02"


@pytest.mark.parametrize("days", [1, 3])
def test_a_whole_asset_reads_all_partitions_by_name(
    run: Run, values: InMemoryIOManager, days: int
) -> None:
    last = f"2024-01-{days + 1:02}"
    few = DailyPartitionsDefinition("2024-01-01", end_date=last)

    @asset(partitions_def=few)
    def orders(context: Any) -> str:
        return str(context.partition_key)

    @asset
    def report(orders: dict[str, str]) -> int:
        return len(orders)

    result = run(orders, report, partition=f"2024-01-01...2024-01-{days:02}")

    assert result.success
    assert values.values[AssetKey("report"), None] == days


def test_a_partition_reads_the_whole_of_an_unpartitioned_upstream(
    run: Run, values: InMemoryIOManager
) -> None:
    @asset
    def rates() -> float:
        return 2.0

    @asset(partitions_def=DAILY)
    def sales(rates: float) -> float:
        return rates * 2

    run(rates, sales, partition="2024-01-02")

    assert values.values[AssetKey("sales"), "2024-01-02"] == 4.0


def test_the_window_of_the_partition_is_in_the_context(run: Run) -> None:
    windows = []

    @asset(partitions_def=DAILY)
    def orders(context: Any) -> None:
        windows.append(context.partition_time_window)

    run(orders, partition="2024-01-02")

    assert [w.start.isoformat() for w in windows] == ["2024-01-02T00:00:00+00:00"]


def test_rows_duration_and_type_are_recorded_by_themselves(run: Run, store: Store) -> None:
    @asset(code_version="7")
    def orders() -> Any:
        return pd.DataFrame({"qty": [1, 2, 3]})

    run(orders)

    state = state_of(store, "orders")
    assert (state.row_count, state.output_type, state.code_version) == (3, "pandas.DataFrame", "7")
    assert state.duration_s is not None
    assert state.duration_s > 0


@pytest.mark.parametrize(
    ("value", "rows", "kind"),
    [
        ([1, 2], 2, "list"),
        ({"a": 1}, None, "dict"),
        ("text", None, "str"),
        (7, None, "int"),
        (pd.Series([1]), 1, "pandas.Series"),
    ],
)
def test_only_what_has_rows_has_a_row_count(
    run: Run, store: Store, value: Any, rows: int | None, kind: str
) -> None:
    @asset
    def orders() -> Any:
        return value

    run(orders)

    assert (state_of(store, "orders").row_count, state_of(store, "orders").output_type) == (
        rows,
        kind,
    )


def test_metadata_of_the_context_is_recorded(run: Run, store: Store) -> None:
    @asset
    def orders(context: Any) -> list[int]:
        context.add_output_metadata({"num_rows": 1})
        context.add_output_metadata({"note": "x"})
        return [1]

    run(orders)

    assert state_of(store, "orders").metadata == {"num_rows": 1, "note": "x"}


def test_metadata_that_cannot_be_stored_fails_the_step(run: Run) -> None:
    @asset
    def orders(context: Any) -> None:
        context.add_output_metadata({"thing": object()})

    (step,) = run(orders).steps

    assert step.status == "failed"
    assert "Metadata 'thing' is a object" in (step.message or "")


def test_a_function_that_returns_nothing_stores_nothing(
    run: Run, store: Store, values: InMemoryIOManager
) -> None:
    @asset
    def orders() -> None: ...

    run(orders)

    assert values.values == {}
    assert state_of(store, "orders").materialized_at is not None
    assert state_of(store, "orders").output_type is None


def test_a_materialize_result_says_facts_and_stores_nothing(
    run: Run, store: Store, values: InMemoryIOManager
) -> None:
    @asset
    def orders(context: Any) -> MaterializeResult:
        context.add_output_metadata({"rows": 3})
        return MaterializeResult(metadata={"path": "s3://x"}, data_version="v9")

    run(orders)

    state = state_of(store, "orders")
    assert values.values == {}
    assert (state.metadata, state.data_version) == ({"rows": 3, "path": "s3://x"}, "v9")


def test_a_result_of_another_type_than_announced_fails_and_stores_nothing(
    run: Run, values: InMemoryIOManager
) -> None:
    @asset
    def orders() -> int:
        return "seven"  # type: ignore[return-value]

    (step,) = run(orders).steps

    assert step.status == "failed"
    assert step.message == (
        "orders returned something else than it announces: expected int, got str."
    )
    assert values.values == {}


def test_an_input_of_another_type_than_annotated_fails_before_the_function_runs(run: Run) -> None:
    ran: list[int] = []

    @asset
    def numbers() -> Any:
        return [1]

    @asset
    def total(numbers: str) -> None:
        ran.append(1)

    result = run(numbers, total)

    assert result.steps[1].message == (
        "total: argument numbers does not fit its annotation: expected str, got list."
    )
    assert ran == []


def test_an_io_manager_nobody_provides_is_named(run: Run) -> None:
    @asset(io_manager_key="warehouse")
    def orders() -> int:
        return 1

    (step,) = run(orders).steps

    assert "stored by the IO manager 'warehouse'" in (step.message or "")


def test_an_io_manager_may_add_metadata(run: Run, store: Store) -> None:
    class Noting(InMemoryIOManager):
        def handle_output(self, context: OutputContext, obj: Any) -> None:
            super().handle_output(context, obj)
            context.add_output_metadata({"stored": True})

    manager: IOManager = Noting()

    @asset
    def orders(context: Any) -> int:
        context.add_output_metadata({"said": True})
        return 1

    run(orders, io_manager=manager)

    assert state_of(store, "orders").metadata == {"said": True, "stored": True}


def writer(store: Store, graph: AssetGraph, values: IOManager, owner: str = "me") -> Writer:
    return Writer(
        store=store,
        graph=graph,
        resources={"io_manager": values},
        owner=owner,
        source=f"{owner}/1",
        run_id=owner,
    )


@asset
def guarded() -> int:
    return 1


STEP = Step(definition=guarded, partition=None, checks=(), waits_for=())


def test_a_second_writer_is_refused_and_writes_nothing(
    store: Store, values: InMemoryIOManager
) -> None:
    graph = AssetGraph.build([guarded])
    store.claim(AssetKey("guarded"), None, owner="somebody")

    result = execute_step(STEP, writer(store, graph, values))

    assert result.status == "refused"
    assert "is being written by somebody" in (result.message or "")
    assert (values.values, store.events()) == ({}, [])


def test_a_step_gives_its_own_claim_back(store: Store, values: InMemoryIOManager) -> None:
    execute_step(STEP, writer(store, AssetGraph.build([guarded]), values))

    assert store.claims() == []


def test_a_step_keeps_the_claim_that_its_caller_took(
    store: Store, values: InMemoryIOManager
) -> None:
    claim = store.claim(AssetKey("guarded"), None, owner="me")

    result = execute_step(STEP, writer(store, AssetGraph.build([guarded]), values), claim=claim)

    assert result.status == "succeeded"
    assert [held.owner for held in store.claims()] == ["me"]


def test_a_caller_whose_claim_was_lost_before_the_step_is_refused(
    store: Store, values: InMemoryIOManager
) -> None:
    claim = store.claim(AssetKey("guarded"), None, owner="me", lease_s=0)
    store.claim(AssetKey("guarded"), None, owner="somebody")

    result = execute_step(STEP, writer(store, AssetGraph.build([guarded]), values), claim=claim)

    assert (result.status, values.values) == ("refused", {})


def test_a_claim_lost_while_computing_leaves_the_stored_value_unchanged(store: Store) -> None:
    values = InMemoryIOManager()
    values.values[AssetKey("slow"), None] = "old"

    @asset
    def slow() -> str:
        with pytest.raises(ClaimRefusedError):
            store.claim(AssetKey("slow"), None, owner="somebody")
        (mine,) = store.claims()
        store.renew(mine, lease_s=0)
        store.claim(AssetKey("slow"), None, owner="somebody")
        return "new"

    step = Step(definition=slow, partition=None, checks=(), waits_for=())
    result = execute_step(step, writer(store, AssetGraph.build([slow]), values))

    assert result.status == "refused"
    assert values.values == {(AssetKey("slow"), None): "old"}
    assert {r.event.kind for r in store.events()} == {"started"}


def test_a_materialization_records_what_versions_it_read(run: Run, store: Store) -> None:
    @asset
    def given() -> MaterializeResult:
        return MaterializeResult(data_version="7")

    @asset(deps=[given], code_version="1")
    def computed() -> None: ...

    @asset(deps=[computed, given])
    def unversioned() -> None: ...

    run(given, computed, unversioned)

    keys = [AssetKey(name) for name in ("given", "computed", "unversioned")]
    first, second, third = (store.data_states(keys)[key] for key in keys)
    assert (first.data_version, first.input_versions) == ("7", {})
    assert second.data_version == default_data_version("1", {keys[0]: "7"})
    assert second.input_versions == {"given": "7"}
    assert third.data_version is None
    assert third.input_versions == {"computed": second.version, "given": "7"}


def test_the_same_code_on_the_same_inputs_makes_the_same_version(run: Run, store: Store) -> None:
    @asset(code_version="1")
    def versioned() -> None: ...

    def version() -> str | None:
        return store.data_states([versioned.key])[versioned.key].version

    run(versioned)
    first = version()
    run(versioned)

    assert version() == first


def test_a_partition_records_the_version_of_the_partition_it_read(run: Run, store: Store) -> None:
    @asset(partitions_def=DAILY)
    def raw(context: AssetExecutionContext) -> MaterializeResult:
        return MaterializeResult(data_version=context.partition_key[-2:])

    @asset(partitions_def=DAILY, deps=[raw])
    def daily() -> None: ...

    @asset(deps=[raw])
    def total() -> None: ...

    for day in ("2024-01-01", "2024-01-02"):
        run(raw, daily, partition=day)
    run(raw, total, only=["total"])

    states = store.partition_data_states(daily.key)
    assert [state.input_versions for state in states.values()] == [{"raw": "01"}, {"raw": "02"}]
    read = store.data_states([total.key])[total.key].input_versions
    both = store.partition_data_states(raw.key)
    assert read == {"raw": partitions_version(both, both)}
