"""What conditions ask of the world, as a view that is handed in: nothing here reads a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bridge.automation.sets import Some
from bridge.checks import AssetCheckKey
from bridge.keys import AssetKey


@dataclass(frozen=True, slots=True)
class Update:
    """The last thing that happened to an asset or partition since the evaluation before.

    `version` is the data's, None where nobody gave one; `run_id` is None outside of runs of ours.
    `earlier` are the runs of what happened before it, None for one that is not ours.
    """

    happened_at: datetime
    run_id: str | None = None
    version: str | None = None
    earlier: tuple[str | None, ...] = ()


class Facts(Protocol):
    """One moment's view. Partitions that do not exist now may be named, and do not count."""

    @property
    def position(self) -> int:
        """Where the log of events ended: the next evaluation asks for what came after."""
        ...

    def updates(self, key: AssetKey) -> Mapping[str | None, Update]:
        """What was updated since the evaluation before, by partition; None is a whole asset."""
        ...

    def version_before(self, key: AssetKey, partition: str | None) -> str | None:
        """The data version at the evaluation before, None where nobody gave one."""
        ...

    def materialized(self, key: AssetKey) -> Some:
        """What was ever materialized, or seen where something else writes it."""
        ...

    def failed(self, key: AssetKey) -> Some:
        """What failed when it was last attempted."""
        ...

    def in_run(self, key: AssetKey) -> Some:
        """What is part of a run that has not ended, and not there yet."""
        ...

    def in_backfill(self, key: AssetKey) -> Some:
        """What is part of a backfill that has not ended."""
        ...

    def updated_at(self, key: AssetKey) -> datetime | None:
        """When the asset was last brought up to date, which its freshness counts from."""
        ...

    def run_assets(self, run_id: str) -> Collection[AssetKey]:
        """What a run of ours is to compute."""
        ...

    def run_tags(self, run_id: str) -> Mapping[str, str]:
        """The tags of a run of ours."""
        ...

    def last_run(self, key: AssetKey) -> tuple[str | None, str | None] | None:
        """The partition that was materialized last, and by which run of ours; None for neither."""
        ...

    def check_passed(self, key: AssetCheckKey) -> bool | None:
        """The answer about the data that is there now; None where there is none."""
        ...

    def was_answered(self, key: AssetCheckKey) -> bool:
        """Whether the check was answered since the evaluation before."""
        ...
