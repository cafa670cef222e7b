"""Requests of schedules and sensors as runs that wait to be done, each with an id of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.automation.jobs import ResolvedJob
from bridge.automation.requests import RunRequest
from bridge.errors import DefinitionError
from bridge.events import PlainValue
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import (
    AddDynamicPartitionsRequest,
    DynamicPartitionsRequest,
    PartitionsDefinition,
)
from bridge.runs import Run, RunTarget, derived_run_id

_RANGE = "..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wisher:
    """Who asks: a schedule or sensor, its jobs, and what all of its runs have.

    `once_per_key`: a run key counts for ever, as for sensors; else for one tick.
    """

    name: str
    origin: str
    jobs: tuple[ResolvedJob, ...]
    once_per_key: bool
    run_config: Mapping[str, PlainValue] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def wanted_runs(
    requests: Iterable[RunRequest],
    wisher: Wisher,
    graph: AssetGraph,
    *,
    tick: datetime,
    now: datetime,
) -> tuple[Run, ...]:
    """The runs that these requests of one tick mean, each once.

    Raises DefinitionError for a job or asset that the wisher does not start, and PartitionError for
    a partition that is missing, not wanted or does not exist.
    """
    found: dict[str, Run] = {}
    for number, request in enumerate(requests):
        job = _job(request, wisher)
        keys = _keys(request, job, wisher, graph)
        _require_partition(request.partition_key, keys, wisher, graph, max(tick, now))
        run = Run(
            id=derived_run_id(wisher.origin, _named(request, wisher, tick, number)),
            status="queued",
            created_at=now,
            target=RunTarget(
                assets=keys,
                partition=request.partition_key,
                run_config=_config(job, wisher, request),
            ),
            selection=_selection(request, job),
            origin=wisher.origin,
            job_name=None if job is None else job.name,
            tags={**(job.definition.tags if job else {}), **wisher.tags, **request.tags},
        )
        found.setdefault(run.id, run)
    return tuple(found.values())


def with_requested_partitions(
    graph: AssetGraph,
    requests: Sequence[DynamicPartitionsRequest],
    known: Mapping[str, Sequence[str]],
) -> AssetGraph:
    """The graph as it will be once partitions were added and deleted, for runs of the same tick."""
    if not requests:
        return graph
    keys = {name: dict.fromkeys(each) for name, each in known.items()}
    for request in requests:
        mine = keys.setdefault(request.partitions_def_name, {})
        for key in request.partition_keys:
            if isinstance(request, AddDynamicPartitionsRequest):
                mine.setdefault(key)
            else:
                mine.pop(key, None)
    return graph.with_dynamic_partitions({name: list(each) for name, each in keys.items()})


def _named(request: RunRequest, wisher: Wisher, tick: datetime, number: int) -> str:
    """What makes the request itself: asking again gives the same run."""
    if request.run_key is not None and wisher.once_per_key:
        job = request.job_name or ""
        return f"key {job} {request.run_key}"
    return f"tick {tick.isoformat()} {number if request.run_key is None else request.run_key}"


def _job(request: RunRequest, wisher: Wisher) -> ResolvedJob | None:
    if request.job_name is not None:
        for job in wisher.jobs:
            if job.name == request.job_name:
                return job
        raise DefinitionError(
            f"{wisher.name} asked for the job {request.job_name!r}, which it does not start. "
            f"{_known_jobs(wisher)}"
        )
    if len(wisher.jobs) == 1:
        return wisher.jobs[0]
    if request.asset_selection is not None:
        return None
    raise DefinitionError(
        f"{wisher.name} asked for a run and did not say of what: give RunRequest a job_name or an "
        f"asset_selection. {_known_jobs(wisher)}"
    )


def _known_jobs(wisher: Wisher) -> str:
    names = ", ".join(job.name or job.selection for job in wisher.jobs)
    return f"It starts {names}." if names else "It has no jobs; give it job= or jobs=."


def _keys(
    request: RunRequest, job: ResolvedJob | None, wisher: Wisher, graph: AssetGraph
) -> tuple[AssetKey, ...]:
    if request.asset_selection is None:
        assert job is not None  # noqa: S101 - see `_job`
        return job.keys
    wanted = dict.fromkeys(request.asset_selection)
    for key in wanted:
        if job is not None and key not in job.keys:
            raise DefinitionError(
                f"{wisher.name} asked for {key}, which is none of the assets of "
                f"{job.name or job.selection}."
            )
        if key not in graph or not graph.nodes[key].is_executable:
            raise DefinitionError(
                f"{wisher.name} asked for {key}, which no @asset computes.{graph.suggest(str(key))}"
            )
    return tuple(key for key in graph.order if key in wanted)


def _require_partition(
    wanted: str | None,
    keys: Sequence[AssetKey],
    wisher: Wisher,
    graph: AssetGraph,
    now: datetime,
) -> None:
    partitioned: dict[AssetKey, PartitionsDefinition] = {
        key: of for key in keys if (of := graph.nodes[key].spec.partitions_def) is not None
    }
    if wanted is None and partitioned:
        key = next(iter(partitioned))
        raise DefinitionError(
            f"{wisher.name} asked for {key}, which has {partitioned[key].kind} partitions, and did "
            "not say which one: RunRequest(partition_key=…)."
        )
    if wanted is not None and not partitioned:
        raise DefinitionError(
            f"{wisher.name} asked for the partition {wanted!r} of {keys[0]}, which has none."
        )
    first, is_range, last = (wanted or "").partition(_RANGE)
    for key, definition in partitioned.items():
        for edge in (first, last) if is_range else (first,):
            definition.require(edge, now, key)


def _config(job: ResolvedJob | None, wisher: Wisher, request: RunRequest) -> dict[str, Any]:
    own = {} if job is None else job.definition.run_config
    return {**own, **wisher.run_config, **request.run_config}


def _selection(request: RunRequest, job: ResolvedJob | None) -> str:
    if request.asset_selection is not None:
        return " or ".join(map(str, request.asset_selection))
    return "" if job is None else job.selection
