"""Which partitions of an upstream asset one partition of its user needs."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.errors import PartitionError
from bridge.partitions.time import DailyPartitionsDefinition


def upstream_partitions(
    downstream: DailyPartitionsDefinition | None,
    key: str | None,
    upstream: DailyPartitionsDefinition | None,
    now: datetime,
) -> list[str | None]:
    """Upstream partitions that `key` of a downstream asset reads; [None] is the whole asset.

    Unpartitioned reads all that exist at `now`; two daily sets meet where their windows overlap.
    Raises PartitionError where a needed partition can never exist.
    """
    if upstream is None:
        return [None]
    if downstream is None or key is None:
        return list(upstream.keys(now))
    if downstream == upstream:
        return [key]
    window = downstream.window(key)
    last_instant = window.end - timedelta(microseconds=1)
    try:
        return list(upstream.range(upstream.key_for(window.start), upstream.key_for(last_instant)))
    except PartitionError as error:
        raise PartitionError(
            f"Partition {key!r} needs an upstream that cannot exist. {error}"
        ) from error
