"""Resources and configuration: how a function says that it takes them."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import (
    AssetKey,
    Config,
    ConfigurableResource,
    Definitions,
    ResourceParam,
    asset,
    asset_check,
    materialize,
)
from bridge.errors import ConfigError, DefinitionError


class Warehouse(ConfigurableResource):
    url: str


class Settings(Config):
    limit: int = 10


def test_an_argument_annotated_as_a_resource_receives_it() -> None:
    seen: list[Any] = []

    @asset
    def orders(db: Warehouse, client: ResourceParam[dict[str, int]]) -> None:
        seen.append((db.url, client))

    materialize([orders], resources={"db": Warehouse(url="x"), "client": {"a": 1}})

    assert seen == [("x", {"a": 1})]


def test_an_argument_called_like_a_resource_receives_it() -> None:
    seen: list[Any] = []

    @asset
    def orders(client: object) -> None:
        seen.append(client)

    materialize([orders], resources={"client": "plain"})

    assert seen == ["plain"]


def test_an_asset_of_that_name_comes_before_a_resource() -> None:
    seen: list[Any] = []

    @asset
    def client() -> str:
        return "asset"

    @asset
    def orders(client: str) -> None:
        seen.append(client)

    materialize([client, orders], resources={"client": "resource"})

    assert seen == ["asset"]


def test_a_class_local_to_a_function_is_recognised() -> None:
    class Local(ConfigurableResource):
        name: str = "here"

    seen: list[str] = []

    @asset
    def orders(db: Local) -> None:
        seen.append(db.name)

    materialize([orders], resources={"db": Local()})

    assert seen == ["here"]


def test_a_check_receives_resources_too() -> None:
    @asset
    def orders() -> None: ...

    @asset_check(asset=orders)
    def right(db: Warehouse, plain: object) -> bool:
        return db.url == "x" and plain == 1

    assert materialize([orders, right], resources={"db": Warehouse(url="x"), "plain": 1}).success


def test_the_context_has_the_required_resources() -> None:
    @asset(required_resource_keys={"db"})
    def orders(context: Any) -> None:
        assert context.resources.db == 1

    assert materialize([orders], resources={"db": 1}).success


@pytest.mark.parametrize("resources", [{}, {"other": 1}])
def test_a_resource_that_nobody_provides_is_refused_with_its_place(
    resources: dict[str, Any],
) -> None:
    @asset
    def orders(db: Warehouse) -> None: ...

    with pytest.raises(DefinitionError, match=r"orders needs the resource 'db'.*test_resources.py"):
        Definitions([orders], resources=resources).graph()


def test_an_io_manager_that_nobody_provides_is_refused() -> None:
    @asset(io_manager_key="warehouse")
    def orders() -> None: ...

    with pytest.raises(DefinitionError, match="stored by the IO manager 'warehouse'"):
        Definitions([orders]).graph()


def test_a_resource_needs_a_name_that_an_argument_can_have() -> None:
    with pytest.raises(DefinitionError, match=r"'my db'.*test_resources.py"):
        Definitions(resources={"my db": 1})


@pytest.mark.parametrize(
    ("run_config", "limit"),
    [(None, 10), ({"orders": {"limit": 3}}, 3), ({"orders": Settings(limit=4)}, 4)],
)
def test_a_function_receives_the_configuration_of_the_run(run_config: Any, limit: int) -> None:
    seen: list[int] = []

    @asset
    def orders(config: Settings) -> None:
        seen.append(config.limit)

    materialize([orders], run_config=run_config)

    assert seen == [limit]


@pytest.mark.parametrize("wrong", [{"limit": "many"}, {"limits": 1}])
def test_wrong_configuration_is_refused_before_anything_runs(wrong: dict[str, Any]) -> None:
    ran: list[int] = []

    @asset
    def first() -> None:
        ran.append(1)

    @asset(deps=[first])
    def orders(config: Settings) -> None: ...

    with pytest.raises(ConfigError, match=r"orders does not fit Settings: limits?:"):
        materialize([first, orders], run_config={"orders": wrong})

    assert ran == []


def test_an_upstream_called_config_is_one_where_it_is_not_annotated_as_a_model() -> None:
    @asset
    def orders(settings: int) -> None: ...

    assert orders.spec.deps == (AssetKey("settings"),)
