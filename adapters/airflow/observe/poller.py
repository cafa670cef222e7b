"""The poller: what changed in an Airflow since the last look becomes events in the store.

It is the truth about legacy tasks: what runs inside Airflow only tells the same earlier, and the
store takes both for one event. Runs that were cleared or deleted are not retracted yet: an event
stays until the task has run again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.airflow.api.rest import AirflowRest, TryWindow
from adapters.airflow.api.rows import BadRow, TaskInstance
from adapters.airflow.observe.facts import (
    Facts,
    ObservedRun,
    facts_of_mapped,
    facts_of_together,
    facts_of_try,
)
from adapters.airflow.observe.unit import ObservedUnit
from bridge.events import AssetEvent
from bridge.findings import Finding
from bridge.store import Store

log = logging.getLogger(__name__)

# A row gets its time before its transaction commits, on the clock of whichever machine wrote it.
# What becomes visible later than this after its time is missed; rows read again cost one page a
# hundred.
OVERLAP = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one poll did: `rows` were read, `events` seen in them, `recorded` were new.

    `since` None: it read the whole history. The next poll goes on from `read_through`.
    """

    since: datetime | None
    read_through: datetime | None
    rows: int
    events: int
    recorded: int
    requests: int
    findings: tuple[Finding, ...]


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
    """Record what the units' tasks have done since the last poll; of a new unit, all it ever did.

    Polling again records nothing twice. Interrupted, the next poll goes on from the last window
    that was recorded. Leave out units whose tasks write nothing any more: their success says
    nothing. Raises RemoteUnreachableError and StoreUnreachableError.
    """
    polling = _Polling(rest, store, instance, {(u.dag_id, u.task_id): u for u in units})
    requests = rest.requests
    saved = store.cursor(cursor_name(instance))
    since = None if saved is None else datetime.fromisoformat(saved)
    # Times of rows are on Airflow's clock. Read up to the later of both, go on from the earlier.
    remote_now = now + rest.clock_offset  # cut to a second, which is given back here
    until, trusted = max(now, remote_now + timedelta(seconds=1)), min(now, remote_now)
    if since is None:
        polling.remember_units()
        read_through = polling.read(None, until, trusted)
    else:
        polling.read_history_of_new_units(until)
        read_through = polling.read(since - overlap, until, trusted, not_before=since)
    report = PollReport(
        since=since,
        read_through=read_through,
        rows=polling.rows,
        events=polling.events,
        recorded=polling.recorded,
        requests=rest.requests - requests,
        findings=tuple(polling.findings),
    )
    log.info("polled %s: %s rows, %s new events", instance, report.rows, report.recorded)
    return report


class _Polling:
    """One poll under way, and what it has done so far."""

    def __init__(
        self,
        rest: AirflowRest,
        store: Store,
        instance: str,
        units: Mapping[tuple[str, str], ObservedUnit],
    ) -> None:
        self._rest = rest
        self._store = store
        self._instance = instance
        self._units = units
        self.rows = self.events = self.recorded = 0
        self.findings: dict[Finding, None] = {}

    def read(
        self,
        since: datetime | None,
        until: datetime,
        trusted: datetime,
        not_before: datetime | None = None,
    ) -> datetime | None:
        """Record all units' tries and move the cursor on, up to `trusted`; where it is then."""
        cursor = not_before
        for window in self._rest.task_instances_updated(since, until, of=self._units.keys()):
            self._record(window)
            if window.read_through is not None:
                reached = min(window.read_through, trusted)
                if cursor is None or reached > cursor:
                    self._store.set_cursor(cursor_name(self._instance), reached.isoformat())
                    cursor = reached
        return cursor

    def read_history_of_new_units(self, until: datetime) -> None:
        """Record what units did that no earlier poll knew; the cursor is past that already."""
        known = json.loads(self._store.cursor(self._units_name) or "[]")
        new = [task for task, unit in self._units.items() if _description(unit) not in known]
        if new:
            for window in self._rest.task_instances_updated(None, until, of=new):
                self._record(window)
        if new or len(known) != len(self._units):
            self.remember_units()

    def remember_units(self) -> None:
        """Note the units whose history the cursor stands for."""
        described = sorted(map(_description, self._units.values()))
        self._store.set_cursor(self._units_name, json.dumps(described))

    @property
    def _units_name(self) -> str:
        return f"airflow:{self._instance}:units"

    def _record(self, window: TryWindow) -> None:
        facts = _facts_in(window, self._rest, self._units, self._instance)
        self.rows += window.rows
        self.events += len(facts.events)
        self.recorded += self._store.record(facts.events)
        self.findings.update(dict.fromkeys(facts.findings))


def _description(unit: ObservedUnit) -> list[str]:
    """What makes a unit another one: given one more asset, its history is that asset's too."""
    return [unit.dag_id, unit.task_id, *map(str, unit.assets)]


def _facts_in(
    window: TryWindow,
    rest: AirflowRest,
    units: Mapping[tuple[str, str], ObservedUnit],
    airflow: str,
) -> Facts:
    """All that the tries of a window say, earlier tries and other map indexes included."""
    found: list[Facts] = [_about(window.bad)]
    mapped: dict[tuple[str, str, str], ObservedRun] = {}
    together: dict[tuple[str, str], ObservedRun] = {}
    for latest in window.tries:
        instance = latest.instance
        unit = units[instance.dag_id, instance.task_id]
        of = ObservedRun(airflow=airflow, unit=unit, run=latest.run, seen_at=window.until)
        instances, bad = _all_tries(instance, rest)
        found += [_about(bad), *(facts_of_try(each, of) for each in instances)]
        if unit.together:
            if instance.task_id in unit.together and instance.state == "success":
                together[instance.dag_id, instance.run_id] = of
        elif instance.map_index >= 0 and instance.state == "success":
            mapped[instance.dag_id, instance.run_id, instance.task_id] = of
    if mapped:
        found += _mapped_facts(mapped, rest)
    if together:
        found += _facts_together(together, rest)
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
    """The materializations of mapped tasks (dag, run, task) of which an index succeeded."""
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


def _facts_together(ended: Mapping[tuple[str, str], ObservedRun], rest: AirflowRest) -> list[Facts]:
    """The materializations of runs (dag, run) in which one of the tasks that end it succeeded."""
    wanted = {task_id for of in ended.values() for task_id in of.unit.together}
    read = rest.task_instances(ended.keys(), wanted)
    groups: dict[tuple[str, str], list[TaskInstance]] = {}
    for each in read.good:
        of = ended.get((each.dag_id, each.run_id))
        if of is not None and each.task_id in of.unit.together:
            groups.setdefault((each.dag_id, each.run_id), []).append(each)
    unclear = {row.of[:2] for row in read.bad if row.of is not None}
    return [
        _about(read.bad),
        *(
            facts_of_together(groups.get(name, ()), of)
            for name, of in ended.items()
            if name not in unclear
        ),
    ]


def _about(rows: Iterable[BadRow]) -> Facts:
    return Facts(
        findings=tuple(
            Finding(level="problem", code="bad_row", message=f"left out: {row.why}", about=row.what)
            for row in rows
        )
    )
