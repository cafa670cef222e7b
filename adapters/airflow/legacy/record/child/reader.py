"""A process that runs files of the code base one after another, each in what the first one met, and
answers in JSON lines: `{"begins": index}`, then the answer to each try of that file, the last of
them `done`.

It ends before its last file where it must not run another one, or where others could go on with
them: the server gives what is left to a new process.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH208

import contextlib
import gc
import json
import os
import sys
import time
from typing import Any

from . import containment, one_file, seccomp
from .compiled import compiled
from .journal import journal
from .pristine import Pristine

_leave = os._exit  # the user's code gets another one
_FEW_COLLECTIONS = 50_000  # objects; what a file leaves is collected where it takes much room
_SLOW_S = 1.0
_STDERR = 2
_RECURSION = 3000


def read_files(
    files: "list[tuple[int, dict[str, Any]]]",
    options: dict[str, Any],
    pristine: Pristine,
    *,
    reason: str,
    fd: int,
) -> None:
    """Run the files, or given a reason why one cannot be run, read its source. Does not return."""
    try:
        _shut_in(options, fd)
        pristine.begin()
        for index, file in files:
            _say(fd, {"begins": index})
            began = time.monotonic()
            for answer in _tries(file, options, reason):
                _say(fd, answer)
                is_clean = pristine.restore()
            if not is_clean or time.monotonic() - began > _SLOW_S:
                break
        _leave(0)
    except BaseException:  # noqa: BLE001 - whatever it is, the server reads the source instead
        _leave(1)


def _shut_in(options: dict[str, Any], fd: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    for other in _open_pipes(fd):
        with contextlib.suppress(OSError):
            os.close(other)
    containment.limit(options["memory_bytes"], int(options["timeout_s"]) + 2)
    seccomp.shut()


def _tries(file: dict[str, Any], options: dict[str, Any], reason: str) -> Any:
    """The file's answers: it is run once more with what the first run asked for in vain."""
    assume_missing = False
    while True:
        gc.enable()
        gc.set_threshold(_FEW_COLLECTIONS)
        sys.setrecursionlimit(_RECURSION)
        journal.begin(file["path"], options["roots"], options["home"])
        compiled.begin()
        if reason:
            answer = one_file.read_only(file, options, reason)
        else:
            answer = one_file.run(file, options, assume_missing=assume_missing)
        to_try = answer.pop("to_try", {})
        done = not answer["again"] and not to_try
        yield {**answer, "compiled": compiled.missed, "done": done}
        if done:
            return
        file["assumed"] = {**file.get("assumed", {}), **to_try}
        assume_missing = True


def _say(fd: int, line: dict[str, Any]) -> None:
    data = json.dumps(line).encode() + b"\n"
    while data:
        data = data[os.write(fd, data) :]


def _open_pipes(keep: int) -> list[int]:
    """Everything above stderr but our own pipe: the process must not hold the server's."""
    try:
        open_ones = map(int, os.listdir("/proc/self/fd"))
    except OSError:
        open_ones = map(int, range(3, 256))
    return [fd for fd in open_ones if fd > _STDERR and fd != keep]
