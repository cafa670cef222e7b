"""Doing a run again: only what did not succeed, with the same target."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from bridge import (
    AssetSpec,
    Config,
    DailyPartitionsDefinition,
    Definitions,
    MaterializeResult,
    asset,
    asset_check,
    multi_asset,
)
from bridge.execution import execute_queued, retry_of
from bridge.io import InMemoryIOManager
from bridge.runs import Run, RunTarget
from bridge.store import Store

NOW = datetime(2024, 2, 1, tzinfo=timezone.utc)
DAILY = DailyPartitionsDefinition("2024-01-01")
RAN: list[str] = []
BROKEN: set[str] = set()


@pytest.fixture(autouse=True)
def fresh() -> None:
    RAN.clear()
    BROKEN.clear()


def ran(name: str) -> None:
    RAN.append(name)
    if name in BROKEN:
        raise ValueError(f"{name} is broken")


@asset
def first() -> None:
    ran("first")


@asset(deps=[first])
def second() -> None:
    ran("second")


@asset(deps=[second])
def third() -> None:
    ran("third")


@asset(partitions_def=DAILY)
def daily(context) -> None:
    ran(context.partition_key)


def several(can_subset: bool):
    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y")], can_subset=can_subset)
    def both(context):
        for key in sorted(context.selected_asset_keys):
            ran(str(key))
            yield MaterializeResult(asset_key=key)

    return both


class Wanted(Config):
    number: int


@asset
def configured(config: Wanted) -> None:
    ran(f"configured {config.number}")


def begun(store: Store, definitions: Definitions, **target: object) -> Run:
    run = Run(id="r1", status="queued", created_at=NOW, target=RunTarget(**target))  # type: ignore[arg-type]
    store.enqueue([run])
    execute_queued("r1", definitions, store)
    RAN.clear()
    BROKEN.clear()
    found = store.run("r1")
    assert found is not None
    return found


def again(store: Store, definitions: Definitions, run: Run, run_id: str = "r2") -> Run:
    store.enqueue([retry_of(run, run_id, NOW)])
    execute_queued(run_id, definitions, store)
    found = store.run(run_id)
    assert found is not None
    return found


def here(*assets, checks=()) -> Definitions:
    return Definitions(assets, checks, resources={"io_manager": InMemoryIOManager()})


def test_only_what_did_not_succeed_is_done_again(store: Store) -> None:
    BROKEN.add("second")
    definitions = here(first, second, third)
    run = begun(store, definitions, assets=(first.key, second.key, third.key))
    assert run.status == "failed"

    after = again(store, definitions, run)

    assert RAN == ["second", "third"]
    assert (after.status, after.retry_of, after.target) == ("succeeded", "r1", run.target)


def test_only_partitions_that_failed_are_done_again(store: Store) -> None:
    BROKEN.update(["2024-01-02", "2024-01-04"])
    definitions = here(daily)
    run = begun(store, definitions, assets=(daily.key,), partition="2024-01-01...2024-01-05")

    again(store, definitions, run)

    assert RAN == ["2024-01-02", "2024-01-04"]


def test_a_retry_can_be_retried(store: Store) -> None:
    definitions = here(first, second, third)
    BROKEN.add("second")
    run = begun(store, definitions, assets=(first.key, second.key, third.key))
    BROKEN.add("third")
    middle = again(store, definitions, run)
    assert (middle.status, RAN) == ("failed", ["second", "third"])
    RAN.clear()
    BROKEN.clear()

    last = again(store, definitions, middle, "r3")

    assert (last.status, RAN) == ("succeeded", ["third"])


@pytest.mark.parametrize(("can_subset", "expected"), [(True, ["y"]), (False, ["x", "y"])])
def test_a_function_of_several_computes_what_is_left_or_all(
    store: Store, can_subset: bool, expected: list[str]
) -> None:
    both = several(can_subset)
    definitions = here(both)
    BROKEN.add("y")
    run = begun(store, definitions, assets=both.keys)

    again(store, definitions, run)

    assert expected == RAN


def test_an_asset_whose_check_blocked_is_done_again(store: Store) -> None:
    @asset_check(asset=first)
    def is_good() -> bool:
        return "first" in BROKEN

    definitions = here(first, second, checks=[is_good])
    run = begun(store, definitions, assets=(first.key, second.key))
    assert run.status == "failed"
    BROKEN.add("nothing")

    again(store, definitions, run)

    assert RAN == ["first"]


def test_the_configuration_is_the_same(store: Store) -> None:
    definitions = here(configured)
    BROKEN.add("configured 7")
    config = {"configured": {"number": 7}}
    run = begun(store, definitions, assets=(configured.key,), run_config=config)

    again(store, definitions, run)

    assert RAN == ["configured 7"]


def test_what_was_left_out_and_its_downstream_is_not_done_again(store: Store) -> None:
    @asset(output_required=False)
    def perhaps():
        ran("perhaps")
        yield from ()

    @asset(deps=[perhaps])
    def below() -> None:
        ran("below")

    definitions = here(perhaps, below, first)
    BROKEN.add("first")
    run = begun(store, definitions, assets=(perhaps.key, below.key, first.key))

    again(store, definitions, run)

    assert RAN == ["first"]


def test_nothing_left_is_a_run_that_succeeds(store: Store) -> None:
    definitions = here(first)
    run = begun(store, definitions, assets=(first.key,))

    after = again(store, definitions, run)

    assert (after.status, RAN) == ("succeeded", [])
