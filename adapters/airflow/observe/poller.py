"""The poller: what changed in an Airflow since the last look becomes events in the store.

It is the truth about legacy tasks: what runs inside Airflow only tells the same earlier, and the store
takes both for one event. Runs that were cleared or deleted are not retracted yet: an event stays until the
task has run again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.airflow.observe.facts import (
    Facts,
    ObservedRun,
    PollFinding,
    facts_of_mapped,
    facts_of_try,
)
from adapters.airflow.observe.rest import AirflowRest, TryWindow
from adapters.airflow.observe.rows import BadRow, TaskInstance
from adapters.airflow.observe.unit import ObservedUnit
from bridge.events import AssetEvent
from bridge.store import Store

log = logging.getLogger(__name__)

# A row gets its time before its transaction commits, on the clock of whichever machine wrote it. What
# becomes visible later than this after its time is missed; rows read again cost one page a hundred.
OVERLAP = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one poll did. `since` None: it read the whole history. `events` were seen, `recorded` were new.

    `read_through` is where the next poll goes on from.
    """

    since: datetime | None
    read_through: datetime | None
    rows: int
    events: int
    recorded: int
    requests: int
    findings: tuple[PollFinding, ...]


def cursor_name(instance: str) -> str:
    """Under which name the store keeps how far one Airflow has been read."""
    return f"airflow:{instance}:task_instances"


def poll(
    rest: AirflowRest,
    store: Store,
    units: Iterable[ObservedUnit],
    *,
    instance: str,
    now: datetime,
    overlap: timedelta = OVERLAP,
) -> PollReport:
    """Record what the units' tasks have done since the last poll; the first one imports their history.

    Polling again records nothing twice. Interrupted, the next poll goes on from the last window that was
    recorded. Leave out units whose tasks write nothing any more: their success says nothing.
    Raises RemoteUnreachableError and StoreUnreachableError.
    """
    by_task = {(unit.dag_id, unit.task_id): unit for unit in units}
    name = cursor_name(instance)
    saved = store.cursor(name)
    since = None if saved is None else datetime.fromisoformat(saved)
    requests = rest.requests
    # Times of rows are on Airflow's clock. Read up to the later of both, go on from the earlier.
    remote_now = now + rest.clock_offset
    until, trusted = max(now, remote_now), min(now, remote_now)
    rows = seen = recorded = 0
    findings: dict[PollFinding, None] = {}
    read_through = since
    looked_from = None if since is None else since - overlap
    for window in rest.task_instances_updated(looked_from, until, of=by_task.keys()):
        facts = _facts_in(window, rest, by_task, instance)
        rows += window.rows
        seen += len(facts.events)
        recorded += store.record(facts.events)
        findings.update(dict.fromkeys(facts.findings))
        if window.read_through is not None:
            reached = min(window.read_through, trusted)
            if read_through is None or reached > read_through:
                store.set_cursor(name, reached.isoformat())
                read_through = reached
    report = PollReport(
        since=since,
        read_through=read_through,
        rows=rows,
        events=seen,
        recorded=recorded,
        requests=rest.requests - requests,
        findings=tuple(findings),
    )
    log.info("polled %s: %s rows, %s new events", instance, report.rows, report.recorded)
    return report


def _facts_in(
    window: TryWindow,
    rest: AirflowRest,
    units: Mapping[tuple[str, str], ObservedUnit],
    airflow: str,
) -> Facts:
    """All that the tries of a window say, earlier tries and other map indexes included."""
    found: list[Facts] = [_about(window.bad)]
    mapped: dict[tuple[str, str, str], ObservedRun] = {}
    for latest in window.tries:
        instance = latest.instance
        unit = units[instance.dag_id, instance.task_id]
        of = ObservedRun(airflow=airflow, unit=unit, run=latest.run, seen_at=window.until)
        instances, bad = _all_tries(instance, rest)
        found += [_about(bad), *(facts_of_try(each, of) for each in instances)]
        if instance.map_index >= 0 and instance.state == "success":
            mapped[instance.dag_id, instance.run_id, instance.task_id] = of
    if mapped:
        found += _mapped_facts(mapped, rest)
    events: dict[str, AssetEvent] = {e.id: e for facts in found for e in facts.events}
    findings = dict.fromkeys(f for facts in found for f in facts.findings)
    return Facts(events=tuple(events.values()), findings=tuple(findings))


def _all_tries(
    latest: TaskInstance, rest: AirflowRest
) -> tuple[Collection[TaskInstance], Collection[BadRow]]:
    """The latest try and, where there were some, the ones before it."""
    if latest.try_number <= 1:
        return (latest,), ()
    history = rest.tries(latest)
    by_number = {each.try_number: each for each in history.good}
    return {**by_number, latest.try_number: latest}.values(), history.bad


def _mapped_facts(
    mapped: Mapping[tuple[str, str, str], ObservedRun], rest: AirflowRest
) -> list[Facts]:
    """The materializations of mapped tasks (dag, run, task) with at least one successful map index."""
    read = rest.task_instances(
        {(dag_id, run_id) for dag_id, run_id, _ in mapped}, {task_id for _, _, task_id in mapped}
    )
    groups: dict[tuple[str, str, str], list[TaskInstance]] = {}
    for each in read.good:
        groups.setdefault((each.dag_id, each.run_id, each.task_id), []).append(each)
    unclear = {row.of for row in read.bad}  # one that cannot be read may have failed
    return [
        _about(read.bad),
        *(
            facts_of_mapped(groups.get(name, ()), of)
            for name, of in mapped.items()
            if name not in unclear
        ),
    ]


def _about(rows: Iterable[BadRow]) -> Facts:
    return Facts(
        findings=tuple(
            PollFinding(kind="bad_row", message=f"{row.what}: {row.why}") for row in rows
        )
    )
