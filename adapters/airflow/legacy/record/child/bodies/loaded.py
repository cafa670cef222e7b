"""What the recorded run left in memory, as values: plain ones, modules, functions, classes, objects
of the code base, and the names behind stand-ins. Nothing of it is called or changed.
"""

import configparser
import functools
import inspect
import os
import sys
import types
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import Any

from ..airflow_operators import BaseOperator
from ..airflow_xcom import XComArg
from ..callables import plain_function
from ..import_day import NOW, is_of_import
from ..placeholders import Unknown, UnknownBase
from ..pristine import of_one_file
from . import settings_files, sources
from .values import UNKNOWN, Bound, Instance, Made, Member, Module, Routine
from .written import described

_PLAIN = (int, float, bool, type(None))
_MOST_ITEMS, _DEEPEST = 1000, 6
_OURS = __name__.rpartition(".")[0].rpartition(".")[0]  # the package of the stand-ins
_REAL_NAMES = {"posixpath": "os.path", "ntpath": "os.path", "_io": "io", "_datetime": "datetime"}

_LASTING = (Made, Module, Routine)  # what nobody changes in place, or would be handed a copy of
_globals: dict[tuple[int, str], Any] = of_one_file({})


class Globals:
    """The names of a loaded function that are not its own: its closure, its module, Python's."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.file = function.__code__.co_filename
        self.module = str(function.__globals__.get("__name__", ""))
        self.package = str(function.__globals__.get("__package__") or "")

    def lookup(self, name: str) -> Any:
        code = self.function.__code__
        if name in code.co_freevars:
            try:
                return value_of(
                    self.function.__closure__[code.co_freevars.index(name)].cell_contents
                )
            except (ValueError, TypeError, IndexError):
                return UNKNOWN
        found = self.function.__globals__
        if name not in found:
            return builtin(name)
        known = _globals.get((id(found), name))
        if known is None:
            known = value_of(found[name])
            if type(known) in _LASTING:
                _globals[id(found), name] = known
        return Made(known.chain) if type(known) is Made else known


def builtin(name: str) -> Any:
    """A name of Python itself."""
    return Made([{"name": name, "module": "builtins"}])


def value_of(value: Any, depth: int = 0) -> Any:  # noqa: C901, PLR0911, PLR0912 - one per kind
    """The value of something loaded; what is a value already stays."""
    kind = type(value)
    if kind is str or kind in _PLAIN:
        return value
    if depth > _DEEPEST:
        return UNKNOWN
    if kind in (list, tuple, set, frozenset):
        items = list(value)[:_MOST_ITEMS]
        return [value_of(each, depth + 1) for each in items]
    if kind is dict:
        pairs = list(value.items())[:_MOST_ITEMS]
        return {
            key: value_of(each, depth + 1) for key, each in pairs if isinstance(key, (str, int))
        }
    if isinstance(value, types.ModuleType):
        return Module(_real_name(value.__name__), value)
    if isinstance(value, Enum):
        return _member(value, depth)
    if isinstance(value, str):
        return value
    if kind.__module__.startswith(_VALUES):
        return value
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, date) and is_of_import(value):
        return NOW
    if isinstance(value, XComArg):
        return value
    if isinstance(value, functools.partial):
        args = [value_of(each, depth + 1) for each in value.args]
        named = {key: value_of(each, depth + 1) for key, each in value.keywords.items()}
        return Bound(value_of(value.func), args, named)
    if isinstance(value, (types.FunctionType, types.MethodType)) or "__wrapped__" in own_dict(
        value
    ):
        return _function(value)
    if isinstance(value, type):
        return value if is_own_class(value) else _named(value)
    if isinstance(value, Unknown):
        return _stand_in(value)
    if isinstance(value, tuple) and isinstance(getattr(kind, "_fields", None), tuple):
        return _named_tuple(value, depth)
    if isinstance(value, configparser.RawConfigParser):
        return settings_files.of_parser(value)
    if value is os.environ:
        return _of_module("os", "environ")
    if isinstance(value, (types.BuiltinFunctionType, types.MethodDescriptorType)):
        return _named(value)
    return _object(value, depth)


_VALUES = __name__.rpartition(".")[0]


def _member(value: Enum, depth: int) -> Any:
    found = value_of(value.value, depth + 1)
    if type(found) is str:
        found = Member(found)
        found.label = str(value.name)
    return found


def _named_tuple(value: Any, depth: int) -> Any:
    found = Instance(type(value), value)
    names = zip(type(value)._fields, tuple.__iter__(value), strict=False)
    found.attributes = {name: value_of(each, depth + 1) for name, each in names}
    return found


def _function(value: Any) -> Any:
    if isinstance(value, types.MethodType):
        inner = _function(value.__func__)
        return Bound(inner, [value_of(value.__self__)]) if isinstance(inner, Routine) else inner
    function = plain_function(value)
    if not isinstance(function, types.FunctionType):
        return value_of(function) if function is not value else UNKNOWN
    return routine_of(function) or _named(function)


def routine_of(function: Any, cls: Any = None) -> Routine | None:
    """A function of the code base with its source; None for another."""
    node = sources.node_of(function)
    return None if node is None else Routine(node, Globals(function), function, cls)


def _named(value: Any) -> Made:
    """A library's function or class: where it comes from, and its name."""
    module = _real_name(str(getattr(value, "__module__", None) or ""))
    name = str(getattr(value, "__qualname__", None) or getattr(value, "__name__", "unknown"))
    first, *rest = name.split(".")
    step = {"name": first, "module": module} if module else {"name": first}
    return Made([step, *({"name": each} for each in rest)])


def _real_name(module: str) -> str:
    if module.startswith(_OURS):
        return "airflow"
    return _REAL_NAMES.get(module, module)


def _stand_in(value: Any) -> Any:
    """The names and calls that led to a value which is not known here."""
    if isinstance(value, UnknownBase):
        return UNKNOWN
    steps: list[tuple[str, Any]] = []
    made = own_dict(value).get("_made")
    while made is not None:
        steps.append(made[1:])
        value = made[0]
        if isinstance(value, types.ModuleType):
            found: Any = Module(_real_name(value.__name__), value)
            break
        made = own_dict(value).get("_made")
    else:
        found = _imported(str(object.__getattribute__(value, "_label")))
    for name, call in reversed(steps):
        found = reached(found, name) if call is None else _called(found, *call)
    return found


def _imported(label: str) -> Any:
    if not label.replace(".", "").replace("_", "").isalnum():
        return UNKNOWN
    module, _, name = label.rpartition(".")
    if module == "params":
        return "{{ params." + name + " }}"
    return Made([{"name": name, "module": module} if module else {"name": name}])


def _called(found: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    if isinstance(found, Module):
        found = as_name(found)
    if not isinstance(found, Made):
        return UNKNOWN
    values = [value_of(each, 3) for each in args]
    by_name = {key: value_of(each, 3) for key, each in named.items()}
    return call_of(found, values, by_name)


def call_of(made: Made, args: list[Any], named: dict[str, Any]) -> Made:
    """The last name of a chain, called."""
    *before, last = made.chain
    if "arguments" in last:  # what a call gave is called
        before, last = made.chain, {"name": "()"}
    return Made([*before, described(last["name"], args, named, last.get("module"))])


def as_name(module: Module) -> Made:
    """A module that is used as a function: `from sqlalchemy import create_engine`."""
    parent, _, name = module.name.rpartition(".")
    return Made([{"name": name, "module": parent} if parent else {"name": name}])


def reached(value: Any, name: str) -> Any:
    """An attribute of a module or of what is known by its names."""
    if isinstance(value, Made):
        return value.then(name)
    if not isinstance(value, Module):
        return UNKNOWN
    full = f"{value.name}.{name}"
    if value.names is not None:
        return value.names.get(name, UNKNOWN)
    found = vars(value.loaded).get(name, UNKNOWN) if value.loaded is not None else UNKNOWN
    if found is UNKNOWN:
        known = sys.modules.get(full)
        return Module(full, known) if known is not None else _of_module(value.name, name)
    inner = value_of(found)
    is_library = isinstance(inner, Made) and not isinstance(found, (Unknown, UnknownBase))
    return _of_module(value.name, name) if is_library and callable(found) else inner


def _of_module(module: str, name: str) -> Made:
    return Made([{"name": name, "module": module}])


def is_own_class(cls: Any) -> bool:
    """Is the class defined in the code base?"""
    module = sys.modules.get(cls.__module__)
    if cls.__dict__.get("_stand_in") or module is None:
        return False
    file = module.__dict__.get("__file__")
    return isinstance(file, str) and sources.is_own(file)


def foreign_base(cls: type) -> type | None:
    """The first class of a library that a class of the code base inherits from."""
    others = (each for each in cls.__mro__ if each is not object and not is_own_class(each))
    return next(others, None)


def _object(value: Any, depth: int) -> Any:
    """An object: of the code base's classes its attributes count, of a library's its class."""
    cls = type(value)
    if isinstance(value, BaseOperator) or is_own_class(cls):
        return Instance(cls, value, None if isinstance(value, BaseOperator) else _base_of(value))
    if cls.__module__.startswith(_OURS) and not isinstance(value, UnknownBase):
        return UNKNOWN
    return _made(value, cls, depth)


def _base_of(value: Any) -> Made | None:
    base = foreign_base(type(value))
    return None if base is None else _made(value, base, 3)


def _made(value: Any, cls: type, depth: int) -> Made:
    """By the class, with what it was given where a stand-in kept that."""
    args, named = own_dict(value).get("_given", ((), {}))
    values = [value_of(each, depth + 3) for each in args]
    by_name = {key: value_of(each, depth + 3) for key, each in named.items()}
    return call_of(_named(cls), values, by_name)


def attribute_of(loaded: Any, name: str) -> Any:
    """An attribute that an object was given while the file ran; UNKNOWN where it has none."""
    given = own_dict(loaded)
    return value_of(given[name]) if name in given else UNKNOWN


def own_dict(value: Any) -> dict[str, Any]:
    """The attributes of an object itself, without running anything of its class."""
    try:
        given = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        return {}
    return given if type(given) is dict else {}


def parameters_of(cls: type) -> list[Any]:
    """The parameters of a class whose `__init__` nobody wrote (a dataclass)."""
    try:
        return list(inspect.signature(cls).parameters.values())
    except (TypeError, ValueError):
        return []


def default_of(function: Any, name: str) -> Any:
    """What a parameter of a loaded function is if nothing is given."""
    code = function.__code__
    if name in (function.__kwdefaults__ or {}):
        return value_of(function.__kwdefaults__[name])
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    known = dict(zip(names[::-1], defaults[::-1], strict=False))
    return value_of(known[name]) if name in known else UNKNOWN
