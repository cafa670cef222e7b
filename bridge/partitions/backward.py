"""Partitions that read earlier ones of the same asset: along which dimension, in which order."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.partitions.definition import PartitionsDefinition
from bridge.partitions.dimension_mappings import MultiPartitionMapping
from bridge.partitions.mapping import PartitionMapping
from bridge.partitions.multi import MultiPartitionsDefinition
from bridge.partitions.time import TimeWindowPartitionsDefinition
from bridge.partitions.window_mapping import TimeWindowPartitionMapping

ALONE = ""  # the dimension of partitions that have none


def backward_dimension(
    mapping: PartitionMapping, definition: PartitionsDefinition | None
) -> str | None:
    """The dimension of time windows in which each partition reads only earlier ones.

    `ALONE` where the partitions are windows themselves; None where the mapping may read the
    partition itself, or later ones.
    """
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return ALONE if _looks_back(mapping) else None
    if not isinstance(definition, MultiPartitionsDefinition):
        return None
    if not isinstance(mapping, MultiPartitionMapping):
        return None
    windows = {
        name
        for name, each in definition.dimensions
        if isinstance(each, TimeWindowPartitionsDefinition)
    }
    for name, of in mapping.by_upstream_dimension:
        if name == of.dimension_name and name in windows and _looks_back(of.partition_mapping):
            return name
    return None


def in_reading_order(
    mapping: PartitionMapping, definition: PartitionsDefinition, keys: Iterable[str]
) -> list[str]:
    """The keys, each after those that it reads by a mapping that only looks back."""
    dimension = backward_dimension(mapping, definition)
    if isinstance(definition, TimeWindowPartitionsDefinition):
        return sorted(keys, key=lambda key: definition.window(key).start)
    if dimension is None or not isinstance(definition, MultiPartitionsDefinition):
        return list(keys)
    windows = definition.dimension(dimension)
    assert isinstance(windows, TimeWindowPartitionsDefinition)  # noqa: S101 - for mypy
    return sorted(keys, key=lambda key: windows.window(definition.split(key)[dimension]).start)


def _looks_back(mapping: PartitionMapping) -> bool:
    return (
        isinstance(mapping, TimeWindowPartitionMapping)
        and mapping.start_offset < 0
        and mapping.end_offset < 0
    )
