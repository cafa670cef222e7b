"""TaskAttempt: one try of a task instance, as the guard knows it, and the partition of its run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from adapters.airflow.api.rows import DagRun
from adapters.airflow.cutover.guarded import instance_name
from adapters.airflow.observe.inside import run_inside
from adapters.airflow.observe.unit import ObservedUnit, RunPartition, run_partition
from adapters.airflow.source import task_source
from bridge.keys import AssetKey
from bridge.partitions import PartitionsDefinition
from bridge.store import Claim, Route

Mode: TypeAlias = Literal["legacy", "asset", "nothing"]
# All map indexes of a run write one partition together; their tries are not numbered together.
SHARED_ATTEMPT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAttempt:
    """Which try this is, and of which run. `map_index` is -1 for a task that is not mapped."""

    instance: str
    task_id: str
    map_index: int
    try_number: int
    run: DagRun

    @property
    def source(self) -> str:
        """How events of this try are signed, the same as the poller signs them."""
        return task_source(
            self.instance,
            self.run.dag_id,
            self.run.run_id,
            self.task_id,
            self.map_index,
            self.try_number,
        )

    @property
    def owner(self) -> str:
        """Who holds the claims: the task in its run, whatever the try or the map index."""
        return self.source.rsplit("/", 2)[0]

    @property
    def is_shared(self) -> bool:
        """Whether other map indexes hold the same claims."""
        return self.map_index >= 0

    @property
    def number(self) -> int:
        """The attempt that the claims are for."""
        return SHARED_ATTEMPT if self.is_shared else self.try_number

    def partition(
        self,
        assets: tuple[AssetKey, ...],
        partitions: PartitionsDefinition | None,
        partition_by: str,
    ) -> RunPartition:
        """The partition this run is about, by the function that the poller asks afterwards."""
        unit = ObservedUnit(
            dag_id=self.run.dag_id,
            task_id=self.task_id,
            assets=assets,
            partitions=partitions,
            partition_by="logical_date"
            if partition_by == "logical_date"
            else "data_interval_start",
        )
        return run_partition(self.run, unit)


def attempt_of(context: Mapping[str, Any]) -> TaskAttempt:
    """The attempt that a task's context (2.11 or 3.3) is about."""
    instance, run = context["ti"], context["dag_run"]
    return TaskAttempt(
        instance=instance_name(),
        task_id=instance.task_id,
        map_index=instance.map_index if instance.map_index is not None else -1,
        try_number=instance.try_number,
        run=run_inside(instance, run),
    )


def decided(route: Route | None, held: Sequence[Claim]) -> Mode:
    """What an attempt runs: as decided with the claims it holds, else as the route says now."""
    if held:
        return "legacy" if any(claim.mode == "legacy" for claim in held) else "asset"
    if route is None or route.state in ("legacy", "observed", "shadow"):
        return "legacy"
    return "asset" if route.state == "migrated" else "nothing"


def held_by(attempt: TaskAttempt, claims: Iterable[Claim]) -> list[Claim]:
    """The claims that this very attempt holds, because it was deferred or rescheduled."""
    return [c for c in claims if c.owner == attempt.owner and c.attempt == attempt.number]
