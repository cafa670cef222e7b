"""Which partition a run of a legacy task writes."""

from datetime import datetime, timedelta, timezone

import pytest

from adapters.airflow.api.rows import DagRun
from adapters.airflow.observe.unit import ObservedUnit, PartitionBy, run_partition
from bridge.keys import AssetKey
from bridge.partitions import (
    DailyPartitionsDefinition,
    PartitionsDefinition,
    StaticPartitionsDefinition,
)

NEW_YORK = DailyPartitionsDefinition(start_date="2013-01-01", timezone="America/New_York")
UTC_DAYS = DailyPartitionsDefinition(start_date="2013-01-01")
DAY = datetime(2013, 3, 10, tzinfo=timezone.utc)


def a_run(
    *,
    logical_date: datetime | None = None,
    data_interval_start: datetime | None = None,
    partition_key: str | None = None,
) -> DagRun:
    return DagRun(
        dag_id="flights",
        run_id="run1",
        run_type="scheduled",
        state="success",
        logical_date=logical_date,
        data_interval_start=data_interval_start,
        data_interval_end=None,
        run_after=DAY,
        partition_key=partition_key,
    )


def a_unit(
    partitions: PartitionsDefinition | None, by: PartitionBy = "logical_date"
) -> ObservedUnit:
    return ObservedUnit(
        dag_id="flights",
        task_id="load",
        assets=(AssetKey("flights"),),
        partitions=partitions,
        partition_by=by,
    )


def test_an_asset_without_partitions_has_none_and_nothing_to_explain() -> None:
    partition = run_partition(a_run(logical_date=DAY), a_unit(None))

    assert (partition.key, partition.why_none) == (None, None)


def test_names_are_told_by_no_date() -> None:
    partition = run_partition(a_run(logical_date=DAY), a_unit(StaticPartitionsDefinition(["us"])))

    assert partition.key is None
    assert partition.why_none == "no date of a run says which static partition"


def test_a_run_writes_the_day_its_logical_date_lies_in() -> None:
    assert run_partition(a_run(logical_date=DAY), a_unit(UTC_DAYS)).key == "2013-03-10"


def test_the_day_is_that_of_the_partitions_zone() -> None:
    assert run_partition(a_run(logical_date=DAY), a_unit(NEW_YORK)).key == "2013-03-09"


def test_the_first_minute_after_the_clocks_change_is_still_its_own_day() -> None:
    after_the_change = datetime(2013, 3, 10, 7, 1, tzinfo=timezone.utc)

    assert run_partition(a_run(logical_date=after_the_change), a_unit(NEW_YORK)).key == "2013-03-10"


def test_a_unit_may_go_by_the_start_of_the_data_interval() -> None:
    run = a_run(logical_date=DAY, data_interval_start=DAY - timedelta(days=1))

    assert run_partition(run, a_unit(UTC_DAYS, "data_interval_start")).key == "2013-03-09"


def test_the_runs_own_partition_key_wins() -> None:
    run = a_run(logical_date=DAY, partition_key="2013-05-01")

    assert run_partition(run, a_unit(UTC_DAYS)).key == "2013-05-01"


@pytest.mark.parametrize("key", ["LGA", "2013-5-1", "2012-12-31"])
def test_a_partition_key_that_is_no_partition_of_the_asset_is_not_taken(key: str) -> None:
    with_date = run_partition(a_run(logical_date=DAY, partition_key=key), a_unit(UTC_DAYS))
    without = run_partition(a_run(partition_key=key), a_unit(UTC_DAYS))

    assert with_date.key == "2013-03-10"
    assert without.key is None
    assert without.why_none == f"run run1 has no logical date, and {key!r} is no partition"


def test_a_run_before_the_first_partition_says_so() -> None:
    partition = run_partition(a_run(logical_date=DAY - timedelta(days=365)), a_unit(UTC_DAYS))

    assert partition.key is None
    assert partition.why_none is not None
    assert "The first is 2013-01-01" in partition.why_none
