"""What a user's function or sensor may ask of the store, and tell it, while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from bridge.events import AssetEvent, EventKind, RecordedEvent
from bridge.keys import AssetKey, CoercibleToAssetKey
from bridge.later import Later

if TYPE_CHECKING:
    from bridge.partitions import keyed
else:
    keyed = Later("bridge.partitions.keyed")


class KeepsDynamicPartitions(Protocol):
    """What keeps dynamic partitions by name: the store."""

    def dynamic_partitions(self, name: str) -> list[str]:
        """The partitions of this name, in the order in which they were added."""
        ...

    def add_dynamic_partitions(self, name: str, keys: Sequence[str]) -> int:
        """Add those that are not there yet, and return how many that were."""
        ...

    def delete_dynamic_partition(self, name: str, key: str) -> bool:
        """Take one away; False where it was not there."""
        ...


class KeepsFacts(KeepsDynamicPartitions, Protocol):
    """What keeps events too."""

    def events(
        self,
        key: AssetKey | None = None,
        *,
        partition: str | None = None,
        kinds: Sequence[EventKind] = (),
        run_id: str | None = None,
        limit: int = 100,
    ) -> list[RecordedEvent]:
        """Facts, what happened last first."""
        ...


class Instance:
    """The store as `context.instance` shows it: its dynamic partitions, and what happened.

    Alone, as in a test, it keeps partitions itself, and nothing happened.
    """

    __slots__ = ("_kept",)

    def __init__(self, kept: KeepsFacts | None = None) -> None:
        self._kept = kept or _KeptHere()

    def get_dynamic_partitions(self, partitions_def_name: str) -> list[str]:
        """The partitions of this name, in the order in which they were added."""
        return self._kept.dynamic_partitions(partitions_def_name)

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether there is such a partition now."""
        return partition_key in self._kept.dynamic_partitions(partitions_def_name)

    def add_dynamic_partitions(
        self, partitions_def_name: str, partition_keys: Sequence[str]
    ) -> None:
        """Add partitions; those that are there already stay where they are.

        Raises PartitionError for a name that cannot be written down.
        """
        self._kept.add_dynamic_partitions(partitions_def_name, partition_keys)

    def delete_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> None:
        """Take a partition away; what was materialized of it stays in the history."""
        self._kept.delete_dynamic_partition(partitions_def_name, partition_key)

    def get_latest_materialization_event(
        self, asset_key: CoercibleToAssetKey, partition: str | None = None
    ) -> AssetEvent | None:
        """The newest materialization of an asset, or of one partition."""
        found = self.get_materializations(asset_key, partition, limit=1)
        return found[0].event if found else None

    def get_materializations(
        self, asset_key: CoercibleToAssetKey, partition: str | None = None, limit: int = 100
    ) -> list[RecordedEvent]:
        """Materializations of an asset, or of one partition, newest first."""
        key = AssetKey.from_coercible(asset_key)
        return self._kept.events(key, partition=partition, kinds=("materialization",), limit=limit)

    def get_observations(
        self, asset_key: CoercibleToAssetKey, partition: str | None = None, limit: int = 100
    ) -> list[RecordedEvent]:
        """Observations of an asset, or of one partition, newest first."""
        key = AssetKey.from_coercible(asset_key)
        return self._kept.events(key, partition=partition, kinds=("observation",), limit=limit)

    def last_materialized(self, key: AssetKey, now: datetime) -> datetime | None:
        """When an asset was last brought up to date; in a run, see `bridge.recency`."""
        newest = self.get_latest_materialization_event(key)
        return newest.happened_at if newest is not None and newest.happened_at <= now else None


class _KeptHere:
    def __init__(self) -> None:
        self._keys: dict[str, list[str]] = {}

    def events(self, key: AssetKey | None = None, **_asked: Any) -> list[RecordedEvent]:
        return []

    def dynamic_partitions(self, name: str) -> list[str]:
        return list(self._keys.get(name, ()))

    def add_dynamic_partitions(self, name: str, keys: Sequence[str]) -> int:
        known = self._keys.setdefault(name, [])
        new = [key for key in keyed.require_partition_names(keys) if key not in known]
        known += new
        return len(new)

    def delete_dynamic_partition(self, name: str, key: str) -> bool:
        was_there = key in self._keys.get(name, ())
        if was_there:
            self._keys[name].remove(key)
        return was_there
