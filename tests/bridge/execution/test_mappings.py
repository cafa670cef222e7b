"""Runs whose partitions read other ones: what they receive, when, and what a failure stops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import (
    AllPartitionMapping,
    AssetCheckResult,
    AssetCheckSpec,
    AssetDep,
    AssetGraph,
    AssetIn,
    AssetKey,
    AssetOut,
    AssetsDefinition,
    AssetSpec,
    BackfillPolicy,
    DailyPartitionsDefinition,
    DimensionPartitionMapping,
    HourlyPartitionsDefinition,
    IdentityPartitionMapping,
    InMemoryIOManager,
    LastPartitionMapping,
    MultiPartitionMapping,
    MultiPartitionsDefinition,
    PartitionMapping,
    PartitionsDefinition,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    asset,
    asset_check,
    multi_asset,
    multi_asset_check,
)
from bridge.errors import CycleError, DefinitionError
from bridge.execution import RunResult, StepResult, StepStatus, plan, run_plan
from bridge.execution.schedule import Schedule, Turn
from bridge.staleness import DataFacts, partition_staleness
from bridge.store import Store, open_store

NOW = datetime(2024, 6, 1, tzinfo=timezone.utc)
DAYS = DailyPartitionsDefinition("2024-03-01", end_date="2024-03-08")
LETTERS = StaticPartitionsDefinition(["a", "b"])
YESTERDAY = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
UP = AssetKey("up")


@pytest.fixture
def store() -> Iterable[Store]:
    found = open_store("sqlite://")
    yield found
    found.close()


class House:
    """A graph with values in memory, materialized range by range."""

    def __init__(self, store: Store, *assets: Any, checks: Iterable[Any] = ()) -> None:
        self.graph = AssetGraph.build(assets, checks)
        self.store = store
        self.manager = InMemoryIOManager()

    def make(self, partition: str | None, *names: str) -> RunResult:
        keys = [AssetKey.parse(name) for name in names] or list(self.graph.nodes)
        todo = plan(self.graph, keys, partition=partition, now=NOW)
        return run_plan(todo, self.store, {"io_manager": self.manager})


def outcomes(result: RunResult) -> dict[str, str]:
    return {f"{step.key}@{step.partition}": step.status for step in result.steps}


def days(partitions_def: PartitionsDefinition = DAYS) -> AssetsDefinition:
    @asset(name="up", partitions_def=partitions_def)
    def up(context: Any) -> str:
        return f"rows of {context.partition_key}"

    return up


def reader(
    seen: dict[str | None, object],
    mapping: PartitionMapping | None,
    partitions_def: PartitionsDefinition | None,
) -> AssetsDefinition:
    @asset(ins={"up": AssetIn(partition_mapping=mapping)}, partitions_def=partitions_def)
    def down(context: Any, up: Any) -> None:
        seen[context.partition_key if context.has_partition_key else None] = up

    return down


def test_an_argument_is_the_value_of_the_partition_that_the_mapping_names(store: Store) -> None:
    seen: dict[str | None, object] = {}
    house = House(store, days(), reader(seen, YESTERDAY, DAYS))

    assert house.make("2024-03-01...2024-03-03").success
    assert seen == {
        "2024-03-01": None,
        "2024-03-02": "rows of 2024-03-01",
        "2024-03-03": "rows of 2024-03-02",
    }


def test_an_argument_has_the_mapping_of_the_dependency_that_it_receives(store: Store) -> None:
    seen: list[object] = []

    @asset(deps=[AssetDep("up", YESTERDAY)], partitions_def=DAYS)
    def down(up: str) -> None:
        seen.append(up)

    house = House(store, days(), down)
    house.make("2024-03-01...2024-03-02", "up")

    assert house.make("2024-03-02", "down").success
    assert seen == ["rows of 2024-03-01"]


def test_an_argument_with_a_default_that_ins_names_is_loaded_where_it_can_be(
    store: Store,
) -> None:
    seen: list[object] = []

    @asset
    def rate() -> int:
        return 7

    @asset(ins={"rate": AssetIn()})
    def price(rate: int = 1) -> None:
        seen.append(rate)

    assert House(store, rate, price).make(None).success
    assert seen == [7]


def test_a_wider_window_is_given_by_name_also_where_it_holds_one_or_none(store: Store) -> None:
    seen: dict[str | None, object] = {}
    before = TimeWindowPartitionMapping(start_offset=-2, end_offset=-1)
    house = House(store, days(), reader(seen, before, DAYS))

    assert house.make("2024-03-01...2024-03-03").success
    rows = {f"2024-03-0{n}": f"rows of 2024-03-0{n}" for n in (1, 2)}
    assert seen["2024-03-01"] == {}
    assert seen["2024-03-02"] == {"2024-03-01": "rows of 2024-03-01"}
    assert seen["2024-03-03"] == rows


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        (LastPartitionMapping(), "rows of 2024-03-02"),
        (SpecificPartitionsPartitionMapping(["2024-03-01"]), "rows of 2024-03-01"),
        (AllPartitionMapping(), {f"2024-03-0{n}": f"rows of 2024-03-0{n}" for n in (1, 2)}),
    ],
)
def test_a_whole_asset_reads_what_its_mapping_says(
    store: Store, mapping: PartitionMapping, expected: object
) -> None:
    seen: dict[str | None, object] = {}
    two_days = DailyPartitionsDefinition("2024-03-01", end_date="2024-03-03")
    house = House(store, days(two_days), reader(seen, mapping, None))

    assert house.make("2024-03-01...2024-03-02").success
    assert seen == {None: expected}


def test_named_partitions_read_what_is_stated_key_by_key(store: Store) -> None:
    seen: dict[str | None, object] = {}
    numbers = StaticPartitionsDefinition(["1", "2", "3"])
    stated = StaticPartitionMapping({"1": "a", "2": "b"})
    house = House(store, days(numbers), reader(seen, stated, LETTERS))

    house.make("1...3", "up")
    assert house.make("a...b", "down").success
    assert seen == {"a": "rows of 1", "b": "rows of 2"}


def test_a_partition_that_cannot_exist_fails_the_step_and_says_so(store: Store) -> None:
    later = DailyPartitionsDefinition("2024-03-02", end_date="2024-03-08")
    seen: dict[str | None, object] = {}
    house = House(store, days(later), reader(seen, TimeWindowPartitionMapping(), DAYS))

    (step,) = house.make("2024-03-01", "down").steps

    assert step.status == "failed"
    assert step.message is not None
    assert "down cannot read up as its argument up. Partition '2024-03-01'" in step.message
    assert "cannot exist: 2024-03-01" in step.message


def test_a_mapping_may_allow_that_partitions_do_not_exist(store: Store) -> None:
    later = DailyPartitionsDefinition("2024-03-02", end_date="2024-03-08")
    seen: dict[str | None, object] = {}
    allowing = TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True)
    house = House(store, days(later), reader(seen, allowing, DAYS))

    assert house.make("2024-03-01", "down").success
    assert seen == {"2024-03-01": None}


def running_total(failing: Iterable[str] = (), made: list[str] | None = None) -> AssetsDefinition:
    @asset(partitions_def=DAYS, ins={"before": AssetIn(key="total", partition_mapping=YESTERDAY)})
    def total(context: Any, before: int | None) -> int:
        if made is not None:
            made.append(context.partition_key)
        if context.partition_key in failing:
            raise ValueError("broken")
        return (before or 0) + 1

    return total


def test_a_running_total_reads_the_partition_before(store: Store) -> None:
    house = House(store, running_total())

    assert house.make("2024-03-01...2024-03-04").success
    values = [house.manager.values[AssetKey("total"), f"2024-03-0{n}"] for n in (1, 2, 3, 4)]
    assert values == [1, 2, 3, 4]


def test_the_first_partition_keeps_the_default_of_an_argument(store: Store) -> None:
    seen: list[int] = []

    @asset(partitions_def=DAYS, ins={"before": AssetIn(key="total", partition_mapping=YESTERDAY)})
    def total(before: int = 100) -> int:
        seen.append(before)
        return before + 1

    assert House(store, total).make("2024-03-01...2024-03-03").success
    assert seen == [100, 101, 102]


def test_an_argument_that_cannot_be_none_is_told_to_have_a_default(store: Store) -> None:
    @asset(partitions_def=DAYS, ins={"before": AssetIn("total", partition_mapping=YESTERDAY)})
    def total(before: int) -> int:
        return before + 1

    (step,) = House(store, total).make("2024-03-01").steps

    assert "expected int, got NoneType. No partition of total is read here" in (step.message or "")


def test_an_earlier_partition_that_was_never_made_fails_the_step(store: Store) -> None:
    (step,) = House(store, running_total()).make("2024-03-03").steps

    assert step.status == "failed"
    assert "total" in (step.message or "")


def test_a_failure_stops_the_later_partitions_of_an_asset_that_reads_its_past(
    store: Store,
) -> None:
    made: list[str] = []

    result = House(store, running_total(["2024-03-02"], made)).make("2024-03-01...2024-03-04")

    assert outcomes(result) == {
        "total@2024-03-01": "succeeded",
        "total@2024-03-02": "failed",
        "total@2024-03-03": "skipped",
        "total@2024-03-04": "skipped",
    }
    assert made == ["2024-03-01", "2024-03-02"]


@pytest.mark.parametrize("policy", [None, BackfillPolicy.multi_run(2)])
def test_the_next_partition_waits_for_a_blocking_check_of_several_assets(
    store: Store, policy: BackfillPolicy | None
) -> None:
    order: list[str] = []

    @asset(deps=[AssetDep("total", YESTERDAY)], partitions_def=DAYS, backfill_policy=policy)
    def total(context: Any) -> None:
        order.extend(context.partition_keys)

    @asset(partitions_def=DAYS)
    def other() -> None: ...

    @multi_asset_check(
        specs=[AssetCheckSpec("fits", asset="total"), AssetCheckSpec("fits", asset="other")]
    )
    def fits(context: Any) -> Iterable[AssetCheckResult]:
        order.append(f"check {context.partition_key}")
        bad = context.partition_key == "2024-03-02"
        yield AssetCheckResult(passed=not bad, asset_key="total")
        yield AssetCheckResult(passed=True, asset_key="other")

    result = House(store, total, other, checks=[fits]).make("2024-03-01...2024-03-04")

    first = ["2024-03-01", "check 2024-03-01", "2024-03-02", "check 2024-03-02"]
    assert order == (first if policy is None else sorted(first, key=lambda name: name[0] == "c"))
    assert outcomes(result)["total@2024-03-03"] == "skipped"


def test_a_check_that_waits_for_all_partitions_does_not_hold_up_its_own(store: Store) -> None:
    asked: list[str] = []

    @asset
    def report() -> None: ...

    @asset_check(asset="report", additional_deps=["total"])
    def adds_up() -> bool:
        return True

    @multi_asset_check(
        specs=[
            AssetCheckSpec("fits", asset="total", additional_deps=["summary"]),
            AssetCheckSpec("fits", asset="other"),
        ]
    )
    def fits(context: Any) -> Iterable[AssetCheckResult]:
        asked.append(context.partition_key)
        yield AssetCheckResult(passed=True, asset_key="total")
        yield AssetCheckResult(passed=True, asset_key="other")

    @asset(deps=[report])
    def summary() -> None: ...

    other = asset(name="other", partitions_def=DAYS)(lambda: None)
    house = House(store, running_total(), other, report, summary, checks=[adds_up, fits])

    result = house.make("2024-03-01...2024-03-02")

    assert result.success
    assert asked == ["2024-03-01", "2024-03-02"]
    assert len(result.steps) == len(house.graph) + 2 + 1 + 4


def test_a_failure_stops_the_partitions_that_read_the_failed_one_and_no_others(
    store: Store,
) -> None:
    @asset(partitions_def=DAYS)
    def up(context: Any) -> None:
        if context.partition_key == "2024-03-02":
            raise ValueError("broken")

    @asset(deps=[AssetDep(up, YESTERDAY)], partitions_def=DAYS)
    def lagged() -> None: ...

    @asset(deps=[up], partitions_def=DAYS)
    def same() -> None: ...

    result = House(store, up, lagged, same).make("2024-03-01...2024-03-04")

    failed = {name: status for name, status in outcomes(result).items() if status != "succeeded"}
    assert failed == {
        "up@2024-03-02": "failed",
        "lagged@2024-03-03": "skipped",
        "same@2024-03-02": "skipped",
    }


def test_several_dimensions_go_along_the_one_that_looks_back(store: Store) -> None:
    made: list[str] = []
    zones = MultiPartitionsDefinition({"area": LETTERS, "day": DAYS})
    all_areas_before = MultiPartitionMapping({"day": DimensionPartitionMapping("day", YESTERDAY)})

    @asset(
        partitions_def=zones, ins={"before": AssetIn("total", partition_mapping=all_areas_before)}
    )
    def total(context: Any, before: dict[str, int]) -> int:
        made.append(context.partition_key)
        return sum(before.values()) + 1

    house = House(store, total)

    assert house.make("a|2024-03-01...b|2024-03-03").success
    assert made == [f"{area}|2024-03-0{day}" for day in (1, 2, 3) for area in "ab"]
    assert house.manager.values[AssetKey("total"), "a|2024-03-03"] == 7


@pytest.mark.parametrize(
    ("policy", "calls"),
    [
        (
            BackfillPolicy.multi_run(2),
            [[f"{area}|2024-03-0{day}"] for day in (1, 2) for area in "ab"],
        ),
        (
            BackfillPolicy.single_run(),
            [[f"{area}|2024-03-0{day}" for area in "ab" for day in (1, 2)]],
        ),
    ],
)
def test_chunks_that_would_read_what_a_later_one_makes_are_called_apart(
    store: Store, policy: BackfillPolicy, calls: list[list[str]]
) -> None:
    seen: list[list[str]] = []
    zones = MultiPartitionsDefinition({"area": LETTERS, "day": DAYS})
    mapping = MultiPartitionMapping({"day": DimensionPartitionMapping("day", YESTERDAY)})

    @asset(
        partitions_def=zones,
        deps=[AssetDep("total", mapping)],
        backfill_policy=policy,
    )
    def total(context: Any) -> None:
        seen.append(list(context.partition_keys))

    assert House(store, total).make("a|2024-03-01...b|2024-03-02").success
    assert seen == calls


def test_a_check_reads_the_partition_itself_of_an_asset_that_reads_its_past(store: Store) -> None:
    asked: list[object] = []

    @asset_check(asset="total")
    def counts_on(total: int) -> AssetCheckResult:
        asked.append(total)
        return AssetCheckResult(passed=True)

    house = House(store, running_total(), checks=[counts_on])

    assert house.make("2024-03-01...2024-03-03").success
    assert asked == [1, 2, 3]


def test_outputs_of_one_function_may_read_the_past_of_each_other(store: Store) -> None:
    seen: list[object] = []

    @multi_asset(
        outs={"x": AssetOut(), "y": AssetOut()},
        ins={"before": AssetIn(key="x", partition_mapping=YESTERDAY)},
        partitions_def=DAYS,
    )
    def both(before: int | None) -> tuple[int, int]:
        seen.append(before)
        return (before or 0) + 1, 0

    house = House(store, both)

    assert house.make("2024-03-01...2024-03-03").success
    assert seen == [None, 1, 2]
    assert house.graph.upstream(AssetKey("y")) == (AssetKey("x"),)


def test_outputs_of_one_call_cannot_read_partitions_that_are_not_made_yet() -> None:
    tomorrow = TimeWindowPartitionMapping(start_offset=1, end_offset=1)

    @multi_asset(
        outs={"x": AssetOut(), "y": AssetOut()},
        internal_asset_deps={"x": [], "y": [AssetDep("x", tomorrow)]},
        partitions_def=DAYS,
    )
    def both() -> tuple[int, int]:
        return 1, 2

    with pytest.raises(CycleError, match="y reads other partitions of x") as refusal:
        AssetGraph.build([both])

    assert f"At {__file__}:" in str(refusal.value)


def test_a_function_that_can_be_called_apart_makes_first_what_is_read_later(store: Store) -> None:
    calls: list[tuple[str, list[str]]] = []
    tomorrow = TimeWindowPartitionMapping(start_offset=1, end_offset=1)

    @multi_asset(
        specs=[
            AssetSpec("x", partitions_def=DAYS),
            AssetSpec("y", deps=[AssetDep("x", tomorrow)], partitions_def=DAYS),
        ],
        can_subset=True,
    )
    def both(context: Any) -> None:
        calls.append((context.partition_key, [str(k) for k in context.selected_asset_keys]))

    assert House(store, both).make("2024-03-01...2024-03-02").success
    assert calls == [
        ("2024-03-01", ["x"]),
        ("2024-03-02", ["x"]),
        ("2024-03-01", ["y"]),
        ("2024-03-02", ["y"]),
    ]


def test_one_argument_cannot_receive_two_sets_of_partitions() -> None:
    with pytest.raises(DefinitionError, match="the argument up cannot tell which it receives"):

        @multi_asset(
            specs=[
                AssetSpec("x", deps=[AssetDep("up", YESTERDAY)], partitions_def=DAYS),
                AssetSpec("y", deps=["up"], partitions_def=DAYS),
            ]
        )
        def both(up: Any) -> None: ...


def stale(house: House, name: str) -> Mapping[str, list[str]]:
    partitions = {
        node.key: house.store.partition_data_states(node.key)
        for node in house.graph
        if node.spec.partitions_def is not None
    }
    facts = DataFacts(assets=house.store.data_states(house.graph.nodes), partitions=partitions)
    key = AssetKey(name)
    found = partition_staleness(house.graph, key, partitions[key], facts, NOW)
    return {
        partition: [f"{cause.dependency}@{cause.partition}" for cause in state.causes]
        for partition, state in found.items()
        if state.causes
    }


def test_a_partition_made_again_makes_stale_what_reads_it_later(store: Store) -> None:
    house = House(store, running_total())
    house.make("2024-03-01...2024-03-04")
    assert stale(house, "total") == {}

    house.make("2024-03-02")

    assert stale(house, "total") == {"2024-03-03": ["total@2024-03-02"]}


def test_what_all_partitions_read_alike_makes_all_of_them_stale(store: Store) -> None:
    @asset(deps=[AssetDep("up", LastPartitionMapping())], partitions_def=DAYS)
    def down() -> None: ...

    house = House(store, days(), down)
    house.make("2024-03-01...2024-03-07", "up")
    house.make("2024-03-01...2024-03-02", "down")
    house.make("2024-03-06", "up")
    assert stale(house, "down") == {}

    house.make("2024-03-07", "up")

    assert stale(house, "down") == {day: ["up@2024-03-07"] for day in ("2024-03-01", "2024-03-02")}


def test_a_call_for_several_partitions_records_what_all_of_them_read(store: Store) -> None:
    @asset(
        deps=[AssetDep("up", AllPartitionMapping())],
        partitions_def=DAYS,
        backfill_policy=BackfillPolicy.single_run(),
    )
    def down() -> None: ...

    house = House(store, days(), down)
    assert house.make("2024-03-01...2024-03-03").success
    assert stale(house, "down") == {}

    house.make("2024-03-02", "up")

    changed = ["up@2024-03-02"]
    assert stale(house, "down") == dict.fromkeys(
        ["2024-03-01", "2024-03-02", "2024-03-03"], changed
    )


def test_more_changes_than_anybody_reads_are_one_cause(store: Store) -> None:
    many = DailyPartitionsDefinition("2023-01-01", end_date="2023-06-01")

    @asset(deps=[AssetDep("up", AllPartitionMapping())], partitions_def=LETTERS)
    def down() -> None: ...

    house = House(store, days(many), down)
    house.make("a", "down")
    house.make("2023-01-01...2023-05-31", "up")

    assert stale(house, "down") == {"a": ["up@None"]}


def test_hours_are_read_by_the_day_after(store: Store) -> None:
    hours = HourlyPartitionsDefinition("2024-03-01-00:00", end_date="2024-03-03-00:00")
    seen: dict[str | None, Any] = {}
    house = House(store, days(hours), reader(seen, YESTERDAY, DAYS))

    house.make("2024-03-01-00:00...2024-03-01-23:00", "up")
    assert house.make("2024-03-02", "down").success
    assert list(seen["2024-03-02"]) == [f"2024-03-01-{hour:02}:00" for hour in range(24)]


THREE = MultiPartitionsDefinition(
    {"area": LETTERS, "day": DAYS, "kind": StaticPartitionsDefinition(["new", "old"])}
)
TWO = MultiPartitionsDefinition({"area": LETTERS, "day": DAYS})
SAME = {
    name: DimensionPartitionMapping(name, IdentityPartitionMapping()) for name in ("area", "day")
}


BY_SHARED = pytest.mark.parametrize(
    "mapping", [MultiPartitionMapping(SAME), None], ids=["stated", "inferred"]
)


@BY_SHARED
def test_two_dimensions_read_all_combinations_of_a_third(
    store: Store, mapping: PartitionMapping | None
) -> None:
    seen: dict[str | None, Any] = {}
    house = House(store, days(THREE), reader(seen, mapping, TWO))

    house.make("a|2024-03-01|new...b|2024-03-02|old", "up")
    assert house.make("b|2024-03-02", "down").success
    assert seen == {
        "b|2024-03-02": {
            f"b|2024-03-02|{kind}": f"rows of b|2024-03-02|{kind}" for kind in ("new", "old")
        }
    }
    assert stale(house, "down") == {}
    house.make("b|2024-03-02|old", "up")
    house.make("a|2024-03-02|old", "up")
    assert stale(house, "down") == {"b|2024-03-02": ["up@b|2024-03-02|old"]}


@BY_SHARED
def test_three_dimensions_read_the_two_that_they_share(
    store: Store, mapping: PartitionMapping | None
) -> None:
    seen: dict[str | None, Any] = {}
    house = House(store, days(TWO), reader(seen, mapping, THREE))

    house.make("a|2024-03-01...b|2024-03-02", "up")
    assert house.make("b|2024-03-02|new...b|2024-03-02|old", "down").success
    assert seen == {f"b|2024-03-02|{kind}": "rows of b|2024-03-02" for kind in ("new", "old")}
    house.make("b|2024-03-02", "up")
    assert sorted(stale(house, "down")) == ["b|2024-03-02|new", "b|2024-03-02|old"]


@st.composite
def lagging_assets(draw: st.DrawFn) -> list[AssetsDefinition]:
    """Assets by day, each of which reads earlier ones, and perhaps itself, some windows apart."""
    count = draw(st.integers(1, 4))
    offsets = st.tuples(st.integers(-3, 2), st.integers(-3, 2)).filter(lambda two: two[0] <= two[1])
    backwards = st.integers(-3, -1).map(lambda offset: TimeWindowPartitionMapping(offset, -1))
    found = []
    for number in range(count):
        deps = [
            AssetDep(f"a{other}", TimeWindowPartitionMapping(*draw(offsets)))
            for other in range(number)
            if draw(st.booleans())
        ]
        if draw(st.booleans()):
            deps.append(AssetDep(f"a{number}", draw(backwards)))
        found.append(asset(name=f"a{number}", deps=deps, partitions_def=DAYS)(lambda: None))
    return found


def read_of(graph: AssetGraph, key: AssetKey, partition: str | None) -> set[tuple[AssetKey, Any]]:
    return {
        (dep, name)
        for dep in graph.nodes[key].spec.reads
        for name in graph.partitions_read(key, partition, dep, NOW)
    }


@given(lagging_assets(), st.data())
def test_a_step_comes_after_what_it_reads_and_a_failure_stops_its_readers_only(
    assets: list[AssetsDefinition], data: st.DataObject
) -> None:
    graph = AssetGraph.build(assets)
    todo = plan(graph, list(graph.nodes), partition="2024-03-01...2024-03-06", now=NOW)
    planned = {(step.key, step.partition) for step in todo.steps}
    broken = data.draw(st.sampled_from(sorted(planned, key=str)))
    schedule = Schedule(todo)
    ended: dict[tuple[AssetKey, str | None], str] = {}

    while under_way := _all_that_may_begin(schedule):  # as many at once as there may be
        for turn in under_way:
            place = turn.step.key, turn.step.partition
            read = read_of(graph, *place) & planned
            assert read <= ended.keys()
            bad = any(ended[each] != "succeeded" for each in read)
            assert bool(turn.skipped) == bad
            status: StepStatus = "skipped" if bad else "failed" if place == broken else "succeeded"
            if not turn.skipped:
                schedule.end(turn, [StepResult(key=place[0], partition=place[1], status=status)])
            ended[place] = status

    assert ended.keys() == planned


def _all_that_may_begin(schedule: Schedule) -> list[Turn]:
    return list(iter(schedule.take, None))
