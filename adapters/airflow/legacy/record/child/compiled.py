"""Modules of the code base, compiled once where several files import them; each file still runs
them itself, in its own process.

Only the compiler sees them outside of a file's process, and that in a process of its own.
"""

import importlib.machinery
import marshal
import os
import selectors
import signal
import time
from typing import Any

from .journal import journal

_leave = os._exit  # the user's code gets another one
_USERS = 2  # files that must have compiled a module before it is worth keeping
_BATCH = 20
_LARGEST = 512 << 10
_PATIENCE_S = 10.0


class _Compiled:
    """Code by file, as bytes; and in the process of a file, what it had to compile itself."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}
        self.missed: list[str] = []
        self._here: dict[str, Any] = {}  # code that this process compiled
        self._users: dict[str, int] = {}
        self._wanted: list[str] = []

    def install(self) -> None:
        """From here on, modules are taken from what is compiled already."""
        loader = importlib.machinery.SourceFileLoader
        plain = loader.get_code

        def get_code(one: Any, name: str) -> Any:
            if not journal.is_user_file(one.path):
                return plain(one, name)
            code = self._here.get(one.path)
            if code is None:
                known = self.code.get(one.path)
                if known is None:
                    self.missed.append(one.path)
                    code = plain(one, name)
                else:
                    code = marshal.loads(known)  # noqa: S302 - our own, see `learn`
                self._here[one.path] = code
            return code

        setattr(loader, "get_code", get_code)  # noqa: B010 - a replacement, not an attribute

    def begin(self) -> None:
        """Start a file."""
        self.missed = []

    def learn(self, missed: "list[str]") -> None:
        """Of a file that is done: what it compiled is worth keeping if it is not the first."""
        for path in missed:
            self._users[path] = self._users.get(path, 0) + 1
            if self._users[path] == _USERS and journal.is_user_file(path):
                self._wanted.append(path)
        if len(self._wanted) >= _BATCH:
            wanted, self._wanted = self._wanted, []
            self.code.update(_in_a_fork(wanted))


compiled = _Compiled()


def _in_a_fork(paths: "list[str]") -> "dict[str, bytes]":
    """The code of the files; none where the compiler dies or is not done in time."""
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read_fd)
            with os.fdopen(write_fd, "wb") as answer:
                answer.write(marshal.dumps(_all(paths)))
        finally:
            _leave(0)
    os.close(write_fd)
    try:
        return dict(marshal.loads(_read(read_fd)))  # noqa: S302 - no code of the user ran there
    except (EOFError, ValueError, TypeError):
        return {}
    finally:
        os.close(read_fd)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _all(paths: "list[str]") -> "dict[str, bytes]":
    found = {path: _code_of(path) for path in paths}
    return {path: code for path, code in found.items() if code}


def _code_of(path: str) -> bytes:
    """Nothing where it cannot be compiled: the file that imports it says why."""
    try:
        data = importlib.machinery.SourceFileLoader("", path).get_data(path)
        return (
            marshal.dumps(compile(data, path, "exec", dont_inherit=True))
            if len(data) <= _LARGEST
            else b""
        )
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return b""


def _read(fd: int) -> bytes:
    text = bytearray()
    deadline = time.monotonic() + _PATIENCE_S
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while selector.select(timeout=max(0.0, deadline - time.monotonic())):
            data = os.read(fd, 1 << 16)
            if not data:
                break
            text += data
    return bytes(text)
