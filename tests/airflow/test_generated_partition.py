"""Which partition a run is about, whichever way it came."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.airflow.attempt import attempt_of, partition_of
from bridge import DailyPartitionsDefinition
from bridge.errors import PartitionError

pytestmark = pytest.mark.airflow

ZURICH = DailyPartitionsDefinition("2024-01-01", timezone="Europe/Zurich")


def run(conf: dict[str, str] | None = None, *, key: str | None = None, **context: Any) -> Any:
    """A task's context, as far as it says something about a partition."""
    return {"dag_run": SimpleNamespace(run_id="manual__1", conf=conf, partition_key=key), **context}


def interval(start: datetime, end: datetime) -> dict[str, datetime]:
    return {"data_interval_start": start, "data_interval_end": end}


# Midnights in Zurich.
SECOND = interval(
    datetime(2024, 1, 1, 23, tzinfo=timezone.utc), datetime(2024, 1, 2, 23, tzinfo=timezone.utc)
)


@pytest.mark.parametrize(
    ("context", "partition"),
    [
        (run(**SECOND), "2024-01-02"),
        (run({}, **SECOND), "2024-01-02"),
        (run({"partition": "2024-01-09"}, **SECOND), "2024-01-09"),
        (run({"partition": "2024-01-09"}, key="2024-01-07", **SECOND), "2024-01-07"),
        (run(partition_key="2024-01-08", **SECOND), "2024-01-08"),
        (run({"partition": "2024-01-09"}), "2024-01-09"),
    ],
)
def test_the_run_says_which_partition(context: Any, partition: str) -> None:
    assert partition_of(context, ZURICH) == partition


def test_a_summer_night_belongs_to_the_day_on_local_clocks() -> None:
    start = datetime(2024, 6, 30, 22, tzinfo=timezone.utc)

    assert partition_of(run(**interval(start, start)), ZURICH) == "2024-07-01"


def test_an_asset_without_partitions_has_none_whatever_the_run_says() -> None:
    assert partition_of(run({"partition": "2024-01-09"}, **SECOND), None) is None


@pytest.mark.parametrize(("offset", "partition"), [(1, "2024-01-03"), (-1, "2024-01-01")])
def test_with_an_end_offset_it_is_the_newest_at_the_end_of_the_interval(
    offset: int, partition: str
) -> None:
    days = DailyPartitionsDefinition("2024-01-01", timezone="Europe/Zurich", end_offset=offset)

    assert partition_of(run(**SECOND), days) == partition


def test_a_run_without_a_date_is_told_how_to_name_one() -> None:
    with pytest.raises(PartitionError, match=r'with the configuration \{"partition": "20'):
        partition_of(run(data_interval_start=None), ZURICH, "orders")


def test_a_retry_has_the_same_owner_and_another_source() -> None:
    ti = {"dag_id": "d", "run_id": "r/1", "task_id": "t", "map_index": -1}
    first, second = (
        attempt_of({"ti": SimpleNamespace(**ti, try_number=number)}, "main") for number in (1, 2)
    )

    assert (first.owner, first.run_id) == ("airflow:main/d/r%2F1/t", "airflow:main/d/r%2F1")
    assert second.owner == first.owner
    assert (first.source, second.source) == (f"{first.owner}/-1/1", f"{first.owner}/-1/2")
    assert second.number == 2
