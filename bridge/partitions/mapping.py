"""What every mapping between the partitions of two assets can answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bridge.partitions.definition import PartitionsDefinition

# One by one costs some microseconds a key, the whole list some milliseconds at 100,000.
FEW = 500


@dataclass(frozen=True, slots=True)
class UpstreamPartitions:
    """What some partitions need: those of the upstream that exist, and those that do not."""

    existing: list[str]
    required_but_nonexistent: list[str]


class PartitionMapping(ABC):
    """Which partitions of an upstream asset and of its user belong together, both ways.

    `downstream` is None for a user without partitions.
    """

    __slots__ = ()

    # Whether every partition reads the same ones, so that asking once is enough.
    is_same_for_all: ClassVar[bool] = False

    @abstractmethod
    def validate(
        self, upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
    ) -> None:
        """Raise PartitionError where the mapping makes no sense between these two."""

    @abstractmethod
    def upstream_partitions(
        self,
        keys: Sequence[str],
        downstream: PartitionsDefinition | None,
        upstream: PartitionsDefinition,
        now: datetime,
    ) -> UpstreamPartitions:
        """The upstream partitions that these of the user read, in partition order."""

    @abstractmethod
    def downstream_partitions(
        self,
        keys: Sequence[str],
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition,
        now: datetime,
    ) -> list[str]:
        """The user's partitions that read these of the upstream, in partition order."""

    def reads_many(
        self,
        upstream: PartitionsDefinition,
        downstream: PartitionsDefinition | None,
    ) -> bool:
        """Whether a partition is meant to read several, however many there are today."""
        return False


def existing(
    definition: PartitionsDefinition | None, keys: Sequence[str], now: datetime
) -> list[str]:
    """Those of the keys that exist at `now`."""
    if definition is None:
        return []
    if len(keys) > FEW:
        known = frozenset(definition.keys(now))
        return [key for key in keys if key in known]
    return [key for key in keys if definition.contains(key, now)]
