"""Modules that are imported when one of their names is first used.

A task in Airflow is a process that computes one asset and ends: what it does not use, it does not
pay for. Types see the module itself:

    if TYPE_CHECKING:
        from bridge.store import retention
    else:
        retention = Later("bridge.store.retention")

A package gives its names in the same way:

    __getattr__ = names_of(__name__, {"sql": ("open_store",)})
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


class Later:
    """Stands for a module; give its full name."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self._module), name)
        setattr(self, name, value)
        return value


def names_of(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """The `__getattr__` of a package: `modules` says which of its modules has which names.

    A module's name may begin with dots, as in an import: `..runs` is beside the package.
    """
    homes = {name: module for module, names in modules.items() for name in names}

    def value_of(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = homes[name]
        home = home if home.startswith(".") else f".{home}"
        value = getattr(importlib.import_module(home, package), name)
        setattr(sys.modules[package], name, value)
        return value

    return value_of
