"""Code locations: loading them, and what is said of one that does not load."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge import AssetKey, Definitions, InMemoryIOManager, asset
from bridge.definitions import load_code_location, load_code_locations
from bridge.errors import DefinitionError, LoadError

ORDERS = """
from bridge import Definitions, asset, asset_check

@asset
def orders(): ...

@asset_check(asset=orders)
def rows(): return True
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Write a module and return its name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)

    def write(text: str, name: str = "shop_definitions") -> str:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return name

    yield write
    for name in set(sys.modules) - known:
        if name.startswith(("shop_", "bridge_")):
            del sys.modules[name]


def test_the_assets_of_a_module_are_its_definitions(module: Callable[..., str]) -> None:
    found = load_code_location(module(ORDERS))

    assert [item.key for item in found.assets] == [AssetKey("orders")]
    assert [check.name for check in found.asset_checks] == ["rows"]


def test_a_definitions_object_comes_before_the_assets_around_it(
    module: Callable[..., str],
) -> None:
    found = load_code_location(module(ORDERS + "defs = also = Definitions(assets=[orders])"))

    assert found.asset_checks == ()


def test_a_file_is_loaded_by_its_path(tmp_path: Path, module: Callable[..., str]) -> None:
    module(ORDERS, "shop_by_path")

    found = load_code_location(str(tmp_path / "shop_by_path.py"))

    assert [item.key for item in found.assets] == [AssetKey("orders")]


def test_two_definitions_objects_are_refused(module: Callable[..., str]) -> None:
    name = module(ORDERS + "one = Definitions([orders])\ntwo = Definitions([orders])")

    with pytest.raises(DefinitionError, match="has 2 Definitions objects"):
        load_code_location(name)


def test_a_module_that_declares_nothing_is_refused_with_its_file(
    module: Callable[..., str],
) -> None:
    with pytest.raises(DefinitionError, match=r"declares no assets.*shop_definitions\.py"):
        load_code_location(module("x = 1"))


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(LoadError, match="There is no module 'no_such_shop' on the path"):
        load_code_location("no_such_shop.definitions")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="is not there"):
        load_code_location(str(tmp_path / "missing.py"))


@pytest.mark.parametrize("name", ["shop_broken", "bridge_broken"])
def test_a_module_that_raises_shows_the_users_frames_only(
    module: Callable[..., str], name: str
) -> None:
    text = "def price():\n    return 1 / 0\n\nprice()\n"

    with pytest.raises(LoadError) as caught:
        load_code_location(module(text, name))

    lines = str(caught.value).splitlines()
    assert lines[0] == f"The code location {name} does not import. "
    assert lines[1] == "Traceback (most recent call last):"
    assert f"{name}.py" in lines[2]
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert "importlib" not in str(caught.value)


def test_a_syntax_error_shows_its_line(module: Callable[..., str]) -> None:
    with pytest.raises(LoadError, match=r"shop_definitions\.py\", line 1(.|\n)*SyntaxError"):
        load_code_location(module("def orders(:\n"))


def test_a_missing_import_inside_a_module_is_not_the_module(module: Callable[..., str]) -> None:
    with pytest.raises(LoadError) as caught:
        load_code_location(module("import no_such_library"))

    assert "There is no module" not in str(caught.value)
    assert "No module named 'no_such_library'" in str(caught.value)


def test_several_locations_are_one(module: Callable[..., str]) -> None:
    names = [
        module(ORDERS.replace("orders", "users"), "shop_users"),
        module(ORDERS, "shop_orders"),
    ]

    found = load_code_locations(names)

    assert set(found.graph().nodes) == {AssetKey("users"), AssetKey("orders")}


def test_one_resource_name_for_two_objects_is_refused() -> None:
    parts = [Definitions(resources={"io_manager": InMemoryIOManager()}) for _ in range(2)]

    with pytest.raises(DefinitionError, match="Two code locations define the resource"):
        Definitions.merge(*parts)


def test_what_is_no_asset_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"7.* is no asset"):
        Definitions(assets=[7])  # type: ignore[list-item]


def test_what_is_no_check_is_refused() -> None:
    @asset
    def orders() -> None: ...

    with pytest.raises(DefinitionError, match="is no check"):
        Definitions(asset_checks=[orders])  # type: ignore[list-item]
