"""Which partitions of an upstream asset one partition of its user needs, also without a mapping."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bridge.errors import PartitionError
from bridge.later import Later

if TYPE_CHECKING:
    from bridge.partitions import dimension_mappings, key_mappings, multi, time, window_mapping
    from bridge.partitions.definition import PartitionsDefinition
    from bridge.partitions.dimension_mappings import MultiPartitionMapping
    from bridge.partitions.mapping import PartitionMapping
    from bridge.partitions.multi import MultiPartitionsDefinition
    from bridge.partitions.time import TimeWindowPartitionsDefinition
else:
    dimension_mappings = Later("bridge.partitions.dimension_mappings")
    key_mappings = Later("bridge.partitions.key_mappings")
    multi = Later("bridge.partitions.multi")
    time = Later("bridge.partitions.time")
    window_mapping = Later("bridge.partitions.window_mapping")


def inferred_mapping(
    upstream: PartitionsDefinition, downstream: PartitionsDefinition | None
) -> PartitionMapping:
    """What goes together where nobody said: time by overlap, a dimension with itself, else by key.

    An unpartitioned user reads all. Several dimensions on both sides go together by those of the
    same name, where these are not cut alike or are not all there are.
    """
    if downstream is None:
        return key_mappings.AllPartitionMapping()
    if isinstance(upstream, multi.MultiPartitionsDefinition) and isinstance(
        downstream, multi.MultiPartitionsDefinition
    ):
        return (
            _by_shared_dimensions(upstream, downstream) or key_mappings.IdentityPartitionMapping()
        )
    dimension = dimension_mappings.infers_dimension(upstream, downstream)
    if dimension is not None:
        return dimension
    if isinstance(upstream, time.TimeWindowPartitionsDefinition) and isinstance(
        downstream, time.TimeWindowPartitionsDefinition
    ):
        if upstream.timezone != downstream.timezone:
            return window_mapping.OverlapOfZones()
        return window_mapping.TimeWindowPartitionMapping()
    return key_mappings.IdentityPartitionMapping()


def _by_shared_dimensions(
    upstream: MultiPartitionsDefinition, downstream: MultiPartitionsDefinition
) -> MultiPartitionMapping | None:
    """None where whole keys go together, or no dimension of the same name does."""
    theirs, ours = dict(upstream.dimensions), dict(downstream.dimensions)
    if theirs.keys() == ours.keys() and all(_has_keys_of(theirs[n], ours[n]) for n in theirs):
        return None
    shared = {
        name: dimension_mappings.DimensionPartitionMapping(
            name, inferred_mapping(theirs[name], ours[name])
        )
        for name in theirs
        if name in ours
    }
    mapping = dimension_mappings.MultiPartitionMapping(shared)
    try:
        mapping.validate(upstream, downstream)
    except PartitionError:
        return None
    return mapping if shared else None


def _has_keys_of(one: PartitionsDefinition, other: PartitionsDefinition) -> bool:
    """Whether the same key means the same in two sets of partitions."""
    if isinstance(one, time.TimeWindowPartitionsDefinition) and isinstance(
        other, time.TimeWindowPartitionsDefinition
    ):
        return (one.cron_schedule, one.timezone, one.fmt) == (
            other.cron_schedule,
            other.timezone,
            other.fmt,
        )
    return type(one) is type(other)


def upstream_partitions(
    downstream: PartitionsDefinition | None,
    key: str | None,
    upstream: PartitionsDefinition | None,
    now: datetime,
    mapping: PartitionMapping | None = None,
) -> list[str | None]:
    """Upstream partitions that `key` of a downstream asset reads; [None] is the whole asset.

    Unpartitioned reads all that exist at `now`; two sets of time windows meet where they overlap,
    whether or not the windows are over, also where their zones differ.
    Raises PartitionError where a needed partition does not exist.
    """
    if upstream is None:
        return [None]
    if mapping is None and (downstream is None or key is None):
        return list(upstream.keys(now))
    if mapping is None and key is not None and (downstream is upstream or downstream == upstream):
        return [key]
    if (
        mapping is None
        and key is not None
        and isinstance(upstream, time.TimeWindowPartitionsDefinition)
        and isinstance(downstream, time.TimeWindowPartitionsDefinition)
    ):
        return list(_overlapping(downstream, key, upstream))
    chosen = mapping or inferred_mapping(upstream, downstream)
    needed = chosen.upstream_partitions([] if key is None else [key], downstream, upstream, now)
    if needed.required_but_nonexistent:
        raise PartitionError(
            f"Partition {key!r} needs an upstream that cannot exist: "
            f"{', '.join(needed.required_but_nonexistent[:5])}."
        )
    return list(needed.existing)


def _overlapping(
    downstream: TimeWindowPartitionsDefinition, key: str, upstream: TimeWindowPartitionsDefinition
) -> list[str]:
    window = downstream.window(key)
    last_instant = window.end - timedelta(microseconds=1)
    try:
        return upstream.range(upstream.key_for(window.start), upstream.key_for(last_instant))
    except PartitionError as error:
        raise PartitionError(
            f"Partition {key!r} needs an upstream that cannot exist. {error}"
        ) from error
