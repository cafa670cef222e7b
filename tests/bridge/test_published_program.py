"""A program from a published introduction runs here, unchanged but for its import line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from bridge import (
    AssetKey,
    asset,
    load_asset_checks_from_modules,
    load_assets_from_modules,
    materialize,
)
from bridge.definitions import load_code_location
from bridge.execution import RunResult
from bridge.store import Store, open_store

PROGRAM = """
from bridge import asset, asset_check, AssetCheckResult, DailyPartitionsDefinition
import pandas as pd

@asset(compute_kind="python", group_name="raw")
def raw_orders(context) -> pd.DataFrame:
    df = extract_from_api()
    context.add_output_metadata({"num_rows": len(df)})
    return df

@asset(compute_kind="sql", group_name="marts", deps=[raw_orders])
def fct_orders(raw_orders: pd.DataFrame) -> pd.DataFrame:
    return raw_orders[raw_orders["status"] == "completed"].copy()

@asset_check(asset=fct_orders)
def fct_orders_row_count(fct_orders: pd.DataFrame) -> AssetCheckResult:
    row_count = len(fct_orders)
    return AssetCheckResult(passed=row_count > 0, metadata={"row_count": row_count})

@asset(partitions_def=DailyPartitionsDefinition(start_date="2024-01-01"))
def daily_sales_summary(context):
    partition_date = context.partition_key
"""
ORDERS = pd.DataFrame({"id": [1, 2, 3], "status": ["completed", "open", "completed"]})
RAW, FCT, DAILY = AssetKey("raw_orders"), AssetKey("fct_orders"), AssetKey("daily_sales_summary")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[ModuleType]:
    """The program as a module, with what it takes for granted: `extract_from_api`."""
    file = tmp_path / "introduction.py"
    file.write_text(PROGRAM, encoding="utf-8")
    load_code_location(str(file))
    module = sys.modules["introduction"]
    vars(module)["extract_from_api"] = lambda: ORDERS
    yield module
    del sys.modules["introduction"]


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def run(program: ModuleType, store: Store, *more: Any) -> RunResult:
    assets = load_assets_from_modules([program])
    checks = load_asset_checks_from_modules([program])
    return materialize(
        [*assets, *checks, *more], partition_key="2024-01-15", store=store, raise_on_error=False
    )


def test_it_materializes_everything(program: ModuleType, store: Store) -> None:
    result = run(program, store)

    assert result.success
    assert set(result.materialized()) == {RAW, FCT, DAILY}


def test_rows_types_and_the_users_metadata_are_recorded(program: ModuleType, store: Store) -> None:
    run(program, store)

    states = store.asset_states()
    assert states[RAW].metadata["num_rows"] == 3
    assert (states[RAW].row_count, states[FCT].row_count) == (3, 2)
    assert states[FCT].output_type == "pandas.DataFrame"
    assert states[FCT].duration_s is not None


def test_the_check_is_answered_with_its_metadata(program: ModuleType, store: Store) -> None:
    run(program, store)

    (recorded,) = store.events(FCT, kinds=["check"])
    assert recorded.event.check is not None
    assert recorded.event.check.passed
    assert recorded.event.metadata == {"row_count": 2}


def test_the_daily_asset_has_the_partition_that_was_asked_for(
    program: ModuleType, store: Store
) -> None:
    run(program, store)

    assert list(store.partition_states(DAILY)) == ["2024-01-15"]


def test_a_failed_check_stops_what_is_downstream(program: ModuleType, store: Store) -> None:
    vars(program)["extract_from_api"] = lambda: ORDERS.assign(status="open")

    @asset(deps=[FCT])
    def dashboard() -> None: ...

    result = run(program, store, dashboard)

    assert not result.success
    assert {str(step.key) for step in result.steps if step.status == "skipped"} == {"dashboard"}


def test_a_result_of_another_type_than_annotated_is_refused(
    program: ModuleType, store: Store
) -> None:
    vars(program)["extract_from_api"] = lambda: [1, 2, 3]

    result = run(program, store)

    first = next(step for step in result.steps if step.key == RAW)
    assert first.status == "failed"
    assert "expected DataFrame, got list" in (first.message or "")
