"""How much is followed, and what was seen: one for each task."""

from typing import Any

from ..journal import journal
from .written import shortened, written

_MOST_CALLS = 400
_MOST_STEPS = 60_000
_LEAST_STEPS = 3_000  # of each task, however much others of its file took
_SHARE = 8  # of what the file has left
_PATIENCE = 2_000  # steps that show no new call, before a loop is left; half as many the next time
_LEAST_PATIENCE = 100
DEEPEST = 10


class Done(Exception):
    """The budget is used up."""


class Fruitless(Exception):
    """Going over more items is hardly worth it: what comes behind the loop is followed next."""


class Budget:
    """Steps left, calls kept, and what functions were found to return; `loops`: how many are gone
    through now, one inside the other.
    """

    def __init__(
        self,
        tasks: Any,
        task: Any,
        home: str,
        environment: dict[str, str] | None = None,
        left: int = _SHARE * _MOST_STEPS,
    ) -> None:
        self.home = home  # the file whose calls need not say where they are
        self.environment = environment or {}
        self._given = max(_LEAST_STEPS, min(left // _SHARE, _MOST_STEPS))
        self.steps = self._given
        self.loops = 0
        self._patience = _PATIENCE
        self._until = self.steps - _PATIENCE
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
        self.frames: set[str] = set()  # names that DuckDB was told for them
        self.has_asked = False  # what other tasks left for it
        self._seen: set[str] = set()

    @property
    def taken(self) -> int:
        """Steps so far."""
        return self._given - self.steps

    def of_a_module(self) -> "Budget":
        """A budget of its own for a module that is read on the way: none of it is what the task
        does, and the rest of the task is followed as far as without it.
        """
        found = Budget(self.tasks, self.task, self.home, self.environment)
        found.muted, found.depth, found.running = 1, self.depth, self.running
        return found

    def step(self) -> None:
        self.steps -= 1
        if self.steps < self._until:
            self._lose_patience()

    def _lose_patience(self) -> None:
        if self.steps < 0:
            raise Done
        self._patience = max(_LEAST_PATIENCE, self._patience // 2)
        self._until = max(0, self.steps - self._patience)
        if self.loops:
            raise Fruitless

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
            self._patience = _PATIENCE
            self._until = max(0, self.steps - _PATIENCE)
            self.calls.append(call)
