"""Airflow's context inside a function: what is asked of it is a template."""

from typing import Any

from ..callables import TIME_NAMES
from .values import UNKNOWN

_PARTS = ("params", "dag_run", "conf", "var", "macros", "dag", "task")
TASK_INSTANCE = ("ti", "task_instance")


class Context:
    """The context, or a part of it such as its params."""

    __slots__ = ("known", "prefix")

    def __init__(self, known: dict[str, Any], prefix: str = "") -> None:
        self.known = known
        self.prefix = prefix

    def get(self, name: str) -> Any:
        if name in self.known:
            return self.known[name]
        if name in TASK_INSTANCE and not self.prefix:
            return TaskInstance()
        if name in _PARTS and self.prefix in ("", "dag_run."):
            return Context({}, f"{self.prefix}{name}.")
        if self.prefix or name in TIME_NAMES:
            return "{{ " + self.prefix + name + " }}"
        return UNKNOWN


class TaskInstance:
    """`ti`: through it a task pulls and pushes XComs."""


def parameter(name: str) -> Any:
    """What Airflow gives a function's parameter of this name."""
    return Context({}).get(name)
