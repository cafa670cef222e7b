"""The processes of the cluster: each leads a session of its own, and only these are ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path


class Processes:
    """Airflow's processes by name, each with a log file `<name>.log`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, name: str, *arguments: str) -> None:
        """`airflow ARGUMENTS` to its end. Raises RuntimeError with the log if it fails."""
        self.start(name, *arguments)
        if code := self._running.pop(name).wait():
            raise RuntimeError(f"airflow {name} ended with {code}:\n{self.log(name)}")

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        """`airflow ARGUMENTS` in the background."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "airflow", *arguments],
                cwd=self._folder,
                env=self._environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def require_all(self) -> None:
        """Raise RuntimeError with its log where one has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended with {process.returncode}:\n{self.log(name)}")

    def log(self, name: str, lines: int = 40) -> str:
        """The end of what a process said."""
        text = (self._folder / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def kill(self, name: str) -> None:
        """SIGKILL to one and all that it started, as if its host were gone."""
        process = self._running.pop(name)
        _signal(_session(process.pid), signal.SIGKILL)
        process.wait()

    def stop(self, patience_s: float = 4.0) -> None:
        """End all: SIGTERM first, SIGKILL to what is left of their sessions."""
        _signal({each.pid for each in self._running.values()}, signal.SIGTERM)
        deadline = time.monotonic() + patience_s
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in self._running.values():
            _signal(_session(process.pid), signal.SIGKILL)
            process.wait()
        self._running.clear()


def _session(leader: int) -> set[int]:
    """The processes of the session that `leader` began, it included."""
    members = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(entry.name)) == leader:
                members.add(int(entry.name))
    return members


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
