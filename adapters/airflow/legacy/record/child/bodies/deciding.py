"""What conditions and sums of known values give."""

import ast
import operator
from collections.abc import Callable
from typing import Any

from . import templated
from .values import UNKNOWN, Instance, Member, Module, Routine, Some

COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, all_: one in all_,
    ast.NotIn: lambda one, all_: one not in all_,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
COUNTED: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_LARGEST = 1 << 40


def is_certain(value: Any) -> bool:
    """Is it a value that every run has?"""
    if isinstance(value, str):
        return type(value) in (str, Member) and not templated.is_templated(value)
    if isinstance(value, Some):
        return False
    if isinstance(value, list):
        return all(map(is_certain, value))
    if isinstance(value, dict):
        return all(map(is_certain, value)) and all(map(is_certain, value.values()))
    return value is None or isinstance(value, (bool, int, float))


def truth(value: Any) -> bool | None:
    """Whether a condition holds; None where only the run knows."""
    if isinstance(value, Some):
        return None
    if isinstance(value, (list, dict)) or is_certain(value):
        return bool(value) if not isinstance(value, (list, dict)) or value else None
    return True if isinstance(value, (Instance, Module, Routine)) or is_text(value) else None


def is_text(value: Any) -> bool:
    """Is it a text in every run, and no empty one?"""
    return isinstance(value, str) and templated.has_own_text(value)


def counted(kind: ast.operator, left: Any, right: Any) -> Any:
    """`left + right` of numbers, and the like."""
    try:
        found = COUNTED[type(kind)](left, right)
    except (ArithmeticError, ValueError):
        return UNKNOWN
    return found if abs(found) < _LARGEST else UNKNOWN
