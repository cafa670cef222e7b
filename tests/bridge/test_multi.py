"""Functions of several assets: what they declare, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import (
    AssetCheckSpec,
    AssetGraph,
    AssetIn,
    AssetKey,
    AssetOut,
    AssetSpec,
    asset,
    multi_asset,
)
from bridge.errors import CycleError, DefinitionError


def deps_of(graph: AssetGraph) -> dict[str, list[str]]:
    return {str(node.key): sorted(map(str, node.spec.deps)) for node in graph}


@asset
def raw() -> int:
    return 1


def test_each_output_depends_on_all_upstream() -> None:
    @multi_asset(outs={"x": AssetOut(), "y": AssetOut(key_prefix="marts")}, deps=["other"])
    def both(raw: int) -> tuple[int, int]:
        return raw, raw

    graph = AssetGraph.build([raw, both, AssetSpec("other")])

    assert deps_of(graph) == {
        "raw": [],
        "x": ["other", "raw"],
        "marts/y": ["other", "raw"],
        "other": [],
    }


def test_internal_deps_say_what_an_output_depends_on() -> None:
    @multi_asset(
        outs={"x": AssetOut(), "y": AssetOut()}, internal_asset_deps={"y": [AssetKey("x")]}
    )
    def both(raw: int) -> tuple[int, int]:
        return raw, raw

    assert deps_of(AssetGraph.build([raw, both])) == {"raw": [], "x": ["raw"], "y": ["x"]}


def test_specs_carry_their_own_deps() -> None:
    @multi_asset(specs=[AssetSpec("x", deps=["raw"]), AssetSpec("y", deps=["x"])])
    def both() -> None: ...

    assert deps_of(AssetGraph.build([raw, both])) == {"raw": [], "x": ["raw"], "y": ["x"]}


def test_an_argument_that_no_spec_names_is_upstream_of_all() -> None:
    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y")], ins={"value": AssetIn(key="raw")})
    def both(value: int) -> None: ...

    assert deps_of(AssetGraph.build([raw, both])) == {"raw": [], "x": ["raw"], "y": ["raw"]}


def test_an_argument_is_found_beside_any_of_the_assets() -> None:
    @asset(key_prefix="marts")
    def orders() -> int:
        return 1

    @multi_asset(outs={"x": AssetOut(key_prefix="marts"), "y": AssetOut(key_prefix="marts")})
    def both(orders: int) -> tuple[int, int]:
        return orders, orders

    graph = AssetGraph.build([orders, both])

    assert deps_of(graph)["marts/y"] == ["marts/orders"]
    assert graph.nodes[AssetKey(["marts", "x"])].definition is not None
    definitions = {id(graph.nodes[AssetKey(["marts", name])].definition) for name in "xy"}
    assert len(definitions) == 1


def test_several_assets_have_no_one_key() -> None:
    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y")])
    def both() -> None: ...

    with pytest.raises(DefinitionError, match="both computes x, y; name the one"):
        _ = both.key


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"outs": {}, "specs": []},
        {"outs": {"x": AssetOut()}, "specs": [AssetSpec("x")]},
        {"specs": [AssetSpec("x")], "deps": ["raw"]},
        {"specs": [AssetSpec("x"), AssetSpec("x")]},
        {"outs": {"x": AssetOut()}, "internal_asset_deps": {"z": ["x"]}},
        {"outs": {"x": AssetOut()}, "internal_asset_deps": {"x": ["unknown"]}},
        {"specs": [AssetSpec("x")], "check_specs": [AssetCheckSpec("c", "z")]},
        {"specs": [AssetSpec("x")], "check_specs": [AssetCheckSpec("c", "x")] * 2},
        {"specs": [AssetSpec("not a name")]},
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_place(settings: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match=r"test_multi\.py:"):

        @multi_asset(**settings)
        def both() -> None: ...


def test_a_function_that_would_have_to_wait_for_itself_is_refused() -> None:
    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y", deps=["between"])])
    def both() -> None: ...

    @asset(deps=["x"])
    def between() -> None: ...

    with pytest.raises(CycleError, match=r"both\(\) -> between -> both\(\)|between -> both\(\)"):
        AssetGraph.build([both, between])
