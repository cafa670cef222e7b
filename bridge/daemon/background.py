"""Calls that may take long or never end, each in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Ended(Generic[_T]):
    """How a call ended: with a value, an error, or not in time."""

    name: str
    took_s: float
    value: _T | None = None
    error: BaseException | None = None
    is_late: bool = False


@dataclass(slots=True)
class _Call(Generic[_T]):
    began: float
    timeout_s: float
    ended: Ended[_T] | None = None
    was_told: bool = False


class Background(Generic[_T]):
    """One call at a time for a name. A late one is told of once, and its name stays taken until it
    does end: a thread cannot be stopped, and must not be joined by more.
    """

    def __init__(self, wake: Callable[[], None], at_most: int = 16) -> None:
        self._wake = wake
        self._at_most = at_most
        self._calls: dict[str, _Call[_T]] = {}

    def is_busy(self, name: str) -> bool:
        """Whether a call of this name is under way."""
        return name in self._calls

    @property
    def is_full(self) -> bool:
        """Whether another call would have to wait."""
        return sum(not call.was_told for call in self._calls.values()) >= self._at_most

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way that may still end in time."""
        return all(call.was_told for call in self._calls.values())

    def start(self, name: str, call: Callable[[], _T], timeout_s: float) -> None:
        """Begin a call."""
        noted: _Call[_T] = _Call(time.monotonic(), timeout_s)
        self._calls[name] = noted

        def run() -> None:
            try:
                ended = Ended(name, 0.0, value=call())
            except BaseException as error:  # noqa: BLE001 - user code, also sys.exit
                ended = Ended(name, 0.0, error=error)
            took = time.monotonic() - noted.began
            noted.ended = Ended(name, took, ended.value, ended.error)
            self._wake()

        threading.Thread(target=run, name=f"bridge {name}", daemon=True).start()

    def ended(self) -> list[Ended[_T]]:
        """The calls that ended since the last time, or are late by now."""
        found = []
        for name, call in list(self._calls.items()):
            took = time.monotonic() - call.began
            if call.ended is not None:
                del self._calls[name]
                if not call.was_told:
                    found.append(call.ended)
            elif took > call.timeout_s and not call.was_told:
                call.was_told = True
                found.append(Ended(name, took, is_late=True))
        return found
