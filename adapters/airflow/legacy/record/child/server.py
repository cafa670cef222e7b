"""The child's main loop: reads the job, forks once per file, answers one JSON line per file on its
own descriptor.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH208

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

from . import containment, factories, imports, landlock, namespaces, one_file, seccomp
from .compiled import compiled
from .journal import journal

_CHUNK = 1 << 16
_STDERR = 2
_MAX_ANSWER = 64 << 20
_FEW_COLLECTIONS = 50_000  # the process ends soon; collecting reads pages that it need not have
_FILTER = "seccomp filter"


def main(answer_fd: int) -> None:
    """Serve the one job on standard input and end. Nothing of the user's code runs in this process
    itself.
    """
    job = json.load(sys.stdin)
    os.chdir(job["options"]["scratch"])
    held = _prepare(job)
    with os.fdopen(answer_fd, "w", encoding="utf-8") as answers:
        print(json.dumps({"containment": held}), file=answers, flush=True)
        for answer in _Pool(job).answers():
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
    journal.begin("", job["options"]["roots"])
    compiled.install()
    writes, connections = landlock.shut(job["options"]["scratch"])
    inspect.getmodule(main.__code__)  # notes every module's file once; else each fork would
    gc.collect()
    gc.freeze()
    refused = _refused(job["options"])
    limits = {name: name not in refused for name in (*containment.LIMITS, _FILTER)}
    holds = {
        "audit hook": True,
        "empty environment": True,
        "process per file": True,
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


class _Running:
    """One forked process, its pipe, and until when it may run."""

    def __init__(self, index: int, pid: int, fd: int, deadline: float, *, last: bool) -> None:
        self.index = index
        self.pid = pid
        self.fd = fd
        self.deadline = deadline
        self.last = last
        self.text = bytearray()
        self.killed = False


class _Pool:
    """A few processes at a time; a file that dies is read from its source in another process."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.files: list[dict[str, Any]] = job["files"]
        self.options: dict[str, Any] = job["options"]
        self.selector = selectors.DefaultSelector()
        self.running: dict[int, _Running] = {}
        self.waiting = [(index, "run", "") for index in range(len(self.files))]
        self.earlier: dict[int, dict[str, Any]] = {}  # answers of files that are run once more

    def answers(self) -> Any:
        while self.waiting or self.running:
            while self.waiting and len(self.running) < self.options["workers"]:
                self._start(*self.waiting.pop(0))
            for key, _ in self.selector.select(timeout=0.2):
                child = self.running[key.fd]
                if not self._read(child):
                    answer = self._finished(child)
                    if answer is not None:
                        yield answer
            self._kill_late()

    def _start(self, index: int, what: str, reason: str) -> None:
        read_fd, write_fd = os.pipe()
        pid = os.fork()
        if pid == 0:
            _in_the_fork(self.files[index], self.options, what, reason, write_fd)
        os.close(write_fd)
        deadline = time.monotonic() + self.options["timeout_s"] + 3
        child = _Running(index, pid, read_fd, deadline, last=what == "read")
        self.running[read_fd] = child
        self.selector.register(read_fd, selectors.EVENT_READ)

    def _read(self, child: _Running) -> bool:
        data = os.read(child.fd, _CHUNK)
        child.text += data
        if len(child.text) > _MAX_ANSWER:
            os.kill(child.pid, signal.SIGKILL)
        return bool(data)

    def _kill_late(self) -> None:
        now = time.monotonic()
        for child in self.running.values():
            if now > child.deadline and not child.killed:
                child.killed = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGKILL)

    def _finished(self, child: _Running) -> dict[str, Any] | None:
        self.selector.unregister(child.fd)
        os.close(child.fd)
        del self.running[child.fd]
        _, status = os.waitpid(child.pid, 0)
        try:
            answer = json.loads(bytes(child.text))
        except ValueError:
            answer = None
        if answer is not None:
            compiled.learn(answer.pop("compiled", []))
        to_try = answer.pop("to_try", {}) if answer is not None else {}
        if answer is not None and (answer.get("again") or to_try):
            file = self.files[child.index]
            file["assumed"] = {**file.get("assumed", {}), **to_try}
            self.earlier[child.index] = _better(self.earlier.get(child.index), answer)
            self.waiting.insert(0, (child.index, "assume", ""))
            return None
        earlier = self.earlier.pop(child.index, None)
        if answer is None and earlier is not None and earlier["outcome"] == "recorded":
            answer = earlier
        if answer is not None:
            return {"index": child.index, **_better(earlier, answer)}
        reason = "it did not end in time" if child.killed else _how_it_ended(status)
        if child.last:
            note = {
                "severity": "error",
                "code": "failed",
                "message": f"not read: {reason}",
                "file": self.files[child.index]["name"],
                "line": None,
            }
            return {
                "index": child.index,
                "outcome": "failed",
                "reason": reason,
                "dags": [],
                "notes": [note],
            }
        self.waiting.insert(0, (child.index, "read", reason))
        return None


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


def _in_the_fork(
    file: dict[str, Any], options: dict[str, Any], what: str, reason: str, fd: int
) -> None:
    leave = os._exit
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        for other in _open_pipes(fd):
            with contextlib.suppress(OSError):
                os.close(other)
        containment.limit(options["memory_bytes"], int(options["timeout_s"]) + 2)
        seccomp.shut()
        gc.set_threshold(_FEW_COLLECTIONS)
        journal.begin(file["path"], options["roots"])
        sys.setrecursionlimit(3000)
        if what == "read":
            answer = one_file.read_only(file, options, reason)
        else:
            answer = one_file.run(file, options, assume_missing=what == "assume")
        data = json.dumps({**answer, "compiled": compiled.missed}).encode()
        while data:
            data = data[os.write(fd, data) :]
        leave(0)
    except BaseException:  # noqa: BLE001 - whatever it is, the server reads the source instead
        leave(1)


def _open_pipes(keep: int) -> list[int]:
    """Everything above stderr but our own pipe: the fork must not hold the server's descriptors."""
    try:
        return [
            int(name)
            for name in os.listdir("/proc/self/fd")
            if int(name) > _STDERR and int(name) != keep
        ]
    except OSError:
        return [fd for fd in range(3, 256) if fd != keep]
