"""What keeps a DAG file from touching anything: audit hook and rlimits; what the kernel adds is in
`namespaces`, `landlock` and `seccomp`.

Containment, not a security boundary: code that means harm can find a way round an audit hook.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH100, PTH120

import contextlib
import os
import resource
import signal
import sys
import time
from typing import Any

from .journal import journal

_set_limit, _limit_of = resource.setrlimit, resource.getrlimit
_MARGIN_S = 2  # of the processor, for a file that does not listen
_stat = os.stat  # the real one: `other_paths` puts another in its place
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_READABLE_SYSTEM = (
    "/usr/share/zoneinfo",
    "/usr/lib",
    "/usr/local/lib",
    "/lib",
    "/etc/localtime",
    "/etc/mime.types",
)
_NO_FILE = ("built-in", "frozen")  # where modules of the interpreter itself come from
_DEVICES = frozenset({"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/full"})


class TookTooLong(BaseException):
    """The file's time is up; raised in the user's code so that what was recorded until here is
    kept.
    """


class EndedItself(BaseException):
    """The file called os._exit or the like."""


class Blocked(PermissionError):
    """The file tried something that reading a DAG does not need."""


_BLOCKED_EVENTS = {
    "os.system": "run a command",
    "os.exec": "run a command",
    "os.posix_spawn": "run a command",
    "os.spawn": "run a command",
    "subprocess.Popen": "run a command",
    "pty.spawn": "run a command",
    "os.fork": "fork",
    "os.forkpty": "fork",
    "os.kill": "signal a process",
    "os.killpg": "signal a process",
    "signal.pthread_kill": "signal a thread",
    "socket.connect": "open a connection",
    "socket.bind": "listen",
    "socket.sendto": "send on the network",
    "socket.sendmsg": "send on the network",
    "socket.getaddrinfo": "look up a host",
    "socket.gethostbyname": "look up a host",
    "socket.gethostbyaddr": "look up a host",
    "socket.getnameinfo": "look up a host",
    "webbrowser.open": "open a browser",
    "sqlite3.connect": "open a database",
    "os.setxattr": "change a file",
    "os.removexattr": "change a file",
    "syslog.openlog": "write to syslog",
    "syslog.syslog": "write to syslog",
}
# What a file may do, but what the next one in the same process would feel.
_LASTING = frozenset(
    """
    sys.addaudithook resource.setrlimit resource.prlimit gc.get_objects gc.get_referrers
    gc.get_referents cpython.PyInterpreterState_New
    """.split()  # noqa: SIM905
)
_CHANGES_FILES = {
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "os.chown",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.utime",
    "os.chflags",
    "shutil.rmtree",
    "shutil.move",
    "shutil.copyfile",
    "shutil.copytree",
}


class _Guard:
    """The state of the audit hook. It cannot be removed once added, so it starts switched off."""

    def __init__(self) -> None:
        self.armed = False
        self.tainted = False  # by something that cannot be undone
        self.scratch = ""
        self.readable: tuple[str, ...] = ()
        self.roots: tuple[str, ...] = ()

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        if event in _LASTING or event.startswith("ctypes."):
            self.tainted = True
        if event == "open":
            self._opening(*args)
        elif event in _BLOCKED_EVENTS:
            if event == "sqlite3.connect" and args and args[0] == ":memory:":
                return
            self._refuse(_BLOCKED_EVENTS[event], "blocked")
        elif event in _CHANGES_FILES and not self.in_scratch(args[0] if args else ""):
            self._refuse(f"change a file ({event})", "blocked")

    def _opening(self, path: Any, mode: Any, flags: Any) -> None:
        if isinstance(path, int) or path is None:
            return
        real = os.path.abspath(os.fsdecode(path))
        if real in _DEVICES or self.in_scratch(real):
            return
        writes = (
            isinstance(flags, int)
            and flags & _WRITE_FLAGS
            and not flags & getattr(os, "O_DIRECTORY", 0)
        )
        if writes:
            self._refuse("write a file outside the scratch folder", "blocked")
        if not self.may_read(os.path.realpath(real)) and is_there(real):
            self._refuse("read a file outside the code base", "blocked")

    def may_read(self, real: str) -> bool:
        """Libraries, the scratch folder, and the code base but for what is hidden in it (.env,
        .git, .aws).
        """
        if real.startswith(self.readable):
            return True
        for root in self.roots:
            if real == root.rstrip("/"):
                return True
            if real.startswith(root):
                return not any(part.startswith(".") for part in real[len(root) :].split("/"))
        return False

    def is_library(self, file: str) -> bool:
        """Is it of Python, or of a library beside this program?"""
        return file in _NO_FILE or file.startswith(self.readable)

    def in_scratch(self, path: Any) -> bool:
        """Is it in the one folder that may be written?"""
        try:
            return os.path.realpath(os.fsdecode(path)).startswith(self.scratch)
        except TypeError:
            return False

    def _refuse(self, what: str, code: str) -> None:
        self.armed = (
            False  # the note itself looks at frames only, but must never meet its own guard
        )
        try:
            journal.note("warning", code, f"the file tried to {what}; it was refused")
        finally:
            self.armed = True
        raise Blocked(1, f"refused while reading this DAG file: {what}")


guard = _Guard()


def is_there(path: str) -> bool:
    """Is there such a file or folder, on this machine and by this very path?"""
    try:
        _stat(path)
    except (OSError, ValueError):
        return False
    return True


def install(scratch: str, roots: list[str]) -> None:
    """Add the audit hook, switched off; `arm` switches it on in the process of one file."""
    own = os.path.dirname(__file__)  # a stand-in may be loaded when a file first asks for it
    libraries = {sys.prefix, sys.base_prefix, sys.exec_prefix, own}
    libraries.update(path for path in sys.path if path)
    guard.scratch = os.path.realpath(scratch).rstrip("/") + "/"
    guard.roots = tuple(os.path.realpath(root).rstrip("/") + "/" for root in roots)
    wanted = (
        {os.path.realpath(path).rstrip("/") + "/" for path in libraries}
        - {"/", "/usr/"}
        - set(guard.roots)
    )
    guard.readable = (*sorted(wanted), *_READABLE_SYSTEM)
    sys.addaudithook(guard)


def arm() -> None:
    """From here on the audit hook refuses."""
    guard.armed = True


def disarm() -> None:
    """The user's code is over; what is done to write the result must not be noted."""
    guard.armed = False


LIMITS = ("memory limit", "cpu limit", "file size limit")


def limit(memory_bytes: int, cpu_s: int) -> list[str]:
    """Set the limits of this process, that of the processor for its first file; returns the names
    of those the machine refused.
    """
    refused: list[str] = []
    size = 64 << 20  # of a file in the scratch folder
    wanted = (
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s, _limit_of(resource.RLIMIT_CPU)[1]),
        (resource.RLIMIT_FSIZE, size, size),
    )
    for name, (which, soft, hard) in zip(LIMITS, wanted, strict=True):
        try:
            resource.setrlimit(which, (soft, hard))
        except (ValueError, OSError):  # noqa: PERF203 - three rounds
            refused.append(name)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return refused


def interrupt_after(seconds: float) -> None:
    """Raise TookTooLong in the user's code when the time is up, and again until it listens."""

    def stop(signum: int, frame: object) -> None:
        raise TookTooLong

    cpu_s = int(time.process_time() + seconds) + _MARGIN_S
    with contextlib.suppress(ValueError, OSError):
        _set_limit(resource.RLIMIT_CPU, (cpu_s, _limit_of(resource.RLIMIT_CPU)[1]))
    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGXCPU, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)


def stop_the_clock() -> None:
    """No interruption while the result is written."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)


def let_it_end() -> None:
    """The time is up, and what is known is to be written: only who waits for it still ends it."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
