"""A DAG as a running Airflow lists it, in the snapshot's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from os.path import commonpath
from pathlib import PurePosixPath

from pydantic import JsonValue

from adapters.airflow.api.inventory import (
    DagDetails,
    ListedDag,
    ListedDataset,
    ListedInstance,
    ListedRun,
    ListedTask,
)
from adapters.airflow.legacy.durations import durations_of
from adapters.airflow.legacy.secrecy import without_secret
from adapters.airflow.legacy.snapshot import CrossDagLink, Dag, Operation, Schedule, Task

_CRON = re.compile(
    r"@(?:hourly|daily|midnight|weekly|monthly|quarterly|yearly|annually)|\S+(?: \S+){4,5}"
)
_DELTA = re.compile(r"(?:(?P<days>\d+) days?, )?(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d)")
_BY_DATASETS = re.compile(r"Dataset|Asset|Partitioned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All that was asked about one DAG; `runs` are its latest, the last one first."""

    dag: ListedDag
    file: str
    details: DagDetails | None = None
    tasks: tuple[ListedTask, ...] = ()
    runs: tuple[ListedRun, ...] = ()
    successes: tuple[ListedInstance, ...] = ()


def dag_of(listing: Listing, datasets: Sequence[ListedDataset]) -> Dag:
    """The DAG with all its tasks, each of them opaque, and how it ran of late."""
    listed, details = listing.dag, listing.details
    upstream: dict[str, set[str]] = {}
    for task in listing.tasks:
        for below in task.downstream_task_ids:
            upstream.setdefault(below, set()).add(task.task_id)
    beside = [each for each in datasets if listed.dag_id in _dags_beside(each)]
    schedule = schedule_of(listed, beside)
    zone = details.timezone if details is not None else None
    params = details.params if details is not None else {}
    return Dag(
        dag_id=listed.dag_id,
        file=listing.file,
        how="listed",
        schedule=schedule,
        timezone=None if zone == "UTC" else zone,
        start_date=_text(details.start_date if details is not None else None),
        end_date=_text(details.end_date if details is not None else None),
        catchup=details.catchup if details is not None else None,
        tags=tuple(sorted(str(tag.get("name")) for tag in listed.tags)),
        owners=tuple(sorted({owner for owner in listed.owners if owner != "airflow"})),
        params={name: without_secret(name, _value(each)) for name, each in params.items()},
        doc=details.doc_md if details is not None else None,
        tasks=tuple(
            _task(task, upstream.get(task.task_id, set()), listing, beside)
            for task in sorted(listing.tasks, key=lambda task: task.task_id)
        ),
        links=tuple(CrossDagLink(kind="dataset", uri=uri) for uri in schedule.datasets),
        operation=_operation(listing),
    )


def _dags_beside(dataset: ListedDataset) -> set[str]:
    sides = (dataset.producing_tasks, dataset.consuming_tasks, dataset.scheduled_dags)
    return {ref.dag_id for side in sides for ref in side}


def schedule_of(dag: ListedDag, datasets: Sequence[ListedDataset]) -> Schedule:
    """When it runs: v1 lists it in a form of its own, v2 as a text."""
    given = dag.schedule_interval
    if given is not None and given.get("__type") in ("TimeDelta", "RelativeDelta"):
        return _interval(given)
    text = dag.timetable_summary if given is None else str(given.get("value"))
    if text is None or text == "None":
        return Schedule(kind="none", text="None")
    if text in ("@once", "@continuous"):
        return Schedule(kind="once" if text == "@once" else "continuous", text=text)
    if _BY_DATASETS.match(text):
        uris = {
            each.uri for each in datasets if dag.dag_id in {d.dag_id for d in each.scheduled_dags}
        }
        return Schedule(kind="datasets", text="datasets", datasets=tuple(sorted(uris)))
    if _CRON.fullmatch(text):
        return Schedule(kind="cron", text=text, cron=text)
    return _interval_in(text) or Schedule(kind="timetable", text=text)


def _interval_in(text: str) -> Schedule | None:
    delta = _DELTA.fullmatch(text)
    if delta is None:
        return None
    parts = {name: int(number or 0) for name, number in delta.groupdict().items()}
    return Schedule(kind="interval", text=text, interval_s=timedelta(**parts).total_seconds())


def _interval(given: Mapping[str, JsonValue]) -> Schedule:
    if given.get("__type") == "RelativeDelta":
        return Schedule(kind="interval", text="relativedelta")
    numbers = {
        name: float(number)
        for name in ("days", "seconds", "microseconds")
        if isinstance(number := given.get(name), (int, float))
    }
    delta = timedelta(**numbers)
    return Schedule(kind="interval", text=str(delta), interval_s=delta.total_seconds())


def file_names(dags: Iterable[ListedDag]) -> dict[str, str]:
    """dag id -> its file, from the folder that the Airflow reads: v2 says it, in v1 it is the one
    that all files lie in. With several bundles, each has a folder of its name.
    """
    listed = list(dags)
    base = base_of(listed)
    bundles = {dag.bundle_name for dag in listed if dag.bundle_name}
    names = {}
    for dag in listed:
        name = dag.relative_fileloc or dag.fileloc.removeprefix(base)
        if len(bundles) > 1 and dag.bundle_name:
            name = f"{dag.bundle_name}/{name}"
        # An Airflow is not to say where on this machine we write.
        parts = [part for part in PurePosixPath(name).parts if part not in ("/", "..", ".")]
        names[dag.dag_id] = "/".join(parts) or f"{dag.dag_id}.py"
    return names


def base_of(dags: Iterable[ListedDag]) -> str:
    """The folder that all files of v1 lie in, with a slash; empty where there is none."""
    folders = {str(PurePosixPath(dag.fileloc).parent) for dag in dags if dag.fileloc}
    return commonpath(folders).rstrip("/") + "/" if folders else ""


def _task(
    task: ListedTask, upstream: set[str], listing: Listing, datasets: Sequence[ListedDataset]
) -> Task:
    dag_id = listing.dag.dag_id
    begun = {run.dag_run_id: run.start_date for run in listing.runs}
    own: list[float] = []
    since_begin: dict[str, float] = {}
    for instance in listing.successes:
        if instance.task_id != task.task_id or instance.end_date is None:
            continue
        if instance.start_date is not None:
            own.append((instance.end_date - instance.start_date).total_seconds())
        run_begin = begun.get(instance.dag_run_id)
        if run_begin is not None:  # the last of several map indexes ends the task
            took = (instance.end_date - run_begin).total_seconds()
            since_begin[instance.dag_run_id] = max(took, since_begin.get(instance.dag_run_id, 0))
    return Task(
        task_id=task.task_id,
        operator=_class(task),
        how="listed",
        owner=None if task.owner == "airflow" else task.owner,
        trigger_rule=None if task.trigger_rule == "all_success" else task.trigger_rule,
        retries=int(task.retries or 0) or None,
        pool=None if task.pool == "default_pool" else task.pool,
        queue=None if task.queue == "default" else task.queue,
        mapped=task.is_mapped,
        doc=task.doc_md,
        upstream=tuple(sorted(upstream)),
        inlets=tuple(_beside(dag_id, task.task_id, datasets, "consuming_tasks")),
        outlets=tuple(_beside(dag_id, task.task_id, datasets, "producing_tasks")),
        durations=durations_of(own),
        done_after=durations_of(list(since_begin.values())),
    )


def _class(task: ListedTask) -> str:
    if task.class_ref is None:
        return task.operator_name or "unknown"
    module = task.class_ref.module_path
    return f"{module}.{task.class_ref.class_name}" if module else task.class_ref.class_name


def _beside(
    dag_id: str, task_id: str, datasets: Sequence[ListedDataset], side: str
) -> Iterable[str]:
    return sorted(
        {
            each.uri
            for each in datasets
            for ref in getattr(each, side)
            if (ref.dag_id, ref.task_id) == (dag_id, task_id)
        }
    )


def _operation(listing: Listing) -> Operation:
    listed = listing.dag
    last = next((run for run in listing.runs if run.start_date is not None), None)
    took = [
        (run.end_date - run.start_date).total_seconds()
        for run in listing.runs
        if run.state == "success" and run.start_date is not None and run.end_date is not None
    ]
    active = listed.is_active if listed.is_stale is None else not listed.is_stale
    return Operation(
        is_paused=listed.is_paused,
        is_active=active,
        last_run=_text(last.start_date) if last is not None else None,
        last_state=last.state if last is not None else None,
        next_run=_text(listed.next_run),
        durations=durations_of(took),
    )


def _value(param: JsonValue) -> JsonValue:
    """A param with a schema is listed as an object of its value and more."""
    return param["value"] if isinstance(param, dict) and "value" in param else param


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(timezone.utc).isoformat()
