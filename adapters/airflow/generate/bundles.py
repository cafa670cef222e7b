"""Which assets one DAG holds and when it runs: the groups of what is in no job. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.airflow.generate import ids
from adapters.airflow.generate.schedule import Schedule
from adapters.airflow.generate.timing import timed
from bridge.calendar import local_time
from bridge.events import PlainValue
from bridge.findings import Finding
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode
from bridge.partitions import PartitionsDefinition, TimeWindowPartitionsDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The assets of one DAG. `group` is None where it is a job's; `notes` say more of it.

    `is_paused`: until a person says otherwise; None where Airflow's settings say.
    `job` is the name of the job that it is for, if that has one.
    """

    dag_id: str
    description: str
    nodes: tuple[AssetNode, ...]
    partitions_def: PartitionsDefinition | None
    schedule: Schedule
    is_paused: bool | None = None
    group: str | None = None
    tags: tuple[str, ...] = ()
    run_config: Mapping[str, PlainValue] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    job: str | None = None


def group_bundles(
    graph: AssetGraph, elsewhere: Collection[AssetKey]
) -> tuple[list[Bundle], list[Finding]]:
    """One for each group and partitions definition, of the assets that are in no job."""
    groups: dict[str, dict[PartitionsDefinition | None, list[AssetNode]]] = {}
    for node in sorted(graph, key=lambda node: node.key.path):
        if node.definition is not None and node.key not in elsewhere:
            # one task computes all assets of a function: it is where the first of them is
            first = graph.nodes[node.definition.keys[0]]
            group = groups.setdefault(first.spec.group_name, {})
            group.setdefault(node.spec.partitions_def, []).append(node)
    bundles, findings = [], []
    for group_name, parts in groups.items():
        for partitions_def, nodes in parts.items():
            dag_id = ids.dag_id(group_name, _suffix(partitions_def, list(parts)))
            windows = schedulable(partitions_def)
            if partitions_def is not None and windows is None:
                findings.append(no_intervals(dag_id, partitions_def))
            bundles.append(
                Bundle(
                    dag_id=dag_id,
                    group=group_name,
                    description=f"The assets of the group {group_name}{each(partitions_def)}",
                    nodes=tuple(nodes),
                    partitions_def=partitions_def,
                    schedule=Schedule() if windows is None else one_interval_a_partition(windows),
                    tags=(group_name,),
                )
            )
    return bundles, findings


def each(partitions_def: PartitionsDefinition | None) -> str:
    """What a description adds for partitions: `, one partition a day`."""
    if partitions_def is None:
        return ""
    if isinstance(partitions_def, TimeWindowPartitionsDefinition):
        return f", one partition a {partitions_def.unit}"
    return f", {partitions_def.kind} partitions"


def schedulable(of: PartitionsDefinition | None) -> TimeWindowPartitionsDefinition | None:
    """The partitions, if each is one data interval of a DAG."""
    if isinstance(of, TimeWindowPartitionsDefinition) and not (of.exclusions and of.end_offset):
        return of
    return None


def no_intervals(dag_id: str, of: PartitionsDefinition) -> Finding:
    """That a DAG has no schedule because its partitions are no data intervals."""
    left_out = isinstance(of, TimeWindowPartitionsDefinition)
    what = f"{of.kind} partitions" + (" with exclusions and an end_offset" if left_out else "")
    return Finding(
        level="warning",
        code="no-data-intervals",
        about=dag_id,
        message=f"{dag_id} has no schedule: {what} are no data intervals.",
        hint='Trigger it with {"partition": "…"}, or leave it to `bridge daemon`.',
    )


def one_interval_a_partition(
    of: TimeWindowPartitionsDefinition, *, makes_up: bool = False
) -> Schedule:
    """The windows as data intervals; `end_offset` shifts when one comes to be."""
    first = of.edge(of.start, -of.end_offset)
    last = None if of.end is None else of.edge(of.end, -1 - of.end_offset)
    excluded = of.describe().get("exclusions")
    return timed(
        (of.cron_schedule,),
        of.timezone,
        start=on_the_clock(first, of.timezone),
        end=None if last is None else on_the_clock(last, of.timezone),
        exclusions=excluded if isinstance(excluded, list) else (),
        makes_up=makes_up,
    )


def on_the_clock(moment: datetime, zone: str) -> str:
    """A moment as an ISO time on the clocks of a zone, without an offset."""
    return local_time(moment, zone).isoformat()


def _suffix(
    own: PartitionsDefinition | None, all_of_group: Sequence[PartitionsDefinition | None]
) -> str:
    """Nothing for a group's only DAG; a second one renames it, so that no name changes meaning."""
    if len(all_of_group) == 1:
        return ""
    if own is None:
        return "unpartitioned"
    if len([other for other in all_of_group if other is not None]) == 1:
        return own.kind
    described = json.dumps(own.describe(), sort_keys=True)
    return f"{own.kind}_{hashlib.sha256(described.encode()).hexdigest()[:8]}"
