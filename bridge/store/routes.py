"""Routes: who owns a legacy task now, and every change of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from bridge.keys import AssetKey

RouteState: TypeAlias = Literal["legacy", "observed", "shadow", "migrated", "retired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What happens when the legacy task `unit` (`<instance>:<dag_id>.<task_id>`) comes up to run.

    `assets` are what it writes; `locations` the code locations to load to compute them;
    `partition_by` the time of the Airflow run whose date is the partition.
    """

    unit: str
    state: RouteState
    assets: tuple[AssetKey, ...]
    locations: tuple[str, ...] = ()
    partition_by: str = "logical_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """One audited change of one route; `before` is None where there was no route."""

    id: str
    changed_at: datetime
    actor: str
    reason: str
    before: Route | None
    after: Route
    reverts: str | None = None
