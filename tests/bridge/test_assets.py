"""Assets as users write them."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import (
    AssetCheckSpec,
    AssetDep,
    AssetGraph,
    AssetIn,
    AssetKey,
    AssetSpec,
    DailyPartitionsDefinition,
    asset,
    observable_source_asset,
)
from bridge.errors import DefinitionError, DuplicateKeyError


@asset
def raw_orders() -> list[int]:
    """Orders as they come."""
    return [1]


def test_an_asset_is_named_after_its_function_and_takes_its_text() -> None:
    assert raw_orders.key == AssetKey("raw_orders")
    assert raw_orders.spec.description == "Orders as they come."


def test_an_asset_can_be_called_like_its_function() -> None:
    assert raw_orders() == [1]


def test_an_asset_knows_where_it_is_defined() -> None:
    assert raw_orders.spec.place.file == __file__


def test_a_spec_knows_where_it_is_written() -> None:
    assert AssetSpec("outside").place.file == __file__


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"name": "orders"}, ["orders"]),
        ({"key_prefix": "marts"}, ["marts", "f"]),
        ({"key_prefix": ["lake", "marts"], "name": "orders"}, ["lake", "marts", "orders"]),
        ({"key": ["a", "b"]}, ["a", "b"]),
    ],
)
def test_a_key_is_given_or_put_together(settings: dict[str, Any], key: list[str]) -> None:
    def f() -> None: ...

    assert asset(**settings)(f).key == AssetKey(key)


def test_a_key_is_not_given_in_two_ways() -> None:
    with pytest.raises(DefinitionError, match="not both"):
        asset(key="a", name="b")


def test_naming_an_upstream_both_ways_is_naming_it_once() -> None:
    @asset(deps=[raw_orders])
    def orders(raw_orders: list[int]) -> None: ...

    assert orders.spec.deps == (AssetKey("raw_orders"),)


def test_deps_come_before_arguments() -> None:
    @asset(deps=["users"])
    def orders(raw_orders: list[int]) -> None: ...

    assert orders.spec.deps == (AssetKey("users"), AssetKey("raw_orders"))


def test_a_compute_kind_is_a_kind() -> None:
    @asset(compute_kind="sql", kinds=["duckdb"])
    def orders() -> None: ...

    assert orders.spec.kinds == {"sql", "duckdb"}


def test_everything_said_of_an_asset_is_kept() -> None:
    daily = DailyPartitionsDefinition("2024-01-01")

    @asset(
        group_name="marts/core",
        description="d",
        owners=["ana@example.com", "team:core"],
        tags={"tier": "1", "acme.org/pii": ""},
        metadata={"rows": 1},
        code_version="3",
        partitions_def=daily,
        uri="s3://lake/orders",
    )
    def orders() -> None: ...

    spec = orders.spec
    assert (spec.group_name, spec.description, spec.code_version) == ("marts/core", "d", "3")
    assert (spec.owners, spec.partitions_def) == (("ana@example.com", "team:core"), daily)
    assert (spec.tags, spec.metadata) == ({"tier": "1", "acme.org/pii": ""}, {"rows": 1})
    assert spec.uri == "s3://lake/orders"


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"group_name": "has space"}, "group_name 'has space'"),
        ({"group_name": "/marts"}, "group_name '/marts'"),
        ({"owners": ["ana"]}, "owner 'ana'"),
        ({"tags": {"a b": "1"}}, "tag 'a b'"),
        ({"tags": {"a": "x" * 64}}, "tag a"),
        ({"tags": {"a": 1}}, "tag a 1"),
    ],
)
def test_a_value_the_catalog_cannot_carry_is_refused_with_its_place(
    settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(DefinitionError, match=f"Asset orders has {field}.*At .*test_assets.py:"):
        AssetSpec("orders", **settings)


def test_an_unknown_setting_is_an_error() -> None:
    with pytest.raises(TypeError, match="grop_name"):

        @asset(grop_name="x")  # type: ignore[call-overload, misc, untyped-decorator, unused-ignore]
        def orders() -> None: ...


@pytest.mark.parametrize("name", ["a b", "größe", "a*b", "a/b", "", "class", "context"])
def test_a_name_that_no_task_or_argument_can_have_is_refused(name: str) -> None:
    with pytest.raises(DefinitionError, match=r"use .* At .*test_assets\.py:"):

        @asset(key=[name])
        def function() -> None: ...


@pytest.mark.parametrize("name", ["a.b", "a-b", "A", "1a", "x" * 300])
def test_a_name_of_letters_digits_dots_and_dashes_is_good(name: str) -> None:
    @asset(key=[name])
    def function() -> None: ...

    assert function.key == AssetKey(name)


def test_what_something_outside_writes_may_have_any_name() -> None:
    assert AssetSpec("s3://lake/größe").key.path == ("s3://lake/größe",)


def test_an_argument_receives_the_asset_that_ins_names() -> None:
    @asset(ins={"rows": AssetIn(key="orders", key_prefix="raw"), "users": AssetIn(key_prefix="a")})
    def report(rows: int, users: int) -> None: ...

    assert report.spec.deps == (AssetKey(["raw", "orders"]), AssetKey(["a", "users"]))


def test_an_input_that_is_no_argument_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"ins= names rows, .*test_assets\.py:"):

        @asset(ins={"rows": AssetIn()})
        def report() -> None: ...


def test_a_dependency_may_be_written_out() -> None:
    @asset(deps=[AssetDep("orders"), AssetDep(raw_orders)])
    def report() -> None: ...

    assert report.spec.deps == (AssetKey("orders"), AssetKey("raw_orders"))


def test_a_function_answers_checks_of_its_own_assets_only() -> None:
    with pytest.raises(DefinitionError, match="make it an @asset_check"):

        @asset(check_specs=[AssetCheckSpec("rows", "other")])
        def orders() -> None: ...


def test_a_function_answers_a_check_once() -> None:
    with pytest.raises(DuplicateKeyError, match="two checks called rows"):

        @asset(check_specs=[AssetCheckSpec("rows", "orders")] * 2)
        def orders() -> None: ...


def test_an_observed_asset_is_not_ours_to_compute() -> None:
    @observable_source_asset(group_name="lake")
    def outside() -> str:
        return "v1"

    node = AssetGraph.build([outside]).nodes[AssetKey("outside")]

    assert (node.is_executable, node.observer, node.spec.group_name) == (False, outside, "lake")


@pytest.mark.parametrize("key", [[], [""], ["", ""]])
def test_a_key_that_names_nothing_is_no_assets(key: list[str]) -> None:
    with pytest.raises(DefinitionError, match=r"names nothing.*test_assets\.py:\d+"):
        AssetSpec(key)
