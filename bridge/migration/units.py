"""Unit: one legacy task that can be moved, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bridge.keys import AssetKey

PartitionBy: TypeAlias = Literal["logical_date", "data_interval_start"]
# What of a legacy system is one asset.
Granularity: TypeAlias = Literal["dataset", "task", "dag"]
GateState: TypeAlias = Literal["passed", "warned", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A legacy task under its full name `<instance>:<dag_id>.<task_id>`, and the assets it writes.

    `partition_by` is the time of its run whose local date is the partition. `is_mapped` if one run
    has many copies of it. `result_users` are tasks that take what it returns.
    """

    name: str
    assets: tuple[AssetKey, ...]
    partition_by: PartitionBy = "logical_date"
    is_mapped: bool = False
    result_users: tuple[str, ...] = ()

    @property
    def short_name(self) -> str:
        """`<dag_id>.<task_id>`, as people type it."""
        return self.name.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of a change: whether it holds, and in words why."""

    state: GateState
    text: str
