"""Backfill: what is to be computed of which assets, who asked, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from bridge.backfill_policy import BackfillPolicy

BackfillStatus: TypeAlias = Literal[
    "requested",
    "in_progress",
    "paused",
    "canceling",
    "canceled",
    "completed_success",
    "completed_failed",
    "failed",
]
OPEN: tuple[BackfillStatus, ...] = ("requested", "in_progress", "paused", "canceling")

# Sets of partitions as `PartitionsSubset.to_value` writes them, by the text of the asset's key.
PlainSubsets: TypeAlias = Mapping[str, Mapping[str, "str | list[str]"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillCounts:
    """Partitions of assets: how many there are, and how many are in which state.

    `failed` were tried, `blocked` read what failed, `omitted` were left out by their function.
    """

    total: int = 0
    materialized: int = 0
    failed: int = 0
    blocked: int = 0
    omitted: int = 0
    under_way: int = 0

    @property
    def left(self) -> int:
        """How many were not asked for yet, and will be."""
        ended = self.materialized + self.failed + self.blocked + self.omitted
        return self.total - ended - self.under_way


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillProgress:
    """Which partitions were asked for, and how they ended.

    `interrupted` were asked for by a run whose process died, and once more since. `open_runs` are
    the runs of which it is not noted yet how they ended.
    """

    requested: PlainSubsets = field(default_factory=dict)
    materialized: PlainSubsets = field(default_factory=dict)
    failed: PlainSubsets = field(default_factory=dict)
    omitted: PlainSubsets = field(default_factory=dict)
    interrupted: PlainSubsets = field(default_factory=dict)
    open_runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """One backfill. `selection` is what a person reads of the target.

    `policy` stands in for those of the assets, `parallel` is how many of its runs may go on at
    once; `attempt` grows where partitions are asked for again, `version` with every change.
    """

    id: str
    status: BackfillStatus
    created_at: datetime
    target: PlainSubsets
    selection: str = ""
    policy: BackfillPolicy | None = None
    parallel: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    progress: BackfillProgress = field(default_factory=BackfillProgress)
    counts: BackfillCounts = field(default_factory=BackfillCounts)
    attempt: int = 1
    version: int = 1
    ended_at: datetime | None = None
    message: str | None = None

    @property
    def origin(self) -> str:
        """What its runs say of who asked for them."""
        return f"backfill:{self.id}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen unless somebody asks for it."""
        return self.status in ("canceled", "completed_success", "completed_failed", "failed")
