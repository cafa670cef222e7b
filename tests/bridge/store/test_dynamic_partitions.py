"""Dynamic partitions in the store: kept in order, added once, and known to a graph."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone

import pytest

from bridge import (
    AssetKey,
    AssetOut,
    DailyPartitionsDefinition,
    DynamicPartitionsDefinition,
    MultiPartitionsDefinition,
    asset,
    multi_asset,
)
from bridge.errors import PartitionError
from bridge.graph import AssetGraph
from bridge.store import Store, open_store
from bridge.store.known import with_known_partitions

ADD = """
import sys
from bridge.store import open_store

url, reverse = sys.argv[1], sys.argv[2] == "reverse"
store = open_store(url)
print("ready", flush=True)
sys.stdin.readline()
new = 0
for start in range(0, 400, 20):
    keys = [f"{start + n:03}" for n in range(20)]
    new += store.add_dynamic_partitions("files", keys[::-1] if reverse else keys)
print(new)
store.close()
"""


def test_a_name_nobody_added_to_has_no_partitions(store: Store) -> None:
    assert store.dynamic_partitions("files") == []


def test_partitions_stay_in_the_order_of_adding(store: Store) -> None:
    store.add_dynamic_partitions("files", ["b", "a"])
    store.add_dynamic_partitions("files", ["c"])

    assert store.dynamic_partitions("files") == ["b", "a", "c"]


def test_adding_twice_adds_once(store: Store) -> None:
    assert store.add_dynamic_partitions("files", ["b", "a", "b"]) == 2

    assert store.add_dynamic_partitions("files", ["a", "c", "b"]) == 1
    assert store.dynamic_partitions("files") == ["b", "a", "c"]


def test_adding_none_changes_nothing(store: Store) -> None:
    assert store.add_dynamic_partitions("files", []) == 0


def test_names_do_not_see_each_other(store: Store) -> None:
    store.add_dynamic_partitions("files", ["a"])
    store.add_dynamic_partitions("customers", ["a", "b"])

    store.delete_dynamic_partition("customers", "a")

    assert store.dynamic_partitions("files") == ["a"]
    assert store.dynamic_partitions("customers") == ["b"]


def test_what_was_deleted_comes_back_at_the_end(store: Store) -> None:
    store.add_dynamic_partitions("files", ["a", "b"])

    assert store.delete_dynamic_partition("files", "a")
    assert not store.delete_dynamic_partition("files", "a")
    assert store.add_dynamic_partitions("files", ["a"]) == 1
    assert store.dynamic_partitions("files") == ["b", "a"]


def test_thousands_are_added_at_once(store: Store) -> None:
    keys = [f"{n:05}" for n in range(3_000)]
    store.add_dynamic_partitions("files", keys[:2_000])

    assert store.add_dynamic_partitions("files", keys) == 1_000
    assert store.dynamic_partitions("files") == keys


@pytest.mark.parametrize("wrong", ["", "a...b", "a\nb"])
def test_a_key_that_cannot_be_written_down_adds_none(store: Store, wrong: str) -> None:
    with pytest.raises(PartitionError):
        store.add_dynamic_partitions("files", ["fine", wrong])

    assert store.dynamic_partitions("files") == []


def test_a_text_instead_of_a_list_is_refused(store: Store) -> None:
    with pytest.raises(PartitionError, match=r"\['abc'\]"):
        store.add_dynamic_partitions("files", "abc")


def test_two_processes_that_add_the_same_lose_and_double_nothing(shared_store_url: str) -> None:
    store = open_store(shared_store_url)
    pipe = subprocess.PIPE
    adders = [
        subprocess.Popen(
            [sys.executable, "-c", ADD, shared_store_url, order],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        for order in ("forward", "reverse")
    ]
    for adder in adders:
        assert adder.stdout is not None
        assert adder.stdout.readline() == "ready\n"
    for adder in adders:
        assert adder.stdin is not None
        adder.stdin.write("go\n")
        adder.stdin.flush()

    printed = [adder.communicate(timeout=60) for adder in adders]

    assert [adder.returncode for adder in adders] == [0, 0], printed
    assert sum(int(out) for out, _ in printed) == 400
    assert sorted(store.dynamic_partitions("files")) == [f"{n:03}" for n in range(400)]
    store.close()


FILES = DynamicPartitionsDefinition("files")


@asset(partitions_def=FILES)
def lines() -> None: ...


@asset(
    partitions_def=MultiPartitionsDefinition(
        {"file": FILES, "day": DailyPartitionsDefinition("2026-01-01", end_date="2026-01-03")}
    )
)
def lines_by_day() -> None: ...


@multi_asset(outs={"words": AssetOut(), "letters": AssetOut()}, partitions_def=FILES)
def both() -> None: ...


@asset
def beside() -> None: ...


def keys(graph: AssetGraph, name: str) -> list[str]:
    definition = graph.nodes[AssetKey(name)].spec.partitions_def
    assert definition is not None
    return definition.keys(datetime(2026, 2, 1, tzinfo=timezone.utc))


def test_a_graph_knows_the_partitions_of_the_store(store: Store) -> None:
    graph = AssetGraph.build([lines, lines_by_day, both, beside])
    store.add_dynamic_partitions("files", ["b", "a"])

    known = with_known_partitions(graph, store)

    assert keys(known, "lines") == keys(known, "words") == ["b", "a"]
    assert keys(known, "lines_by_day") == [
        "2026-01-01|b",
        "2026-01-01|a",
        "2026-01-02|b",
        "2026-01-02|a",
    ]
    assert keys(graph, "lines") == []


def test_a_function_of_several_assets_stays_one(store: Store) -> None:
    known = with_known_partitions(AssetGraph.build([both]), store)

    words, letters = known.nodes.values()
    assert words.definition is letters.definition is not None
    assert words.spec == words.definition.specs[0]


def test_a_graph_without_dynamic_partitions_is_itself(store: Store) -> None:
    graph = AssetGraph.build([beside])

    assert with_known_partitions(graph, store) is graph


def test_the_order_of_a_graph_is_kept(store: Store) -> None:
    graph = AssetGraph.build([lines, beside])

    assert with_known_partitions(graph, store).order == graph.order


def test_a_graph_is_made_anew_only_when_partitions_have_changed(store: Store) -> None:
    graph = AssetGraph.build([lines, beside])
    store.add_dynamic_partitions("files", ["a", "b"])
    known = with_known_partitions(graph, store)

    store.add_dynamic_partitions("files", ["a"])
    store.add_dynamic_partitions("others", ["z"])
    store.delete_dynamic_partition("files", "z")
    assert with_known_partitions(graph, store) is known
    assert with_known_partitions(known, store) is known

    store.delete_dynamic_partition("files", "b")
    store.add_dynamic_partitions("files", ["c"])
    assert keys(with_known_partitions(known, store), "lines") == ["a", "c"]
    assert keys(with_known_partitions(graph, store), "lines") == ["a", "c"]


def test_two_stores_are_not_mistaken_for_each_other(store: Store) -> None:
    graph = AssetGraph.build([lines])
    other = open_store("sqlite://")
    store.add_dynamic_partitions("files", ["a"])
    other.add_dynamic_partitions("files", ["b"])

    assert keys(with_known_partitions(graph, store), "lines") == ["a"]
    assert keys(with_known_partitions(graph, other), "lines") == ["b"]
    other.close()
