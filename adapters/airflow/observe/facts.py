"""What the tries of a legacy task say about its assets: pure functions from rows to events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.airflow.api.rows import DagRun, TaskInstance
from adapters.airflow.observe.unit import ObservedUnit, run_partition
from adapters.airflow.source import task_source
from bridge.events import AssetEvent, EventKind
from bridge.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Events, and what there is to say about them."""

    events: tuple[AssetEvent, ...] = ()
    findings: tuple[Finding, ...] = ()


_KINDS: dict[str | None, EventKind] = {
    "success": "materialization",
    "failed": "failure",
    "up_for_retry": "failure",
    "running": "started",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRun:
    """One run of a unit's DAG in the Airflow called `airflow`.

    `seen_at` stands in where Airflow has no time, as for a task marked by hand that never ran.
    """

    airflow: str
    unit: ObservedUnit
    run: DagRun
    seen_at: datetime


def facts_of_try(instance: TaskInstance, of: ObservedRun) -> Facts:
    """One event for each asset: materialized, failed or started. A skipped task says nothing.

    Nor does the success of one map index, or of one of several tasks: see `facts_of_mapped`,
    `facts_of_together`.
    """
    kind = _KINDS.get(instance.state)
    is_part = instance.map_index >= 0 or of.unit.together
    if kind is None or (kind == "materialization" and is_part):
        return Facts()
    return _facts(kind, (instance,), instance.map_index, of)


def facts_of_mapped(instances: Sequence[TaskInstance], of: ObservedRun) -> Facts:
    """A materialization once all map indexes succeeded, as one try: index -1, the highest try
    number.

    `instances` are all of the run's map indexes. One that was cleared and succeeded again makes a
    new event if it has now been tried more often than any other, else none.
    """
    expanded = [t for t in instances if t.map_index >= 0 and t.state != "removed"]
    if not expanded or any(t.state != "success" for t in expanded):
        return Facts()
    return _facts("materialization", expanded, -1, of)


def facts_of_together(instances: Sequence[TaskInstance], of: ObservedRun) -> Facts:
    """A materialization once all tasks that make the assets together have succeeded, or were
    skipped, as one try of the first of them.

    `instances` are all of the run's of these tasks. How long they took, they do not say.
    """
    there = [t for t in instances if t.state != "removed"]
    states = {t.state for t in there}
    missing = set(of.unit.together) - {t.task_id for t in there}
    if missing or not states <= {"success", "skipped"} or "success" not in states:
        return Facts()
    unit = replace(of.unit, task_id=of.unit.together[0])
    facts = _facts("materialization", there, -1, replace(of, unit=unit))
    return replace(facts, events=tuple(replace(each, duration_s=None) for each in facts.events))


def _facts(
    kind: EventKind, instances: Sequence[TaskInstance], map_index: int, of: ObservedRun
) -> Facts:
    unit, run = of.unit, of.run
    task = f"{unit.dag_id}.{unit.task_id}"
    try_number = max(t.try_number for t in instances)
    starts = [t.start for t in instances if t.start is not None]
    ends = [t.end for t in instances if t.end is not None]
    is_over = kind == "materialization" and starts and ends
    partition = run_partition(run, unit)
    messages = []
    findings: tuple[Finding, ...] = ()
    if kind == "failure":
        messages.append(f"Airflow task {task} failed (try {try_number})")
    if partition.why_none is not None:
        messages.append(f"unpartitioned: {partition.why_none}")
        findings = (
            Finding(
                level="warning",
                code="unpartitioned",
                message=f"recorded without a partition: {partition.why_none}",
                about=task,
            ),
        )
    source = task_source(of.airflow, run.dag_id, run.run_id, unit.task_id, map_index, try_number)
    events = tuple(
        AssetEvent(
            kind=kind,
            key=key,
            partition=partition.key,
            happened_at=max(starts if kind == "started" else ends or starts, default=of.seen_at),
            source=source,
            run_id=source.rsplit("/", 3)[0],
            message="; ".join(messages) or None,
            duration_s=(max(ends) - min(starts)).total_seconds() if is_over else None,
        )
        for key in unit.assets
    )
    return Facts(events=events, findings=findings)
