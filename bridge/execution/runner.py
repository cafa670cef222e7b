"""The loop of a run: hands out steps that may begin, and collects those that have ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from bridge.execution.interrupts import Interruption
from bridge.execution.journal import Journal
from bridge.execution.limits import Limits
from bridge.execution.outcome import Ended, StepResult
from bridge.execution.plan import Plan, Step
from bridge.execution.schedule import Schedule, Turn

Observer = Callable[[Step, "StepResult | None"], None]
_LISTENS_EVERY_S = 0.2  # how soon a signal is heard while workers compute


def unheard(_step: Step, _result: StepResult | None) -> None:
    """What happens when nobody listens."""


class Workers(Protocol):
    """Who computes steps: `begin` hands one over, `wait` collects what has ended."""

    @property
    def busy(self) -> int:
        """How many steps were handed over and not collected."""
        ...

    @property
    def has_room(self) -> bool:
        """Whether another step may begin."""
        ...

    def begin(self, turn: Turn) -> None:
        """Compute a step."""
        ...

    def wait(self, timeout_s: float | None = None) -> list[tuple[Turn, Ended]]:
        """What has ended, after at most `timeout_s`."""
        ...

    def interrupt(self, why: str) -> list[tuple[Turn, Ended]]:
        """Stop what is under way; how each of it ended."""
        ...


class Runner:
    """The steps of one run under way."""

    def __init__(
        self,
        todo: Plan,
        workers: Workers,
        interruption: Interruption,
        limits: Limits,
        journal: Journal,
        observe: Observer,
    ) -> None:
        self._limits = limits
        self._journal = journal
        self._schedule = Schedule(todo)
        self._workers = workers
        self._interruption = interruption
        self._observe = observe
        self._ended: dict[int, tuple[StepResult, ...]] = {}

    @property
    def results(self) -> tuple[StepResult, ...]:
        """What has ended so far, in the order of the plan."""
        return tuple(result for number in sorted(self._ended) for result in self._ended[number])

    def run(self) -> None:
        """All steps, each once it may begin. Raises RunCanceled where the run is to end."""
        workers = self._workers
        while True:
            self._interruption.check()
            while workers.has_room and (turn := self._schedule.take(self._limits.begin)):
                if turn.skipped:
                    self._skip(turn)
                else:
                    self._observe(turn.step, None)
                    workers.begin(turn)
            if not workers.busy:
                if self._schedule.is_over:
                    break
                time.sleep(_LISTENS_EVERY_S)  # for a slot of a pool that other runs have taken
            self._collect(workers.wait(_LISTENS_EVERY_S))
        self._journal.close()

    def cancel(self, why: str) -> None:
        """Stop what is under way; what has not begun is skipped."""
        self._collect(self._workers.interrupt(why))
        for turn in self._schedule.give_up(f"the run was {why}"):
            self._skip(turn)
        self._journal.close()

    def _skip(self, turn: Turn) -> None:
        self._journal.skip(turn.step, turn.skipped)
        self._report(turn, turn.skipped)

    def _collect(self, ended: Iterable[tuple[Turn, Ended]]) -> None:
        for turn, each in ended:
            self._limits.end(turn.step)
            self._schedule.end(turn, each.results)
            self._journal.add(turn.step, each)
            self._report(turn, each.results)

    def _report(self, turn: Turn, results: tuple[StepResult, ...]) -> None:
        self._ended[turn.number] = results
        for result in results:
            self._observe(turn.step, result)
