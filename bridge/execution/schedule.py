"""Which steps of a run may begin: each once what it needs has ended, skipped where that failed.

Pure: steps and results in, turns out. An executor takes turns, one or several at a time.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bridge.execution.outcome import StepResult
from bridge.execution.plan import Plan, Step
from bridge.execution.reads import cause_of, read_by
from bridge.keys import AssetKey


@dataclass(frozen=True, slots=True)
class Turn:
    """A step whose time has come: to be run, or, with `skipped`, ended already."""

    number: int
    step: Step
    skipped: tuple[StepResult, ...] = ()


class Schedule:
    """The steps of one run under way, handed out in the order of the list wherever that is free."""

    def __init__(self, todo: Plan) -> None:
        self.steps = todo.steps
        self._graph, self._now = todo.graph, todo.now
        self._edges = _dependencies(todo)
        self._ready = [n for n in range(len(self.steps)) if not self._edges.waiting[n]]
        self._begun: set[int] = set()
        self._stopped: dict[AssetKey, dict[str | None, AssetKey]] = {}
        self._unmade: dict[AssetKey, dict[str | None, AssetKey]] = {}
        self._omitted: set[AssetKey] = set()

    def take(self, allowed: Callable[[Step], bool] = lambda _step: True) -> Turn | None:
        """The next step that may begin, None where nothing may now.

        What fails `allowed` keeps its place; a step to be skipped is not asked about.
        """
        kept: list[int] = []
        try:
            while self._ready:
                number = heapq.heappop(self._ready)
                step = self.steps[number]
                cause = self._cause(step)
                if cause is not None:
                    return self._skip(number, step, cause)
                if allowed(step):
                    self._begun.add(number)
                    return Turn(number, step)
                kept.append(number)
            return None
        finally:
            for number in kept:
                heapq.heappush(self._ready, number)

    def end(self, turn: Turn, results: Iterable[StepResult]) -> None:
        """Note how a step ended that `take` handed out."""
        step = turn.step
        for result in results:
            own = result.cause or result.key
            if result.stops_downstream and (not turn.skipped or _blocks(step, result.key)):
                self._stopped.setdefault(result.key, {})[result.partition] = own
            if step.definition is not None and result.status != "succeeded":
                self._unmade.setdefault(result.key, {})[result.partition] = own
            if result.status == "omitted":
                self._omitted.add(result.key)
        self._release(turn.number)

    @property
    def is_over(self) -> bool:
        """Whether every step was handed out or skipped."""
        return len(self._begun) == len(self.steps)

    def give_up(self, why: str) -> list[Turn]:
        """Skip the steps that were neither handed out nor skipped, in order."""
        return [
            Turn(number, step, skipped(step, why))
            for number, step in enumerate(self.steps)
            if number not in self._begun
        ]

    def _release(self, number: int) -> None:
        ended = [number]
        while ended:
            for waiter in self._edges.waiters.get(ended.pop(), ()):
                self._edges.waiting[waiter] -= 1
                if self._edges.waiting[waiter]:
                    continue
                if waiter < len(self.steps):
                    heapq.heappush(self._ready, waiter)
                else:
                    ended.append(waiter)  # a gate is open as soon as nobody keeps it shut

    def _cause(self, step: Step) -> AssetKey | None:
        cause = cause_of(step, step.waits_for, self._stopped, self._graph, self._now)
        if cause is None and step.definition is None:
            cause = cause_of(step, step.keys, self._unmade, self._graph, self._now)
        return cause

    def _skip(self, number: int, step: Step, cause: AssetKey) -> Turn:
        message = f"{cause} was left out" if cause in self._omitted else f"{cause} failed"
        turn = Turn(number, step, skipped(step, message, cause))
        self._begun.add(number)
        self.end(turn, turn.skipped)
        return turn


def skipped(step: Step, why: str, cause: AssetKey | None = None) -> tuple[StepResult, ...]:
    """The results of a step that does not run."""
    if step.definition is None:
        why = f"not asked {', '.join(c.name for s in step.checks for c in s.specs)}: {why}"
    return tuple(
        StepResult(key=key, partition=name, status="skipped", message=why, cause=cause)
        for key in step.keys
        for name in step.partitions
    )


def _blocks(step: Step, key: AssetKey) -> bool:
    """Whether downstream of an asset must not run since its step was skipped."""
    return step.definition is not None or any(
        spec.is_blocking and spec.asset_key == key for check in step.checks for spec in check.specs
    )


class _Home:
    """The steps that make one asset, or that ask its blocking checks."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.by_partition: dict[str | None, list[int]] = {}
        self.gate: tuple[int, int] | None = None  # it stands for that many of the numbers

    def add(self, number: int, partitions: Iterable[str | None]) -> None:
        self.numbers.append(number)
        for partition in partitions:
            self.by_partition.setdefault(partition, []).append(number)


class _Edges:
    """How many each step waits for, and who waits for each.

    A step only waits for those before it in the list, so that no circle can arise; for blocking
    checks of its own past it may wait for later ones (`waits_for_later`). Numbers beyond the steps
    are gates: what opens when all steps of an asset have ended lets through whoever needs all of
    them, so that many times many stays a sum.
    """

    def __init__(self, count: int) -> None:
        self.waiting = [0] * count
        self.waiters: dict[int, list[int]] = {}
        self.waits_for_later = False

    def add(self, number: int, before: Iterable[int]) -> None:
        for other in before:
            self.waiting[number] += 1
            self.waiters.setdefault(other, []).append(number)

    def gate(self, home: _Home, number: int) -> list[int]:
        """The gate that opens when all of these steps that come before `number` have ended."""
        count = bisect_left(home.numbers, number)
        if count == 0:
            return []
        before, passed = home.gate or (-1, 0)
        if passed != count:
            gate = len(self.waiting)
            self.waiting.append(0)
            self.add(gate, [*([before] if passed else []), *home.numbers[passed:count]])
            home.gate = (gate, count)
            before = gate
        return [before]

    def has_an_order(self) -> bool:
        """Whether everything could end, since nothing waits for itself."""
        waiting = list(self.waiting)
        ready = [number for number, count in enumerate(waiting) if not count]
        ended = 0
        while ready:
            ended += 1
            for waiter in self.waiters.get(ready.pop(), ()):
                waiting[waiter] -= 1
                if not waiting[waiter]:
                    ready.append(waiter)
        return ended == len(waiting)


def _dependencies(todo: Plan) -> _Edges:
    """What waits for what; the past waits for its checks wherever these do not wait for later."""
    edges = _edges(todo, past_is_checked=True)
    if edges.waits_for_later and not edges.has_an_order():
        return _edges(todo, past_is_checked=False)
    return edges


def _edges(todo: Plan, *, past_is_checked: bool) -> _Edges:
    makers: dict[AssetKey, _Home] = {}
    askers: dict[AssetKey, _Home] = {}
    for number, step in enumerate(todo.steps):
        for key in step.keys:
            if step.definition is not None:
                makers.setdefault(key, _Home()).add(number, step.partitions)
            elif _blocks(step, key):
                askers.setdefault(key, _Home()).add(number, step.partitions)
    edges = _Edges(len(todo.steps))
    for number, step in enumerate(todo.steps):
        before: set[int] = set()
        for key, home in _needed(step, makers, askers):
            read = read_by(step, key, todo.graph, todo.now)
            if read is None:
                before.update(edges.gate(home, number))
            else:
                before.update(other for name in read for other in home.by_partition.get(name, ()))
        before = {other for other in before if other < number or other >= len(todo.steps)}
        if past_is_checked and askers:
            later = _checks_of_its_past(step, askers, todo)
            edges.waits_for_later |= bool(later)
            before |= later
        edges.add(number, before)
    return edges


def _checks_of_its_past(step: Step, askers: Mapping[AssetKey, _Home], todo: Plan) -> set[int]:
    """The steps that ask blocking checks of earlier partitions that a step reads of its own."""
    if step.definition is None:
        return set()
    found: set[int] = set()
    for key in step.keys:
        if key in askers and key in step.waits_for:
            read = read_by(step, key, todo.graph, todo.now) or ()
            others = [name for name in read if name not in step.partitions]
            found.update(n for name in others for n in askers[key].by_partition.get(name, ()))
    return found


def _needed(
    step: Step, makers: Mapping[AssetKey, _Home], askers: Mapping[AssetKey, _Home]
) -> list[tuple[AssetKey, _Home]]:
    """What must have ended before a step begins, by the asset that it is about."""
    needed = [*step.waits_for, *(key for check in step.checks for key in check.reads)]
    if step.definition is None:
        needed += step.keys
    found = [(key, makers[key]) for key in dict.fromkeys(needed) if key in makers]
    if askers and step.definition is not None:
        deps = {d for spec in step.definition.specs if spec.key in step.keys for d in spec.reads}
        found += [(dep, askers[dep]) for dep in deps if dep in askers]
    return found
