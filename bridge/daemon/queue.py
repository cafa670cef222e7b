"""The duty of the queue: start runs that wait, within limits; each in a process, or elsewhere."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bridge.daemon.choosing import next_runs
from bridge.daemon.elsewhere import Elsewhere
from bridge.daemon.house import Happening, House
from bridge.execution import launch_queued
from bridge.execution.process import this_process
from bridge.executors import TagLimit
from bridge.graph import AssetGraph
from bridge.runs import Run
from bridge.store.backfills import OPEN
from bridge.targets import collision

Launch = Callable[[str], "subprocess.Popen[bytes]"]
LOOK_EVERY = timedelta(seconds=5)  # also where nothing seems to have changed
AGAIN_AFTER = timedelta(seconds=2)
ATTEMPTS = 3
_OF_A_BACKFILL = "backfill:"


@dataclass(frozen=True, slots=True)
class _Stumble:
    """A run whose process ended before it began."""

    times: int
    not_before: datetime


class Queue:
    """Launches runs and collects their processes; who did not begin is launched again, then failed.

    A run waits for others that write the same, whoever asked for them: no two may at a time.

    Runs live on when the daemon ends: they are sessions of their own.
    """

    name = "queue"

    def __init__(
        self,
        house: House,
        *,
        at_most: int,
        limits: Sequence[TagLimit] = (),
        launch: Launch | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._house = house
        self._at_most = at_most
        self._limits = tuple(limits)
        self._launch = launch or (lambda run_id: launch_queued(run_id, house.project))
        self._elsewhere = elsewhere
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._stumbled: dict[str, _Stumble] = {}
        self._held: dict[str, str] = {}

    @property
    def is_idle(self) -> bool:
        """Whether no run that was started here is under way."""
        return not self._processes

    def __call__(self, now: datetime, *, changed: bool) -> datetime:
        """Start what may begin."""
        self._collect(now)
        waiting = self._house.store.queued_runs()
        if not waiting:
            return now + LOOK_EVERY
        running = self._house.store.runs(statuses=("running",), limit=1000)
        under_way = [
            run
            for run in running
            if run.origin != "user" or run.id in self._processes or run.remote is not None
        ]
        begun = {run.id for run in running}
        launched = [r for r in waiting if self._is_launched(r) and r.id not in begun]
        ready = [run for run in waiting if not self._is_launched(run) and self._is_ready(run, now)]
        chosen = next_runs(
            ready,
            [*under_way, *launched],
            at_most=self._at_most,
            limits=self._limits,
            by_origin=self._parallel(waiting),
            is_held=partial(self._is_held, self._house.graph(), [*running, *launched]),
        )
        self._held = {run.id: self._held[run.id] for run in waiting if run.id in self._held}
        for run in chosen:
            if self._elsewhere is not None and self._elsewhere.takes(run):
                self._elsewhere.begin(run)
            else:
                self._processes[run.id] = self._launch(run.id)
            self._house.report(
                Happening(what="started", who=run.id, text=_shown(run), run_ids=(run.id,))
            )
        return now + (AGAIN_AFTER if self._stumbled else LOOK_EVERY)

    def _is_held(
        self, graph: AssetGraph, begun: Sequence[Run], run: Run, chosen: Sequence[Run]
    ) -> bool:
        """Whether a run has to wait for one that writes the same: it would be refused, and fail."""
        for other in (*begun, *chosen):
            key = collision(run.target, other.target, graph)
            if key is None:
                continue
            if self._held.get(run.id) != other.id:
                self._held[run.id] = other.id
                text = f"{_shown(run)}; waits until {other.id} has ended, which writes {key} too"
                self._house.report(Happening(what="waiting", who=run.id, text=text))
            return True
        self._held.pop(run.id, None)
        return False

    def _parallel(self, waiting: Sequence[Run]) -> dict[str, int]:
        """How many runs of each backfill may be under way at a time, where it says so."""
        if not any(run.origin.startswith(_OF_A_BACKFILL) for run in waiting):
            return {}
        found = self._house.store.backfills(statuses=OPEN, limit=1000)
        return {each.origin: each.parallel for each in found if each.parallel is not None}

    def _is_launched(self, run: Run) -> bool:
        """Whether somebody was told to do it, who has not begun yet."""
        is_elsewhere = self._elsewhere is not None and self._elsewhere.has(run)
        return is_elsewhere or run.id in self._processes

    def _is_ready(self, run: Run, now: datetime) -> bool:
        stumble = self._stumbled.get(run.id)
        return stumble is None or stumble.not_before <= now

    def _collect(self, now: datetime) -> None:
        for run_id, process in list(self._processes.items()):
            code = process.poll()
            if code is None:
                continue
            del self._processes[run_id]
            run = self._house.store.run(run_id)
            if run is None:
                continue
            if run.status == "queued":
                self._stumble(run, code, now)
                continue
            self._stumbled.pop(run_id, None)
            if run.status == "running":
                if not _is_done_by(run, process.pid):
                    continue  # a daemon before us launched it too, and that process does it
                self._house.store.fail_dead_run(run, now=now)  # it died without a word
                run = self._house.store.run(run_id) or run
            said = f"; {run.message}" if run.message else ""
            self._house.report(
                Happening(what="ended", who=run_id, text=f"{run.status}{said}", run_ids=(run_id,))
            )

    def _stumble(self, run: Run, code: int, now: datetime) -> None:
        known = self._stumbled.get(run.id)
        times = 1 if known is None else known.times + 1
        text = f"its process ended with code {code} before the run began, {times} times"
        if times < ATTEMPTS:
            self._stumbled[run.id] = _Stumble(times, now + AGAIN_AFTER)
            self._house.report(Happening(what="warning", who=run.id, text=text))
            return
        self._stumbled.pop(run.id, None)
        if self._house.store.begin_run(run.id, this_process(), now=now):
            failed = replace(run, status="failed", ended_at=now, message=text)
            self._house.store.finish_run(failed)
            self._house.report(Happening(what="ended", who=run.id, text=f"failed; {text}"))


def _is_done_by(run: Run, pid: int) -> bool:
    """Whether the process that does a run is that one of this host."""
    who = run.process
    return who is not None and (who.host, who.pid) == (this_process().host, pid)


def _shown(run: Run) -> str:
    what = run.job_name or run.selection or ", ".join(map(str, run.target.assets[:3]))
    of = f" {run.target.partition}" if run.target.partition else ""
    return f"{what}{of}, asked by {run.origin}"
