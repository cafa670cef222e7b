"""Sets of an asset's partitions: small, and quick to combine, at 100,000 partitions."""

from __future__ import annotations

import base64
import zlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bridge.errors import PartitionError
from bridge.partitions.definition import PartitionsDefinition
from bridge.partitions.time import TimeWindowPartitionsDefinition

# Below, reading each key costs less than writing all there are.
_FEW_KEYS = 200
_DIGITS = bytes.maketrans(b"\0\1", b"01")
_Subset = TypeVar("_Subset", bound="PartitionsSubset")


class PartitionsSubset(ABC):
    """Some of the partitions of one definition; `|`, `&` and `-` combine two of the same."""

    __slots__ = ()

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __contains__(self, key: str) -> bool: ...

    @abstractmethod
    def __or__(self: _Subset, other: _Subset) -> _Subset: ...

    @abstractmethod
    def __and__(self: _Subset, other: _Subset) -> _Subset: ...

    @abstractmethod
    def __sub__(self: _Subset, other: _Subset) -> _Subset: ...

    @abstractmethod
    def keys(self, now: datetime) -> list[str]:
        """Those that exist at `now`, in partition order."""

    @abstractmethod
    def ranges(self, now: datetime) -> list[tuple[str, str]]:
        """Those that exist at `now` as runs of consecutive partitions: first and last of each."""

    @abstractmethod
    def existing(self: _Subset, now: datetime) -> _Subset:
        """Those that exist at `now`."""

    @abstractmethod
    def missing(self: _Subset, now: datetime) -> _Subset:
        """All partitions that exist at `now` and are not among these."""

    @abstractmethod
    def to_value(self) -> dict[str, str | list[str]]:
        """The set as plain values; `subset_from_value` reads it back for the same definition."""


@dataclass(frozen=True, slots=True)
class TimeWindowPartitionsSubset(PartitionsSubset):
    """Time windows as the bits of one number, the first partition lowest: 12 KB for 100,000."""

    definition: TimeWindowPartitionsDefinition
    bits: int = 0

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __contains__(self, key: str) -> bool:
        try:
            return bool(self.bits >> self.definition.number(key) & 1)
        except PartitionError:
            return False

    def __or__(self, other: TimeWindowPartitionsSubset) -> TimeWindowPartitionsSubset:
        return self._with(self.bits | self._comparable(other))

    def __and__(self, other: TimeWindowPartitionsSubset) -> TimeWindowPartitionsSubset:
        return self._with(self.bits & self._comparable(other))

    def __sub__(self, other: TimeWindowPartitionsSubset) -> TimeWindowPartitionsSubset:
        return self._with(self.bits & ~self._comparable(other))

    def keys(self, now: datetime) -> list[str]:
        """Those that exist at `now`, oldest first."""
        runs = self._runs(now)
        if len(runs) <= _FEW_KEYS:
            return [key for run in runs for key in self.definition.numbered(*run)]
        start = runs[0][0]
        span = self.definition.numbered(start, runs[-1][1])
        return [key for first, last in runs for key in span[first - start : last - start]]

    def ranges(self, now: datetime) -> list[tuple[str, str]]:
        """Those that exist at `now` as runs of consecutive windows: first and last of each."""
        runs = self._runs(now)
        if not runs:
            return []
        start = runs[0][0]
        span = self.definition.numbered(start, runs[-1][1])
        return [(span[first - start], span[last - start - 1]) for first, last in runs]

    def newest(self, now: datetime) -> str | None:
        """The last of those that exist at `now`, None where none does."""
        last = (self.bits & _all(self.definition.count(now))).bit_length()
        return self.definition.numbered(last - 1, last)[0] if last else None

    def existing(self, now: datetime) -> TimeWindowPartitionsSubset:
        """Those that exist at `now`."""
        return self._with(self.bits & _all(self.definition.count(now)))

    def missing(self, now: datetime) -> TimeWindowPartitionsSubset:
        """All partitions that exist at `now` and are not among these."""
        return self._with(_all(self.definition.count(now)) & ~self.bits)

    def to_value(self) -> dict[str, str | list[str]]:
        """The set as plain values: the first window, and the bits, packed."""
        packed = zlib.compress(self.bits.to_bytes((self.bits.bit_length() + 7) // 8, "little"))
        return {
            "start": self.definition.start.isoformat(),
            "cron_schedule": self.definition.cron_schedule,
            "partitions": base64.b64encode(packed).decode("ascii"),
        }

    def _with(self, bits: int) -> TimeWindowPartitionsSubset:
        return TimeWindowPartitionsSubset(self.definition, bits)

    def _comparable(self, other: TimeWindowPartitionsSubset) -> int:
        _require_same(self.definition, other.definition)
        return other.bits

    def _runs(self, now: datetime) -> list[tuple[int, int]]:
        return _runs(f"{self.bits & _all(self.definition.count(now)):b}"[::-1])


@dataclass(frozen=True, slots=True)
class KeyPartitionsSubset(PartitionsSubset):
    """Partitions that are names, or combinations, as a set of keys."""

    definition: PartitionsDefinition
    names: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, key: str) -> bool:
        return key in self.names

    def __or__(self, other: KeyPartitionsSubset) -> KeyPartitionsSubset:
        return self._with(self.names | self._comparable(other))

    def __and__(self, other: KeyPartitionsSubset) -> KeyPartitionsSubset:
        return self._with(self.names & self._comparable(other))

    def __sub__(self, other: KeyPartitionsSubset) -> KeyPartitionsSubset:
        return self._with(self.names - self._comparable(other))

    def keys(self, now: datetime) -> list[str]:
        """Those that exist at `now`, in partition order."""
        return [key for key in self.definition.keys(now) if key in self.names]

    def ranges(self, now: datetime) -> list[tuple[str, str]]:
        """Those that exist at `now` as runs of neighbours in partition order."""
        keys = self.definition.keys(now)
        written = "".join("1" if key in self.names else "0" for key in keys)
        return [(keys[first], keys[last - 1]) for first, last in _runs(written)]

    def existing(self, now: datetime) -> KeyPartitionsSubset:
        """Those that exist at `now`."""
        if len(self.names) < _FEW_KEYS:
            known = {key for key in self.names if self.definition.contains(key, now)}
            return self._with(frozenset(known))
        return self._with(self.names.intersection(self.definition.keys(now)))

    def missing(self, now: datetime) -> KeyPartitionsSubset:
        """All partitions that exist at `now` and are not among these."""
        return self._with(frozenset(self.definition.keys(now)) - self.names)

    def to_value(self) -> dict[str, str | list[str]]:
        """The set as plain values: the keys, sorted."""
        return {"partitions": sorted(self.names)}

    def _with(self, names: frozenset[str]) -> KeyPartitionsSubset:
        return KeyPartitionsSubset(self.definition, names)

    def _comparable(self, other: KeyPartitionsSubset) -> frozenset[str]:
        _require_same(self.definition, other.definition)
        return other.names


def subset_of(
    definition: PartitionsDefinition, keys: Collection[str], now: datetime
) -> PartitionsSubset:
    """These partitions as a set. Raises PartitionError where one can never exist."""
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return TimeWindowPartitionsSubset(definition, _bits(_numbers(definition, keys, now)))
    for key in keys:
        if not definition.contains(key, now):
            definition.require(key, now, "The set")
    return KeyPartitionsSubset(definition, frozenset(keys))


def subset_of_known(
    definition: PartitionsDefinition, keys: Collection[str], now: datetime
) -> PartitionsSubset:
    """As `subset_of`, of those of the keys that can be partitions; the others are left out.

    Names are kept as they are, since they may come to exist.
    """
    if not isinstance(definition, TimeWindowPartitionsDefinition):
        return KeyPartitionsSubset(definition, frozenset(keys))
    if len(keys) < _FEW_KEYS:
        return TimeWindowPartitionsSubset(definition, _bits(_known_numbers(definition, keys)))
    known, chosen = definition.keys(now), frozenset(keys)
    flags = bytes(map(chosen.__contains__, known))
    bits = int(flags.translate(_DIGITS)[::-1] or b"0", 2)
    if flags.count(1) < len(chosen):
        bits |= _bits(_known_numbers(definition, chosen.difference(known)))
    return TimeWindowPartitionsSubset(definition, bits)


def subset_from_value(
    definition: PartitionsDefinition, value: Mapping[str, str | list[str]]
) -> PartitionsSubset:
    """The set that `to_value` wrote.

    Raises PartitionError where it was written for windows with another start or schedule.
    """
    partitions = value["partitions"]
    if isinstance(partitions, list) or not isinstance(definition, TimeWindowPartitionsDefinition):
        return KeyPartitionsSubset(definition, frozenset(partitions))
    known = (definition.start.isoformat(), definition.cron_schedule)
    if known != (value["start"], value["cron_schedule"]):
        raise PartitionError(
            f"This set of partitions was written for {value['cron_schedule']!r} from "
            f"{value['start']}, and they are {known[1]!r} from {known[0]} now. Count them anew."
        )
    packed = base64.b64decode(partitions)
    bits = int.from_bytes(zlib.decompress(packed), "little")
    return TimeWindowPartitionsSubset(definition, bits)


def _numbers(
    definition: TimeWindowPartitionsDefinition, keys: Collection[str], now: datetime
) -> Iterable[int]:
    if len(keys) < _FEW_KEYS:
        return [definition.number(key) for key in keys]
    known = {key: number for number, key in enumerate(definition.keys(now))}
    return [
        definition.number(key) if (number := known.get(key)) is None else number for key in keys
    ]


def _known_numbers(
    definition: TimeWindowPartitionsDefinition, keys: Iterable[str]
) -> Iterator[int]:
    for key in keys:
        try:
            yield definition.number(key)
        except PartitionError:  # noqa: PERF203 - how a key is read is asked one by one
            continue


def _bits(numbers: Iterable[int]) -> int:
    chosen = set(numbers)
    if not chosen:
        return 0
    flags = bytearray(b"0") * (max(chosen) + 1)
    for number in chosen:
        flags[number] = ord("1")
    flags.reverse()
    return int(flags, 2)


def _runs(written: str) -> list[tuple[int, int]]:
    """Where the runs of ones begin and end. (A pattern would try each zero, ten times slower.)"""
    runs = []
    start = written.find("1")
    while start >= 0:
        end = written.find("0", start)
        runs.append((start, len(written) if end < 0 else end))
        start = written.find("1", end) if end >= 0 else -1
    return runs


def _all(count: int) -> int:
    return (1 << count) - 1


def _require_same(one: PartitionsDefinition, other: PartitionsDefinition) -> None:
    if one != other:
        raise PartitionError(
            f"Sets of different partitions cannot be combined: {one.describe()} and "
            f"{other.describe()}."
        )
