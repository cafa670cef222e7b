"""Assets out of modules and packages, and changing many of them at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bridge import (
    AssetCheckSpec,
    AssetDep,
    AssetKey,
    AssetSpec,
    DailyPartitionsDefinition,
    Definitions,
    FreshnessPolicy,
    InMemoryIOManager,
    TimeWindowPartitionMapping,
    apply_freshness_policy,
    asset,
    load_asset_checks_from_modules,
    load_asset_checks_from_package_name,
    load_assets_from_modules,
    load_assets_from_package_module,
    load_assets_from_package_name,
    load_definitions_from_modules,
    load_definitions_from_package_name,
    map_asset_specs,
    materialize,
)
from bridge.definitions import load_code_location
from bridge.errors import DefinitionError

HOURLY = FreshnessPolicy.time_window(timedelta(hours=1))
RAW = """
from bridge import AssetSpec, asset

outside = AssetSpec("outside")

@asset(deps=[outside])
def raw() -> int:
    return 1
"""
MARTS = """
from bridge import asset, asset_check, define_asset_job

@asset(group_name="marts", io_manager_key="memory")
def orders(raw: int) -> int:
    return raw + 1

@asset_check(asset=orders)
def is_two(orders):
    return orders == 2

every_night = define_asset_job("every_night")
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Write a package `shop` of modules, and return its name."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(**modules: str) -> str:
        for name, text in {"__init__": "", **modules}.items():
            file = tmp_path / "shop" / f"{name.replace('__dot__', '/')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return "shop"

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


def keys(items: Any) -> list[str]:
    return [str(item.key) for item in items]


def test_all_modules_below_a_package_are_loaded(package: Callable[..., str]) -> None:
    name = package(raw=RAW, deep__dot____init__="", deep__dot__marts=MARTS)

    found = load_assets_from_package_name(name)

    assert keys(found) == ["orders", "outside", "raw"]
    assert keys(load_assets_from_package_module(sys.modules["shop"])) == keys(found)
    assert [check.name for check in load_asset_checks_from_package_name(name)] == ["is_two"]


def test_a_prefix_goes_before_keys_and_before_what_they_depend_on(
    package: Callable[..., str],
) -> None:
    name = package(raw=RAW, marts=MARTS)
    assets = load_assets_from_package_name(name, key_prefix="eu")
    checks = load_asset_checks_from_package_name(name, asset_key_prefix="eu")
    resources = {"memory": InMemoryIOManager()}

    graph = Definitions(assets, checks, resources).graph()

    assert {str(key) for key in graph.nodes} == {"eu/orders", "eu/outside", "eu/raw"}
    assert graph.upstream(AssetKey(["eu", "orders"])) == (AssetKey(["eu", "raw"]),)
    orders = graph.nodes[AssetKey(["eu", "orders"])].definition
    assert orders is not None
    assert orders.io_manager_key(orders.key) == "memory"
    assert materialize([*assets, *checks], resources=resources).success


def test_what_is_given_completes_what_assets_do_not_say(package: Callable[..., str]) -> None:
    name = package(raw=RAW, marts=MARTS)

    found = load_assets_from_package_name(name, group_name="shop", freshness_policy=HOURLY)

    specs = {str(item.key): item if isinstance(item, AssetSpec) else item.spec for item in found}
    assert {key: spec.group_name for key, spec in specs.items()} == {
        "orders": "marts",
        "outside": "shop",
        "raw": "shop",
    }
    assert {spec.freshness_policy for spec in specs.values()} == {HOURLY}
    assert specs["raw"].place.file.endswith("raw.py")


def test_everything_at_the_top_of_modules_is_definitions(package: Callable[..., str]) -> None:
    found = load_definitions_from_package_name(
        package(raw=RAW, marts=MARTS), resources={"memory": 1}
    )

    assert keys(found.assets) == ["orders", "outside", "raw"]
    assert [check.name for check in found.asset_checks] == ["is_two"]
    assert [job.name for job in found.jobs] == ["every_night"]
    assert found.resources == {"memory": 1}
    same = load_definitions_from_modules([sys.modules["shop.raw"], sys.modules["shop.raw"]])
    assert keys(same.assets) == ["outside", "raw"]


def test_a_module_loads_itself(package: Callable[..., str]) -> None:
    text = f"{RAW}\nfrom bridge import load_definitions_from_current_module as load\ndefs = load()"
    package(raw=text)

    found = load_code_location("shop.raw")

    assert keys(found.assets) == ["outside", "raw"]


def test_a_module_is_no_package() -> None:
    with pytest.raises(DefinitionError, match="plain is a module, not a package"):
        load_assets_from_package_module(ModuleType("plain"))


def test_specs_are_changed_in_their_place() -> None:
    @asset(tags={"a": "1"}, owners=["team:a"], kinds=["sql"], metadata={"x": 1})
    def raw() -> int:
        return 1

    @asset(check_specs=[AssetCheckSpec("fine", asset="orders")])
    def orders(raw: int) -> int:
        return raw

    def changed(spec: AssetSpec) -> AssetSpec:
        return spec.merge_attributes(
            tags={"b": "2"}, owners=["team:b"], kinds=["python"], metadata={"y": 2}
        ).replace_attributes(key=spec.key.with_prefix("eu"), group_name="g")

    first, second = map_asset_specs(changed, [raw, orders])

    assert not isinstance(first, AssetSpec)
    assert not isinstance(second, AssetSpec)
    spec = first.spec
    assert (spec.tags, spec.owners) == ({"a": "1", "b": "2"}, ("team:a", "team:b"))
    assert (spec.kinds, spec.metadata) == ({"sql", "python"}, {"x": 1, "y": 2})
    assert (str(spec.key), spec.group_name, spec.place) == ("eu/raw", "g", raw.place)
    assert second.spec.deps == (spec.key,)
    assert str(second.check_specs[0].asset_key) == "eu/orders"
    assert str(raw.key) == "raw"


def test_a_changed_spec_keeps_its_mappings_and_what_it_reads_of_itself() -> None:
    daily = DailyPartitionsDefinition("2024-01-01")
    before = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    spec = AssetSpec(
        "orders",
        partitions_def=daily,
        deps=[AssetDep("raw", before), AssetDep("orders", before)],
    )

    changed = spec.replace_attributes(description="new")

    assert (changed.mappings, changed.deps, changed.reads) == (
        spec.mappings,
        spec.deps,
        spec.reads,
    )
    assert changed.merge_attributes(deps=["other"]).deps == (AssetKey("raw"), AssetKey("other"))


def test_a_change_that_cannot_stand_is_refused() -> None:
    @asset
    def orders(raw: int) -> int:
        return raw

    with pytest.raises(DefinitionError, match=r"group_name 'no good'.*test_loading.py"):
        map_asset_specs(lambda spec: spec.replace_attributes(group_name="no good"), [orders])
    with pytest.raises(DefinitionError, match=r"gave None for orders.*test_loading.py"):
        map_asset_specs(lambda _spec: None, [orders])  # type: ignore[arg-type, return-value]
    with pytest.raises(DefinitionError, match=r"receives the value of raw as its argument raw"):
        map_asset_specs(lambda spec: spec.replace_attributes(deps=[]), [orders])


def test_a_freshness_policy_is_applied_to_those_that_are_selected() -> None:
    daily = FreshnessPolicy.time_window(timedelta(days=1))

    @asset(group_name="raw", freshness_policy=daily)
    def raw() -> int:
        return 1

    @asset(group_name="marts")
    def orders(raw: int) -> int:
        return raw

    defs = Definitions([raw, orders])
    marts = defs.map_asset_specs(lambda s: apply_freshness_policy(s, HOURLY), "group:marts")
    kept = defs.map_asset_specs(lambda s: apply_freshness_policy(s, HOURLY, False))

    assert [item.spec.freshness_policy for item in marts.assets] == [daily, HOURLY]  # type: ignore[union-attr]
    assert [item.spec.freshness_policy for item in kept.assets] == [daily, HOURLY]  # type: ignore[union-attr]


def test_the_module_functions_take_what_a_list_of_modules_takes(
    package: Callable[..., str],
) -> None:
    package(raw=RAW)
    import shop.raw  # noqa: PLC0415 - made by the test

    assert keys(load_assets_from_modules([shop.raw], key_prefix=["a", "b"])) == [
        "a/b/outside",
        "a/b/raw",
    ]
    assert load_asset_checks_from_modules([shop.raw]) == []
