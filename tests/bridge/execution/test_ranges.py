"""Calls for several partitions: how many at once, and what is stored and recorded of each."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from bridge import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetDep,
    AssetExecutionContext,
    AssetIn,
    AssetKey,
    AssetOut,
    AssetSpec,
    BackfillPolicy,
    DailyPartitionsDefinition,
    InMemoryIOManager,
    InputContext,
    MaterializeResult,
    MultiPartitionKey,
    MultiPartitionsDefinition,
    Output,
    OutputContext,
    PartitionKeyRange,
    RetryPolicy,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    WeeklyPartitionsDefinition,
    asset,
    asset_check,
    materialize,
    multi_asset,
    multiprocess_executor,
)
from bridge.errors import ClaimRefusedError
from bridge.execution import RunResult, plan, planned, retry_of, run_plan
from bridge.graph import AssetGraph
from bridge.status import read_partition_staleness
from bridge.store import Store, open_store

Run = Callable[..., RunResult]
DAYS = DailyPartitionsDefinition("2024-01-01")
KEYS = ["2024-01-02", "2024-01-03", "2024-01-04"]
SPAN = f"{KEYS[0]}...{KEYS[-1]}"
SINGLE = BackfillPolicy.single_run()
A = AssetKey("a")


def statuses(result: RunResult) -> list[tuple[str, str | None, str]]:
    return [(str(step.key), step.partition, step.status) for step in result.steps]


def recorded(store: Store, kind: Any) -> list[tuple[str, str | None]]:
    found = store.events(kinds=[kind], limit=100)
    return sorted((str(each.event.key), each.event.partition) for each in found)


@pytest.mark.parametrize(
    ("policy", "calls"),
    [
        (None, [KEYS[:1], KEYS[1:2], KEYS[2:]]),
        (BackfillPolicy.multi_run(), [KEYS[:1], KEYS[1:2], KEYS[2:]]),
        (BackfillPolicy.multi_run(2), [KEYS[:2], KEYS[2:]]),
        (SINGLE, [KEYS]),
    ],
)
def test_a_policy_says_how_many_partitions_a_call_takes(
    run: Run, store: Store, policy: BackfillPolicy | None, calls: list[list[str]]
) -> None:
    called: list[list[str]] = []

    @asset(partitions_def=DAYS, backfill_policy=policy)
    def a(context: AssetExecutionContext) -> None:
        called.append(context.partition_keys)

    result = run(a, partition=SPAN)

    assert called == calls
    assert statuses(result) == [("a", key, "succeeded") for key in KEYS]
    assert recorded(store, "materialization") == recorded(store, "started")
    assert recorded(store, "materialization") == [("a", key) for key in KEYS]
    assert store.claims() == []


def test_a_call_knows_its_range(run: Run) -> None:
    seen: list[Any] = []

    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a(context: AssetExecutionContext) -> None:
        window = context.partition_time_window
        seen.extend((context.partition_key_range, context.has_partition_key_range))
        seen.append((window.start, window.end))

    run(a, partition=SPAN)

    assert seen == [
        PartitionKeyRange(KEYS[0], KEYS[-1]),
        True,
        (DAYS.window(KEYS[0]).start, DAYS.window(KEYS[-1]).end),
    ]


def test_any_partitions_are_called_without_bridging_a_gap(store: Store) -> None:
    called: list[list[str]] = []

    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a(context: AssetExecutionContext) -> None:
        called.append(context.partition_keys)

    graph = AssetGraph.build([a])
    now = datetime(2024, 2, 1, tzinfo=timezone.utc)
    wanted = ["2024-01-09", "2024-01-02", "2024-01-03"]
    todo = plan(graph, [A], partitions=wanted, now=now)
    result = run_plan(todo, store, {"io_manager": InMemoryIOManager()})

    assert called == [["2024-01-02", "2024-01-03"], ["2024-01-09"]]
    kept = store.run(result.run_id)
    assert kept is not None
    assert kept.target.partitions == tuple(wanted)


def test_combinations_are_called_as_the_range_they_are(run: Run) -> None:
    both = MultiPartitionsDefinition({"day": DAYS, "who": StaticPartitionsDefinition("xyz")})
    called: list[list[str]] = []

    def define(policy: BackfillPolicy) -> Any:
        @asset(partitions_def=both, backfill_policy=policy)
        def a(context: AssetExecutionContext) -> None:
            called.append(context.partition_keys)
            assert all(isinstance(key, MultiPartitionKey) for key in context.partition_keys)

        return a

    run(define(SINGLE), partition="2024-01-02|x...2024-01-03|y")
    run(define(BackfillPolicy.multi_run(3)), partition="2024-01-02|x...2024-01-03|y")

    box = ["2024-01-02|x", "2024-01-02|y", "2024-01-03|x", "2024-01-03|y"]
    assert called == [box, box[:2], box[2:]]


def test_a_dict_of_values_is_stored_by_partition(
    run: Run, store: Store, values: InMemoryIOManager
) -> None:
    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a(context: AssetExecutionContext) -> dict[str, list[str]]:
        context.add_output_metadata({"all": True})
        return {key: [key] * number for number, key in enumerate(context.partition_keys)}

    run(a, partition=SPAN)

    assert values.values == {(A, key): [key] * number for number, key in enumerate(KEYS)}
    events = {e.event.partition: e.event for e in store.events(kinds=["materialization"])}
    assert [events[key].row_count for key in KEYS] == [0, 1, 2]
    assert all(event.metadata == {"all": True} for event in events.values())
    assert all(event.output_type == "list" for event in events.values())


def test_one_partition_of_such_a_function_may_be_given_either_way(
    run: Run, values: InMemoryIOManager
) -> None:
    def define(give: Callable[[str], Any]) -> Any:
        @asset(partitions_def=DAYS, backfill_policy=SINGLE)
        def a(context: AssetExecutionContext) -> Any:
            return give(context.partition_key)

        return a

    run(define(lambda key: {key: 7}), partition=KEYS[0])
    run(define(lambda _key: 8), partition=KEYS[1])

    assert values.values == {(A, KEYS[0]): 7, (A, KEYS[1]): 8}


def test_without_a_policy_a_dict_is_a_value_like_any(run: Run, values: InMemoryIOManager) -> None:
    @asset(partitions_def=DAYS)
    def a(context: AssetExecutionContext) -> dict[str, int]:
        return {context.partition_key: 1}

    run(a, partition=KEYS[0])

    assert values.values == {(A, KEYS[0]): {KEYS[0]: 1}}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([1, 2, 3], "a list, for 3 partitions, 2024-01-02 to 2024-01-04. Give a dict"),
        ({KEYS[0]: 1}, "a dict that is without 2024-01-03"),
        (dict.fromkeys([*KEYS, "2024-01-05"]), "a dict that also holds 2024-01-05"),
    ],
)
def test_a_value_that_is_not_by_partition_is_refused(
    run: Run, store: Store, given: Any, why: str
) -> None:
    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a() -> Any:
        return given

    result = run(a, partition=SPAN)

    assert [step.status for step in result.steps] == ["failed"] * 3
    assert why in (result.steps[0].message or "")
    assert "test_ranges.py:" in (result.steps[0].message or "")
    assert recorded(store, "failure") == [("a", key) for key in KEYS]


def test_an_annotation_may_say_what_one_partition_is(run: Run) -> None:
    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a(context: AssetExecutionContext) -> int:
        return dict.fromkeys(context.partition_keys, 1)  # type: ignore[return-value]

    assert run(a, partition=SPAN).success


def test_a_function_may_store_everything_itself(run: Run, store: Store) -> None:
    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a() -> MaterializeResult:
        return MaterializeResult(metadata={"rows": 3}, data_version="v1")

    assert run(a, partition=SPAN).success
    events = [each.event for each in store.events(kinds=["materialization"])]
    assert [(e.metadata, e.data_version) for e in events] == [({"rows": 3}, "v1")] * 3


def test_inputs_of_several_partitions_come_by_partition(
    run: Run, values: InMemoryIOManager
) -> None:
    read: list[Any] = []

    @asset
    def settings() -> int:
        return 5

    @asset(partitions_def=DAYS)
    def a(context: AssetExecutionContext) -> str:
        return context.partition_key

    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def b(a: dict[str, str], settings: int) -> None:
        read.extend((a, settings))

    assert run(settings, a, b, partition=SPAN).success
    assert read == [{key: key for key in KEYS}, 5]


def test_what_several_days_need_of_a_week_is_loaded_once(run: Run) -> None:
    weeks = WeeklyPartitionsDefinition("2023-12-03")
    loaded: list[str | None] = []
    read: list[Any] = []

    class Counting(InMemoryIOManager):
        def load_input(self, context: InputContext) -> Any:
            loaded.append(context.partition_key)
            return super().load_input(context)

    manager = Counting()
    manager.values[AssetKey("w"), "2023-12-31"] = 1

    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a(w: dict[str, int]) -> None:
        read.append(w)

    outside = AssetSpec("w", partitions_def=weeks)
    assert run(outside, a, partition=SPAN, io_manager=manager).success
    assert (loaded, read) == (["2023-12-31"], [{"2023-12-31": 1}])


def test_an_io_manager_may_take_ranges_at_once(run: Run, store: Store) -> None:
    seen: list[Any] = []

    class Warehouse:
        handles_ranges = True

        def handle_output(self, context: OutputContext, obj: Any) -> None:
            seen.append((context.asset_partition_keys, obj, context.has_partition_key))
            context.confirm()
            context.add_output_metadata({"table": "t"})

        def load_input(self, context: InputContext) -> Any:
            seen.append((context.asset_partition_keys, context.has_partition_key))
            return "all"

    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a() -> str:
        return "frame"

    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def b(a: str) -> None:
        seen.append(a)

    assert run(a, b, partition=SPAN, io_manager=Warehouse()).success
    assert seen == [(KEYS, "frame", False), (KEYS, False), "all"]
    events = [each.event for each in store.events(A, kinds=["materialization"])]
    assert [event.metadata for event in events] == [{"table": "t"}] * 3


@pytest.mark.parametrize("names", [("x",), ("x", "y")])
def test_who_takes_ranges_gives_all_partitions_as_one_value(
    run: Run, names: tuple[str, ...]
) -> None:
    read: list[Any] = []

    class Warehouse:
        handles_ranges = True

        def handle_output(self, context: OutputContext, obj: Any) -> None: ...

        def load_input(self, context: InputContext) -> Any:
            return context.asset_partition_keys

    @asset
    def b(a: list[str]) -> None:
        read.append(a)

    outside = AssetSpec("a", partitions_def=StaticPartitionsDefinition(names))
    assert run(outside, b, io_manager=Warehouse()).success
    assert read == [list(names)]


def test_a_failure_fails_every_partition_of_its_call_and_no_other(run: Run, store: Store) -> None:
    @asset(partitions_def=DAYS, backfill_policy=BackfillPolicy.multi_run(2))
    def a(context: AssetExecutionContext) -> None:
        if KEYS[0] in context.partition_keys:
            raise ValueError("closed")

    @asset(partitions_def=DAYS, deps=[a])
    def b() -> None: ...

    result = run(a, b, partition=SPAN)

    assert [status for _, _, status in statuses(result)] == [
        *("failed", "failed", "succeeded"),
        *("skipped", "skipped", "succeeded"),
    ]
    assert recorded(store, "failure") == [("a", KEYS[0]), ("a", KEYS[1])]
    assert store.claims() == []


def test_a_call_does_not_run_when_one_of_its_partitions_cannot(run: Run) -> None:
    @asset(partitions_def=DAYS)
    def a(context: AssetExecutionContext) -> None:
        if context.partition_key == KEYS[1]:
            raise ValueError("closed")

    @asset(partitions_def=DAYS, deps=[a], backfill_policy=SINGLE)
    def b() -> None:
        raise AssertionError("its input is not whole")

    result = run(a, b, partition=SPAN)

    assert statuses(result)[3:] == [("b", key, "skipped") for key in KEYS]
    assert {step.cause for step in result.steps[3:]} == {A}


def test_what_a_function_gave_before_it_failed_stays(run: Run, store: Store) -> None:
    @multi_asset(
        outs={"a": AssetOut(), "b": AssetOut()},
        partitions_def=DAYS,
        backfill_policy=SINGLE,
        retry_policy=RetryPolicy(max_retries=0),
    )
    def both(context: AssetExecutionContext) -> Iterator[Output[Any]]:
        yield Output(dict.fromkeys(context.partition_keys, 1), output_name="a")
        raise ValueError("closed")

    result = run(both, partition=SPAN)

    assert statuses(result) == [
        *(("a", key, "succeeded") for key in KEYS),
        *(("b", key, "failed") for key in KEYS),
    ]


def test_while_another_writes_one_partition_none_is_taken(run: Run, store: Store) -> None:
    store.claim(A, KEYS[2], owner="another")

    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a() -> None:
        raise AssertionError("refused")

    result = run(a, partition=SPAN)

    assert [step.status for step in result.steps] == ["refused"] * 3
    assert [claim.owner for claim in store.claims()] == ["another"]
    assert recorded(store, "started") == []


def test_a_writer_that_lost_one_partition_records_none(run: Run, store: Store) -> None:
    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a(context: AssetExecutionContext) -> None:
        (mine,) = (claim for claim in store.claims() if claim.partition == KEYS[1])
        store.release(mine)
        store.claim(A, KEYS[1], owner="another")

    result = run(a, partition=SPAN)

    assert [step.status for step in result.steps] == ["refused"] * 3
    assert recorded(store, "materialization") == []
    assert [claim.owner for claim in store.claims()] == ["another"]


def test_checks_are_asked_for_each_partition(run: Run, store: Store) -> None:
    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a(context: AssetExecutionContext) -> dict[str, int]:
        return {key: number for number, key in enumerate(context.partition_keys)}

    @asset_check(asset=a)
    def is_positive(context: AssetExecutionContext, a: int) -> AssetCheckResult:
        return AssetCheckResult(passed=a > 0, metadata={"key": context.partition_key})

    result = run(a, is_positive, partition=SPAN)

    passed = [[report.outcome.passed for report in step.checks] for step in result.steps]
    assert passed == [[False], [True], [True]]
    assert recorded(store, "check") == [("a", key) for key in KEYS]
    assert [step.stops_downstream for step in result.steps] == [True, False, False]


def test_what_a_function_answers_itself_counts_for_every_partition(run: Run, store: Store) -> None:
    @asset(partitions_def=DAYS, backfill_policy=SINGLE, check_specs=[AssetCheckSpec("ok", "a")])
    def a() -> MaterializeResult:
        return MaterializeResult(check_results=[AssetCheckResult(passed=True)])

    result = run(a, partition=SPAN)

    assert [len(step.checks) for step in result.steps] == [1, 1, 1]
    assert recorded(store, "check") == [("a", key) for key in KEYS]


def test_each_partition_knows_what_it_was_made_of(run: Run, store: Store) -> None:
    @asset(partitions_def=DAYS)
    def a(context: AssetExecutionContext) -> Output[int]:
        return Output(1, data_version=f"v-{context.partition_key}")

    @asset(partitions_def=DAYS, deps=[a], backfill_policy=SINGLE, code_version="1")
    def b() -> None: ...

    run(a, b, partition=SPAN)

    made = store.partition_data_states(AssetKey("b"))
    assert {key: made[key].input_versions for key in KEYS} == {
        key: {"a": f"v-{key}"} for key in KEYS
    }
    assert len({made[key].data_version for key in KEYS}) == 3


@pytest.mark.parametrize("code_version", [None, "1"])
@pytest.mark.parametrize("policy", [None, SINGLE])
def test_partitions_of_one_call_that_read_each_other_are_in_sync(
    run: Run, store: Store, policy: BackfillPolicy | None, code_version: str | None
) -> None:
    before = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    @asset(
        partitions_def=DAYS,
        deps=[AssetDep("a", partition_mapping=before)],
        backfill_policy=policy,
        code_version=code_version,
    )
    def a() -> None: ...

    run(a, partition=SPAN)
    run(a, partition=SPAN)

    now = datetime(2024, 2, 1, tzinfo=timezone.utc)
    found = read_partition_staleness(store, AssetGraph.build([a]), A, now)
    assert found == {}


def test_a_call_reads_of_its_own_past_what_was_there_before(
    run: Run, values: InMemoryIOManager
) -> None:
    before = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    values.values[A, "2024-01-01"] = 7
    read: list[Any] = []

    @asset(
        partitions_def=DAYS,
        ins={"past": AssetIn("a", partition_mapping=before)},
        backfill_policy=SINGLE,
    )
    def a(context: AssetExecutionContext, past: dict[str, int]) -> dict[str, int]:
        read.append(past)
        return dict.fromkeys(context.partition_keys, 8)

    assert run(a, partition=SPAN).success
    assert read == [{"2024-01-01": 7}]


def test_a_range_of_thousands_takes_few_transactions(run: Run, store: Store) -> None:
    hourly = DailyPartitionsDefinition("2010-01-01")

    @asset(partitions_def=hourly, backfill_policy=SINGLE)
    def a() -> None: ...

    result = run(a, partition="2010-01-01...2019-12-31")

    assert len(result.steps) == 3_652
    assert len(store.partition_states(A)) == 3_652


def test_claims_of_a_range_are_all_or_none(store: Store) -> None:
    store.claim(A, "2", owner="another")

    with pytest.raises(ClaimRefusedError, match="a partition 2 is being written by another"):
        store.claim_all([(A, "1"), (A, "2"), (A, "3")], owner="me")

    assert [claim.partition for claim in store.claims()] == ["2"]
    taken = store.claim_all([(A, "3"), (A, "1")], owner="me")
    assert [claim.partition for claim in taken] == ["3", "1"]
    store.release(taken[0])
    assert [claim.partition for claim in store.renew_all(taken)] == ["3"]


@multi_asset(outs={"a": AssetOut(), "b": AssetOut()}, partitions_def=DAYS, backfill_policy=SINGLE)
def dying(context: AssetExecutionContext) -> Iterator[Output[Any]]:
    yield Output(dict.fromkeys(context.partition_keys, 1), output_name="a")
    faulthandler.disable()  # pytest's own would write its report between the tests'
    os._exit(3)


@asset_check(asset="a")
def is_one(a: int) -> bool:
    return a == 1


def test_a_worker_that_dies_fails_what_its_call_had_not_given(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/bridge.db")

    result = materialize(
        [dying, is_one],
        partition_key=SPAN,
        store=store,
        raise_on_error=False,
        executor=multiprocess_executor(max_concurrent=2),
    )

    assert statuses(result) == [
        *(("a", key, "succeeded") for key in KEYS),
        *(("b", key, "failed") for key in KEYS),
    ]
    assert [len(step.checks) for step in result.steps] == [1, 1, 1, 0, 0, 0]
    assert all(report.raised for step in result.steps for report in step.checks)
    assert recorded(store, "failure") == [("b", key) for key in KEYS]
    assert recorded(store, "check") == [("a", key) for key in KEYS]
    assert store.claims() == []
    store.close()


def test_a_retry_computes_what_is_left_of_a_range(store: Store) -> None:
    called: list[list[str]] = []
    is_closed = [True]

    @asset(partitions_def=DAYS, backfill_policy=SINGLE)
    def a(context: AssetExecutionContext) -> dict[str, int]:
        called.append(context.partition_keys)
        return {key: 0 if is_closed and key == KEYS[1] else 1 for key in context.partition_keys}

    @asset_check(asset=a)
    def is_open(a: int) -> bool:
        return a == 1

    @asset(partitions_def=DAYS, deps=[a], backfill_policy=SINGLE)
    def b(context: AssetExecutionContext) -> None:
        called.append(context.partition_keys)

    graph = AssetGraph.build([a, b], [is_open])
    now = datetime(2024, 2, 1, tzinfo=timezone.utc)
    given = {"io_manager": InMemoryIOManager()}
    first = run_plan(plan(graph, list(graph.nodes), partition=SPAN, now=now), store, given)
    before = store.run(first.run_id)
    assert before is not None
    assert statuses(first)[3:] == [("b", key, "skipped") for key in KEYS]
    is_closed.clear()

    todo = planned(retry_of(before, before.id, now), graph, store, now)
    again = run_plan(todo, store, given, retries=before)

    assert again.success
    assert called == [KEYS, [KEYS[1]], KEYS]
