"""In whose name steps run, and how they end: values that the rest of this room hands around."""

from __future__ import annotations

import logging
import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.errors import BridgeError
from bridge.events import AssetEvent, CheckOutcome
from bridge.execution.heartbeat import Heartbeat
from bridge.execution.interrupts import RunCanceled
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.later import Later

if TYPE_CHECKING:
    from bridge import runs
    from bridge.runs import LogLine, StepStatus
    from bridge.store import Store
else:
    runs = Later("bridge.runs")

_PACKAGE = f"{Path(__file__).parent.parent}{os.sep}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """In whose name a step runs, and with what: `owner` holds claims, `source` signs events.

    `resources` hold IO managers too; `run_config` is what the run sets, by name of the function;
    `sleep` waits before a retry.
    """

    store: Store
    graph: AssetGraph
    resources: Mapping[str, Any]
    owner: str
    source: str
    run_id: str
    attempt: int = 1
    heartbeat: Heartbeat | None = None
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("bridge.user"))
    run_config: Mapping[str, Any] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """One check's outcome, with what it had to say; `raised` if it did not get to answer."""

    outcome: CheckOutcome
    message: str | None = None
    raised: bool = False


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What a step printed, shortened where it was much."""

    stdout: str = ""
    stderr: str = ""


class StepLog(logging.Logger):
    """The `context.log` of one call: keeps its lines, and hands on what `parent` wants to hear."""

    def __init__(self, parent: logging.Logger) -> None:
        super().__init__(parent.name, logging.DEBUG)
        self.parent = parent
        self.lines: list[LogLine] = []

    def handle(self, record: logging.LogRecord) -> None:
        """Keep the line, then hand it on."""
        at = datetime.fromtimestamp(record.created, timezone.utc)
        self.lines.append(runs.LogLine(at, record.levelname, record.getMessage()))
        if self.parent is not None and self.parent.isEnabledFor(record.levelno):
            self.parent.handle(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How a step ended for one asset. A failed blocking check leaves it `succeeded`, but
    `stops_downstream`.

    `omitted`: its function left it out, as it may; `canceled`: the run was, while it computed;
    `checked`: it was only checked. `event` is what was recorded of it, `cause` the asset for which
    it was skipped, `log` what the whole call said. `is_final`: a retry is of no
    use, as its function said or as settings that do not fit do.
    """

    key: AssetKey
    partition: str | None
    status: StepStatus
    event: AssetEvent | None = None
    checks: tuple[CheckReport, ...] = ()
    message: str | None = None
    traceback: str | None = None
    attempts: int = 1
    cause: AssetKey | None = None
    log: tuple[LogLine, ...] = ()
    is_final: bool = False

    @property
    def stops_downstream(self) -> bool:
        """Whether what depends on the asset must not run now."""
        return self.status not in ("succeeded", "checked") or any(
            c.outcome.stops_downstream for c in self.checks
        )

    @property
    def is_failure(self) -> bool:
        """Whether the run that holds this step has failed."""
        return (
            self.status in ("failed", "canceled", "refused")
            or any(c.raised for c in self.checks)
            or (self.status in ("succeeded", "checked") and self.stops_downstream)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a whole call ended: one result an asset, what it printed, and when it was under way."""

    results: tuple[StepResult, ...]
    began_at: datetime
    ended_at: datetime
    output: StepOutput | None = None


def first_line(error: BaseException) -> str:
    """What an error says, with where in the user's code it was raised."""
    if isinstance(error, (BridgeError, RunCanceled)):
        return str(error)
    text = str(error).strip()
    frames = _user_frames(error)
    where = f", at {frames[0].filename}:{frames[0].lineno}" if frames else ""
    return f"{type(error).__name__}{': ' + text if text else ''}{where}"


def user_trace(error: BaseException) -> str:
    """The error as Python prints it, without frames of this package."""
    lines = traceback.format_list(_user_frames(error))
    return "".join(lines + traceback.format_exception_only(type(error), error)).rstrip()


def _user_frames(error: BaseException) -> list[traceback.FrameSummary]:
    return [
        f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(_PACKAGE)
    ]
