"""The other interpreter: does what a task does, and says on a line of its own how it went.

It ends, as a killed task does, when the process that started it is gone.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import platform
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

from adapters.airflow import secrets
from adapters.airflow.isolated import stand_ins
from adapters.airflow.isolated.messages import VERSION, context_of, line, told

_KILLED = 143  # 128 + SIGTERM, as shells say it


class _Airflow:
    """The process that is in Airflow, at the other ends of two pipes."""

    def __init__(self, listens: BinaryIO, speaks: BinaryIO) -> None:
        self._listens = listens
        self._speaks = speaks
        self._turn = threading.RLock()
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def request(self) -> dict[str, Any]:
        """What is to be done; from then on, hear answers, and whether anybody is there."""
        said: dict[str, Any] = json.loads(self._listens.readline())
        threading.Thread(target=self._hear, name="bridge-airflow", daemon=True).start()
        return said

    def say(self, **message: Any) -> None:
        """Send one message."""
        with self._turn:
            self._speaks.write(line(message))
            self._speaks.flush()

    def ask(self, kind: str, name: str) -> Any:
        """What Airflow knows under this name. Raises ConfigError, as it says."""
        with self._turn:
            self.say(ask={"kind": kind, "name": name})
            answer = self._answers.get()
        if "error" in answer:
            raise secrets.unknown(answer["error"])
        return answer["value"]

    def _hear(self) -> None:
        for answer in self._listens:
            self._answers.put(json.loads(answer))
        os.kill(os.getpid(), signal.SIGTERM)


class _ToAirflow(logging.Handler):
    """Log records, with their level, into the task's log."""

    def __init__(self, airflow: _Airflow) -> None:
        super().__init__()
        self._airflow = airflow

    def emit(self, record: logging.LogRecord) -> None:
        """Send it."""
        try:
            self._airflow.say(log={"level": record.levelno, "message": self.format(record)})
        except Exception:  # noqa: BLE001 - as logging does it: no message may end what logs it
            self.handleError(record)


def main(speaks_to: int) -> int:
    """Do what is asked on stdin, and say how it went on the file descriptor `speaks_to`."""
    signal.signal(signal.SIGTERM, _end)
    airflow = _Airflow(*_pipes(speaks_to))
    # what a task calls raises what Airflow wants to hear, and there is none here
    sys.modules["adapters.airflow.compat"] = stand_ins
    attempt = importlib.import_module("adapters.airflow.attempt")
    airflow.say(hello={"version": VERSION, "python": platform.python_version()})
    request = airflow.request()
    logging.basicConfig(
        level=logging.INFO, handlers=[_ToAirflow(airflow)], format="%(message)s", force=True
    )
    secrets.ask_with(airflow.ask)
    stand_ins.conf.known["core", "executor"] = request["executor"]
    try:
        context = context_of(request["context"], stand_ins.Asset)
        with attempt.told_to_airflow():
            here = attempt.Environment.open(Path(request["start"]), python=request["python"])
        module, _, name = request["call"].partition(".")
        do = getattr(importlib.import_module(f"adapters.airflow.{module}"), name)
        facts = do(*request["words"], context, environment=here, **request["options"])
        airflow.say(result={"facts": facts, **told(context)})
    except stand_ins.AirflowException as error:
        airflow.say(raised={"kind": _KINDS[type(error)], "message": str(error)})
    except Exception as error:  # noqa: BLE001 - it has to be heard over there
        text = traceback.format_exc()
        airflow.say(log={"level": logging.ERROR, "message": text})
        airflow.say(raised={"kind": "failed", "message": f"{type(error).__name__}: {error}"})
    return 0


_KINDS = {
    stand_ins.AirflowException: "failed",
    stand_ins.AirflowFailException: "final",
    stand_ins.AirflowSkipException: "skipped",
}


def _pipes(speaks_to: int) -> tuple[BinaryIO, BinaryIO]:
    """Both ends for us alone: what user code starts inherits neither, and reads no stdin."""
    os.set_inheritable(speaks_to, False)  # noqa: FBT003 - its only way to be called
    listens = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return os.fdopen(listens, "rb"), os.fdopen(speaks_to, "wb")


def _end(_number: int, _frame: FrameType | None) -> None:
    # once: what ends now records that it failed and gives its claim back
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(_KILLED)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
