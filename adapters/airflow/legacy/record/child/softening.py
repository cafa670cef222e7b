"""Replacements for calls that would be refused, where a harmless answer lets the file run on; each
leaves a note.
"""

# Plain os.path: the user's code may have changed pathlib.
# ruff: noqa: PTH100

import builtins
import datetime as dt
import functools
import inspect
import io
import multiprocessing
import multiprocessing.context
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import types
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, cast

from . import chance
from .airflow_values import Supplied
from .assumptions import AssumedText, assumed, assumptions, is_assumed_file
from .containment import EndedItself, guard, is_there
from .journal import journal
from .metaclasses import combine_metaclasses
from .missing_settings import tolerate_missing_settings
from .other_paths import look_here_too
from .placeholder_readers import read_placeholders
from .placeholders import Unknown
from .pristine import of_one_file

_PLAIN = (str, bool, int)  # defaults that are asked whether they are empty


class Environment(dict[str, str]):
    """os.environ of the file: the white list, what was supplied, and on the second try a text for
    every miss.
    """

    def __init__(self, values: Mapping[str, str], *, assume_missing: bool) -> None:
        super().__init__(values)
        self.assume_missing = assume_missing
        self.missed: list[str] = []

    def __getitem__(self, name: str) -> str:
        Supplied.tell(name)
        return super().__getitem__(name)

    def __missing__(self, name: str) -> str:
        if not _asked_by_code_base():
            raise KeyError(name)
        self.missed.append(str(name))
        if self.assume_missing and isinstance(name, str):
            return cast("str", self._assumed(name))
        raise KeyError(name)

    def required(self, name: str) -> Any:
        """What a library is asked for in the code base's name, which is not there."""
        self.missed.append(name)
        if not self.assume_missing:
            raise KeyError(name)
        return self._assumed(name)

    def get(self, key: Any, default: Any = None) -> Any:
        """What is there, else the default, unless an earlier run ended for want of the value;
        without one it is a miss like any other.
        """
        Supplied.tell(key)
        if key in self or not _asked_by_code_base():
            return super().get(key, default)
        if default is not None and not assumptions.is_wanted(str(key)):
            if type(default) in _PLAIN and not default:
                assumptions.without.add(str(key))
            return default
        self.missed.append(str(key))
        if not self.assume_missing:
            return None
        return self._assumed(key)

    def _assumed(self, name: str) -> Any:
        message = f"the environment variable {name} is assumed"
        journal.note("warning", "assumed_environment", message)
        return assumed("env", name)

    def copy(self) -> dict[str, str]:
        return dict(self)


def _asked_by_code_base() -> bool:
    """Not by a library, which has a way to do without."""
    frame = sys._getframe(1)  # noqa: SLF001 - who reads the environment
    while frame.f_back is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    file = frame.f_code.co_filename
    return file == journal.file or journal.is_user_file(file)


def live_in(environment: Environment) -> None:
    """From here on, this is the environment that the user's code sees."""
    os.environ = environment  # type: ignore[assignment]  # noqa: B003 - the real one is empty
    os.getenv = environment.get


def soften() -> None:
    """Install the replacements in this process and those that it forks; nothing takes them out."""
    os._exit = _ended  # type: ignore[assignment]
    os.abort = _ended
    time.sleep = _noted("time.sleep", None)
    urllib.request.urlopen = _swallowed("urllib.request.urlopen")
    urllib.request.urlretrieve = _swallowed("urllib.request.urlretrieve")
    os.system = _noted("os.system", 0)
    os.popen = _swallowed("os.popen")
    for name in ("run", "call", "check_call", "check_output", "getoutput", "getstatusoutput"):
        setattr(subprocess, name, _swallowed(f"subprocess.{name}"))
    look_here_too()
    chance.install()
    _lock_within_this_process()
    _tell_modules_of_frames_at_once()
    _keep_files_as_they_are()
    _tolerate_missing_tables()
    tolerate_missing_settings()
    combine_metaclasses()
    read_placeholders()


_OF_THREADS: dict[str, Any] = {  # what several processes would share, in the one that there is
    "Lock": threading.Lock,
    "RLock": threading.RLock,
    "Condition": threading.Condition,
    "Semaphore": threading.Semaphore,
    "BoundedSemaphore": threading.BoundedSemaphore,
    "Event": threading.Event,
    "Barrier": threading.Barrier,
    "Queue": queue.Queue,
    "JoinableQueue": queue.Queue,
    "SimpleQueue": queue.SimpleQueue,
}


def _lock_within_this_process() -> None:
    """A lock of several processes is a file in memory, which may not be made here."""
    for name, made in _OF_THREADS.items():
        setattr(multiprocessing, name, made)
        setattr(multiprocessing.context.BaseContext, name, staticmethod(made))


def _tell_modules_of_frames_at_once() -> None:
    """`inspect.stack` would look for each frame's module among all that are loaded."""
    real = inspect.getmodule

    def getmodule(object: Any, _filename: Any = None) -> Any:
        if isinstance(object, types.FrameType):
            return sys.modules.get(object.f_globals.get("__name__", ""))
        return real(object, _filename)

    inspect.getmodule = getmodule


def _tolerate_missing_tables() -> None:
    """What pandas reads of a file that is not here is unknown."""
    pandas = sys.modules.get("pandas")
    for name in dir(pandas) if pandas is not None else ():
        if name.startswith("read_"):
            setattr(pandas, name, _unknown_where_missing(f"pandas.{name}", getattr(pandas, name)))


def _unknown_where_missing(label: str, real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def call(*args: Any, **kwargs: Any) -> Any:
        path = args[0] if args and isinstance(args[0], (str, os.PathLike)) else None
        if path is None or is_there(os.path.abspath(path)) or not is_assumed_file(str(path)):
            return real(*args, **kwargs)
        return Unknown(f"{label}()")

    return call


def _ended(*args: Any) -> Any:
    raise EndedItself


def _noted(label: str, answer: Any) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        journal.note("info", "not_run", f"{label}(...) was not run")
        return answer

    return call


def _swallowed(label: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        journal.note("warning", "not_run", f"{label}(...) was not run; its result is not known")
        return Unknown(f"{label}()")

    return call


def _keep_files_as_they_are() -> None:
    plain_open = io.open
    written: dict[str, str] = of_one_file({})

    def careful_open(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if isinstance(file, (str, bytes, os.PathLike)):
            name = os.path.abspath(os.fsdecode(file))
            if any(sign in mode for sign in "wax+") and not guard.in_scratch(file):
                journal.note(
                    "warning",
                    "write_redirected",
                    "a file is opened for writing; it went to a scratch folder",
                )
                handle, file = tempfile.mkstemp(dir=guard.scratch)
                os.close(handle)
                mode = mode.replace("x", "w")
                written[name] = file
            elif name in written:
                file = written[name]
            elif not is_there(name) and is_assumed_file(os.fsdecode(file)):
                return Unknown(f"open({os.fsdecode(file)!r})")
        return plain_open(file, mode, *args, **kwargs)

    builtins.open = careful_open
    for module, name in [
        (os, "mkdir"),
        (os, "makedirs"),
        (os, "remove"),
        (os, "unlink"),
        (os, "rmdir"),
        (os, "removedirs"),
        (os, "rename"),
        (os, "replace"),
        (os, "chmod"),
        (os, "chown"),
        (os, "link"),
        (os, "symlink"),
        (os, "utime"),
        (shutil, "rmtree"),
        (shutil, "move"),
        (shutil, "copy"),
        (shutil, "copy2"),
        (shutil, "copyfile"),
        (shutil, "copytree"),
    ]:
        setattr(module, name, _left_alone(f"{module.__name__}.{name}", getattr(module, name)))


def _left_alone(label: str, real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def call(*args: Any, **kwargs: Any) -> Any:
        if (
            args
            and isinstance(args[-1], (str, os.PathLike))
            and all(guard.in_scratch(arg) for arg in args[:2])
        ):
            return real(*args, **kwargs)
        journal.note("warning", "not_run", f"{label}(...) was not run; files stay as they are")
        return None

    return call


def tolerate_unknown_spans() -> None:
    """From here on, `timedelta(minutes=unknown)` is a span of one minute; Python's own asks for the
    number itself. Only for a file that failed for it.
    """
    real: Any = dt.timedelta

    class Kind(type):
        def __instancecheck__(cls, value: Any) -> bool:
            return isinstance(value, real)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, real)

    class Span(real, metaclass=Kind):
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            numbers = [_number(value) for value in args]
            named = {name: _number(value) for name, value in kwargs.items()}
            return real.__new__(real if cls is Span else cls, *numbers, **named)

    Span.__name__ = Span.__qualname__ = "timedelta"
    setattr(dt, "timedelta", Span)  # noqa: B010 - a replacement, not an attribute


def _number(value: Any) -> Any:
    if isinstance(value, (Unknown, AssumedText)):
        journal.note("info", "assumed_span", "the length of a timedelta is assumed")
        return 1
    return value
