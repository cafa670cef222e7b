"""Workers: processes that stay warm and compute several steps of a run at once."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import sys
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path

from bridge.errors import ExecutionError, RefusedError
from bridge.execution.assignment import Assignment
from bridge.execution.lifetime import needed_resources
from bridge.execution.lost import settle
from bridge.execution.outcome import Ended, Writer
from bridge.execution.schedule import Turn
from bridge.execution.worker import NEWS, ORDER, serve, work_on
from bridge.io import InMemoryIOManager
from bridge.runs import StepStatus

GRACE_S = 5.0  # how long a function that is interrupted may take to come to an end
_POLARS_WORKER = re.compile(r"polars-\d+")
_NEWS_S = 10.0  # how long the server of workers may take to answer


@dataclass(slots=True)
class _Worker:
    pid: int
    channel: Connection
    turn: Turn | None = None
    began_at: datetime | None = None


class Pool:
    """At most `size` workers, each started when there is work for it, and replaced when it ends."""

    def __init__(self, assignment: Assignment, writer: Writer, size: int) -> None:
        self._assignment = assignment
        self._writer = writer
        self._size = size
        self._server, self._control = _start_server(assignment)
        self._workers: list[_Worker] = []
        self._exits: dict[int, int] = {}

    @property
    def busy(self) -> int:
        """How many steps are under way."""
        return sum(worker.turn is not None for worker in self._workers)

    @property
    def has_room(self) -> bool:
        """Whether another step may begin."""
        return self.busy < self._size

    def begin(self, turn: Turn) -> None:
        """Hand a step to a worker."""
        while True:
            idle = (worker for worker in self._workers if worker.turn is None)
            worker = next(idle, None) or self._start()
            worker.began_at = datetime.now(timezone.utc)
            try:
                worker.channel.send(turn.number)
            except OSError:  # it ended while it had nothing to do
                self._forget(worker)
                continue
            worker.turn = turn
            return

    def wait(self, timeout_s: float | None = None) -> list[tuple[Turn, Ended]]:
        """The steps that have ended; waits for one, at most `timeout_s`."""
        channels = {worker.channel: worker for worker in self._workers}
        found = []
        for ready in wait(list(channels), timeout_s):
            worker = channels[ready]  # type: ignore[index]
            ended = self._received(worker, "failed", None)
            if ended is not None:
                found.append(ended)
        return found

    def interrupt(self, why: str) -> list[tuple[Turn, Ended]]:
        """End all that is under way: asked first, then killed."""
        found: list[tuple[Turn, Ended]] = []
        deadline = time.monotonic() + GRACE_S
        number = signal.SIGINT
        while self.busy:
            for worker in self._workers:
                if worker.turn is not None:
                    self._order(b"K", worker.pid, number)
            until = deadline if number == signal.SIGINT else time.monotonic() + _NEWS_S
            while self.busy and (left := until - time.monotonic()) > 0:
                channels = {w.channel: w for w in self._workers if w.turn is not None}
                for ready in wait(list(channels), left):
                    ended = self._received(channels[ready], "canceled", why)  # type: ignore[index]
                    if ended is not None:
                        found.append(ended)
            number = signal.SIGKILL
        return found

    def close(self) -> None:
        """Let workers tear down their resources and end."""
        for worker in self._workers:
            worker.channel.close()
        self._workers = []
        self._control.close()
        with suppress(ChildProcessError):
            os.waitpid(self._server, 0)

    def _received(
        self, worker: _Worker, status: StepStatus, why: str | None
    ) -> tuple[Turn, Ended] | None:
        """What a worker sent; where it ended instead, what became of its step."""
        turn, began_at = worker.turn, worker.began_at
        try:
            ended: Ended = worker.channel.recv()
        except (EOFError, OSError):
            said = self._forget(worker)
            if turn is None or began_at is None:
                return None
            results = settle(turn.step, self._writer, why or said, status)
            return turn, Ended(
                results=results, began_at=began_at, ended_at=datetime.now(timezone.utc)
            )
        worker.turn = None
        assert turn is not None  # noqa: S101 - it only speaks when it was asked
        _repeat(ended, self._writer.log)
        return turn, ended

    def _start(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            self._order(b"F", 0, 0, theirs.fileno())
        pid = self._news(b"F", None)
        worker = _Worker(pid, Connection(ours.detach()))
        self._workers.append(worker)
        return worker

    def _forget(self, worker: _Worker) -> str:
        """Strike off a worker that has ended; how it did."""
        self._workers.remove(worker)
        worker.channel.close()
        try:
            code = self._news(b"E", worker.pid)
        except ExecutionError:
            return "Its process ended without a word."
        if code < 0:
            name = signal.Signals(-code).name
            hint = ", perhaps for want of memory" if name == "SIGKILL" else ""
            return f"Its process was killed by {name}{hint}."
        return f"Its process ended with exit code {code} before the function did."

    def _order(self, what: bytes, pid: int, number: int, *descriptors: int) -> None:
        try:
            socket.send_fds(self._control, [ORDER.pack(what, pid, number)], descriptors)
        except OSError as error:
            raise _server_gone() from error

    def _news(self, what: bytes, pid: int | None) -> int:
        """The next news of one kind, about one worker where it is given; others are kept."""
        while True:
            if pid is not None and pid in self._exits:
                return self._exits.pop(pid)
            try:
                news = self._control.recv(NEWS.size, socket.MSG_WAITALL)
            except OSError as error:
                raise _server_gone() from error
            if len(news) < NEWS.size:
                raise _server_gone()
            kind, whom, status = NEWS.unpack(news)
            if kind == b"E":
                self._exits[whom] = status
            if kind == what == b"F":
                return int(whom)


@contextmanager
def opened_pool(assignment: Assignment, writer: Writer, size: int) -> Generator[Pool, None, None]:
    """A pool that is closed at the end."""
    pool = Pool(assignment, writer, size)
    try:
        yield pool
    finally:
        pool.close()


def require_shareable(assignment: Assignment) -> None:
    """Raise RefusedError where other processes could not see what one of them makes."""
    if not hasattr(os, "fork"):
        raise RefusedError(
            "Workers are forked, which this system does not know. Use the in-process executor."
        )
    if any(map(_POLARS_WORKER.fullmatch, _native_threads())):
        raise RefusedError(
            "polars has computed something in this process already, and would wait for ever in "
            "workers forked from it. Let it compute inside of assets only, not while modules are "
            "imported; or use the in-process executor."
        )
    if assignment.store.is_in_memory:
        raise RefusedError(
            "The store is in this process's memory, which workers do not share. Give a store in a "
            "file or on PostgreSQL, or use the in-process executor."
        )
    for name in sorted(needed_resources(assignment.todo.steps, assignment.todo.graph)):
        if isinstance(assignment.resources.get(name), InMemoryIOManager):
            raise RefusedError(
                f"The IO manager {name!r} keeps values in this process's memory, which workers do "
                "not share. Use one that stores files, or the in-process executor."
            )


def _native_threads() -> list[str]:
    """The names of all threads of this process, also of those that Python does not know."""
    tasks = Path("/proc/self/task")
    if not tasks.exists():
        return []
    names = []
    for task in tasks.iterdir():
        with suppress(OSError):  # it has just ended
            names.append((task / "comm").read_text(encoding="utf-8", errors="replace").strip())
    return names


def _start_server(assignment: Assignment) -> tuple[int, socket.socket]:
    """Fork the process that forks workers, while this one has no connection open."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # else what waits in it would be written twice
    with warnings.catch_warnings(), assignment.store.detached():
        # about threads that are not in the child: none of ours runs, nor is any waited for there
        warnings.simplefilter("ignore", DeprecationWarning)
        ours, theirs = socket.socketpair()
        ours.settimeout(_NEWS_S)
        pid = os.fork()
    if pid:
        theirs.close()
        return pid, ours
    try:
        ours.close()
        serve(theirs, partial(work_on, assignment))
    finally:
        os._exit(0)


def _repeat(ended: Ended, log: logging.Logger) -> None:
    """Let out here what a worker said and printed."""
    lines = ended.results[0].log if ended.results else ()
    for line in lines:
        level = logging.getLevelName(line.level)
        if isinstance(level, int):
            log.log(level, "%s", line.message)
    if ended.output is not None:
        sys.stdout.write(ended.output.stdout)
        sys.stderr.write(ended.output.stderr)


def _server_gone() -> ExecutionError:
    return ExecutionError(
        "The process that starts workers has ended, so no more can be started. Run it again: what "
        "was recorded is kept."
    )
