"""Airflow's partition mappers, generated from our mappings, pair the same partitions as these."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from adapters.airflow.compat import IS_AIRFLOW_3
from adapters.airflow.generate.mappers import mapper_of
from adapters.airflow.generate.schedule import Schedule
from bridge import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    TimeWindowPartitionMapping,
    TimeWindowPartitionsDefinition,
    WeeklyPartitionsDefinition,
)
from tests.airflow.test_ticks import timetable_of

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(not IS_AIRFLOW_3, reason="2.11 has no partition keys; nox -s airflow3"),
]

NOW = datetime(2025, 1, 1, tzinfo=timezone.utc)
ZURICH = "Europe/Zurich"
DAYS = DailyPartitionsDefinition("2024-01-01", timezone=ZURICH)
COMPACT = DailyPartitionsDefinition("20240101", fmt="%Y%m%d", timezone=ZURICH)
WEEKS = WeeklyPartitionsDefinition("2024-01-01", day_offset=1, timezone=ZURICH)
MONTHS = MonthlyPartitionsDefinition("2024-01", fmt="%Y-%m", timezone=ZURICH)
UTC_DAYS = DailyPartitionsDefinition("2024-01-01")
UTC_HOURS = HourlyPartitionsDefinition("2024-01-01-00:00", "2024-04-01-00:00")


@pytest.mark.parametrize(
    ("upstream", "downstream"),
    [
        (DAYS, DAYS),
        (DAYS, COMPACT),
        (DAYS, WEEKS),
        (COMPACT, MONTHS),
        (UTC_HOURS, UTC_DAYS),
        (MONTHS, DAYS),
        (WEEKS, COMPACT),
    ],
    ids=lambda each: f"{each.kind} {each.fmt}",
)
def test_a_mapper_pairs_the_partitions_that_the_mapping_does(
    upstream: TimeWindowPartitionsDefinition, downstream: TimeWindowPartitionsDefinition
) -> None:
    mapping = TimeWindowPartitionMapping()
    said = mapper_of(mapping, upstream, downstream)
    assert said is not None
    uri = "x-bridge://a"
    schedule = Schedule(kind="keyed assets", assets=(uri,), mappers={uri: said})
    mapper = timetable_of(schedule).get_partition_mapper(uri=uri)

    newest = downstream.keys(NOW)[-1]
    for key in upstream.keys(NOW):
        found = mapper.to_downstream(key)
        existing = [each for each in listed(found) if each <= newest]
        assert existing == mapping.downstream_partitions([key], upstream, downstream, NOW)
    if mapper.is_rollup:
        for key in downstream.keys(upstream.end or NOW):
            needed = mapping.upstream_partitions([key], downstream, upstream, NOW)
            assert mapper.to_upstream(key) == {*needed.existing}


def listed(keys: Any) -> list[str]:
    return [keys] if isinstance(keys, str) else list(keys)
