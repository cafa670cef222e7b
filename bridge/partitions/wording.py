"""Mappings in words, as the rest of a sentence that says what each partition reads."""

from __future__ import annotations

from bridge.partitions.dimension_mappings import (
    MultiPartitionMapping,
    MultiToSingleDimensionPartitionMapping,
)
from bridge.partitions.key_mappings import (
    AllPartitionMapping,
    IdentityPartitionMapping,
    LastPartitionMapping,
    SpecificPartitionsPartitionMapping,
    StaticPartitionMapping,
)
from bridge.partitions.mapping import PartitionMapping
from bridge.partitions.window_mapping import TimeWindowPartitionMapping

_SHOWN = 3


def mapping_in_words(mapping: PartitionMapping) -> str:
    """What a partition reads by a mapping: "1 window before", "the last partition"."""
    if isinstance(mapping, TimeWindowPartitionMapping):
        where = ", where they exist" if mapping.allow_nonexistent_upstream_partitions else ""
        return _windows(mapping.start_offset, mapping.end_offset) + where
    if isinstance(mapping, SpecificPartitionsPartitionMapping):
        return _listed("partition", mapping.partition_keys)
    if isinstance(mapping, StaticPartitionMapping):
        return _listed("stated", [f"{theirs} for {ours}" for theirs, ours in mapping.pairs])
    if isinstance(mapping, MultiToSingleDimensionPartitionMapping):
        name = mapping.partition_dimension_name
        return "the dimension that is shared" if name is None else f"by the dimension {name}"
    if isinstance(mapping, MultiPartitionMapping):
        return _by_dimension(mapping)
    return {
        IdentityPartitionMapping: "the same partition",
        AllPartitionMapping: "all partitions",
        LastPartitionMapping: "the last partition",
    }.get(type(mapping), type(mapping).__name__)


def _windows(start: int, end: int) -> str:
    if start == end:
        return "overlapping windows" if not start else _distance(start)
    if end == 0:
        return f"its own window and {-start} before"
    if start == 0:
        return f"its own window and {end} after"
    if start < 0 < end:
        return f"its own window, {-start} before and {end} after"
    return f"from {_distance(start)} to {_distance(end)}"


def _distance(offset: int) -> str:
    count = f"{abs(offset)} window{'' if abs(offset) == 1 else 's'}"
    return f"{count} {'before' if offset < 0 else 'after'}"


def _by_dimension(mapping: MultiPartitionMapping) -> str:
    parts = []
    for upstream, of in mapping.by_upstream_dimension:
        names = upstream if upstream == of.dimension_name else f"{upstream} by {of.dimension_name}"
        parts.append(f"{names}: {mapping_in_words(of.partition_mapping)}")
    return "; ".join(parts) or "all partitions"


def _listed(what: str, items: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return f"{what} {', '.join(items[:_SHOWN])}{more}"
