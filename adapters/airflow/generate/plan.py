"""From the asset graph to the manifest: which DAGs, what starts them, what waits for what. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from adapters.airflow.generate import ids
from adapters.airflow.generate.manifest import DagPlan, Manifest
from adapters.airflow.generate.past import about_mappings, read_later, refuse_later_partitions
from adapters.airflow.generate.tasks import shown, tasks_of
from adapters.airflow.uris import asset_uri
from bridge.calendar import local_time
from bridge.errors import DefinitionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode
from bridge.partitions import PartitionsDefinition, TimeWindowPartitionsDefinition
from bridge.project import Project

# Airflow 2.11 wants a start on every DAG, and neither version runs tasks of a run dated before it.
_BEFORE_ANY_RUN = date(2000, 1, 1)
# Partitions do not need each other; more at once mostly wait for the same warehouse.
_PARTITIONS_AT_ONCE = 4
_LONGEST_TAG = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    """The assets of one DAG."""

    dag_id: str
    group: str
    partitions_def: TimeWindowPartitionsDefinition | None
    nodes: tuple[AssetNode, ...]


def plan_dags(graph: AssetGraph, project: Project) -> Manifest:
    """One DAG for each group and partitions definition, whatever the order of definition.

    Raises DefinitionError for what Airflow cannot carry.
    """
    refuse_later_partitions(graph)
    bundles = _bundles(graph)
    home = {node.key: bundle.dag_id for bundle in bundles for node in bundle.nodes}
    circular = _in_circles(graph, home)
    return Manifest(
        locations=tuple(_portable(name, project.root) for name in project.definitions),
        dags=tuple(
            _dag(graph, bundle, home, is_circular=bundle.dag_id in circular) for bundle in bundles
        ),
    )


def _bundles(graph: AssetGraph) -> list[_Bundle]:
    groups: dict[str, dict[TimeWindowPartitionsDefinition | None, list[AssetNode]]] = {}
    for node in sorted(graph, key=lambda node: node.key.path):
        if node.definition is not None:
            # one task computes all assets of a function: it is where the first of them is
            first = graph.nodes[node.definition.keys[0]]
            group = groups.setdefault(first.spec.group_name, {})
            group.setdefault(_schedulable(node.spec.partitions_def, node.key), []).append(node)
    bundles = [
        _Bundle(
            dag_id=ids.dag_id(group, _suffix(partitions_def, list(parts))),
            group=group,
            partitions_def=partitions_def,
            nodes=tuple(nodes),
        )
        for group, parts in groups.items()
        for partitions_def, nodes in parts.items()
    ]
    return sorted(bundles, key=lambda bundle: bundle.dag_id)


def _schedulable(
    of: PartitionsDefinition | None, key: AssetKey
) -> TimeWindowPartitionsDefinition | None:
    """The partitions, if each is one data interval of a DAG. Raises DefinitionError otherwise."""
    if of is None:
        return None
    if not isinstance(of, TimeWindowPartitionsDefinition):
        raise DefinitionError(
            f"Asset {key} has {of.kind} partitions, and a DAG can only be scheduled for windows of "
            "time. Leave it out of what Airflow runs, or give it time partitions."
        )
    if of.exclusions:
        raise DefinitionError(
            f"Asset {key} has partitions with exclusions, and the schedule of a DAG leaves no run "
            "out. Leave it out of what Airflow runs, or give it partitions without exclusions."
        )
    return of


def _suffix(
    own: TimeWindowPartitionsDefinition | None,
    all_of_group: Sequence[TimeWindowPartitionsDefinition | None],
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


def _in_circles(graph: AssetGraph, home: Mapping[AssetKey, str]) -> set[str]:
    """The DAGs that would start each other for ever, although their assets make no circle."""
    after: dict[str, set[str]] = {name: set() for name in home.values()}
    for key, name in home.items():
        after[name] |= {home[dep] for dep in graph.upstream(key) if dep in home} - {name}
    return {name for name in after if name in _reachable(after[name], after)}


def _reachable(first: Iterable[str], after: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(first)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += after[name]
    return found


def _dag(
    graph: AssetGraph, bundle: _Bundle, home: Mapping[AssetKey, str], *, is_circular: bool
) -> DagPlan:
    inside = {node.key for node in bundle.nodes}
    outside = sorted(
        {dep for node in bundle.nodes for dep in node.spec.deps if dep not in inside},
        key=lambda key: key.path,
    )
    known = [graph.nodes[key] for key in outside if key in home or graph.nodes[key].spec.uri]
    listens = bundle.partitions_def is None and not is_circular and len(known) == len(outside)
    triggers = tuple(asset_uri(node.key, node.spec.uri) for node in known) if listens else ()
    past = set() if bundle.partitions_def is None else read_later(bundle.nodes) & inside
    tasks = tasks_of(graph, inside, past)
    legacy = tuple(node for node in bundle.nodes if node.produced_by)
    plan = DagPlan(
        dag_id=bundle.dag_id,
        group=bundle.group,
        description=_description(bundle),
        doc=(
            *_how_it_starts(bundle, triggers),
            *_about_upstream(outside, graph, home, bool(triggers), is_circular=is_circular),
            *about_mappings(bundle.nodes, past),
            *_about_other_groups(bundle),
            *_about_legacy(legacy),
        ),
        tags=tuple(tag for tag in ("bridge", bundle.group) if len(tag) <= _LONGEST_TAG),
        start=datetime.combine(_BEFORE_ANY_RUN, time()).isoformat(),
        end=None,
        timezone="UTC",
        cron=None,
        triggers=triggers,
        max_active_runs=1,
        is_paused_at_first=bool(legacy),
        partitions=None,
        tasks=tasks,
    )
    if bundle.partitions_def is None:
        return plan
    at_once = 1 if past else _PARTITIONS_AT_ONCE
    return _by_partition(plan, bundle.partitions_def)._replace(max_active_runs=at_once)


def _by_partition(plan: DagPlan, of: TimeWindowPartitionsDefinition) -> DagPlan:
    """The DAG with one data interval a partition; `end_offset` shifts when one comes to be."""
    first = of.edge(of.start, -of.end_offset)
    last = None if of.end is None else of.edge(of.end, -1 - of.end_offset)
    return plan._replace(
        start=local_time(first, of.timezone).isoformat(),
        end=None if last is None else local_time(last, of.timezone).isoformat(),
        timezone=of.timezone,
        cron=of.cron_schedule,
        partitions=of.describe(),
    )


def _description(bundle: _Bundle) -> str:
    of = bundle.partitions_def
    each = "" if of is None else f", one partition a {of.unit}"
    return f"The assets of the group {bundle.group}{each}"


def _how_it_starts(bundle: _Bundle, triggers: Sequence[str]) -> list[str]:
    of = bundle.partitions_def
    if of is not None:
        example = of.describe()["start"]
        return [
            "A scheduled run computes the partition of its data interval, "
            f"a {of.unit} in {of.timezone}.",
            f'For another one, trigger it with the configuration {{"partition": "{example}"}}.',
        ]
    if triggers:
        return ["It runs when each of these has been updated: " + ", ".join(triggers) + "."]
    return ["It has no schedule: trigger it by hand, or from another DAG."]


def _about_upstream(
    outside: Sequence[AssetKey],
    graph: AssetGraph,
    home: Mapping[AssetKey, str],
    listens: bool,  # noqa: FBT001
    *,
    is_circular: bool,
) -> list[str]:
    if not outside:
        return []
    sentences = []
    if not listens:
        reads = ", ".join(
            f"{shown(key)} ({_from_where(graph.nodes[key], home)})" for key in outside
        )
        sentences.append(f"It reads what is there, and does not wait for: {reads}.")
    if is_circular:
        sentences.append(
            "Some of these read assets of this DAG in turn, so the two cannot start each other."
        )
    observed = [key for key in outside if key not in home]
    if listens and observed:
        names = ", ".join(
            f"{shown(key)} ({_from_where(graph.nodes[key], home)})" for key in observed
        )
        sentences.append(
            f"Written elsewhere, where a task has to name the URI as its outlet: {names}."
        )
    return sentences


def _from_where(node: AssetNode, home: Mapping[AssetKey, str]) -> str:
    if node.key in home:
        return f"DAG {home[node.key]}"
    return ", ".join(node.produced_by) or "written by something outside"


def _about_other_groups(bundle: _Bundle) -> list[str]:
    others = [n for n in bundle.nodes if n.spec.group_name != bundle.group]
    if not others:
        return []
    names = ", ".join(f"{shown(node.key)} ({node.spec.group_name})" for node in others)
    return [f"Its functions compute assets of other groups too: {names}."]


def _about_legacy(legacy: Sequence[AssetNode]) -> list[str]:
    if not legacy:
        return []
    names = ", ".join(f"{shown(node.key)} ({', '.join(node.produced_by)})" for node in legacy)
    return [f"Paused at first, for legacy tasks write these as well: {names}."]


def _portable(location: str, root: Path) -> str:
    """A code location without the folder that the project happens to be in."""
    path = Path(location)
    if location.endswith(".py") and path.is_absolute() and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return location
