"""The child's main loop: reads the job, forks the processes that read the files, answers one JSON
line per file on its own descriptor.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.

import contextlib
import gc
import importlib
import inspect
import json
import os
import selectors
import signal
import sys
import time
from typing import Any

from . import (
    containment,
    factories,
    import_day,
    imports,
    landlock,
    namespaces,
    newer_syntax,
    seccomp,
)
from .compiled import compiled
from .journal import journal
from .other_versions import tolerate
from .pristine import Pristine
from .reader import read_files
from .softening import soften
from .task_functions import make_tasks

_CHUNK = 1 << 16
_FILES = 128  # that one process reads at most; each that begins costs
_TURNS = 4  # of each of those that read side by side, so that all end at about the same time
_MAX_ANSWER = 64 << 20
_FILTER = "seccomp filter"


def main(answer_fd: int) -> None:
    """Serve the one job on standard input and end. Nothing of the user's code runs in this process
    itself.
    """
    job = json.load(sys.stdin)
    os.chdir(job["options"]["scratch"])
    held = _prepare(job)
    os.chdir(os.path.join(job["options"]["scratch"], "cwd"))  # noqa: PTH118 - quicker to load
    with os.fdopen(answer_fd, "w", encoding="utf-8") as answers:
        print(json.dumps({"containment": held}), file=answers, flush=True)
        soften()
        tolerate()
        make_tasks()
        imported = [name.partition(".")[0] for name in job["preload"]]
        pristine = Pristine(imported, job["libraries"])
        import_day.begin()
        gc.collect()
        gc.freeze()
        for answer in _Pool(job, pristine).answers():
            print(json.dumps(answer), file=answers, flush=True)


def _prepare(job: dict[str, Any]) -> dict[str, list[str]]:
    """Real libraries are loaded once, before the code base is on the path; then the walls go up."""
    for name in job["preload"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    with contextlib.suppress(ImportError):
        factories.load(job["factories"])
    network, mounts = namespaces.enter(job["options"]["scratch"])
    containment.install(job["options"]["scratch"], job["options"]["roots"])
    imports.install(
        job["options"]["roots"],
        job["options"]["folders"],
        job["options"]["not_ours"],
        factories.FactoryFinder(),
    )
    journal.begin("", job["options"]["roots"], job["options"]["home"])
    newer_syntax.install()
    compiled.install()
    writes, connections = landlock.shut(job["options"]["scratch"])
    inspect.getmodule(main.__code__)  # notes every module's file once; else each fork would
    refused = _refused(job["options"])
    limits = {name: name not in refused for name in (*containment.LIMITS, _FILTER)}
    holds = {
        "audit hook": True,
        "empty environment": True,
        "separate process": True,
        "time limit": True,
        "network namespace": network,
        "read-only mount namespace": mounts,
        "landlock on writes": writes,
        "landlock on TCP": connections,
        **limits,
    }
    return {
        "held": [name for name, does in holds.items() if does],
        "not_available": [name for name, does in holds.items() if not does],
    }


def _refused(options: dict[str, Any]) -> list[str]:
    """What this machine does not let a file's process set, tried in one that ends at once."""
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        refused = containment.limit(options["memory_bytes"], int(options["timeout_s"]) + 2)
        refused += [] if seccomp.shut() else [_FILTER]
        os.write(write_fd, json.dumps(refused).encode())
        os._exit(0)
    os.close(write_fd)
    with os.fdopen(read_fd, "rb") as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    return [str(name) for name in json.loads(text or b"[]")]


class _Reader:
    """One forked process, the files it was given and has not answered for, its pipe, and until when
    it may say nothing.
    """

    def __init__(self, files: list[int], reason: str, pid: int, fd: int) -> None:
        self.files = files
        self.reason = reason
        self.pid = pid
        self.fd = fd
        self.text = bytearray()
        self.begun = False  # the first of `files`
        self.answered = False
        self.deadline = 0.0
        self.killed = False


class _Pool:
    """A few processes at a time. A file that ends its process is read from its source in another
    one; the files behind it get a new one as well.
    """

    def __init__(self, job: dict[str, Any], pristine: Pristine) -> None:
        self.pristine = pristine
        self.files: list[dict[str, Any]] = job["files"]
        self.options: dict[str, Any] = job["options"]
        self.selector = selectors.DefaultSelector()
        self.readers: dict[int, _Reader] = {}
        count = len(self.files)
        part = min(_FILES, -(-count // (self.options["workers"] * _TURNS)) or 1)
        self.waiting: list[tuple[list[int], str]] = [
            (list(range(start, min(start + part, count))), "") for start in range(0, count, part)
        ]
        self.earlier: dict[int, dict[str, Any]] = {}  # answers of files that are run once more

    def answers(self) -> Any:
        while self.waiting or self.readers:
            while self.waiting and len(self.readers) < self.options["workers"]:
                self._start(*self.waiting.pop(0))
            for key, _ in self.selector.select(timeout=0.2):
                reader = self.readers[key.fd]
                data = os.read(reader.fd, _CHUNK)
                yield from self._heard(reader, data)
                if not data:
                    yield from self._ended(reader)
            self._kill_late()

    def _start(self, files: list[int], reason: str) -> None:
        read_fd, write_fd = os.pipe()
        pid = os.fork()
        if pid == 0:
            given = [(index, self.files[index]) for index in files]
            read_files(given, self.options, self.pristine, reason=reason, fd=write_fd)
        os.close(write_fd)
        reader = self.readers[read_fd] = _Reader(files, reason, pid, read_fd)
        self._may_go_on(reader)
        self.selector.register(read_fd, selectors.EVENT_READ)

    def _may_go_on(self, reader: _Reader) -> None:
        reader.deadline = time.monotonic() + self.options["timeout_s"] + 3

    def _heard(self, reader: _Reader, data: bytes) -> Any:
        reader.text += data
        if b"\n" not in data and len(reader.text) <= _MAX_ANSWER:
            return
        *lines, rest = bytes(reader.text).split(b"\n")
        reader.text = bytearray(rest)
        if len(reader.text) > _MAX_ANSWER:
            _kill(reader)
        for line in lines:
            self._may_go_on(reader)
            answer = _answer_in(line)
            if answer is None or not reader.files:
                _kill(reader)
            elif "begins" in answer:
                reader.begun = True
            elif answer.pop("done"):
                reader.begun, reader.answered = False, True
                yield self._answered(reader.files.pop(0), answer)
            else:
                self._learn(answer)
                index = reader.files[0]
                self.earlier[index] = _better(self.earlier.get(index), answer)

    def _answered(self, index: int, answer: dict[str, Any]) -> dict[str, Any]:
        self._learn(answer)
        return {"index": index, **_better(self.earlier.pop(index, None), answer)}

    def _learn(self, answer: dict[str, Any]) -> None:
        compiled.learn(answer.pop("compiled", []))

    def _kill_late(self) -> None:
        now = time.monotonic()
        for reader in self.readers.values():
            if now > reader.deadline and not reader.killed:
                _kill(reader)

    def _ended(self, reader: _Reader) -> Any:
        self.selector.unregister(reader.fd)
        os.close(reader.fd)
        del self.readers[reader.fd]
        _, status = os.waitpid(reader.pid, 0)
        left = reader.files
        if reader.begun or (left and not reader.answered):
            index = left.pop(0)
            reason = "it did not end in time" if reader.killed else _how_it_ended(status)
            earlier = self.earlier.get(index)
            if earlier is not None and earlier["outcome"] == "recorded":
                yield self._answered(index, earlier)
            elif reader.reason:
                self.earlier.pop(index, None)
                yield self._not_read(index, reason)
            else:
                self.waiting.insert(0, ([index], reason))
        self._give_to_others(left)

    def _give_to_others(self, left: list[int]) -> None:
        """What a reader has left, in as many parts as there are readers."""
        part = -(-len(left) // self.options["workers"])
        self.waiting[:0] = [
            (left[start : start + part], "") for start in range(0, len(left), part or 1)
        ]

    def _not_read(self, index: int, reason: str) -> dict[str, Any]:
        note = {
            "severity": "error",
            "code": "failed",
            "message": f"not read: {reason}",
            "file": self.files[index]["name"],
            "line": None,
        }
        return {
            "index": index,
            "outcome": "failed",
            "reason": reason,
            "dags": [],
            "notes": [note],
        }


def _answer_in(line: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    is_one = isinstance(answer, dict) and (
        "begins" in answer or {"done", "outcome"} <= answer.keys()
    )
    return answer if is_one else None


def _kill(reader: _Reader) -> None:
    reader.killed = True
    with contextlib.suppress(ProcessLookupError):
        os.kill(reader.pid, signal.SIGKILL)


def _better(earlier: dict[str, Any] | None, answer: dict[str, Any]) -> dict[str, Any]:
    """Of two answers about a file the one that ran to its end, else the one with more tasks; the
    first, which assumes less, where they say as much.
    """
    if earlier is None or earlier["outcome"] == answer["outcome"] == "partial":
        return answer
    first, second = (
        (one["outcome"] == "recorded", sum(len(dag["tasks"]) for dag in one["dags"]))
        for one in (earlier, answer)
    )
    return answer if second > first else earlier


def _how_it_ended(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return (
            "it used more time than it may"
            if number == signal.SIGXCPU
            else f"its process died ({signal.strsignal(number)})"
        )
    return "it ended its process"
