"""The other side of a pool: a small server that forks workers, and what a worker does.

Both are forked from the run's process, so that code is loaded once. Messages go through pairs of
sockets that only these processes hold, which is why values may be pickled.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from multiprocessing.connection import Connection

from bridge.execution.assignment import Assignment
from bridge.execution.capture import Descriptors
from bridge.execution.heartbeat import Heartbeat
from bridge.execution.interrupts import RunCanceled
from bridge.execution.lost import settle
from bridge.execution.outcome import Ended, StepResult, Writer, first_line
from bridge.execution.step import execute_call

ORDER = struct.Struct("!ciI")  # what to do (`F`ork, `K`ill), whom, with which signal
NEWS = struct.Struct("!cii")  # what happened (`F`orked, `E`nded), to whom, with which wait status
_LAST_WORDS_S = 10.0  # how long workers may tear down their resources


def serve(control: socket.socket, work: Callable[[Connection], None]) -> None:
    """Fork a worker for each socket that comes in, say how each ended, until `control` closes."""
    os.setsid()
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # so that counting garbage does not copy every page
    children: set[int] = set()
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
        for pid, status in _reaped(children):
            _tell(control, NEWS.pack(b"E", pid, status))
        if control.fileno() in ready:
            order, channels, _, _ = socket.recv_fds(control, ORDER.size, 1)
            if not order:
                break
            what, pid, number = ORDER.unpack(order)
            if what == b"F":
                pid = _forked(channels[0], [control.fileno(), woken, wake], work)
                children.add(pid)
                _tell(control, NEWS.pack(b"F", pid, 0))
            elif pid in children:
                with contextlib.suppress(ProcessLookupError):
                    _send_signal(pid, number)
    _end(children)


def work_on(assignment: Assignment, channel: Connection) -> None:
    """Compute the steps whose numbers come in, until the channel closes."""
    busy = threading.Event()
    _end_with_the_run(channel, busy)
    signal.signal(signal.SIGINT, lambda *_: _interrupt(busy))
    descriptors = Descriptors()
    store = assignment.store.reopened()
    log = logging.getLogger("bridge.worker")  # its lines go to the run's process, which prints them
    log.propagate = False
    log.handlers = [logging.NullHandler()]
    with Heartbeat(store) as heartbeat, assignment.writer(store, heartbeat, log) as writer:
        while True:
            try:
                number = channel.recv()
            except (EOFError, OSError):
                break
            channel.send(_ended(assignment, number, writer, descriptors, busy))
    store.close()


def _ended(
    assignment: Assignment,
    number: int,
    writer: Writer,
    descriptors: Descriptors,
    busy: threading.Event,
) -> Ended:
    step = assignment.todo.steps[number]
    began_at = datetime.now(timezone.utc)
    results: tuple[StepResult, ...]
    with descriptors.captured() as captured:
        try:
            busy.set()
            results = execute_call(step, writer)
            busy.clear()
        except RunCanceled as canceled:
            results = settle(step, writer, str(canceled), "canceled")
        except BaseException as error:  # noqa: BLE001 - such as SystemExit: it ends the step only
            busy.clear()
            results = settle(step, writer, first_line(error))
        finally:
            busy.clear()
    return Ended(
        results=results,
        began_at=began_at,
        ended_at=datetime.now(timezone.utc),
        output=captured.output,
    )


def _interrupt(busy: threading.Event) -> None:
    if busy.is_set():
        busy.clear()
        raise RunCanceled("canceled")


def _end_with_the_run(channel: Connection, busy: threading.Event) -> None:
    """Watch for the end of the run's process: nobody would hear of what is computed after it."""

    def watch() -> None:
        poller = select.poll()
        poller.register(channel.fileno(), 0)  # only that the other side has gone
        poller.poll()
        if not busy.is_set():  # then the worker sees it too and ends by itself
            time.sleep(_LAST_WORDS_S)
        os.killpg(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="bridge-lifeline", daemon=True).start()


def _forked(channel: int, others: list[int], work: Callable[[Connection], None]) -> int:
    pid = os.fork()
    if pid:
        os.close(channel)
        return pid
    code = 1
    try:
        os.setpgid(0, 0)  # what it starts ends with it
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for other in others:
            os.close(other)
        work(Connection(channel))
        code = 0
    finally:
        os._exit(code)


def _send_signal(pid: int, number: int) -> None:
    if number == signal.SIGKILL:
        os.killpg(pid, number)
    else:
        os.kill(pid, number)


def _tell(control: socket.socket, news: bytes) -> None:
    with contextlib.suppress(OSError):  # the run's process has gone, which `recv` will say
        control.sendall(news)


def _reaped(children: set[int]) -> list[tuple[int, int]]:
    ended = []
    for pid in list(children):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            children.discard(pid)
            ended.append((pid, os.waitstatus_to_exitcode(status)))
    return ended


def _end(children: set[int]) -> None:
    """Wait for workers that tear down their resources, and end those that do not come to it."""
    deadline = time.monotonic() + _LAST_WORDS_S
    while children and time.monotonic() < deadline:
        _reaped(children)
        time.sleep(0.01)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
