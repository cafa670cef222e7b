"""Which process runs what: its identity, and telling at once that it is gone."""

from __future__ import annotations

import os
import socket
import subprocess
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from bridge.runs import ProcessIdentity, Run
from bridge.store import Store

_PROC = Path("/proc")


def this_process() -> ProcessIdentity:
    """The identity of the process we are in."""
    pid = os.getpid()
    return ProcessIdentity(socket.gethostname(), _boot_id(), pid, _started(pid) or "unknown")


def fail_dead_runs(store: Store, now: datetime) -> list[Run]:
    """End every run whose process is gone: at once for this host, at lease expiry for others.

    Returns them.
    """
    here = this_process()
    expired = {run.id for run in store.expired_runs()}
    dead = [
        run for run in store.runs(statuses=("running",), limit=1000) if _is_dead(run, here, expired)
    ]
    for run in dead:
        store.fail_dead_run(run, now=now)
    return dead


def is_gone(process: ProcessIdentity, here: ProcessIdentity) -> bool | None:
    """Whether a process has ended; None where it is on another host, of which nothing is known."""
    if process.host != here.host:
        return None
    if process.boot_id != here.boot_id:
        return True
    return _started(process.pid) != process.pid_started


def _is_dead(run: Run, here: ProcessIdentity, expired: set[str]) -> bool:
    if run.remote is not None:  # it has no process of ours
        return False
    gone = None if run.process is None else is_gone(run.process, here)
    return run.id in expired if gone is None else gone


@lru_cache(maxsize=1)
def _boot_id() -> str:
    file = _PROC / "sys/kernel/random/boot_id"
    return file.read_text(encoding="ascii").strip() if file.exists() else "unknown"


def _started(pid: int) -> str | None:
    """When a process began, in whatever unit the system has.

    None where there is no such process.
    """
    stat = _PROC / str(pid) / "stat"
    if _PROC.joinpath("self").exists():
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]
    command = ["ps", "-o", "lstart=", "-p", str(pid)]  # without /proc, such as on macOS
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None
