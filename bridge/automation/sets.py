"""The partitions of one asset at one time as the bits of a number, so that sets join at once.

An asset without partitions, and a check, has one bit.
"""

from __future__ import annotations

import base64
import zlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeAlias

from bridge.errors import PartitionError
from bridge.partitions import (
    MultiPartitionsDefinition,
    PartitionsDefinition,
    PartitionsSubset,
    TimeWindow,
    TimeWindowPartitionsDefinition,
    subset_from_value,
    subset_of_known,
)
from bridge.partitions.multi import BETWEEN
from bridge.partitions.subset import KeyPartitionsSubset, TimeWindowPartitionsSubset

# Some partitions as whoever states a fact has them: all or none, a set, or their names.
Some: TypeAlias = "bool | PartitionsSubset | Collection[str]"
# What a cursor keeps of a set.
Kept: TypeAlias = "int | str | dict[str, str | list[str]]"

_DIGITS = bytes.maketrans(b"\0\1", b"01")


class Partitions(ABC):
    """What exists of one asset at one time. A set of it is an int, `full` is all of it."""

    full: int
    definition: PartitionsDefinition | None
    now: datetime

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Partitions) and (self.definition, self.now, self.full) == (
            other.definition,
            other.now,
            other.full,
        )

    def __hash__(self) -> int:
        return hash((self.now, self.full))

    @property
    @abstractmethod
    def cut(self) -> str:
        """What must stay the same for a kept set to be read again."""

    @abstractmethod
    def bits(self, some: Some) -> int:
        """The set of those of these partitions that exist."""

    @abstractmethod
    def keys(self, bits: int) -> list[str | None]:
        """The partitions of a set in their order; [None] is an asset without partitions."""

    @abstractmethod
    def kept(self, bits: int) -> Kept:
        """A set as a cursor keeps it."""

    @abstractmethod
    def read(self, kept: Kept) -> int | None:
        """The set that `kept` wrote; None where it was written for other partitions."""

    def of_names(self, names: Collection[str | None]) -> int:
        """The set of those that exist; None is an asset without partitions."""
        if self.definition is None:
            return int(None in names)
        return self.bits([name for name in names if name is not None])

    def latest(self, lookback: timedelta | None) -> int:
        """The newest window, or those that begin within `lookback` of its end; else everything."""
        return self.full


class Whole(Partitions):
    """No partitions."""

    cut = "whole"
    full = 1
    definition = None

    def __init__(self, now: datetime) -> None:
        self.now = now

    def bits(self, some: Some) -> int:
        """One bit: whether it is so."""
        return int(some if isinstance(some, bool) else len(some) > 0)

    def keys(self, bits: int) -> list[str | None]:
        """None, which stands for the whole asset, or nothing."""
        return [None] if bits else []

    def kept(self, bits: int) -> Kept:
        """The bit."""
        return bits

    def read(self, kept: Kept) -> int | None:
        """The bit; None for what had partitions."""
        return kept if isinstance(kept, int) else None


class Windows(Partitions):
    """Windows of time, the first one lowest."""

    definition: TimeWindowPartitionsDefinition

    def __init__(self, definition: TimeWindowPartitionsDefinition, now: datetime) -> None:
        self.definition, self.now = definition, now
        self.count = definition.count(now)
        self.full = (1 << self.count) - 1

    @property
    def cut(self) -> str:
        """Where windows begin, and how they go on."""
        return f"{self.definition.start.isoformat()} {self.definition.cron_schedule}"

    def bits(self, some: Some) -> int:
        """The set of those that exist."""
        if isinstance(some, bool):
            return self.full if some else 0
        if not isinstance(some, PartitionsSubset):
            some = subset_of_known(self.definition, some, self.now)
        return some.bits & self.full if isinstance(some, TimeWindowPartitionsSubset) else 0

    def keys(self, bits: int) -> list[str | None]:
        """The windows, oldest first."""
        return list(TimeWindowPartitionsSubset(self.definition, bits).keys(self.now))

    def kept(self, bits: int) -> Kept:
        """The set, packed, and its first window."""
        return TimeWindowPartitionsSubset(self.definition, bits).to_value()

    def read(self, kept: Kept) -> int | None:
        """The set; None where windows have another start or schedule now."""
        if not isinstance(kept, dict):
            return None
        try:
            return self.bits(subset_from_value(self.definition, kept))
        except PartitionError:
            return None

    def latest(self, lookback: timedelta | None) -> int:
        """The newest, or those that begin within `lookback` of its end."""
        first, last = _latest_numbers(self.definition, self.now, lookback)
        return (1 << last) - (1 << first)


class Named(Partitions):
    """Names, or combinations, in the order of the definition."""

    definition: PartitionsDefinition
    cut = "named"

    def __init__(self, definition: PartitionsDefinition, now: datetime) -> None:
        self.definition, self.now = definition, now
        self.full = (1 << definition.count(now)) - 1

    @cached_property
    def _names(self) -> list[str]:
        return self.definition.keys(self.now)

    def bits(self, some: Some) -> int:
        """The set of those that exist."""
        if isinstance(some, bool):
            return self.full if some else 0
        names = some.names if isinstance(some, KeyPartitionsSubset) else some
        return self._where(names) if names and not isinstance(names, PartitionsSubset) else 0

    def keys(self, bits: int) -> list[str | None]:
        """The partitions in the order of the definition."""
        return [
            name
            for name, digit in zip(self._names, f"{bits:b}"[::-1], strict=False)
            if digit == "1"
        ]

    def kept(self, bits: int) -> Kept:
        """The names, packed: their places change as others come and go."""
        text = "\n".join(name for name in self.keys(bits) if name is not None)
        return base64.b64encode(zlib.compress(text.encode())).decode("ascii")

    def read(self, kept: Kept) -> int | None:
        """The set of those that still exist; None for what had no names."""
        if not isinstance(kept, str):
            return None
        return self._where(frozenset(zlib.decompress(base64.b64decode(kept)).decode().split("\n")))

    def latest(self, lookback: timedelta | None) -> int:
        """By the only dimension of time; else everything."""
        if not isinstance(self.definition, MultiPartitionsDefinition):
            return self.full
        times = [
            (place, each)
            for place, (_, each) in enumerate(self.definition.dimensions)
            if isinstance(each, TimeWindowPartitionsDefinition)
        ]
        if len(times) != 1:
            return self.full
        place, windows = times[0]
        newest = frozenset(windows.numbered(*_latest_numbers(windows, self.now, lookback)))
        return self._flagged(name.split(BETWEEN)[place] in newest for name in self._names)

    def _where(self, names: Collection[str]) -> int:
        chosen = names if isinstance(names, (set, frozenset, dict)) else frozenset(names)
        return self._flagged(map(chosen.__contains__, self._names))

    def _flagged(self, flags: Iterable[bool]) -> int:
        return int(bytes(flags).translate(_DIGITS)[::-1] or b"0", 2)


def partitions_at(definition: PartitionsDefinition | None, now: datetime) -> Partitions:
    """The partitions that exist at `now`."""
    if definition is None:
        return Whole(now)
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return Windows(definition, now)
    return Named(definition, now)


def _latest_numbers(
    windows: TimeWindowPartitionsDefinition, now: datetime, lookback: timedelta | None
) -> tuple[int, int]:
    """The places of the newest windows, first and past the last."""
    count = windows.count(now)
    if not count or lookback is None:
        return max(0, count - 1), count
    end = windows.window(windows.numbered(count - 1, count)[0]).end
    first, _ = windows.numbers_within(TimeWindow(max(windows.start, end - lookback), end))
    return min(first, count), count
