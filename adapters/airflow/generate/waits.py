"""Which upstream partitions the tasks of a DAG wait for: those that others write. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from adapters.airflow.generate.manifest import DagPlan
from adapters.airflow.generate.settings import WAIT_TIMEOUT_S, wait_timeout_s
from bridge.errors import DefinitionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode
from bridge.partitions import TimeWindowPartitionMapping


@dataclass(frozen=True, slots=True)
class Waits:
    """For each asset of a DAG the upstream that its task waits for, and who writes each."""

    of: Mapping[AssetKey, Mapping[AssetKey, str]]
    timeout_s: float

    @property
    def awaited(self) -> list[AssetKey]:
        """All upstream that some task waits for, by key."""
        found = {key for awaited in self.of.values() for key in awaited}
        return sorted(found, key=lambda key: key.path)


def waits_of(
    nodes: Iterable[AssetNode],
    graph: AssetGraph,
    home: Mapping[AssetKey, str],
    timeout_s: float,
) -> Waits:
    """What is waited for: the partitions that a partition reads of assets outside of its DAG.

    An asset that nobody is known to write is waited for only where the tag
    `airflow/wait_timeout_s` says so; an unpartitioned one is read as it is. Raises DefinitionError
    for a bad tag.
    """
    nodes = tuple(nodes)
    inside = {node.key for node in nodes}
    found = {node.key: _awaited(node, inside, graph, home, timeout_s) for node in nodes}
    return Waits({key: awaited for key, awaited in found.items() if awaited}, timeout_s)


def _awaited(
    node: AssetNode,
    inside: Collection[AssetKey],
    graph: AssetGraph,
    home: Mapping[AssetKey, str],
    timeout_s: float,
) -> dict[AssetKey, str]:
    said = wait_timeout_s([node])
    if node.spec.partitions_def is None or (timeout_s if said is None else said) == 0:
        return {}
    awaited = {}
    for key in sorted(node.spec.deps, key=lambda key: key.path):
        upstream = graph.nodes[key]
        if key in inside or upstream.spec.partitions_def is None:
            continue
        writer = writer_of(upstream, home)
        if writer is not None or WAIT_TIMEOUT_S in node.spec.tags:
            awaited[key] = writer or "written by something outside"
    return awaited


def writer_of(node: AssetNode, home: Mapping[AssetKey, str]) -> str | None:
    """Who writes an asset, in words; None where nobody is known to."""
    if node.key in home:
        return f"DAG {home[node.key]}"
    return ", ".join(node.produced_by) or None


def refuse_circles(
    dags: Sequence[DagPlan], graph: AssetGraph, home: Mapping[AssetKey, str]
) -> None:
    """Raise DefinitionError where tasks of several DAGs would wait for each other.

    Assets make no circle, but a task that computes several can wait for what reads one of them.
    """
    computing = {
        (dag.dag_id, key): (dag.dag_id, task.task_id)
        for dag in dags
        for task in dag.tasks
        if task.kind in ("asset", "fused")
        for key in task.assets
    }
    after: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for dag in dags:
        for task in dag.tasks:
            before = after.setdefault((dag.dag_id, task.task_id), set())
            before |= {(dag.dag_id, name) for name in task.upstream}
            for key in task.waits_for:
                upstream = AssetKey.parse(key)
                writer = computing.get((home.get(upstream, ""), key))
                if writer is not None and _reads_this_run(task.assets, upstream, graph):
                    before.add(writer)
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        names = ", ".join(sorted({f"{dag_id}: {task_id}" for dag_id, task_id in error.args[1]}))
        raise DefinitionError(
            f"These tasks would wait for each other: {names}. One of them computes an asset and "
            "what reads it by way of another DAG. Leave its group out of generate.fuse, or make "
            "two functions of one; or let it read what is there, with the tag "
            f"{WAIT_TIMEOUT_S} of 0."
        ) from error


def _reads_this_run(readers: Iterable[str], upstream: AssetKey, graph: AssetGraph) -> bool:
    """Whether one of them reads more than windows before its own."""
    specs = [graph.nodes[AssetKey.parse(key)].spec for key in readers]
    return any(
        upstream in spec.deps and not _is_earlier(spec.mappings.get(upstream)) for spec in specs
    )


def _is_earlier(mapping: object) -> bool:
    return (
        isinstance(mapping, TimeWindowPartitionMapping)
        and max(mapping.start_offset, mapping.end_offset) < 0
    )
