"""Code that was written for another version of Python or of a library than the one here: what it
may do there, it may do here.
"""

import dataclasses
import importlib
import pkgutil
import sys
from collections.abc import Callable
from typing import Any

from .assumptions import assumptions
from .journal import journal

_PYDANTIC = "version pydantic"
_PLUGINS = ("_hypothesis_plugin", "mypy")  # of other programs
_NOT_SHARED = (list, dict, set)  # what no Python ever took as a default


def tolerate() -> None:
    """Install what holds for every file; to be called once, when libraries are loaded."""
    _tolerate_objects_as_defaults()
    if "pendulum" in sys.modules:
        _tolerate_names_of_pendulum_1(sys.modules["pendulum"])


def _tolerate_objects_as_defaults() -> None:
    """A dataclass may have any object for a default, as before Python 3.11."""
    real = getattr(dataclasses, "_process_class", None)
    if real is None:
        return

    def process_class(cls: Any, *args: Any, **kwargs: Any) -> Any:
        for name in cls.__dict__.get("__annotations__", {}):  # noqa: RUF063 - from 3.10 on
            value = cls.__dict__.get(name)
            if (
                type(value).__hash__ is None
                and not isinstance(value, (*_NOT_SHARED, dataclasses.Field))
                and value is not None
            ):
                setattr(cls, name, dataclasses.field(default_factory=_always(value)))
        return real(cls, *args, **kwargs)

    setattr(dataclasses, "_process_class", process_class)  # noqa: B010 - a replacement


def _always(value: Any) -> Callable[[], Any]:
    return lambda: value


def _tolerate_names_of_pendulum_1(pendulum: Any) -> None:
    """`tzinfo=` of pendulum 1, which Airflow 1.10 came with."""
    real = pendulum.datetime

    def datetime(*args: Any, **kwargs: Any) -> Any:
        if "tzinfo" in kwargs:
            kwargs["tz"] = kwargs.pop("tzinfo")
        return real(*args, **kwargs)

    pendulum.datetime = datetime


def expected_version(error: BaseException) -> None:
    """Of an error of pydantic: the code may be written for its first version."""
    if type(error).__module__.partition(".")[0] in ("pydantic", "pydantic_core") or (
        isinstance(error, TypeError) and "ArgsKwargs" in str(error)
    ):
        assumptions.offer(_PYDANTIC, ["1"])


def give_versions() -> None:
    """Pydantic's first version, which its second one holds, where an earlier run asked for it."""
    if _PYDANTIC not in assumptions.chosen:
        return
    try:
        first = importlib.import_module("pydantic.v1")
        for each in pkgutil.iter_modules(first.__path__):
            if each.name not in _PLUGINS:
                importlib.import_module(f"pydantic.v1.{each.name}")
    except Exception:  # noqa: BLE001 - not for this Python, or not there
        return
    for name in [name for name in sys.modules if name.partition(".")[0] == "pydantic"]:
        if name.startswith("pydantic.v1"):
            sys.modules["pydantic" + name.removeprefix("pydantic.v1")] = sys.modules[name]
    message = "pydantic is taken to be version 1, which the code is written for"
    journal.note("info", "assumed_version", message, place=(journal.file, 1))
