"""Cutting a run short: Ctrl-C, SIGTERM, or somebody's request, all heard in one way."""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_OURS = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
_SAID = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}


class RunCanceled(KeyboardInterrupt):
    """The run is to end now; like KeyboardInterrupt, `except Exception` does not catch it."""


class Interruption:
    """What cuts one run short: heard by whoever runs it, wherever it came from.

    While `raising`, RunCanceled is raised in the thread that made this object; else `check` does,
    between two steps. A second signal is always raised: somebody insists.
    """

    def __init__(self) -> None:
        self.requested = False
        self.why: str | None = None
        self._thread = threading.get_ident()
        self._by_signal = False
        self._raises = False

    def check(self) -> None:
        """Raise RunCanceled where the run is to end."""
        if self.why is not None:
            raise RunCanceled(self.why)

    def request(self) -> None:
        """Somebody wants the run to end; called from another thread, perhaps more than once."""
        self.requested = True
        self.why = "canceled on request"
        if not self._raises:
            return
        if self._by_signal:
            # a signal, unlike an exception set from outside, also ends a sleep or a read
            signal.pthread_kill(self._thread, signal.SIGTERM)
        else:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread), ctypes.py_object(_Requested)
            )

    @contextmanager
    def raising(self) -> Generator[None, None, None]:
        """Around a user's function: it is stopped in the middle."""
        self.check()
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    @contextmanager
    def heard(self) -> Generator[None, None, None]:
        """Hear signals meanwhile, where this is the main thread and nobody else wants them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in _OURS}
        mine = [number for number, usual in _OURS.items() if before[number] == usual]
        for number in mine:
            signal.signal(number, self._hear)
        self._by_signal = signal.SIGTERM in mine
        try:
            yield
        finally:
            self._by_signal = False
            for number in mine:
                signal.signal(number, before[number])

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        insists = self.why is not None and not self.requested
        self.why = self.why or _SAID[signal.Signals(number)]
        if self._raises or insists:
            raise RunCanceled(self.why)


class _Requested(RunCanceled):
    def __init__(self) -> None:
        super().__init__("canceled on request")
