"""`@op`, and the computation behind an asset."""

from __future__ import annotations

import pytest

from bridge import (
    AssetIn,
    AssetKey,
    AssetsDefinition,
    Config,
    ConfigurableResource,
    RetryPolicy,
    asset,
    materialize,
    multi_asset,
    op,
)
from bridge.errors import DefinitionError
from bridge.multi import AssetOut


class Warehouse(ConfigurableResource):
    url: str = "x"


class Settings(Config):
    limit: int = 1


def test_an_op_is_called_like_its_function() -> None:
    @op
    def add(one: int, other: int) -> int:
        """Add two numbers."""
        return one + other

    assert add(1, other=2) == 3
    assert (add.name, add.ins, add.outs) == ("add", ("one", "other"), ("result",))
    assert add.description == "Add two numbers."
    assert add.place.file == __file__


def test_several_assets_are_made_of_one_op() -> None:
    seen: list[int] = []
    policy = RetryPolicy(max_retries=1)

    @op(name="double", retry_policy=policy, required_resource_keys=["db"])
    def doubled(context, value: int) -> int:
        seen.append(value)
        assert context.resources.db == "here"
        return value * 2

    @asset
    def one() -> int:
        return 1

    two = AssetsDefinition.from_op(doubled, key="two", ins={"value": AssetIn("one")})
    four = AssetsDefinition.from_op(doubled, key_prefix="marts", ins={"value": AssetIn("two")})

    materialize([one, two, four], resources={"db": "here"})

    assert seen == [1, 2]
    assert four.key == AssetKey(["marts", "double"])
    assert four.retry_policy is policy


def test_an_asset_shows_the_computation_behind_it() -> None:
    policy = RetryPolicy(max_retries=2)

    @asset(key_prefix="marts", retry_policy=policy, required_resource_keys=["client"])
    def orders(context, raw: int, db: Warehouse, config: Settings) -> int:
        """All orders."""
        return raw

    found = orders.op

    assert (found.name, found.ins, found.outs) == ("marts__orders", ("raw",), ("result",))
    assert found.required_resource_keys == {"client", "db"}
    assert found.config_schema is Settings
    assert found.description == "All orders."
    assert found.retry_policy is policy
    assert found.function is orders.function


def test_a_function_of_several_assets_has_one_op_with_an_output_each() -> None:
    @multi_asset(outs={"left": AssetOut(), "right": AssetOut()})
    def both():
        return 1, 2

    assert both.op.outs == ("left", "right")


def test_a_name_that_no_task_could_have_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"An op is called 'a b'.*test_ops.py"):
        op(name="a b")(lambda: None)
