"""How much is followed, and what was seen: one for each task."""

from typing import Any

from ..journal import journal
from .written import shortened, written

_MOST_CALLS = 400
_MOST_STEPS = 20_000
_QUIET_STEPS = 1_500  # that show no new call: what is still to come is hardly about data
DEEPEST = 10


class Done(Exception):
    """The budget is used up."""


class Budget:
    """Steps left, calls kept, and what functions were found to return."""

    def __init__(
        self, tasks: Any, task: Any, home: str, environment: dict[str, str] | None = None
    ) -> None:
        self.home = home  # the file whose calls need not say where they are
        self.environment = environment or {}
        self.steps = _MOST_STEPS
        self._until = _MOST_STEPS - _QUIET_STEPS
        self.depth = 0
        self.muted = 0
        self.tasks = tasks
        self.task = task
        self.calls: list[dict[str, Any]] = []
        self.pushed: dict[str, Any] = {}
        self.yielded: list[Any] = []
        self.folder: str | None = None  # where relative paths begin
        self.returned: dict[Any, Any] = {}
        self.running: list[Any] = []
        self.set_elsewhere: dict[Any, Any] = {}  # attributes of classes, names of modules
        self._seen: set[str] = set()

    def of_a_module(self) -> "Budget":
        """A budget of its own for a module that is read on the way: none of it is what the task
        does, and the rest of the task is followed as far as without it.
        """
        found = Budget(self.tasks, self.task, self.home, self.environment)
        found.muted, found.depth, found.running = 1, self.depth, self.running
        found._until = 0
        return found

    def step(self) -> None:
        self.steps -= 1
        if self.steps < self._until:
            raise Done

    def keep(self, call: dict[str, Any], file: str) -> None:
        """Note a call that stands in a file, once."""
        call = {**call, "on": shortened(call["on"])}
        if file != self.home:
            call["file"] = journal.relative(file, self.tasks.folder)
        if self.folder is not None:
            call["folder"] = written(self.folder)
        key = repr(call)
        if not self.muted and key not in self._seen and len(self.calls) < _MOST_CALLS:
            self._seen.add(key)
            self._until = max(0, self.steps - _QUIET_STEPS)
            self.calls.append(call)
