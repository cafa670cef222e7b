"""What the parameters of a followed function stand for, and by what a call of it is known again."""

import ast
from collections.abc import Callable
from typing import Any, TypeAlias

from . import loaded
from .contexts import Context, parameter
from .values import UNKNOWN, Instance, Routine

Evaluated: TypeAlias = Callable[[ast.AST], Any]


class ModuleScope:
    """The scope of a module that is only read: Python's own names."""

    def __init__(self, file: str, package: str) -> None:
        self.file = file
        self.package = package

    def lookup(self, name: str) -> Any:
        return loaded.builtin(name)


def bound(
    evaluated: Evaluated, routine: Routine, args: list[Any], named: dict[str, Any], *, is_task: bool
) -> dict[str, Any]:
    """What a function's parameters stand for."""
    given = routine.node.args
    names: dict[str, Any] = {}
    waiting = list(args)
    left = dict(named)
    places = [*given.posonlyargs, *given.args]
    defaults = dict(zip([each.arg for each in places[::-1]], given.defaults[::-1], strict=False))
    defaults |= {
        each.arg: value
        for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        if value is not None
    }
    at_places = {each.arg for each in places}
    for name in [*(each.arg for each in places), *(each.arg for each in given.kwonlyargs)]:
        if name in left:
            names[name] = left.pop(name)
        elif waiting and name in at_places:
            names[name] = waiting.pop(0)
        else:
            names[name] = _default(evaluated, routine, name, defaults.get(name), is_task=is_task)
    if given.vararg is not None:
        names[given.vararg.arg] = waiting or ([] if not is_task else UNKNOWN)
    if given.kwarg is not None:
        names[given.kwarg.arg] = Context(left)
    return names


def _default(
    evaluated: Evaluated, routine: Routine, name: str, default: Any, *, is_task: bool
) -> Any:
    if is_task:
        found = parameter(name)
        if found is not UNKNOWN:
            return found
    if default is None or (isinstance(default, ast.Constant) and default.value is None):
        return UNKNOWN if default is None or is_task else None
    if routine.function is not None:
        known = loaded.default_of(routine.function, name)
        if known is not UNKNOWN:
            return known
    return evaluated(default)


def key_of(routine: Routine, names: dict[str, Any]) -> Any:
    """By what a repeated call is known; None where its arguments are objects, which may change."""
    plain = (str, int, float, bool, type(None))
    if not isinstance(routine.scope, (loaded.Globals, ModuleScope)):
        return None
    flat = []
    for name, value in names.items():
        if isinstance(value, Context):
            value = [*value.known, *value.known.values()]  # noqa: PLW2901
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, (*plain, Instance)) and each is not UNKNOWN:
                return None
            changes = each.changes if isinstance(each, Instance) else 0
            flat.append((name, type(each).__name__, each, changes))
    return routine.node, tuple(flat)
