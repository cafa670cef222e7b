"""Partition order, without listing all partitions where only a few are asked about."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeAlias

from bridge.partitions.definition import PartitionsDefinition
from bridge.partitions.keyed import DynamicPartitionsDefinition, StaticPartitionsDefinition
from bridge.partitions.mapping import FEW
from bridge.partitions.multi import BETWEEN, MultiPartitionsDefinition
from bridge.partitions.time import TimeWindowPartitionsDefinition

_NAMED = (StaticPartitionsDefinition, DynamicPartitionsDefinition)
Place: TypeAlias = "int | tuple[Place, ...]"


def in_order(definition: PartitionsDefinition, keys: Collection[str], now: datetime) -> list[str]:
    """Those of the keys that exist at `now`, in partition order."""
    if len(keys) > FEW:
        wanted = set(keys)
        return [key for key in definition.keys(now) if key in wanted]
    found = [key for key in keys if definition.contains(key, now)]
    return sorted(found, key=place_of(definition, now)) if len(found) > 1 else found


def place_of(definition: PartitionsDefinition, now: datetime) -> Callable[[str], Place]:
    """What sorts partitions that exist at `now` into their order."""
    if isinstance(definition, (TimeWindowPartitionsDefinition, *_NAMED)):
        return definition.number
    if isinstance(definition, MultiPartitionsDefinition):
        parts = [place_of(each, now) for _, each in definition.dimensions]
        return lambda key: tuple(
            of(part) for of, part in zip(parts, key.split(BETWEEN), strict=True)
        )
    places = {key: place for place, key in enumerate(definition.keys(now))}
    return places.__getitem__
