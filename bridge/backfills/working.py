"""Doing the runs of a backfill: one after the other here, or in processes that stay warm."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Protocol

from bridge.backfills.engine import advance
from bridge.definitions import Definitions
from bridge.errors import BridgeError, ExecutionError, StoreUnreachableError
from bridge.execution import execute_queued, fail_dead_runs
from bridge.graph import AssetGraph
from bridge.project import Project
from bridge.store import Backfill, Store

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5
_LOOK_AT_LEAST_EVERY_S = 5.0
_WAIT_S = 0.1
_WORK_A_LOOK = 20  # looking costs more the larger a backfill is, and at most so small a part
_BATCH = 50
_LAST_WORDS = 2000
_PATIENCE_S = 1.0
_DEAD_EVERY_S = 2.0
Watcher = Callable[[Backfill], None]


class Crew(Protocol):
    """Who does the runs of a backfill that wait."""

    def work(self, until: float) -> None:
        """See to it that waiting runs are done; come back at `until`, on the monotonic clock."""
        ...

    def is_held(self) -> bool:
        """Whether all that is under way waits, too, where the backfill was paused."""
        ...


def carry_out(
    backfill: Backfill, store: Store, graph: AssetGraph, crew: Crew, watch: Watcher
) -> Backfill:
    """Carry a backfill on until it has ended, or somebody paused it; returns it as it is then.

    `watch` hears of it after every look. What processes that died left behind is noted on the way.
    """
    dead_next = time.monotonic() + _DEAD_EVERY_S
    while True:
        now, begin = datetime.now(timezone.utc), time.monotonic()
        if begin >= dead_next:
            fail_dead_runs(store, now)
            dead_next = begin + _DEAD_EVERY_S
        backfill = advance(store.backfill(backfill.id) or backfill, store, graph, now)
        watch(backfill)
        if backfill.has_ended or (backfill.status == "paused" and not backfill.counts.under_way):
            return backfill
        looked = time.monotonic()
        work_s = min(_WORK_A_LOOK * (looked - begin), _LOOK_AT_LEAST_EVERY_S)
        crew.work(looked + max(_LOOK_EVERY_S, work_s))
        if backfill.status == "paused" and crew.is_held():
            return backfill


class Here:
    """Does runs in this process, one after the other."""

    def __init__(
        self,
        origin: str,
        definitions: Definitions,
        store: Store,
        storage: Path | str,
        pools: Mapping[str, int] | None = None,
    ) -> None:
        self._pools = pools
        self._origin = origin
        self._definitions = definitions
        self._store = store
        self._storage = storage

    def work(self, until: float) -> None:
        """Do waiting runs, oldest first; at least one where there is one."""
        did_some = False
        while waiting := self._store.waiting_runs(self._origin, limit=_BATCH):
            for run_id in waiting:
                self._do(run_id)
                did_some = True
                if time.monotonic() >= until:
                    return
        if not did_some:
            time.sleep(_WAIT_S)  # other processes do what is left

    def is_held(self) -> bool:
        """A run that has begun goes on to its end."""
        return False

    def _do(self, run_id: str) -> None:
        try:
            execute_queued(
                run_id,
                self._definitions,
                self._store,
                storage=self._storage,
                pools=self._pools,
            )
        except StoreUnreachableError:
            raise
        except (BridgeError, SystemExit) as error:  # noted with the run, which has failed
            log.debug("run %s ended: %s", run_id, error)


class Workers:
    """Processes that do runs until they are told to end; one that dies is replaced."""

    def __init__(self, backfill: Backfill, number: int, project: Project, store: Store) -> None:
        self._words = [sys.executable, "-m", "bridge", "backfill-work", backfill.id]
        self._origin = backfill.origin
        self._project = project
        self._store = store
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        self._processes = [self._started() for _ in range(number)]

    def work(self, until: float) -> None:
        """Let them work, no longer than runs wait.

        Raises ExecutionError where one cannot even begin.
        """
        while True:
            self._replace_dead()
            time.sleep(_WAIT_S)
            if time.monotonic() >= until or not self._store.waiting_runs(self._origin, limit=1):
                return

    def is_held(self) -> bool:
        """A run that has begun goes on to its end."""
        return False

    def _replace_dead(self) -> None:
        for number, process in enumerate(self._processes):
            code = process.poll()
            if code is None:
                continue
            fail_dead_runs(self._store, datetime.now(timezone.utc))
            if code > 0 and not self._died_at_work(process.pid):
                raise ExecutionError(
                    f"A worker of the backfill ended with code {code}:\n{self._last_words()}"
                )
            self._processes[number] = self._started()

    def end(self) -> None:
        """Let each finish the run that it does, and end; those that take long end by themselves."""
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()
        patience = time.monotonic() + _PATIENCE_S
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, patience - time.monotonic()))
        self._said.close()

    def _died_at_work(self, pid: int) -> bool:
        failed = self._store.runs(origin=self._origin, statuses=("failed",), limit=_BATCH)
        return any(run.was_cut_off and run.process and run.process.pid == pid for run in failed)

    def _started(self) -> subprocess.Popen[bytes]:
        """A worker with a session of its own, so that Ctrl-C here does not interrupt its run."""
        return subprocess.Popen(
            self._words,
            cwd=self._project.root,
            env=os.environ | {"BRIDGE_PROJECT": str(self._project.root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,
        )

    def _last_words(self) -> str:
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _LAST_WORDS))
        return self._said.read().decode("utf-8", errors="replace").strip()


@contextmanager
def workers(backfill: Backfill, number: int, project: Project, store: Store) -> Iterator[Workers]:
    """Worker processes as long as the context lasts; each then finishes its run and ends."""
    crew = Workers(backfill, number, project, store)
    try:
        yield crew
    finally:
        crew.end()
