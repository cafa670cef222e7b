"""What every way of cutting an asset into partitions can answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """Half-open [start, end), aware, UTC."""

    start: datetime
    end: datetime


class PartitionsDefinition(Protocol):
    """The partitions an asset has; `now` is always given, never read from a clock."""

    def keys(self, now: datetime) -> list[str]:
        """All partitions that exist at `now`, in order."""
        ...

    def count(self, now: datetime) -> int:
        """How many partitions exist at `now`."""
        ...

    def contains(self, key: str, now: datetime) -> bool:
        """Whether `key` exists at `now`."""
        ...

    def require(self, key: str, now: datetime, of: object) -> None:
        """Raise PartitionError, naming `of`, where `key` does not exist at `now`."""
        ...

    def describe(self) -> dict[str, str | int]:
        """The definition as plain values, for manifests; `from_description` reads it back."""
        ...
