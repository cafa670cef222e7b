"""Asking for dynamic partitions to be added or deleted, by who may not do it itself: a sensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bridge.errors import DefinitionError


@dataclass(frozen=True, slots=True, init=False)
class AddDynamicPartitionsRequest:
    """Partitions to add to a dynamic set, in one transaction with the runs that use them."""

    partitions_def_name: str
    partition_keys: tuple[str, ...]

    def __init__(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None:
        object.__setattr__(self, "partitions_def_name", partitions_def_name)
        object.__setattr__(self, "partition_keys", _keys(partition_keys))


@dataclass(frozen=True, slots=True, init=False)
class DeleteDynamicPartitionsRequest:
    """Partitions to take out of a dynamic set; what was materialized stays."""

    partitions_def_name: str
    partition_keys: tuple[str, ...]

    def __init__(self, partitions_def_name: str, partition_keys: Sequence[str]) -> None:
        object.__setattr__(self, "partitions_def_name", partitions_def_name)
        object.__setattr__(self, "partition_keys", _keys(partition_keys))


DynamicPartitionsRequest: TypeAlias = AddDynamicPartitionsRequest | DeleteDynamicPartitionsRequest


def _keys(keys: Sequence[str]) -> tuple[str, ...]:
    if isinstance(keys, str):
        raise DefinitionError(f"partition_keys={keys!r} is one text; give a list of keys.")
    return tuple(keys)
