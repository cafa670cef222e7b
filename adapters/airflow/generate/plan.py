"""From the asset graph to the manifest: which DAGs, what starts them, what waits for what. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.airflow.generate.bundles import Bundle, group_bundles
from adapters.airflow.generate.fuse import require_known, to_fuse
from adapters.airflow.generate.jobs import carried_schedules, condition_findings, job_bundles
from adapters.airflow.generate.keyed import refuse_past, wants_keys
from adapters.airflow.generate.manifest import DagPlan, Manifest
from adapters.airflow.generate.news import News, is_conditional
from adapters.airflow.generate.past import about_mappings, read_later, refuse_later_partitions
from adapters.airflow.generate.pools import command
from adapters.airflow.generate.settings import PREFIX
from adapters.airflow.generate.starting import (
    how_it_starts,
    news_of,
    started_by,
    starting_findings,
)
from adapters.airflow.generate.tasks import shown, tasks_of
from adapters.airflow.generate.timing import about_timetable, timetable_findings
from adapters.airflow.generate.waits import refuse_circles, waits_of, writer_of
from bridge.automation.location import Automation
from bridge.capabilities import Carried
from bridge.findings import Finding
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.nodes import AssetNode
from bridge.project import Project

# Partitions do not need each other; more at once mostly wait for the same warehouse.
_PARTITIONS_AT_ONCE = 4
_LONGEST_TAG = 100


@dataclass(frozen=True, slots=True)
class Planned:
    """The DAGs, what of the definitions they cannot say, and what is asked by nobody else."""

    manifest: Manifest
    findings: tuple[Finding, ...]
    carried: Carried


def plan_dags(graph: AssetGraph, project: Project, automation: Automation | None = None) -> Planned:
    """One DAG for each job, and for each group and partitions definition of the other assets.

    Whatever the order of definition. Raises DefinitionError for what Airflow cannot carry.
    """
    keys = wants_keys(project)
    refuse_later_partitions(graph)
    jobs, left = job_bundles(graph, automation or Automation())
    fuse = project.generate.fuse
    require_known(fuse, graph, {bundle.job for bundle in jobs if bundle.job})
    in_jobs = {node.key: bundle.dag_id for bundle in reversed(jobs) for node in bundle.nodes}
    groups, unscheduled = group_bundles(graph, in_jobs)
    home = {node.key: bundle.dag_id for bundle in groups for node in bundle.nodes}
    circular = _in_circles(graph, home)  # a job waits for nothing outside
    home |= in_jobs
    bundles = sorted((*jobs, *groups), key=lambda bundle: bundle.dag_id)
    is_asked_here = project.generate.automation == "airflow"
    news = {
        bundle.dag_id: found
        for bundle in (groups if is_asked_here else ())
        if bundle.dag_id not in circular
        and (found := news_of(bundle, graph, home, keys=keys)) is not None
    }
    carried = Carried(
        schedules=carried_schedules(automation or Automation()) if is_asked_here else frozenset(),
        conditions=frozenset(
            node.key for bundle in groups if bundle.dag_id in news for node in bundle.nodes
        ),
    )
    manifest = Manifest(
        locations=tuple(_portable(name, project.root) for name in project.definitions),
        dags=tuple(
            _dag(
                graph,
                bundle,
                home,
                fuse,
                news.get(bundle.dag_id),
                is_circular=bundle.dag_id in circular,
                wait_timeout_s=project.generate.wait_timeout_s,
                keys=keys,
            )
            for bundle in bundles
        ),
        target=project.generate.target,
    )
    refuse_circles(manifest.dags, graph, home)
    left += condition_findings(graph, carried.conditions)
    left += [*unscheduled, *_in_both_ways(groups), *_pools(manifest, project)]
    for bundle, dag in zip(bundles, manifest.dags, strict=True):
        left += timetable_findings(dag.dag_id, dag.schedule)
        left += starting_findings(bundle, dag.schedule, graph) if keys else []
    return Planned(manifest, tuple(left), carried)


def carried(graph: AssetGraph, project: Project, automation: Automation) -> Carried:
    """The schedules and conditions that generated DAGs ask, where the settings say that they do.

    Raises DefinitionError for what Airflow cannot carry.
    """
    if project.generate.automation == "daemon":
        return Carried()
    return plan_dags(graph, project, automation).carried


def _in_both_ways(groups: Iterable[Bundle]) -> list[Finding]:
    """Groups whose DAG runs on its schedule what the daemon asks for, too."""
    return [
        Finding(
            level="warning",
            code="asked-for-in-two-ways",
            about=bundle.dag_id,
            message=f"{bundle.dag_id} computes all of its assets when its schedule says, "
            f"also those with conditions, such as {shown(some[0].key)}.",
            hint="Put assets with conditions into a group of their own.",
        )
        for bundle in groups
        if (some := [n for n in bundle.nodes if n.spec.automation_condition is not None])
        and not is_conditional(bundle.nodes)
    ]


def _pools(manifest: Manifest, project: Project) -> list[Finding]:
    """Which pools Airflow must have: a task of one that is not there is never started."""
    names = {t.settings.pool for dag in manifest.dags for t in dag.tasks if t.settings.pool}
    return [
        Finding(
            level="note",
            code="needs-pool",
            about=name,
            message=f"Tasks need the pool {name} in Airflow.",
            hint=command(name, project),
        )
        for name in sorted(names)
    ]


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
    graph: AssetGraph,
    bundle: Bundle,
    home: Mapping[AssetKey, str],
    fuse: Collection[str],
    news: News | None,
    *,
    is_circular: bool,
    wait_timeout_s: float,
    keys: bool,
) -> DagPlan:
    inside = {node.key for node in bundle.nodes}
    outside = sorted(
        {dep for node in bundle.nodes for dep in node.spec.deps if dep not in inside},
        key=lambda key: key.path,
    )
    schedule = started_by(
        bundle, outside, graph, home, is_circular=is_circular, keys=keys, news=news
    )
    of = bundle.partitions_def
    # else nobody says which run comes before
    is_in_order = bundle.schedule.is_timed and of is not None
    past = read_later(bundle.nodes) & inside if is_in_order else set()
    if keys:
        refuse_past(bundle.nodes, past)
    at_once = 1 if past or of is None else _PARTITIONS_AT_ONCE
    waits = waits_of(bundle.nodes if of else (), graph, home, wait_timeout_s)
    tasks = tasks_of(graph, inside, past, waits, to_fuse(bundle, fuse))
    legacy = tuple(node for node in bundle.nodes if node.produced_by)
    return DagPlan(
        dag_id=bundle.dag_id,
        group=bundle.group,
        description=bundle.description,
        doc=(
            *how_it_starts(schedule, of),
            *about_timetable(schedule),
            *_about_upstream(
                [key for key in outside if key not in waits.awaited],
                graph,
                home,
                listens=schedule.kind in ("assets", "keyed assets"),
                is_circular=is_circular,
            ),
            *_about_waits(waits.awaited, graph, home),
            *about_mappings(bundle.nodes, past),
            *_about_other_groups(bundle),
            *bundle.notes,
            *([] if news else _about_conditions(bundle)),
            *_about_legacy(legacy),
        ),
        tags=tuple(
            tag
            for tag in dict.fromkeys(("bridge", *bundle.tags, *_common_tags(bundle.nodes)))
            if len(tag) <= _LONGEST_TAG
        ),
        schedule=schedule,
        max_active_runs=at_once,
        is_paused_at_first=True if legacy else bundle.is_paused,
        partitions=None if of is None else of.describe(),
        tasks=tasks,
        run_config=bundle.run_config,
    )


def _about_upstream(
    outside: Sequence[AssetKey],
    graph: AssetGraph,
    home: Mapping[AssetKey, str],
    *,
    listens: bool,
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


def _about_waits(
    awaited: Sequence[AssetKey], graph: AssetGraph, home: Mapping[AssetKey, str]
) -> list[str]:
    names = ", ".join(f"{shown(key)} ({_from_where(graph.nodes[key], home)})" for key in awaited)
    return [f"It waits for the partitions that it reads of: {names}."] if names else []


def _from_where(node: AssetNode, home: Mapping[AssetKey, str]) -> str:
    return writer_of(node, home) or "written by something outside"


def _common_tags(nodes: Iterable[AssetNode]) -> list[str]:
    """The tags that all assets of a DAG have, but not those that are settings of tasks."""
    common = set.intersection(*(set(node.spec.tags.items()) for node in nodes))
    return [
        f"{name}:{value}" if value else name
        for name, value in sorted(common)
        if not name.startswith(PREFIX)
    ]


def _about_conditions(bundle: Bundle) -> list[str]:
    keys = [node.key for node in bundle.nodes if node.spec.automation_condition is not None]
    if not keys:
        return []
    return [f"Conditions are left to `bridge daemon`: of {', '.join(map(shown, keys))}."]


def _about_other_groups(bundle: Bundle) -> list[str]:
    if bundle.group is None:
        return []
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
