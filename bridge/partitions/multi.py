"""Partitions of several dimensions: one for each combination."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import ClassVar

from bridge.errors import PartitionError
from bridge.partitions.definition import Description, PartitionsDefinition, TimeWindow
from bridge.partitions.keyed import DynamicPartitionsDefinition, StaticPartitionsDefinition
from bridge.partitions.time import TimeWindowPartitionsDefinition

BETWEEN = "|"  # the parts of a key
_FORBIDDEN = "|[],"
_FEWEST = 2


class MultiPartitionKey(str):
    """One partition of several dimensions: the text `a|b`, which knows its part of each by name."""

    keys_by_dimension: Mapping[str, str]

    def __new__(cls, keys_by_dimension: Mapping[str, str]) -> MultiPartitionKey:
        """The key of a combination, given by the names of the dimensions."""
        parts = dict(sorted(keys_by_dimension.items()))
        key = super().__new__(cls, BETWEEN.join(parts.values()))
        key.keys_by_dimension = parts
        return key

    def __reduce__(self) -> tuple[type[MultiPartitionKey], tuple[dict[str, str]]]:
        return MultiPartitionKey, (dict(self.keys_by_dimension),)


@dataclass(frozen=True, slots=True, init=False)
class MultiPartitionsDefinition:
    """One partition for each combination of the partitions of two dimensions or more.

    A key is `a|b`: one key of each dimension, in the alphabetical order of the dimensions' names,
    the last of which goes round fastest. Raises PartitionError for fewer than two dimensions, a
    dimension that has several itself, and keys that hold one of `|[],`.
    """

    kind: ClassVar[str] = "multi"

    dimensions: tuple[tuple[str, PartitionsDefinition], ...]

    def __init__(self, partitions_defs: Mapping[str, PartitionsDefinition]) -> None:
        if len(partitions_defs) < _FEWEST:
            raise PartitionError(
                "Partitions of several dimensions need two or more, not "
                f"{', '.join(partitions_defs) or 'none'}. Use the partitions of one as they are."
            )
        for name, definition in partitions_defs.items():
            _require_usable(name, definition)
        object.__setattr__(self, "dimensions", tuple(sorted(partitions_defs.items())))

    def dimension(self, name: str) -> PartitionsDefinition:
        """The partitions of a dimension. Raises PartitionError where there is none."""
        for known, definition in self.dimensions:
            if known == name:
                return definition
        names = ", ".join(known for known, _ in self.dimensions)
        raise PartitionError(f"There is no dimension {name!r}. There are: {names}.")

    def split(self, key: str) -> dict[str, str]:
        """A key's part of each dimension, by name; whether the parts exist is not asked.

        Raises PartitionError for another number of parts.
        """
        parts = key.split(BETWEEN)
        if len(parts) != len(self.dimensions):
            order = BETWEEN.join(name for name, _ in self.dimensions)
            raise PartitionError(f"{key!r} is no partition: it is not written as {order}.")
        return {name: part for (name, _), part in zip(self.dimensions, parts, strict=True)}

    def joined(self, parts: Mapping[str, str]) -> str:
        """The key of a combination, given by the names of the dimensions."""
        return BETWEEN.join(parts[name] for name, _ in self.dimensions)

    def keys(self, now: datetime) -> list[str]:
        """All partitions that exist at `now`, in order."""
        return _combined(definition.keys(now) for _, definition in self.dimensions)

    def count(self, now: datetime) -> int:
        """How many partitions exist at `now`."""
        return math.prod(definition.count(now) for _, definition in self.dimensions)

    def contains(self, key: str, now: datetime) -> bool:
        """Whether `key` exists at `now`."""
        parts = key.split(BETWEEN)
        return len(parts) == len(self.dimensions) and all(
            definition.contains(part, now)
            for part, (_, definition) in zip(parts, self.dimensions, strict=True)
        )

    def require(self, key: str, now: datetime, of: object) -> None:
        """Raise PartitionError, naming the asset `of`, where `key` does not exist at `now`."""
        for name, part in self.split(key).items():
            self.dimension(name).require(part, now, f"{of}, in the dimension {name},")

    def latest(self, now: datetime) -> str | None:
        """The last partition that exists at `now`, None where there is none."""
        parts = [definition.latest(now) for _, definition in self.dimensions]
        known = [part for part in parts if part is not None]
        return BETWEEN.join(known) if len(known) == len(parts) else None

    def range(self, first: str, last: str) -> list[str]:
        """All combinations of the ranges that `first` and `last` span in each dimension."""
        begin, end = self.split(first), self.split(last)
        return _combined(
            definition.range(begin[name], end[name]) for name, definition in self.dimensions
        )

    def describe(self) -> Description:
        """The definition as plain values; `from_description` reads it back."""
        return {
            "kind": self.kind,
            "dimensions": {name: definition.describe() for name, definition in self.dimensions},
        }


def window_of(definition: PartitionsDefinition, key: str) -> TimeWindow | None:
    """Half-open UTC window of a partition, or of the only dimension of it that has one; else None.

    Raises PartitionError where there is no such partition.
    """
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return definition.window(key)
    if not isinstance(definition, MultiPartitionsDefinition):
        return None
    parts = definition.split(key)
    windows = [
        each.window(parts[name])
        for name, each in definition.dimensions
        if isinstance(each, TimeWindowPartitionsDefinition)
    ]
    return windows[0] if len(windows) == 1 else None


def with_dynamic_keys(
    definition: PartitionsDefinition, known: Mapping[str, Iterable[str]]
) -> PartitionsDefinition:
    """The same definition, its dynamic partitions handed the keys that are known by their name."""
    if isinstance(definition, DynamicPartitionsDefinition):
        return definition.with_keys(tuple(known.get(definition.name, ())))
    if isinstance(definition, MultiPartitionsDefinition):
        return MultiPartitionsDefinition(
            {name: with_dynamic_keys(each, known) for name, each in definition.dimensions}
        )
    return definition


def dynamic_names(definition: PartitionsDefinition | None) -> frozenset[str]:
    """The names under which the store keeps partitions of this definition, or of a dimension."""
    if isinstance(definition, DynamicPartitionsDefinition):
        return frozenset((definition.name,))
    if isinstance(definition, MultiPartitionsDefinition):
        return frozenset().union(*(dynamic_names(each) for _, each in definition.dimensions))
    return frozenset()


def _combined(dimensions: Iterable[list[str]]) -> list[str]:
    return [BETWEEN.join(parts) for parts in product(*dimensions)]


def _require_usable(name: str, definition: PartitionsDefinition) -> None:
    if isinstance(definition, MultiPartitionsDefinition):
        raise PartitionError(
            f"The dimension {name!r} has dimensions itself; name them all in one definition."
        )
    if isinstance(definition, StaticPartitionsDefinition):
        for key in definition.partition_keys:
            require_part(key, name)


def require_part(key: str, dimension: str) -> None:
    """Raise PartitionError for a key that cannot be a part of keys of several dimensions."""
    if set(key) & set(_FORBIDDEN):
        raise PartitionError(
            f"The partition {key!r} of the dimension {dimension!r} holds one of {_FORBIDDEN}, "
            "which keys of several dimensions cannot."
        )
