"""Airflow's side: start the interpreter, hand over what is to be done, log and raise what it says.

No user code is imported here.
"""

from __future__ import annotations

import json
import logging
import math
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from adapters.airflow import secrets
from adapters.airflow.compat import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    conf,
)
from adapters.airflow.isolated.messages import VERSION, described, line, retell
from bridge.errors import BridgeError
from bridge.project import find_project

log = logging.getLogger("airflow.task.bridge")

# Airflow's own settings: its database, its keys, and everybody's connections. What the other
# interpreter needs of them it asks for by name.
_KEPT_BACK = ("AIRFLOW__", "_AIRFLOW_", "AIRFLOW_CONN_", "AIRFLOW_VAR_")
_OF_THIS_PYTHON = ("PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
_GRACE_S = 4.0  # Airflow kills a task five seconds after it asked it to end
_LAST_LINES = 5
_PIECE = 65_536
_RAISED = {
    "failed": AirflowException,
    "final": AirflowFailException,
    "skipped": AirflowSkipException,
}


def call_isolated(
    python: str,
    call: str,
    words: tuple[Any, ...],
    context: Mapping[str, Any],
    *,
    start: Path,
    options: Mapping[str, Any],
) -> Any:
    """What `<module>.<function>` returns in the interpreter `python`, for the project at `start`.

    Raises what it raises there. Raises AirflowFailException where that interpreter cannot do it,
    and AirflowException where it ends without a word. Whatever ends this, also a signal, ends the
    interpreter and what it started.
    """
    try:
        project = find_project(start)
        program = _program(python, project.root)
    except BridgeError as error:
        raise AirflowFailException(str(error)) from error
    request = {
        "call": call,
        "words": words,
        "options": options,
        "context": described(context),
        "start": str(start),
        "python": python,
        "executor": conf.get("core", "executor"),
    }
    said = _Interpreter(program, project.root).do(request)
    if "raised" in said:
        raise _RAISED[said["raised"]["kind"]](said["raised"]["message"])
    retell(context, said["result"])
    return said["result"]["facts"]


def _program(python: str, root: Path) -> str:
    """The interpreter's file; a path counts from the project's root, a name is on PATH."""
    found = str(root / python) if os.sep in python else shutil.which(python) or python
    if not os.access(found, os.X_OK) or not Path(found).is_file():
        raise AirflowFailException(
            f"The interpreter {found} is not there, or may not be executed, on this worker. "
            "[tool.bridge.generate] python names it: make that environment where Airflow's tasks "
            "run, with airflow-asset-bridge in it, or name another and generate again."
        )
    return found


def _environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_KEPT_BACK) and name not in _OF_THIS_PYTHON
    }


class _Interpreter:
    """One child process: what it says is logged line by line as it comes."""

    def __init__(self, program: str, root: Path) -> None:
        hears, speaks = os.pipe()
        try:
            self._process = subprocess.Popen(
                [program, "-u", "-m", "adapters.airflow.isolated.child", str(speaks)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(speaks,),
                cwd=root,
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            os.close(hears)
            raise AirflowFailException(
                f"The interpreter {program} does not start: {error}."
            ) from error
        finally:
            os.close(speaks)
        self._program = program
        self._hears = os.fdopen(hears, "rb", buffering=0)
        self._rest: dict[Any, bytes] = {}
        self._hello: dict[str, Any] | None = None
        self._said: dict[str, Any] | None = None
        self._last: deque[str] = deque(maxlen=_LAST_LINES)

    def do(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Its last message: a result, or what it raised."""
        try:
            self._send(request)
            self._follow()
        finally:
            self._end()
        if self._hello is None or self._hello["version"] != VERSION:
            raise AirflowFailException(self._unfit())
        if self._said is None:
            raise AirflowException(
                f"The interpreter {self._program} ended with {self._process.returncode} before "
                "it said how it went: killed, out of memory, or ended by its own code."
            )
        return self._said

    def _unfit(self) -> str:
        if self._hello is not None:
            return (
                f"The interpreter {self._program} has another version of airflow-asset-bridge "
                "than Airflow's. Install the same in both."
            )
        last = "\n".join(self._last)
        return (
            f"The interpreter {self._program} cannot run an asset. Install airflow-asset-bridge "
            f"in it, the version that Airflow has. It said:\n{last}"
        )

    def _send(self, message: Mapping[str, Any]) -> None:
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101 - it was asked for
        with suppress(BrokenPipeError):  # it has ended; what it said last tells why
            pipe.write(line(message))
            pipe.flush()

    def _follow(self, until: float = math.inf) -> None:
        """Hear all three of its voices until it has ended, and nothing of it is left to hear."""
        with selectors.DefaultSelector() as voices:
            for voice in (self._hears, self._process.stdout, self._process.stderr):
                if voice is not None:
                    os.set_blocking(voice.fileno(), False)
                    voices.register(voice, selectors.EVENT_READ)
            while voices.get_map() and time.monotonic() < until:
                # what user code started may hold a pipe open for ever
                has_ended = self._process.poll() is not None
                ready = voices.select(0 if has_ended else 0.2)
                for key, _ in ready:
                    if not self._heard(key.fileobj):
                        voices.unregister(key.fileobj)
                if has_ended and not ready:
                    break
        for voice in list(self._rest):
            self._line(voice, self._rest.pop(voice))

    def _heard(self, voice: Any) -> bool:
        """Take what is there; False at its end."""
        try:
            piece = os.read(voice.fileno(), _PIECE)
        except BlockingIOError:
            return True
        lines = (self._rest.pop(voice, b"") + piece).split(b"\n")
        for each in lines[:-1]:
            self._line(voice, each)
        if lines[-1]:
            self._rest[voice] = lines[-1]
        return bool(piece)

    def _line(self, voice: IO[bytes], content: bytes) -> None:
        if voice is self._hears:
            self._message(json.loads(content))
            return
        text = content.decode(errors="replace").rstrip("\r")
        self._last.append(text)
        log.info("%s", text)

    def _message(self, message: dict[str, Any]) -> None:
        if "log" in message:
            log.log(message["log"]["level"], "%s", message["log"]["message"])
        elif "ask" in message:
            self._send(secrets.answer(**message["ask"]))
        elif "hello" in message:
            self._hello = message["hello"]
        else:
            self._said = message

    def _end(self) -> None:
        """End it and what it started, if that is not over; it may say how it ended meanwhile."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            self._follow(until=time.monotonic() + _GRACE_S)
            self._signal(signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr, self._hears):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what it did not read any more
                    pipe.close()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
