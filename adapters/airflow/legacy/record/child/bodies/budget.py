"""How much is followed, and what was seen: one for each task."""

from typing import Any

from .written import shortened

_MOST_CALLS = 400
_MOST_STEPS = 20_000
DEEPEST = 10


class Done(Exception):
    """The budget is used up."""


class Budget:
    """Steps left, calls kept, and what functions were found to return."""

    def __init__(self, tasks: Any = None, task: Any = None) -> None:
        self.steps = _MOST_STEPS
        self.depth = 0
        self.muted = 0
        self.tasks = tasks
        self.task = task
        self.calls: list[dict[str, Any]] = []
        self.pushed: dict[str, Any] = {}
        self.yielded: list[Any] = []
        self.returned: dict[Any, Any] = {}
        self.running: list[Any] = []
        self._seen: set[str] = set()

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise Done

    def keep(self, call: dict[str, Any]) -> None:
        """Note a call once."""
        call = {**call, "on": shortened(call["on"])}
        key = repr(call)
        if not self.muted and key not in self._seen and len(self.calls) < _MOST_CALLS:
            self._seen.add(key)
            self.calls.append(call)
