"""A module that is imported when one of its names is first used.

A task in Airflow is a process that computes one asset and ends: what it does not use, it does not
pay for. Types see the module itself:

    if TYPE_CHECKING:
        from bridge.store import retention
    else:
        retention = Later("bridge.store.retention")
"""

from __future__ import annotations

import importlib
from typing import Any


class Later:
    """Stands for a module; give its full name."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self._module), name)
        setattr(self, name, value)
        return value
