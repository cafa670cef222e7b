"""Run: what is to be computed, who asked for it, which process does it, and how it ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from bridge.checks import AssetCheckKey
from bridge.events import PlainValue
from bridge.keys import AssetKey

RunStatus: TypeAlias = Literal["queued", "running", "succeeded", "failed", "canceled"]

DEATH = (
    "The process that ran it ended without saying how: killed, out of memory, or the machine "
    "went down."
)
StepStatus: TypeAlias = Literal[
    "running", "succeeded", "failed", "canceled", "refused", "skipped", "omitted", "checked"
]

PartState: TypeAlias = Literal["waiting", "running", "succeeded", "failed"]
RUN_ON_TAG = "bridge/run_on"  # of a run: `local`, or the system and the instance that is to do it
PLACE_SEPARATOR = ":"

_NAMESPACE = uuid.UUID("3d0e9f6c-52b7-5c1a-8e64-71f2c9a4b608")  # fixed for ever: ids derive from it


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process that cannot be mistaken for a later one with the same pid."""

    host: str
    boot_id: str
    pid: int
    pid_started: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTarget:
    """What a run computes, settled: a selection is resolved before it becomes one.

    `partition` is one or a range `first...last`, `partitions` any of them instead; without
    `checks`, all of the assets are asked.
    """

    assets: tuple[AssetKey, ...] = ()
    partition: str | None = None
    partitions: tuple[str, ...] = ()
    checks: tuple[AssetCheckKey, ...] | None = None
    run_config: Mapping[str, PlainValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemotePart:
    """One run of another system that does a part of a run of ours.

    `name` is what runs there, such as a DAG, and `id` that run. It waits for all parts of lower
    `stage`. With `is_range` it stands for several runs of that system, one for each partition, and
    has no id before it began. `message` says why it waits, or failed.
    """

    stage: int
    name: str
    id: str
    assets: tuple[AssetKey, ...]
    partition: str | None = None
    is_range: bool = False
    state: PartState = "waiting"
    link: str | None = None
    message: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen in it."""
        return self.state in ("succeeded", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRun:
    """How another system does a run of ours; `place` is the system and its instance."""

    place: str
    parts: tuple[RemotePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of ours. `process` is who does it, None while it waits in the queue.

    `remote` is there instead where another system does it.

    `origin` is who asked (`user`, `schedule:<name>`, `sensor:<name>`, `automation`,
    `backfill:<id>`), `selection` what a person reads of the target.
    """

    id: str
    status: RunStatus
    created_at: datetime
    target: RunTarget
    selection: str = ""
    origin: str = "user"
    job_name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    retry_of: str | None = None
    process: ProcessIdentity | None = None
    remote: RemoteRun | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_requested: bool = False
    message: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen in it."""
        return self.status in ("succeeded", "failed", "canceled")

    @property
    def was_cut_off(self) -> bool:
        """Whether it ended for what its assets have no part in: killed, or interrupted."""
        was_interrupted = self.status == "canceled" and not self.cancel_requested
        return was_interrupted or (self.status == "failed" and self.message == DEATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What became of one asset, or partition of it, in a run.

    `checks` are named where the step only asked those. `is_failure` also where the asset is there
    and a check stopped what is downstream; `failed_checks` are all that did not pass. `cause` is
    the asset for which it was skipped.
    """

    run_id: str
    key: AssetKey
    partition: str | None
    status: StepStatus
    checks: tuple[str, ...] = ()
    is_failure: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 1
    message: str | None = None
    cause: AssetKey | None = None
    failed_checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a function said through `context.log`."""

    at: datetime
    level: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepText:
    """What one call said and printed; `keys` are all assets that it computes."""

    run_id: str
    keys: tuple[AssetKey, ...]
    partition: str | None
    checks: tuple[str, ...] = ()
    stdout: str = ""
    stderr: str = ""
    log: tuple[LogLine, ...] = ()


def new_run_id() -> str:
    """An id for a run that a person asked for: 12 hex digits."""
    return uuid.uuid4().hex[:12]


def derived_run_id(origin: str, request: str) -> str:
    """The id of the run that `origin` wants for one request: 20 hex digits, always the same.

    `request` names the tick or the key of the request: who asks again after a crash gets the run
    that is there.
    """
    return uuid.uuid5(_NAMESPACE, f"{origin}\n{request}").hex[:20]
