"""What is on and what is due, without doing anything: for people who ask first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bridge.automation.cadence import due
from bridge.automation.deciding import has_conditions
from bridge.automation.location import Automation, ResolvedSchedule
from bridge.automation.schedules import DefaultScheduleStatus
from bridge.automation.sensors import DefaultSensorStatus
from bridge.daemon.conditions import CONDITIONS
from bridge.daemon.house import Happening, House, is_on
from bridge.graph import AssetGraph
from bridge.store import InstigatorKind, InstigatorState


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A schedule or sensor as it stands; `when` is its cron schedule and zone, or how often."""

    name: str
    kind: InstigatorKind
    when: str
    is_on: bool
    place: str
    schedule: ResolvedSchedule | None = None


def kinds_of(automation: Automation) -> dict[str, InstigatorKind]:
    """What can be turned on and off, by name."""
    found: dict[str, InstigatorKind] = dict.fromkeys(automation.schedules, "schedule")
    return {**found, **dict.fromkeys(automation.sensors, "sensor"), CONDITIONS: "conditions"}


def instigators_of(
    automation: Automation, graph: AssetGraph, states: Mapping[str, InstigatorState]
) -> list[Listed]:
    """Everything that can be turned on and off."""
    found = []
    for name, schedule in automation.schedules.items():
        cadence = schedule.cadence
        default = schedule.definition.default_status == DefaultScheduleStatus.RUNNING
        found.append(
            Listed(
                name=name,
                kind="schedule",
                when=f"{' and '.join(cadence.cron_schedules)} {cadence.timezone}",
                is_on=is_on(states.get(name), by_default=default),
                place=str(schedule.definition.place),
                schedule=schedule,
            )
        )
    for name, sensor in automation.sensors.items():
        definition = sensor.definition
        interval = definition.minimum_interval_seconds
        default = definition.default_status == DefaultSensorStatus.RUNNING
        found.append(
            Listed(
                name=name,
                kind="sensor",
                when=f"every {interval:g} s" if interval else "when something happened",
                is_on=is_on(states.get(name), by_default=default),
                place=str(definition.place),
            )
        )
    if has_conditions(graph):
        found.append(
            Listed(
                name=CONDITIONS,
                kind="conditions",
                when="when something happened, and every minute",
                is_on=is_on(states.get(CONDITIONS), by_default=True),
                place="",
            )
        )
    return found


def due_now(house: House, now: datetime) -> list[Happening]:
    """What a daemon would do now: ticks of schedules, sensors that are on, runs that wait."""
    states = house.store.instigators()
    found = []
    for each in instigators_of(house.automation, house.declared_graph, states):
        if not each.is_on:
            continue
        if each.schedule is None:
            found.append(Happening(what="skipped", who=each.name, text="would be asked"))
            continue
        state = states.get(each.name)
        if state is None:
            continue
        after = state.since if state.position is None else max(state.since, state.position)
        catchup = each.schedule.definition.catchup
        ticks = due(each.schedule.cadence, after, now, catchup=catchup).ticks
        found.extend(
            Happening(what="queued", who=each.name, text=f"tick of {tick:%Y-%m-%d %H:%M} UTC")
            for tick in ticks
        )
    waiting = house.store.queued_runs()
    found.extend(
        Happening(what="started", who=run.id, text=f"waits, asked by {run.origin}")
        for run in waiting
    )
    return found
