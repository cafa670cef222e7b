"""The graph: what is settled, what is refused, and what the refusal says."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import AssetGraph, AssetKey, AssetSpec, asset, asset_check
from bridge.errors import CycleError, DefinitionError, DuplicateKeyError


def spec(name: str, *deps: str, **settings: Any) -> AssetSpec:
    return AssetSpec(AssetKey.parse(name), deps=[AssetKey.parse(d) for d in deps], **settings)


@st.composite
def layers(draw: st.DrawFn) -> list[AssetSpec]:
    count = draw(st.integers(1, 15))
    specs = [
        spec(f"a{n}", *(f"a{d}" for d in draw(st.sets(st.integers(0, n - 1), max_size=3))))
        if n
        else spec("a0")
        for n in range(count)
    ]
    return draw(st.permutations(specs))


@given(layers())
def test_every_asset_comes_after_its_upstream(specs: list[AssetSpec]) -> None:
    graph = AssetGraph.build(specs)

    seen: set[AssetKey] = set()
    for key in graph.order:
        assert set(graph.upstream(key)) <= seen
        seen.add(key)
    assert seen == set(graph.nodes)


@given(layers())
def test_upstream_and_downstream_are_the_same_edges(specs: list[AssetSpec]) -> None:
    graph = AssetGraph.build(specs)

    up = {(dep, key) for key in graph.nodes for dep in graph.upstream(key)}
    down = {(key, user) for key in graph.nodes for user in graph.downstream(key)}
    assert up == down


def test_an_unknown_upstream_is_refused_with_what_was_meant() -> None:
    with pytest.raises(DefinitionError) as caught:
        AssetGraph.build([spec("raw_orders"), spec("orders", "raw_order")])

    text = str(caught.value)
    assert "Asset orders depends on raw_order, which no code location defines." in text
    assert "Did you mean raw_orders?" in text
    assert "AssetSpec('raw_order')" in text
    assert f"At {__file__}:" in text


def test_a_circle_is_refused_with_the_way_round_and_the_places() -> None:
    with pytest.raises(CycleError) as caught:
        AssetGraph.build([spec("a", "c"), spec("b", "a"), spec("c", "b"), spec("d", "a")])

    first, _, *places = str(caught.value).splitlines()
    way = first.removeprefix("Assets depend on each other in a circle: ").split(" -> ")
    assert way[0] == way[-1]
    depends_on = {"a": "c", "b": "a", "c": "b"}
    assert all(depends_on[one] == other for one, other in itertools.pairwise(way))
    assert len(places) == 3


def test_an_asset_of_itself_is_a_circle() -> None:
    with pytest.raises(CycleError, match="Asset a depends on itself") as caught:
        AssetGraph.build([spec("a", "a")])

    assert f"At {__file__}:" in str(caught.value)


def test_two_assets_of_one_key_are_refused_with_both_places() -> None:
    @asset
    def orders() -> None: ...

    twin = asset(name="orders")(lambda: None)

    with pytest.raises(DuplicateKeyError) as caught:
        AssetGraph.build([orders, twin])
    assert str(orders.spec.place) in str(caught.value)
    assert str(twin.spec.place) in str(caught.value)


def test_two_specs_of_one_key_are_refused() -> None:
    with pytest.raises(DuplicateKeyError, match="Two assets have the key orders"):
        AssetGraph.build([spec("orders"), spec("orders")])


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("produced_by", [[], ["airflow:d.t"]])
def test_what_stands_in_for_an_asset_of_ours_is_that_asset(
    turned: bool, produced_by: list[str]
) -> None:
    @asset
    def orders() -> None: ...

    items: list[Any] = [orders, spec("orders", produced_by=produced_by)]
    graph = AssetGraph.build(reversed(items) if turned else items)

    node = graph.nodes[AssetKey("orders")]
    assert (node.definition, node.produced_by) == (orders, tuple(produced_by))


def test_two_tasks_that_write_one_asset_are_one_asset() -> None:
    graph = AssetGraph.build(
        [
            spec("raw"),
            spec("users"),
            spec("orders", "raw", produced_by=["airflow:d.one"]),
            spec("orders", "users", produced_by=["airflow:d.two"]),
        ]
    )

    node = graph.nodes[AssetKey("orders")]
    assert node.produced_by == ("airflow:d.one", "airflow:d.two")
    assert set(node.spec.deps) == {AssetKey("raw"), AssetKey("users")}


def test_an_argument_means_the_asset_beside_it() -> None:
    @asset(key_prefix="marts")
    def report(orders: Any) -> None: ...

    graph = AssetGraph.build([spec("marts/orders"), spec("raw/orders"), report])

    node = graph.nodes[AssetKey(["marts", "report"])]
    assert node.spec.deps == (AssetKey(["marts", "orders"]),)
    assert node.definition is not None
    assert node.definition.arguments.inputs == {"orders": AssetKey(["marts", "orders"])}


def test_an_argument_means_the_only_one_of_its_group() -> None:
    @asset(group_name="core")
    def report(orders: Any) -> None: ...

    graph = AssetGraph.build(
        [spec("a/orders", group_name="core"), spec("b/orders", group_name="other"), report]
    )

    assert graph.upstream(AssetKey("report")) == (AssetKey(["a", "orders"]),)


def test_an_argument_that_two_assets_could_mean_is_refused() -> None:
    @asset(group_name="core")
    def report(orders: Any) -> None: ...

    both = [spec("a/orders", group_name="core"), spec("b/orders", group_name="core")]
    with pytest.raises(DefinitionError, match="depends on orders, which no code location defines"):
        AssetGraph.build([*both, report])


def test_an_argument_never_means_the_asset_itself() -> None:
    @asset(key_prefix="marts", group_name="core")
    def orders(orders: Any) -> None: ...

    with pytest.raises(DefinitionError, match="marts/orders depends on orders, which no code"):
        AssetGraph.build([orders])


def test_a_name_in_deps_is_never_guessed() -> None:
    @asset(key_prefix="marts", deps=["orders"])
    def report() -> None: ...

    with pytest.raises(DefinitionError, match="depends on orders"):
        AssetGraph.build([spec("marts/orders"), report])


def test_checks_are_at_their_asset_in_the_order_given() -> None:
    checks = [asset_check(asset="orders", name=name)(lambda: True) for name in ("one", "two")]

    graph = AssetGraph.build([spec("orders")], checks)

    assert [check.name for check in graph.nodes[AssetKey("orders")].checks] == ["one", "two"]


def test_a_check_of_an_unknown_asset_is_refused() -> None:
    check = asset_check(asset="order")(lambda: True)

    with pytest.raises(DefinitionError, match=r"is about order, which no code .* mean orders"):
        AssetGraph.build([spec("orders")], [check])


def test_two_checks_of_one_name_are_refused_with_both_places() -> None:
    checks = [asset_check(asset="orders", name="rows")(lambda: True) for _ in range(2)]

    with pytest.raises(DuplicateKeyError, match=r"two checks called rows: at .* and at"):
        AssetGraph.build([spec("orders")], checks)


def test_a_large_graph_is_built_without_networkx() -> None:
    specs = [spec("a0"), *(spec(f"a{n}", f"a{n - 1}") for n in range(1, 3000))]

    graph = AssetGraph.build(specs)

    assert len(graph) == 3000
    assert "network" not in vars(graph)
