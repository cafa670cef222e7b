"""Steps computed here, one after the other: the same seam as a pool of workers."""

from __future__ import annotations

from datetime import datetime, timezone

from bridge.execution.capture import captured_streams
from bridge.execution.interrupts import Interruption
from bridge.execution.lost import settle
from bridge.execution.outcome import Ended, Writer
from bridge.execution.schedule import Turn
from bridge.execution.step import execute_call


class InProcess:
    """Computes a step as it is handed over; `interruption` may stop it in the middle."""

    def __init__(self, writer: Writer, interruption: Interruption) -> None:
        self._writer = writer
        self._interruption = interruption
        self._current: tuple[Turn, datetime] | None = None
        self._ended: list[tuple[Turn, Ended]] = []

    @property
    def busy(self) -> int:
        """How many steps have not been collected."""
        return len(self._ended)

    @property
    def has_room(self) -> bool:
        """Whether another step may begin."""
        return not self._ended

    def begin(self, turn: Turn) -> None:
        """Compute a step."""
        began_at = datetime.now(timezone.utc)
        with captured_streams() as captured, self._interruption.raising():
            self._current = (turn, began_at)
            results = execute_call(turn.step, self._writer)
        self._current = None
        ended = Ended(
            results=results,
            began_at=began_at,
            ended_at=datetime.now(timezone.utc),
            output=captured.output,
        )
        self._ended.append((turn, ended))

    def wait(self, _timeout_s: float | None = None) -> list[tuple[Turn, Ended]]:
        """The step that has ended."""
        found, self._ended = self._ended, []
        return found

    def interrupt(self, why: str) -> list[tuple[Turn, Ended]]:
        """What has become of the step that was stopped in the middle."""
        found = self.wait()
        if self._current is not None:
            turn, began_at = self._current
            self._current = None
            results = settle(turn.step, self._writer, why, "canceled")
            now = datetime.now(timezone.utc)
            found.append((turn, Ended(results=results, began_at=began_at, ended_at=now)))
        return found
