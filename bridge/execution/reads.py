"""Which partitions of other assets a step of a run reads. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from bridge.errors import PartitionError
from bridge.execution.plan import Step
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import AllPartitionMapping


def read_by(
    step: Step, dep: AssetKey, graph: AssetGraph, now: datetime
) -> Collection[str | None] | None:
    """The partitions of `dep` that a step reads; None for all there are.

    Its own key means the earlier partitions that it reads, but for checks alone the partition
    itself. An asset without partitions is read whole: {None}.
    """
    if graph.nodes[dep].spec.partitions_def is None:
        return (None,)
    if step.definition is None and dep in step.keys:
        return None if step.partition is None else step.partitions
    readers = [key for key in step.keys if dep in graph.nodes[key].spec.reads] or step.keys[:1]
    found: dict[str | None, None] = {}
    for key in readers:
        mapping = graph.nodes[key].spec.mappings.get(dep)
        if isinstance(mapping, AllPartitionMapping) or (step.partition is None and mapping is None):
            return None
        for partition in step.partitions:
            try:
                found |= dict.fromkeys(graph.partitions_read(key, partition, dep, now))
            except PartitionError:  # noqa: PERF203 - needs one that cannot exist, which no step makes
                continue
    return found


def cause_of(
    step: Step,
    needed: Iterable[AssetKey],
    stopped: Mapping[AssetKey, Mapping[str | None, AssetKey]],
    graph: AssetGraph,
    now: datetime,
) -> AssetKey | None:
    """What keeps a step from running: the first that failed of what it reads, None if none did."""
    for dep in needed:
        failed = stopped.get(dep)
        if not failed:
            continue
        read = read_by(step, dep, graph, now)
        for partition in failed if read is None else read:
            if partition in failed:
                return failed[partition]
    return None
