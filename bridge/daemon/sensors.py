"""The duty of sensors: ask each again and again, and those that watch the store when it changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.automation.contexts import SensorEvaluationContext
from bridge.automation.location import ResolvedSensor
from bridge.automation.sensors import DefaultSensorStatus
from bridge.automation.wanted import Wisher
from bridge.daemon.background import Background, Ended
from bridge.daemon.house import House, is_on
from bridge.daemon.instigators import Answer, Asked, note_ended
from bridge.execution.lifetime import live_resources
from bridge.store import InstigatorState

LOOK_EVERY = timedelta(seconds=1)  # whether one was turned on or off
WATCH_EVERY = timedelta(seconds=5)  # what watches the store, also where nothing seems to happen
AFTER_FAILURE = timedelta(seconds=5)
_NEVER = timedelta(days=1)


class Sensors:
    """Asks sensors, each in a thread of its own."""

    name = "sensors"

    def __init__(self, house: House, timeout_s: float) -> None:
        self._house = house
        self._timeout_s = timeout_s
        self._background: Background[Answer] = Background(house.wake.set)
        self._asked: dict[str, Asked] = {}
        self._due: dict[str, datetime] = {}
        self._missed: set[str] = set()  # who could not be asked as something changed

    @property
    def is_idle(self) -> bool:
        """Whether nobody is being asked."""
        return self._background.is_idle

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        """Ask those whose time has come."""
        sensors = self._house.automation.sensors
        if not sensors:
            return now + _NEVER
        for ended in self._background.ended():
            self._note(ended, now)
        states = self._states(now)
        coming = [now + LOOK_EVERY]
        for name, sensor in sensors.items():
            state = states.get(name)
            if state is None or not _is_on(sensor, state):
                continue
            if changed and sensor.definition.watches_store:
                self._missed.add(name)
            coming.append(self._look(sensor, state, now))
        return min(coming)

    def _states(self, now: datetime) -> dict[str, InstigatorState]:
        states = self._house.store.instigators("sensor")
        new = [
            name
            for name, sensor in self._house.automation.sensors.items()
            if name not in states and _is_on(sensor, None)
        ]
        if not new:
            return states
        self._house.store.meet_instigators([(name, "sensor") for name in new], now=now)
        return self._house.store.instigators("sensor")

    def _look(self, sensor: ResolvedSensor, state: InstigatorState, now: datetime) -> datetime:
        """Ask one sensor where it is time; returns when it will be."""
        name, interval = state.name, _interval(sensor)
        if self._background.is_busy(name) or self._background.is_full:
            return now + LOOK_EVERY
        if name not in self._due:
            last = state.last_evaluated_at
            self._due[name] = now if last is None else last + interval
        soonest = self._due[name]
        if name in self._missed and sensor.definition.minimum_interval_seconds <= 0:
            soonest = now
        if soonest > now:
            return soonest
        self._missed.discard(name)
        self._due[name] = now + interval
        self._start(sensor, state, now)
        return self._due[name]

    def _start(self, sensor: ResolvedSensor, state: InstigatorState, now: datetime) -> None:
        resources, store = self._house.resources, self._house.store
        asked = Asked(wisher=_wisher(sensor), state=state, tick=now, timeout_s=self._timeout_s)

        def call() -> Answer:
            with live_resources(resources, f"sensor {state.name}") as live:
                context = SensorEvaluationContext(
                    name=state.name,
                    given=live,
                    store=store,
                    evaluated_at=now,
                    cursor=state.cursor,
                    last_run_key=state.last_run_key,
                    last_tick_completion_time=state.last_evaluated_at,
                )
                found = sensor.definition.evaluate(context)
            return Answer(result=found.result, cursor=found.cursor, has_more=found.has_more)

        self._asked[state.name] = asked
        self._background.start(state.name, call, self._timeout_s)

    def _note(self, ended: Ended[Answer], now: datetime) -> None:
        has_more = note_ended(self._house, self._asked[ended.name], ended, now)
        if has_more:
            self._due[ended.name] = now
        elif ended.error is not None or ended.is_late:
            later = max(self._due.get(ended.name, now), now + AFTER_FAILURE)
            self._due[ended.name] = later
            self._missed.discard(ended.name)


def _interval(sensor: ResolvedSensor) -> timedelta:
    own = timedelta(seconds=sensor.definition.minimum_interval_seconds)
    return own or WATCH_EVERY


def _is_on(sensor: ResolvedSensor, state: InstigatorState | None) -> bool:
    default = sensor.definition.default_status
    return is_on(state, by_default=default == DefaultSensorStatus.RUNNING)


def _wisher(sensor: ResolvedSensor) -> Wisher:
    name = sensor.definition.name
    return Wisher(name=name, origin=f"sensor:{name}", jobs=sensor.jobs, once_per_key=True)
