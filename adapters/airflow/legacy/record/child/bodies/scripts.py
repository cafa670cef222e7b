"""Scripts that a task starts as programs of their own, followed from their first line with the
words, the values and the environment that they are given.
"""

from __future__ import annotations

import os.path
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..journal import journal
from . import notebooks, programs
from .budget import Budget, Done
from .parameters import ModuleScope
from .started import Start
from .statements import Body
from .values import Bound, Made, Routine

# What notebooks have without making it.
_SESSION = Made([{"name": "SparkSession", "module": "pyspark.sql"}, {"name": "builder"}])
_RUNNERS = frozenset(("typer.run", "fire.Fire"))


def calls_of(start: Start, task: Any, tasks: Any) -> list[dict[str, Any]]:
    """The calls of one script, in the form of `snapshot.Call`."""
    tree = (
        notebooks.tree_of(start.path, start.named)
        if start.code is None
        else notebooks.parsed(start.code)
    )
    if tree is None:
        return []
    budget = Budget(tasks, task, start.path, start.environment)
    program = _Program(budget, start)
    with suppress(Done, RecursionError), _given(start):
        program.run(tree.body)
        program.command()
    has_lines = not start.path.endswith(".ipynb")
    return [
        each if has_lines or "file" in each else {**each, "line": None} for each in budget.calls
    ]


@contextmanager
def _given(start: Start) -> Iterator[None]:
    """Let `sys.argv` be the script's, which it may read at any time."""
    before = sys.argv
    sys.argv = [os.path.basename(start.path), *start.words]  # noqa: PTH119 - as a program sees it
    try:
        yield
    finally:
        sys.argv = before


class _Program(Body):
    """A module that is run as a program."""

    def __init__(self, budget: Budget, start: Start) -> None:
        names: dict[str, Any] = {"__file__": start.path, "__name__": "__main__"}
        names.update(dbutils=programs.widgets(start.named), spark=_SESSION)
        super().__init__(budget, names, ModuleScope(start.path, _package(start.path)))
        self.words = start.words
        self.commands: dict[str, Bound] = {}

    def visit_FunctionDef(self, node: Any) -> None:  # noqa: N802 - the names of ast
        routine = Routine(node, self)
        is_command, bound = programs.command_of(routine, self._words_of(node.name), self.visit)
        if is_command and bound is not None:
            self.commands[node.name.replace("_", "-")] = bound
        self.names[node.name] = routine if bound is None else bound

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - the names of ast

    def _words_of(self, name: str) -> list[str]:
        """The words of a command, without its own name."""
        own = name.replace("_", "-")
        if own in self.words:
            return self.words[self.words.index(own) + 1 :]
        return self.words

    def call(self, function: Any, args: list[Any], named: dict[str, Any], node: Any) -> Any:
        is_runner = isinstance(function, Made) and function.path in _RUNNERS
        if is_runner and args and isinstance(args[0], Routine):
            function, args, named = programs.given_to(args[0], self.words, self.visit), [], {}
        return super().call(function, args, named, node)

    def command(self) -> None:
        """Follow the command that is asked for, or the only one; `main()` was followed already."""
        asked = [each for name, each in self.commands.items() if name in self.words]
        if not asked and len(self.commands) == 1:
            asked = list(self.commands.values())
        for each in asked[:1]:
            self.follow(each.function, each.args, each.named)


def _package(path: str) -> str:
    """The package of a file, as `python -m` would see it from the root of the code base."""
    root = next((each for each in journal.roots if path.startswith(each)), "")
    return ".".join(path[len(root) :].split("/")[:-1])
