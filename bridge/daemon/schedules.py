"""The duty of schedules: evaluate each tick once, also those that passed while nobody asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge import calendar
from bridge.automation.cadence import due
from bridge.automation.contexts import ScheduleEvaluationContext
from bridge.automation.location import ResolvedSchedule
from bridge.automation.schedules import DefaultScheduleStatus
from bridge.automation.wanted import Wisher
from bridge.daemon.background import Background, Ended
from bridge.daemon.house import House, is_on
from bridge.daemon.instigators import Answer, Asked, note_answer, note_ended
from bridge.execution.lifetime import live_resources
from bridge.store import InstigatorState

LOOK_EVERY = timedelta(seconds=1)  # whether one was turned on or off
_NEVER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Next:
    """The tick to wait for, while the schedule's state is of this version."""

    version: int
    tick: datetime


class Schedules:
    """Asks schedules at their ticks; those with a function in a thread each."""

    name = "schedules"

    def __init__(self, house: House, timeout_s: float) -> None:
        self._house = house
        self._timeout_s = timeout_s
        self._background: Background[Answer] = Background(house.wake.set)
        self._asked: dict[str, Asked] = {}
        self._next: dict[str, _Next] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nobody is being asked."""
        return self._background.is_idle

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        """Evaluate what is due."""
        schedules = self._house.automation.schedules
        if not schedules:
            return now + _NEVER
        for ended in self._background.ended():
            self._note(ended, now)
        states = self._states(now)
        coming = [
            self._look(schedule, states[name], now)
            for name, schedule in schedules.items()
            if name in states and _is_on(schedule, states[name])
        ]
        return min([*coming, now + LOOK_EVERY])

    def _states(self, now: datetime) -> dict[str, InstigatorState]:
        states = self._house.store.instigators("schedule")
        new = [
            name
            for name, schedule in self._house.automation.schedules.items()
            if name not in states and _is_on(schedule, None)
        ]
        if not new:
            return states
        self._house.store.meet_instigators([(name, "schedule") for name in new], now=now)
        return self._house.store.instigators("schedule")

    def _look(self, schedule: ResolvedSchedule, state: InstigatorState, now: datetime) -> datetime:
        """Do what is due of one schedule; returns its next tick."""
        name = state.name
        if self._background.is_busy(name) or self._background.is_full:
            return now + LOOK_EVERY
        known = self._next.get(name)
        if known is not None and known.version == state.version and now < known.tick:
            return known.tick
        after = state.since if state.position is None else max(state.since, state.position)
        found = due(schedule.cadence, after, now, catchup=schedule.definition.catchup)
        for tick in found.ticks:
            asked = Asked(
                wisher=_wisher(schedule),
                state=state,
                tick=tick,
                timeout_s=self._timeout_s,
                passed_over=found.passed_over,
            )
            if schedule.definition.function is not None:
                self._start(schedule, asked)
                return now + LOOK_EVERY
            result = schedule.evaluate(self._context(schedule, tick, {}))
            note_answer(self._house, asked, Answer(result=result), now, 0.0)
            state = self._house.store.instigators("schedule")[name]
            if state.position != tick:  # somebody else noted it, or turned it off
                return now
        if found.has_more:
            return now
        self._next[name] = _Next(state.version, schedule.cadence.after(now))
        return self._next[name].tick

    def _start(self, schedule: ResolvedSchedule, asked: Asked) -> None:
        name = asked.state.name
        resources = self._house.resources

        def call() -> Answer:
            with live_resources(resources, f"schedule {name}") as live:
                context = self._context(schedule, asked.tick, live)
                return Answer(result=schedule.evaluate(context))

        self._asked[name] = asked
        self._background.start(name, call, self._timeout_s)

    def _note(self, ended: Ended[Answer], now: datetime) -> None:
        note_ended(self._house, self._asked[ended.name], ended, now)

    def _context(
        self, schedule: ResolvedSchedule, tick: datetime, given: object
    ) -> ScheduleEvaluationContext:
        place = calendar.zone(schedule.cadence.timezone)
        return ScheduleEvaluationContext(
            name=schedule.definition.name,
            scheduled_execution_time=tick.astimezone(place),
            given=given,  # type: ignore[arg-type]
            store=self._house.store,
        )


def _is_on(schedule: ResolvedSchedule, state: InstigatorState | None) -> bool:
    default = schedule.definition.default_status
    return is_on(state, by_default=default == DefaultScheduleStatus.RUNNING)


def _wisher(schedule: ResolvedSchedule) -> Wisher:
    definition = schedule.definition
    return Wisher(
        name=definition.name,
        origin=f"schedule:{definition.name}",
        jobs=schedule.jobs,
        once_per_key=False,
        run_config=definition.run_config,
        tags=definition.tags,
    )
