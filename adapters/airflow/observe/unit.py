"""ObservedUnit: a legacy task, the assets it writes, and which partition one of its runs writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from adapters.airflow.api.rows import DagRun
from bridge.errors import PartitionError
from bridge.keys import AssetKey
from bridge.partitions import (
    PartitionsDefinition,
    TimePartitions,
    TimeWindowPartitionsDefinition,
)

PartitionBy: TypeAlias = Literal["logical_date", "data_interval_start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedUnit:
    """A legacy task whose successful run materializes `assets`.

    `partition_by` is the date of the run that says which partition it writes: `logical_date` for a
    task that uses `{{ ds }}`. `partitions` None: the assets have none. `together`: the assets are
    made once all these tasks of the DAG have succeeded in a run, and fail with any of its units.
    """

    dag_id: str
    task_id: str
    assets: tuple[AssetKey, ...]
    partitions: PartitionsDefinition | None = None
    partition_by: PartitionBy = "logical_date"
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPartition:
    """The partition a run writes, None where the assets have none or where `why_none` says why."""

    key: str | None = None
    why_none: str | None = None


def run_partition(run: DagRun, unit: ObservedUnit) -> RunPartition:
    """The run's own key where the assets have such a partition, else the one its date lies in.

    Never from the run id: Airflow 2 and 3 name the run of one day after different days.
    """
    if unit.partitions is None:
        return RunPartition()
    if not isinstance(unit.partitions, TimeWindowPartitionsDefinition):
        return RunPartition(
            why_none=f"no date of a run says which {unit.partitions.kind} partition"
        )
    if run.partition_key is not None and _is_partition(unit.partitions, run.partition_key):
        return RunPartition(key=run.partition_key)
    instant = run.logical_date if unit.partition_by == "logical_date" else run.data_interval_start
    if instant is None:
        return RunPartition(
            why_none=f"run {run.run_id} has no {unit.partition_by.replace('_', ' ')}"
            + ("" if run.partition_key is None else f", and {run.partition_key!r} is no partition")
        )
    try:
        return RunPartition(key=unit.partitions.key_for(instant))
    except PartitionError as error:
        return RunPartition(why_none=f"run {run.run_id}: {error}")


def _is_partition(partitions: TimePartitions, key: str) -> bool:
    try:
        partitions.window(key)
    except PartitionError:
        return False
    return True
