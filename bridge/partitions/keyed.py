"""Partitions that are names: a fixed list of them, or one that grows in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from bridge.errors import PartitionError
from bridge.partitions.definition import Description
from bridge.partitions.requests import (
    AddDynamicPartitionsRequest,
    DeleteDynamicPartitionsRequest,
)

# A range is written first...last, and terminals and files cannot carry the rest.
_FORBIDDEN = ("...", "\a", "\b", "\f", "\n", "\r", "\t", "\v", "\0")


class _NamedPartitions:
    """What both kinds answer from their names, which do not depend on the time."""

    __slots__ = ()

    @property
    def _places(self) -> dict[str, int]:
        raise NotImplementedError

    def keys(self, now: datetime) -> list[str]:
        """All partitions, in the order given."""
        return list(self._places)

    def count(self, now: datetime) -> int:
        """How many partitions there are."""
        return len(self._places)

    def contains(self, key: str, now: datetime) -> bool:
        """Whether `key` is one of them."""
        return key in self._places

    def latest(self, now: datetime) -> str | None:
        """The last one in the order, None where there is none."""
        return next(reversed(self._places), None)

    def number(self, key: str) -> int:
        """The place of a partition in the order, from 0. Raises PartitionError for what is none."""
        try:
            return self._places[key]
        except KeyError:
            raise PartitionError(f"There is no partition {key!r}. {self._known()}") from None

    def numbered(self, first: int, last: int) -> list[str]:
        """The partitions from place `first` up to and without `last`."""
        return list(self._places)[first:last]

    def require(self, key: str, now: datetime, of: object) -> None:
        """Raise PartitionError, naming the asset `of`, where `key` is not one of them."""
        if not self.contains(key, now):
            raise PartitionError(f"{of} has no partition {key!r}. {self._known()}")

    def range(self, first: str, last: str) -> list[str]:
        """All partitions from `first` to `last` in the order, both included."""
        return self.numbered(self.number(first), self.number(last) + 1)

    def _known(self) -> str:
        shown = list(self._places)
        more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""  # noqa: PLR2004 - a line
        return f"There are: {', '.join(shown[:10])}{more}." if shown else "There are none yet."


@dataclass(frozen=True, slots=True, init=False)
class StaticPartitionsDefinition(_NamedPartitions):
    """A fixed list of names, in the order given.

    Raises PartitionError for a name given twice and for one that cannot be written down.
    """

    kind: ClassVar[str] = "static"

    partition_keys: tuple[str, ...]
    _known_places: dict[str, int] = field(compare=False, repr=False)

    def __init__(self, partition_keys: Sequence[str]) -> None:
        object.__setattr__(self, "partition_keys", tuple(partition_keys))
        object.__setattr__(self, "_known_places", _placed(partition_keys))

    @property
    def _places(self) -> dict[str, int]:
        return self._known_places

    def describe(self) -> Description:
        """The definition as plain values; `from_description` reads it back."""
        return {"kind": self.kind, "keys": list(self.partition_keys)}


@dataclass(frozen=True, slots=True, init=False)
class DynamicPartitionsDefinition(_NamedPartitions):
    """Names that are added and deleted while the project runs, kept in the store under `name`.

    A definition is what the user wrote and knows no names; `with_keys` hands in those of the store.
    Two of the same name are equal, whatever they have been handed.
    """

    kind: ClassVar[str] = "dynamic"

    name: str
    _known_places: dict[str, int] = field(compare=False, repr=False)

    def __init__(self, name: str) -> None:
        if not name:
            raise PartitionError("Dynamic partitions need a name, which the store knows them by.")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "_known_places", {})

    @property
    def _places(self) -> dict[str, int]:
        return self._known_places

    def require(self, key: str, now: datetime, of: object) -> None:
        """Raise PartitionError, naming the asset `of` and how to add `key`, where it is none."""
        if not self.contains(key, now):
            raise PartitionError(
                f"{of} has no partition {key!r}. {self._known()} Add it to the dynamic partitions: "
                f"`bridge partitions add {self.name} {key}`."
            )

    def with_keys(self, keys: Sequence[str]) -> DynamicPartitionsDefinition:
        """The same definition, knowing these partitions, in this order."""
        known = DynamicPartitionsDefinition(self.name)
        object.__setattr__(known, "_known_places", _placed(keys))
        return known

    def build_add_request(self, partition_keys: Sequence[str]) -> AddDynamicPartitionsRequest:
        """What a sensor answers to have partitions added."""
        return AddDynamicPartitionsRequest(self.name, partition_keys)

    def build_delete_request(self, partition_keys: Sequence[str]) -> DeleteDynamicPartitionsRequest:
        """What a sensor answers to have partitions deleted."""
        return DeleteDynamicPartitionsRequest(self.name, partition_keys)

    def describe(self) -> Description:
        """The definition as plain values, without the names; `from_description` reads it back."""
        return {"kind": self.kind, "name": self.name}


def require_partition_names(keys: Sequence[str]) -> list[str]:
    """The keys of partitions to be added.

    Raises PartitionError for one that cannot be written down, or is empty.
    """
    if isinstance(keys, str):
        raise PartitionError(f"Partitions are given as a list of keys: [{keys!r}].")
    if not all(keys):
        raise PartitionError("A partition needs a key; one of those given is empty.")
    _require_writable(keys)
    return list(keys)


def _placed(keys: Sequence[str]) -> dict[str, int]:
    _require_writable(keys)
    places = {key: place for place, key in enumerate(keys)}
    if len(places) < len(keys):
        twice = ", ".join(key for key, times in Counter(keys).items() if times > 1)
        raise PartitionError(f"Partitions are named twice: {twice}.")
    return places


def _require_writable(keys: Sequence[str]) -> None:
    for wrong in _FORBIDDEN:
        for key in keys:
            if wrong in key:
                raise PartitionError(f"A partition cannot be called {key!r}: it holds {wrong!r}.")
