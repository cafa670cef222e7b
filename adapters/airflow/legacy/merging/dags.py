"""One DAG of several: what it is set to from who loads it, what it is made of from its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from adapters.airflow.legacy.about import about_dag
from adapters.airflow.legacy.merging.tasks import HOWS, WORDS, merged_task, upstream_of
from adapters.airflow.legacy.snapshot import Dag, Finding, Schedule, Severity, Taker, Task

BY_SETTINGS: tuple[Taker, ...] = ("dagbag", "rest", "source")
BY_CODE: tuple[Taker, ...] = ("source", "dagbag", "rest")
_UNSAID = ("unknown", "unset")
T = TypeVar("T")


def merged_dag(seen: Mapping[Taker, Dag]) -> tuple[Dag, list[Finding]]:
    """The DAG as all that see it say together, and where they disagree."""
    by_settings = [seen[taker] for taker in BY_SETTINGS if taker in seen]
    by_code = [seen[taker] for taker in BY_CODE if taker in seen]
    deployed, code = by_settings[0], by_code[0]
    tasks, differing_tasks = _tasks(seen, code)
    rest = seen.get("rest")
    dag = code.model_copy(
        update={
            "how": min((each.how for each in by_code), key=HOWS.index),
            "schedule": _schedule(by_settings),
            "timezone": _first(each.timezone for each in by_settings),
            "start_date": _first(each.start_date for each in by_settings),
            "end_date": _first(each.end_date for each in by_settings),
            "catchup": _first(each.catchup for each in by_settings),
            "tags": deployed.tags or code.tags,
            "owners": deployed.owners or code.owners,
            "params": deployed.params or code.params,
            "doc": _first(each.doc for each in by_code),
            "tasks": tasks,
            "links": next((each.links for each in by_code if each.links), ()),
            "operation": None if rest is None else rest.operation,
        }
    )
    return dag, [*_disagreements(seen), *differing_tasks]


def same_schedule(one: Schedule, other: Schedule) -> bool:
    """Whether two ways of saying when a DAG runs mean the same, as far as that can be told."""
    ours, theirs = one.plain_cron, other.plain_cron
    if ours is not None and theirs is not None:
        return ours == theirs
    if one.kind != other.kind:
        return False
    if one.kind == "interval":
        return None in (one.interval_s, other.interval_s) or one.interval_s == other.interval_s
    # An Airflow writes URIs in its own way; an alias has none, nor has what was stood in for.
    return not one.datasets or not other.datasets or len(one.datasets) == len(other.datasets)


def _schedule(by_settings: Sequence[Dag]) -> Schedule:
    """Of the first that says one; in the words of the source, where that says the same."""
    said = [dag.schedule for dag in by_settings if dag.schedule.kind not in _UNSAID]
    if not said:
        return by_settings[-1].schedule
    same = [each for each in reversed(said) if same_schedule(each, said[0])]
    return next((each for each in same if each.datasets), same[0])


def _first(values: Iterator[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _tasks(seen: Mapping[Taker, Dag], dag: Dag) -> tuple[tuple[Task, ...], list[Finding]]:
    by_taker = {taker: {task.task_id: task for task in each.tasks} for taker, each in seen.items()}
    tasks: list[Task] = []
    findings: list[Finding] = []
    for task_id in sorted({name for named in by_taker.values() for name in named}):
        known = {taker: named[task_id] for taker, named in by_taker.items() if task_id in named}
        task, differing = merged_task(known)
        tasks.append(task.model_copy(update={"upstream": upstream_of(task_id, by_taker)}))
        findings += [about_dag(dag, "takers_differ", each, "info", task_id) for each in differing]
    return tuple(tasks), findings


def _disagreements(seen: Mapping[Taker, Dag]) -> Iterator[Finding]:
    """What others say of the DAG otherwise than who counts."""
    takers = [taker for taker in BY_SETTINGS if taker in seen]
    for taker in takers[1:]:
        dag, counts = seen[taker], seen[takers[0]]
        for what, theirs, ours, severity in _differing(dag, counts):
            message = (
                f"{what}: {WORDS[taker]} says {theirs}, {WORDS[takers[0]]} says {ours}, "
                "which counts"
            )
            yield about_dag(dag, "takers_differ", message, severity)


def _differing(dag: Dag, counts: Dag) -> Iterator[tuple[str, str, str, Severity]]:
    theirs, ours = dag.schedule, counts.schedule
    if theirs.kind not in _UNSAID and ours.kind not in _UNSAID:
        zones = (dag.timezone or "UTC", counts.timezone or "UTC")
        if not same_schedule(theirs, ours):
            yield "schedule", theirs.words, ours.words, "warning"
        elif theirs.kind == "cron" and zones[0] != zones[1]:
            yield "timezone", *zones, "warning"
    for name in ("start_date", "end_date"):
        one, other = getattr(dag, name), getattr(counts, name)
        if one is not None and other is not None and not _same_time(one, other):
            yield name, one, other, "info"
    if None not in (dag.catchup, counts.catchup) and dag.catchup != counts.catchup:
        yield "catchup", str(dag.catchup), str(counts.catchup), "info"


def _same_time(one: str, other: str) -> bool:
    """Without a zone, the source means that of the Airflow that loads it."""
    try:
        ours, theirs = datetime.fromisoformat(one), datetime.fromisoformat(other)
    except ValueError:
        return one == other
    if None in (ours.tzinfo, theirs.tzinfo):
        return ours.replace(tzinfo=None) == theirs.replace(tzinfo=None)
    return ours == theirs
