"""Waves of runs: everything once, never before what it reads, in whatever order runs end."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from bridge import (
    AssetDep,
    AssetKey,
    AssetsDefinition,
    BackfillPolicy,
    DailyPartitionsDefinition,
    MultiPartitionsDefinition,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    WeeklyPartitionsDefinition,
    asset,
    multi_asset,
)
from bridge.backfills import (
    Cut,
    PlannedRun,
    Progress,
    Subsets,
    left,
    next_wave,
    partitions_target,
    planned_waves,
    whole_target,
)
from bridge.backfills.waves import computed
from bridge.graph import AssetGraph
from bridge.partitions import PartitionsSubset
from bridge.specs import AssetSpec

NOW = datetime(2024, 4, 1, tzinfo=timezone.utc)
DAYS = DailyPartitionsDefinition("2024-03-01", end_date="2024-03-08")
WEEKS = WeeklyPartitionsDefinition("2024-02-25", end_date="2024-03-10")
CUTS = st.sampled_from([DAYS, DAYS, DAYS, WEEKS, None])
POLICIES = st.sampled_from(
    [None, BackfillPolicy.multi_run(2), BackfillPolicy.multi_run(3), BackfillPolicy.single_run()]
)
LAGS = st.sampled_from([(0, 0), (0, 0), (-1, 0), (-1, -1), (-2, -1)])


def made(name: str, *deps: object, **given: Any) -> AssetsDefinition:
    @asset(name=name, deps=list(deps), **given)
    def compute() -> None: ...

    return compute


@st.composite
def graphs(draw: st.DrawFn) -> AssetGraph:
    assets: list[AssetsDefinition] = []
    shared = draw(POLICIES)
    for number in range(draw(st.integers(1, 5))):
        partitions = draw(CUTS)
        deps = []
        for dep in draw(st.sets(st.integers(0, number - 1), max_size=2)) if number else ():
            is_by_time = partitions is not None and assets[dep].specs[0].partitions_def is not None
            lag = draw(LAGS)
            mapping = TimeWindowPartitionMapping(*lag, allow_nonexistent_upstream_partitions=True)
            deps.append(AssetDep(f"a{dep}", partition_mapping=mapping if is_by_time else None))
        if partitions is DAYS and draw(st.integers(0, 5)) == 0:
            own = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
            deps.append(AssetDep(f"a{number}", partition_mapping=own))
        policy = draw(st.sampled_from([shared, shared, draw(POLICIES)]))
        given = {"partitions_def": partitions} if partitions else {}
        if policy is not None and partitions is not None:
            given["backfill_policy"] = policy  # type: ignore[assignment]
        assets.append(made(f"a{number}", *deps, **given))
    return AssetGraph.build(assets)


def add(to: dict[AssetKey, PartitionsSubset], cut: Cut, more: Subsets) -> None:
    for key, subset in more.items():
        to[key] = to.get(key, cut.none(key)) | subset


def require_what_is_read(cut: Cut, target: Subsets, run: PlannedRun, there: Subsets) -> None:
    """Every partition of the target that a run reads is there, or computed in the run before."""
    own = computed(cut, [run])
    for key, subset in own.items():
        for parent in cut.parents(key):
            if parent not in target:
                continue
            needed = cut.read_of(subset, key, parent).partitions & target[parent]
            given = there.get(parent, cut.none(parent)) | own.get(parent, cut.none(parent))
            assert not needed - given


@settings(max_examples=150, deadline=None)
@given(graphs(), st.randoms(use_true_random=False), st.booleans())
def test_everything_is_computed_once_after_what_it_reads(
    graph: AssetGraph, dice: Any, in_waves: bool
) -> None:
    cut = Cut(graph, NOW)
    target = whole_target(cut, graph.nodes)
    asked: dict[AssetKey, PartitionsSubset] = {}
    there: dict[AssetKey, PartitionsSubset] = {}
    under_way: list[PlannedRun] = []
    for _ in range(500):
        at_most = None if in_waves else dice.randint(1, 4)
        for run in next_wave(cut, target, Progress(asked, there), at_most=at_most).runs:
            require_what_is_read(cut, target, run, there)
            for key, subset in computed(cut, [run]).items():
                assert not subset & asked.get(key, cut.none(key))
            add(asked, cut, computed(cut, [run]))
            under_way.append(run)
        if not under_way:
            break
        dice.shuffle(under_way)
        ending = len(under_way) if in_waves else dice.randint(1, len(under_way))
        add(there, cut, computed(cut, under_way[:ending]))
        del under_way[:ending]
    assert not left(cut, target, Progress(asked, there), {})


def runs_of(*assets: Any, **given: Any) -> list[list[tuple[str, str | None]]]:
    cut = Cut(AssetGraph.build(assets), NOW, given.get("policy"))
    target = given.get("target") or whole_target(cut, cut.graph.nodes)
    return [
        [(" ".join(map(str, run.assets)), run.partition) for run in wave]
        for wave in planned_waves(cut, target)
    ]


def test_partitions_of_two_dimensions_are_ranges_along_the_longer_one() -> None:
    grid = MultiPartitionsDefinition(
        {"day": DAYS, "region": StaticPartitionsDefinition(["us", "eu"])}
    )

    found = runs_of(made("a", partitions_def=grid, backfill_policy=BackfillPolicy.single_run()))

    assert found == [
        [("a", f"2024-03-01|{region}...2024-03-07|{region}") for region in ("us", "eu")]
    ]


def test_partitions_of_three_dimensions_are_ranges_too() -> None:
    cube = MultiPartitionsDefinition(
        {
            "a": StaticPartitionsDefinition(["1", "2"]),
            "b": StaticPartitionsDefinition(["x", "y", "z"]),
            "c": StaticPartitionsDefinition(["p"]),
        }
    )

    found = runs_of(made("a", partitions_def=cube), policy=BackfillPolicy.multi_run(2))

    assert [partition for _, partition in found[0]] == [
        "1|x|p...1|y|p",
        "1|z|p",
        "2|x|p...2|y|p",
        "2|z|p",
    ]


def test_the_assets_of_one_function_are_computed_together() -> None:
    @multi_asset(
        specs=[AssetSpec("b", deps=["a"], partitions_def=DAYS), AssetSpec("c", partitions_def=DAYS)]
    )
    def both() -> None: ...

    found = runs_of(made("a", partitions_def=DAYS), both, made("d", "b", partitions_def=DAYS))

    assert len(found) == 1
    assert {frozenset(assets.split()) for assets, _ in found[0]} == {frozenset("abcd")}
    assert len(found[0]) == DAYS.count(NOW)


def test_a_failure_blocks_later_partitions_of_an_asset_that_reads_its_own_past() -> None:
    own = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    graph = AssetGraph.build([made("a", AssetDep("a", partition_mapping=own), partitions_def=DAYS)])
    cut, key = Cut(graph, NOW), AssetKey("a")
    target = partitions_target(cut, {key: None})
    failed = {key: cut.some(key, ["2024-03-03"])}

    blocked = next_wave(cut, target, Progress(failed, {}, failed)).blocked

    assert cut.names(blocked[key]) == [f"2024-03-0{day}" for day in range(3, 8)]
