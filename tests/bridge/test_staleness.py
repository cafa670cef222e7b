"""Staleness: what was recorded against what is now, direct and inherited."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import AssetGraph, AssetKey, AssetSpec, DailyPartitionsDefinition, asset
from bridge.staleness import (
    Cause,
    DataFacts,
    Staleness,
    default_data_version,
    in_words,
    partition_staleness,
    partitioned_inputs,
    partitions_version,
    root_causes,
    staleness,
)
from bridge.store import DataState

NOON = datetime(2024, 3, 4, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
DAILY = DailyPartitionsDefinition("2024-03-01")
A, B, C = AssetKey("a"), AssetKey("b"), AssetKey("c")


def ours(name: str, *deps: str, **settings: Any) -> Any:
    return asset(name=name, deps=deps, **settings)(lambda: None)


def made(version: str | None = "1", at: datetime = NOON, **read: str) -> DataState:
    return DataState(materialized_at=at, data_version=version, input_versions=read)


def found(
    graph: AssetGraph, assets: dict[AssetKey, DataState], **partitions: dict[str, DataState]
) -> dict[AssetKey, Staleness]:
    cut = {AssetKey(name): states for name, states in partitions.items()}
    return staleness(graph, DataFacts(assets=assets, partitions=cut), NOON)


@pytest.fixture(scope="module")
def chain() -> AssetGraph:
    return AssetGraph.build([ours("a"), ours("b", "a"), ours("c", "b")])


def test_a_change_is_direct_for_its_users_and_inherited_below(chain: AssetGraph) -> None:
    answers = found(chain, {A: made("2"), B: made("1", a="1"), C: made("1", b="1")})

    assert answers[A] == Staleness("in_sync")
    assert answers[B] == Staleness("out_of_sync", (Cause("dependency_new_version", A),))
    assert answers[C] == Staleness("in_sync", (), (B,))
    assert root_causes(answers, C) == [B]
    assert root_causes(answers, A) == []


def test_going_back_to_the_version_that_was_read_heals(chain: AssetGraph) -> None:
    answers = found(chain, {A: made("1", NOON + HOUR), B: made("1", a="1"), C: made("1", b="1")})

    assert {answer.status for answer in answers.values()} == {"in_sync"}


def test_without_versions_each_materialization_is_another_one(chain: AssetGraph) -> None:
    first, again = made(None), made(None, NOON + HOUR)
    assert first.version != again.version

    answers = found(chain, {A: again, B: made(None, a=first.version or "")})
    assert answers[B].causes == (Cause("dependency_new_materialization", A),)


def test_what_is_new_outside_is_noticed_seen_or_reported() -> None:
    graph = AssetGraph.build([AssetSpec("a"), ours("b", "a")])
    seen = DataState(observed_version_at=NOON, observed_version="7")
    reported = DataState(materialized_at=NOON + HOUR, data_version="8")

    assert found(graph, {A: seen, B: made(a="7")})[B].status == "in_sync"
    assert found(graph, {A: seen, B: made(a="6")})[B].status == "out_of_sync"
    both = seen._replace(materialized_at=NOON + HOUR, data_version="8")
    assert found(graph, {A: both, B: made(a="7")})[B].status == "out_of_sync"
    assert found(graph, {A: reported, B: made(a="8")})[B].status == "in_sync"


def test_who_read_all_partitions_is_told_which_one_changed() -> None:
    graph = AssetGraph.build([ours("a", partitions_def=DAILY), ours("b", "a")])
    before = {"2024-03-01": made("1", NOON - HOUR), "2024-03-02": made("1", NOON - HOUR)}
    after = before | {"2024-03-02": made("2", NOON + HOUR)}
    read = made("1", a=partitions_version(before, before))
    assets = {A: after["2024-03-02"], B: read}

    assert partitioned_inputs(graph, assets) == [A]
    assert partitioned_inputs(graph, {A: made("1", NOON - HOUR), B: read}) == []
    assert found(graph, assets, a=before)[B].status == "in_sync"
    assert [c.partition for c in found(graph, assets, a=after)[B].causes] == ["2024-03-02"]
    later = before | {"2024-03-03": made("1", NOON + HOUR)}
    assert [c.partition for c in found(graph, assets, a=later)[B].causes] == ["2024-03-03"]


def test_each_partition_answers_for_itself() -> None:
    graph = AssetGraph.build(
        [ours("a", partitions_def=DAILY), ours("b", "a", partitions_def=DAILY)]
    )
    facts = DataFacts(
        assets={},
        partitions={
            A: {"2024-03-01": made("2"), "2024-03-02": made("1")},
            B: {"2024-03-01": made("1", a="1"), "2024-03-02": made("1", a="1")},
        },
    )
    days = ["2024-03-01", "2024-03-02", "2024-03-03"]

    answers = partition_staleness(graph, B, days, facts, NOON)
    assert [answers[day].status for day in days] == ["out_of_sync", "in_sync", "missing"]
    assert answers[days[0]].causes[0].partition == "2024-03-01"


def test_a_cause_reads_as_the_rest_of_a_sentence() -> None:
    assert in_words(Cause("code_changed")) == "its code has a new version"
    cause = Cause("dependency_new_version", A, "2024-03-01")
    assert in_words(cause) == "a 2024-03-01 has a new version"


@st.composite
def graphs(draw: st.DrawFn) -> AssetGraph:
    size = draw(st.integers(1, 12))
    names = [f"n{number:02}" for number in range(size)]
    return AssetGraph.build(
        ours(name, *draw(st.sets(st.sampled_from(names[:number])) if number else st.just(set())))
        for number, name in enumerate(names)
    )


def all_made(graph: AssetGraph) -> dict[AssetKey, DataState]:
    return {key: made("1", **{str(dep): "1" for dep in graph.upstream(key)}) for key in graph.order}


@given(graphs())
def test_what_was_made_in_order_is_in_sync(graph: AssetGraph) -> None:
    answers = found(graph, all_made(graph))

    assert set(answers.values()) == {Staleness("in_sync")}


@given(graphs(), st.data())
def test_one_change_reaches_exactly_what_is_below_it(
    graph: AssetGraph, data: st.DataObject
) -> None:
    changed = data.draw(st.sampled_from(sorted(graph.nodes)))
    everything = all_made(graph)
    answers = found(graph, everything | {changed: everything[changed]._replace(data_version="2")})

    users = set(graph.downstream(changed))
    assert {key for key, answer in answers.items() if answer.causes} == users
    inheriting = {key for key, answer in answers.items() if answer.inherited_from}
    assert users | inheriting == graph.descendants(changed)
    for key in inheriting:
        assert set(root_causes(answers, key)) == users & (graph.ancestors(key) | {key})


@given(st.dictionaries(st.text(max_size=3), st.text(max_size=3)), st.randoms())
def test_the_order_in_which_partitions_are_named_does_not_matter(
    versions: dict[str, str], random: Any
) -> None:
    states = {name: made(version) for name, version in versions.items()}
    names = list(versions)
    random.shuffle(names)

    assert partitions_version(names, states) == partitions_version(versions, states)


def test_a_default_version_needs_every_version() -> None:
    assert default_data_version(None, {}) is None
    assert default_data_version("1", {A: None}) is None
    assert default_data_version("1", {A: "x", B: "y"}) == default_data_version(
        "1", {B: "y", A: "x"}
    )
