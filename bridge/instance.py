"""What a user's function or sensor may ask of the store, and tell it, while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bridge.partitions import require_partition_names


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


class Instance:
    """The store as `context.instance` shows it: its dynamic partitions.

    Alone, as in a test, it keeps them itself.
    """

    __slots__ = ("_kept",)

    def __init__(self, kept: KeepsDynamicPartitions | None = None) -> None:
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


class _KeptHere:
    def __init__(self) -> None:
        self._keys: dict[str, list[str]] = {}

    def dynamic_partitions(self, name: str) -> list[str]:
        return list(self._keys.get(name, ()))

    def add_dynamic_partitions(self, name: str, keys: Sequence[str]) -> int:
        known = self._keys.setdefault(name, [])
        new = [key for key in require_partition_names(keys) if key not in known]
        known += new
        return len(new)

    def delete_dynamic_partition(self, name: str, key: str) -> bool:
        was_there = key in self._keys.get(name, ())
        if was_there:
            self._keys[name].remove(key)
        return was_there
