"""Session: what one command works with, from settings to store, each loaded on first use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from bridge.cli.terminal import Terminal, line
from bridge.errors import ConfigError, LoadError, SelectionError

if TYPE_CHECKING:
    import typer

    from bridge.automation.location import Automation
    from bridge.definitions import Definitions
    from bridge.graph import AssetGraph
    from bridge.keys import AssetKey
    from bridge.launching import Attendance
    from bridge.project import Project
    from bridge.runs import Run
    from bridge.selection import Outside
    from bridge.status import AssetStatus
    from bridge.store import Store

_RUNS_SEARCHED = 1000  # the newest, for the begin of an id


class Session:
    """Opened by `main` for one command. `adapters` are the installed ones unless given."""

    def __init__(self, prefix: str, adapters: Sequence[object] | None = None) -> None:
        self.prefix = prefix
        self.now = datetime.now(timezone.utc)
        self.terminal = Terminal()
        self._given_adapters = adapters

    def command(self, words: str) -> str:
        """A command of ours as it works here when copied."""
        return f"{self.prefix} {words}"

    @cached_property
    def project(self) -> Project:
        """The settings around the current folder."""
        from bridge.project import find_project

        return find_project()

    @cached_property
    def adapters(self) -> Sequence[object]:
        """One object of every adapter."""
        from bridge import capabilities

        return capabilities.adapters() if self._given_adapters is None else self._given_adapters

    def offering(self, capability: type) -> list[Any]:
        """The adapters that offer a capability."""
        return [found for found in self.adapters if isinstance(found, capability)]

    @cached_property
    def definitions(self) -> Definitions:
        """All code locations in one. What user code prints while it loads goes to stderr."""
        if not self.project.definitions:
            where = (
                self.project.file or f"no bridge.toml or pyproject.toml above {self.project.root}"
            )
            raise ConfigError(
                f"No code location is named ({where}). Write definitions = "
                '["my_project.definitions"] there, or start a project with `bridge init`.'
            )
        return self.load(self.project.definitions)

    def load(self, names: Sequence[str]) -> Definitions:
        """These code locations in one; paths to files count from the project's root."""
        from bridge.definitions import load_code_locations

        self.project.import_path()
        located = [self.project.located(name) for name in names]
        try:
            with redirect_stdout(sys.stderr):
                return load_code_locations(located)
        except SystemExit as error:
            raise LoadError(
                f"The code location {', '.join(names)} calls sys.exit({error.code!r}) while it "
                'loads. Move that under `if __name__ == "__main__":`.'
            ) from error

    @cached_property
    def declared_graph(self) -> AssetGraph:
        """The graph of all code locations, as they are written: the store is not asked.

        Their jobs, schedules and sensors fit it.
        """
        graph = self.definitions.graph()
        self.__dict__["automation"] = self.definitions.automation(graph)
        return graph

    @cached_property
    def automation(self) -> Automation:
        """The jobs, schedules and sensors of all code locations."""
        return self.definitions.automation(self.declared_graph)

    @cached_property
    def graph(self) -> AssetGraph:
        """The graph of all code locations, its dynamic partitions as they are in the store."""
        from bridge.store.known import with_known_partitions

        declared = self.declared_graph
        return (
            with_known_partitions(declared, self.store) if declared.dynamic_partitions else declared
        )

    @cached_property
    def store(self) -> Store:
        """The project's store, after runs whose process died were ended."""
        from bridge.execution import fail_dead_runs
        from bridge.store import open_store

        store = open_store(self.project.store_url)
        try:
            dead = fail_dead_runs(store, self.now)
        except BaseException:
            store.close()
            raise
        for run in dead:
            self.terminal.note(
                line(
                    "warning",
                    f"Run {run.id} ended without a word (killed?); what it had begun is failed.",
                )
            )
        return store

    @cached_property
    def attendance(self) -> Attendance:
        """Who looks after runs that other systems do, from here."""
        from bridge.launching import Attendance

        return Attendance(
            self.project,
            self.store,
            lambda: self.graph,
            lambda: self.automation,
            self.adapters,
        )

    def look_after(self, runs: Iterable[Run]) -> None:
        """Tell other systems at once what was just asked of these runs that they do."""
        from bridge.launching import LOCAL

        for run in runs:
            if run.remote is not None and not run.has_ended:
                self.attendance.look_after(run.id, self.now, default=LOCAL)

    def statuses(self) -> dict[AssetKey, AssetStatus]:
        """The status of every asset now, upstream first."""
        from bridge.status import read_facts, summarise

        facts = read_facts(self.store, self.graph, self.now)
        return {found.key: found for found in summarise(self.graph, facts, self.now)}

    def select(self, text: str, outside: Outside = "walked") -> set[AssetKey]:
        """The keys that a selection names; `status:` asks the store.

        Who only looks sees assets written outside as any others; who computes leaves them out.
        """
        from bridge.selection import select

        return select(self.declared_graph, text, self._status_lookup(), outside=outside)

    def key(self, text: str) -> AssetKey:
        """One existing asset. Raises SelectionError, with what is alike."""
        from bridge.keys import AssetKey

        key = AssetKey.parse(text)
        if key not in self.declared_graph:
            raise SelectionError(f"There is no asset {text}.{self.declared_graph.suggest(text)}")
        return key

    def run(self, text: str) -> Run:
        """The run with this id, or the only one whose id begins so. Raises SelectionError."""
        exact = self.store.run(text)
        if exact is not None:
            return exact
        recent = self.store.runs(limit=_RUNS_SEARCHED)
        begun = [run for run in recent if text and run.id.startswith(text)]
        if len(begun) == 1:
            return begun[0]
        if begun:
            named = ", ".join(run.id for run in begun[:5])
            raise SelectionError(f"{len(begun)} runs begin with {text}: {named}. Write more of it.")
        raise SelectionError(f"There is no run {text}. `bridge runs list` shows them.")

    def close(self) -> None:
        """Give back what was opened."""
        if "store" in self.__dict__:
            self.store.close()

    def _status_lookup(self) -> Callable[[AssetKey], str]:
        known: dict[AssetKey, AssetStatus] = {}

        def status_of(key: AssetKey) -> str:
            if not known:
                known.update(self.statuses())
            return known[key].status

        return status_of

    def shown_root(self) -> str:
        """Where the settings came from, for people."""
        file = self.project.file
        if file is None:
            return f"no settings found above {self.project.root}"
        return f"{file.name} [tool.bridge]" if file.name == "pyproject.toml" else file.name


def session_of(context: typer.Context) -> Session:
    """The session that `main` opened."""
    return cast("Session", context.obj)
