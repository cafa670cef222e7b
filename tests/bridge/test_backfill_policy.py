"""Backfill policies: how many partitions a call takes."""

from __future__ import annotations

import pytest

from bridge import (
    AssetOut,
    BackfillPolicy,
    DailyPartitionsDefinition,
    asset,
    multi_asset,
)
from bridge.errors import DefinitionError

DAYS = DailyPartitionsDefinition(start_date="2026-01-01")


def test_a_single_run_has_no_limit() -> None:
    assert BackfillPolicy.single_run().max_partitions_per_run is None


def test_several_runs_take_one_partition_each_unless_told() -> None:
    assert BackfillPolicy.multi_run().max_partitions_per_run == 1
    assert BackfillPolicy.multi_run(7).max_partitions_per_run == 7


@pytest.mark.parametrize("most", [0, -3])
def test_less_than_one_partition_a_call_is_refused(most: int) -> None:
    with pytest.raises(DefinitionError, match=f"max_partitions_per_run={most}.*single_run"):
        BackfillPolicy.multi_run(most)


def test_an_asset_carries_its_policy() -> None:
    @asset(partitions_def=DAYS, backfill_policy=BackfillPolicy.single_run())
    def orders() -> None: ...

    assert orders.backfill_policy == BackfillPolicy.single_run()


def test_a_function_of_several_assets_carries_its_policy() -> None:
    @multi_asset(
        outs={"a": AssetOut(), "b": AssetOut()},
        partitions_def=DAYS,
        backfill_policy=BackfillPolicy.multi_run(3),
    )
    def both() -> None: ...

    assert both.backfill_policy == BackfillPolicy.multi_run(3)


def test_without_a_policy_there_is_none() -> None:
    @asset
    def orders() -> None: ...

    assert orders.backfill_policy is None
