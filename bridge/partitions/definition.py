"""What every way of cutting an asset into partitions can answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias, Union

Description: TypeAlias = dict[str, Union[str, int, list[str], "Description"]]


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """Half-open [start, end), aware, UTC."""

    start: datetime
    end: datetime


class PartitionsDefinition(Protocol):
    """The partitions an asset has; `now` is always given, never read from a clock."""

    @property
    def kind(self) -> str:
        """In one word, how it is cut: daily, static, multi."""
        ...

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

    def latest(self, now: datetime) -> str | None:
        """The last partition that exists at `now`, None where there is none."""
        ...

    def range(self, first: str, last: str) -> list[str]:
        """All partitions from `first` to `last`, both included; none where `last` comes before.

        Whether they exist yet is not asked. Raises PartitionError for what can never be.
        """
        ...

    def describe(self) -> Description:
        """The definition as plain values, for manifests; `from_description` reads it back."""
        ...


class TimePartitions(PartitionsDefinition, Protocol):
    """Partitions that are windows of time."""

    @property
    def timezone(self) -> str:
        """The IANA name of the zone whose clocks cut the windows."""
        ...

    @property
    def cron_schedule(self) -> str:
        """The cron string whose ticks are the edges of the windows, in the time zone."""
        ...

    def window(self, key: str) -> TimeWindow:
        """Half-open UTC window of a partition. Raises PartitionError where there is none."""
        ...

    def key_for(self, moment: datetime) -> str:
        """The partition whose window holds an instant, whether or not it exists yet.

        Raises PartitionError where none does.
        """
        ...
