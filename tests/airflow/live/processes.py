"""The processes of one Airflow, each leading its own session, so that only these are stopped."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """In the child: get SIGTERM when pytest dies, even by SIGKILL; Linux only."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class AirflowDidNotStart(Exception):
    """A process ended or did not get ready; the message holds the ends of all logs."""


class Processes:
    """Named background processes with one log file each."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run to the end; raises AirflowDidNotStart with the log if it fails."""
        self.start(name, command)
        code = self._running.pop(name).wait()
        if code:
            raise AirflowDidNotStart(f"{name} ended with {code}\n{self.logs()}")

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start in the background; output goes to `<name>.log`."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509
            )

    def is_running(self, name: str) -> bool:
        """Whether it was started and has not ended."""
        return name in self._running and self._running[name].poll() is None

    def require_all(self) -> None:
        """Raise AirflowDidNotStart if one has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise AirflowDidNotStart(f"{name} ended with {process.returncode}\n{self.logs()}")

    def logs(self, lines: int = 40) -> str:
        """The last lines of every log."""
        parts = []
        for path in sorted(self._folder.glob("*.log")):
            tail = path.read_text(errors="replace").splitlines()[-lines:]
            parts.append("\n".join([f"--- {path}", *tail]))
        return "\n".join(parts)

    def kill(self, name: str) -> None:
        """SIGKILL to one and all it started: what a lost machine looks like."""
        process = self._running.pop(name)
        _signal(_session(process.pid), signal.SIGKILL)
        process.wait()

    def stop(self, patience_s: float = 10.0) -> None:
        """SIGTERM to the leaders, then SIGKILL to whatever of their sessions is left."""
        leaders = list(self._running.values())
        _signal({process.pid for process in leaders}, signal.SIGTERM)
        deadline = time.monotonic() + patience_s
        for process in leaders:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in leaders:
            # children that made a process group of their own are still members of the session
            _signal(_session(process.pid), signal.SIGKILL)
            process.wait()
        self._running.clear()


def _session(leader: int) -> set[int]:
    """The live process ids of the session that `leader` began, itself included."""
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
