"""Which DAG runs a run of ours becomes: its assets, by DAG, each for one partition. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapters.airflow.generate.manifest import DagPlan, Manifest
from bridge.errors import DefinitionError
from bridge.execution import Plan
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.runs import RemotePart, Run

RUN_ID_BEGIN = "bridge__"  # 3.3 refuses ids with signs outside of A-Z a-z 0-9 _ . ~ : + -


@dataclass(frozen=True, slots=True)
class DagShare:
    """What one DAG does of a run: these assets, for each of these partitions in turn.

    `partitions` has one None where the assets have none. `is_whole`: these are all of its assets.
    """

    dag: DagPlan
    assets: tuple[AssetKey, ...]
    partitions: tuple[str | None, ...]
    is_whole: bool


def shares(todo: Plan, manifest: Manifest, job: str | None) -> list[DagShare]:
    """The DAGs that compute what a plan does, upstream first.

    A DAG of the run's own job is preferred, then one that computes the most of what is left, and
    little else. Raises DefinitionError for what no DAG computes, and where two DAGs would have to
    wait for each other.
    """
    asked: dict[AssetKey, dict[str | None, None]] = {}
    for step in todo.steps:
        if step.definition is not None:
            for key in step.keys:
                asked.setdefault(key, {}).update(dict.fromkeys(step.partitions))
    if not asked:
        raise DefinitionError(
            "The run computes no asset, so no DAG does it: `bridge check` asks checks alone."
        )
    chosen = dags_of(manifest, asked, job)
    return [_share(dag, keys, asked, inside) for dag, keys, inside in _in_order(chosen, todo.graph)]


def part_runs(run: Run, share: DagShare, stage: int, *, one_by_one: bool) -> list[RemotePart]:
    """A DAG run for each partition of a share; `one_by_one`: each waits for the one before."""
    several = len(share.partitions) > 1
    return [
        RemotePart(
            stage=stage + number if one_by_one else stage,
            name=share.dag.dag_id,
            id=f"{RUN_ID_BEGIN}{run.id}" + (f"_{number:05d}" if several else ""),
            assets=() if share.is_whole else share.assets,
            partition=partition,
        )
        for number, partition in enumerate(share.partitions)
    ]


def part_of_range(share: DagShare, stage: int) -> RemotePart:
    """The whole share as one backfill of Airflow's."""
    first, last = share.partitions[0], share.partitions[-1]
    return RemotePart(
        stage=stage,
        name=share.dag.dag_id,
        id="",
        assets=share.assets,
        partition=f"{first}...{last}",
        is_range=True,
    )


def assets_of(dag: DagPlan) -> dict[AssetKey, None]:
    """The assets that a DAG computes, in the order of its tasks."""
    return {
        AssetKey.parse(name): None
        for task in dag.tasks
        if task.kind in ("asset", "fused")
        for name in task.assets
    }


def dags_of(
    manifest: Manifest, asked: Iterable[AssetKey], job: str | None = None
) -> dict[AssetKey, DagPlan]:
    """The DAG that computes each of these. Raises DefinitionError where none does."""
    found: dict[AssetKey, DagPlan] = {}
    inside = {dag.dag_id: assets_of(dag) for dag in manifest.dags}
    left = dict.fromkeys(asked)
    while left:
        best = max(
            manifest.dags,
            key=lambda dag: (
                sum(key in inside[dag.dag_id] for key in left),
                dag.group is None and dag.dag_id == job,
                -len(inside[dag.dag_id]),
                dag.dag_id,
            ),
            default=None,
        )
        taken = [] if best is None else [key for key in left if key in inside[best.dag_id]]
        if best is None or not taken:
            raise DefinitionError(
                f"No generated DAG computes {', '.join(map(str, left))}, so that Airflow cannot do "
                "this run. Do it here: bridge materialize."
            )
        for key in taken:
            found[key] = best
            del left[key]
    return found


def _in_order(
    chosen: Mapping[AssetKey, DagPlan], graph: AssetGraph
) -> Iterable[tuple[DagPlan, tuple[AssetKey, ...], dict[AssetKey, None]]]:
    """Each DAG after those whose assets it reads."""
    dags = {dag.dag_id: dag for dag in chosen.values()}
    keys = {
        name: tuple(k for k in graph.order if k in chosen and chosen[k].dag_id == name)
        for name in dags
    }
    waits = {
        name: {chosen[dep].dag_id for key in own for dep in _before(graph, key, chosen)} - {name}
        for name, own in keys.items()
    }
    while waits:
        ready = [name for name, before in waits.items() if not before & waits.keys()]
        if not ready:
            raise DefinitionError(
                f"The DAGs {', '.join(sorted(waits))} read each other's assets, so that neither "
                "can be run whole before the other. Ask for fewer assets at once, or put them in "
                "one job."
            )
        for name in sorted(ready):
            del waits[name]
            yield dags[name], keys[name], assets_of(dags[name])


def _before(
    graph: AssetGraph, key: AssetKey, chosen: Mapping[AssetKey, DagPlan]
) -> Collection[AssetKey]:
    """What of the chosen must be there first, also over assets that are not chosen."""
    return [dep for dep in graph.all_upstream(key) if dep in chosen]


def _share(
    dag: DagPlan,
    keys: Sequence[AssetKey],
    asked: Mapping[AssetKey, Mapping[str | None, None]],
    inside: Mapping[AssetKey, None],
) -> DagShare:
    names: dict[str | None, None] = {}
    for key in keys:
        names.update(asked[key])
    partitions = tuple(name for name in names if name is not None) or (None,)
    whole = [key for key in keys if None in asked[key]]
    if whole and len(partitions) > 1:
        raise DefinitionError(
            f"The DAG {dag.dag_id} computes {', '.join(map(str, whole))}, which has no partitions, "
            "with each partition of its other assets. Ask for these apart from each other."
        )
    return DagShare(dag, tuple(keys), partitions, set(keys) == set(inside))
