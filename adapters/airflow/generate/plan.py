"""From the asset graph to the manifest: which DAGs, what starts them, what waits for what. Pure."""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from adapters.airflow.generate import ids
from adapters.airflow.generate.manifest import DagPlan, Manifest, TaskPlan
from adapters.airflow.generate.past import about_mappings, read_later, refuse_later_partitions
from adapters.airflow.uris import asset_uri
from bridge.calendar import local_time
from bridge.checks import AssetChecksDefinition
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
    _refuse_shared_functions(graph)
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


def _refuse_shared_functions(graph: AssetGraph) -> None:
    """Raise DefinitionError for what is not one function an asset or a check: a task is that."""
    for node in graph:
        definition = node.definition
        if definition is not None and len(definition.specs) > 1:
            raise DefinitionError(
                f"{definition.name} computes {', '.join(map(str, definition.keys))} together, and "
                "an Airflow task computes one asset. Write one @asset for each, or leave its group "
                f"to `bridge materialize`. At {definition.place}"
            )
        for check in node.checks:
            if len(check.specs) > 1:
                names = ", ".join(f"{s.asset_key}:{s.name}" for s in check.specs)
                raise DefinitionError(
                    f"One function answers {names}, and an Airflow task answers one check. Write "
                    f"one @asset_check for each. At {check.place}"
                )
            upstream = graph.all_upstream(node.key) if check.reads else frozenset()
            read = [str(key) for key in check.reads if key not in upstream]
            if read and check.spec.is_blocking:
                raise DefinitionError(
                    f"Check {check.name} of {node.key} also reads {', '.join(read)}, which is not "
                    "upstream of it, and an Airflow DAG asks a blocking check right after its "
                    f"asset. Give it blocking=False. At {check.place}"
                )
        if node.spec.skippable:
            raise DefinitionError(
                f"{node.key} may be left out by its function, and an Airflow task always writes "
                f"its asset. Leave out output_required=False. At {node.spec.place}"
            )


def _bundles(graph: AssetGraph) -> list[_Bundle]:
    groups: dict[str, dict[TimeWindowPartitionsDefinition | None, list[AssetNode]]] = {}
    for node in sorted(graph, key=lambda node: node.key.path):
        if node.is_executable:
            group = groups.setdefault(node.spec.group_name, {})
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
    tasks = tuple(
        _in_order([task for node in bundle.nodes for task in _tasks(node, inside, graph, past)])
    )
    legacy = tuple(node for node in bundle.nodes if node.produced_by)
    plan = DagPlan(
        dag_id=bundle.dag_id,
        group=bundle.group,
        description=_description(bundle),
        doc=(
            *_how_it_starts(bundle, triggers),
            *_about_upstream(outside, graph, home, bool(triggers), is_circular=is_circular),
            *about_mappings(bundle.nodes, past),
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


def _tasks(
    node: AssetNode, inside: set[AssetKey], graph: AssetGraph, past: set[AssetKey]
) -> list[TaskPlan]:
    """The asset's task, one for each blocking check, and a gate where there are several of these.

    The last of them emits the asset event: who listens must not start on data that fails a check.
    The task of an asset in `past` waits for that of the run before, and for what that gates it.
    """
    key, name = node.key, str(node.key)
    uri = asset_uri(key, node.spec.uri)
    owner = ", ".join(node.spec.owners) or None
    upstream = [_last_task(graph.nodes[dep]) for dep in node.spec.deps if dep in inside]
    gates = _blocking(node)
    computes = TaskPlan(
        task_id=ids.task_id(key),
        kind="asset",
        asset=name,
        upstream=tuple(sorted(upstream)),
        outlet=None if gates else uri,
        owner=owner,
        doc=_first_paragraph(node.spec.description),
        after_past=None if key not in past else "checks" if gates else "task",
    )
    checks = [
        TaskPlan(
            task_id=ids.check_task_id(key, check.name),
            kind="check",
            asset=name,
            check=check.name,
            upstream=(computes.task_id,),
            outlet=uri if len(gates) == 1 else None,
            owner=owner,
            doc=_first_paragraph(check.spec.description),
        )
        for check in gates
    ]
    if len(gates) < 2:  # noqa: PLR2004 - one check is its own gate
        return [computes, *checks]
    gate = TaskPlan(
        task_id=ids.gate_task_id(key),
        kind="gate",
        asset=name,
        upstream=tuple(sorted(check.task_id for check in checks)),
        outlet=uri,
        owner=owner,
    )
    return [computes, *checks, gate]


def _blocking(node: AssetNode) -> list[AssetChecksDefinition]:
    return sorted((c for c in node.checks if c.spec.is_blocking), key=lambda check: check.name)


def _last_task(node: AssetNode) -> str:
    """The task after which an asset's downstream may run."""
    gates = _blocking(node)
    if not gates:
        return ids.task_id(node.key)
    return (
        ids.check_task_id(node.key, gates[0].name)
        if len(gates) == 1
        else ids.gate_task_id(node.key)
    )


def _in_order(tasks: Sequence[TaskPlan]) -> list[TaskPlan]:
    """Upstream first, and by name where that leaves a choice."""
    by_id = {task.task_id: task for task in tasks}
    missing = {task.task_id: len(task.upstream) for task in tasks}
    downstream: dict[str, list[str]] = {}
    for task in tasks:
        for name in task.upstream:
            downstream.setdefault(name, []).append(task.task_id)
    ready = [name for name, count in missing.items() if not count]
    heapq.heapify(ready)
    ordered = []
    while ready:
        name = heapq.heappop(ready)
        ordered.append(by_id[name])
        for other in downstream.get(name, ()):
            missing[other] -= 1
            if not missing[other]:
                heapq.heappush(ready, other)
    return ordered


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
            f"{_shown(key)} ({_from_where(graph.nodes[key], home)})" for key in outside
        )
        sentences.append(f"It reads what is there, and does not wait for: {reads}.")
    if is_circular:
        sentences.append(
            "Some of these read assets of this DAG in turn, so the two cannot start each other."
        )
    observed = [key for key in outside if key not in home]
    if listens and observed:
        names = ", ".join(
            f"{_shown(key)} ({_from_where(graph.nodes[key], home)})" for key in observed
        )
        sentences.append(
            f"Written elsewhere, where a task has to name the URI as its outlet: {names}."
        )
    return sentences


def _from_where(node: AssetNode, home: Mapping[AssetKey, str]) -> str:
    if node.key in home:
        return f"DAG {home[node.key]}"
    return ", ".join(node.produced_by) or "written by something outside"


def _about_legacy(legacy: Sequence[AssetNode]) -> list[str]:
    if not legacy:
        return []
    names = ", ".join(f"{_shown(node.key)} ({', '.join(node.produced_by)})" for node in legacy)
    return [f"Paused at first, for legacy tasks write these as well: {names}."]


def _shown(key: AssetKey) -> str:
    text = str(key)
    return text if text.isprintable() else repr(text)


def _first_paragraph(text: str | None) -> str | None:
    """One line out of a docstring."""
    lines = (text or "").strip().split("\n\n")[0]
    return " ".join(lines.split()) or None


def _portable(location: str, root: Path) -> str:
    """A code location without the folder that the project happens to be in."""
    path = Path(location)
    if location.endswith(".py") and path.is_absolute() and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return location
