"""What expressions of a syntax tree say: names, arguments, literals."""

import ast
from typing import Any


def name_of(node: ast.expr) -> str:
    """`c` of `a.b.c`; nothing for anything but names and attributes."""
    return (
        node.attr
        if isinstance(node, ast.Attribute)
        else node.id
        if isinstance(node, ast.Name)
        else ""
    )


def dotted(node: ast.expr) -> str:
    """`a.b.c` as it is written."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def argument(call: ast.Call | None, name: str, position: int | None) -> ast.expr | None:
    """An argument by its name, else by its place."""
    if call is None:
        return None
    for word in call.keywords:
        if word.arg == name:
            return word.value
    return call.args[position] if position is not None and len(call.args) > position else None


def is_none(call: ast.Call | None, name: str) -> bool:
    """Whether an argument is given as `None`."""
    value = argument(call, name, None)
    return isinstance(value, ast.Constant) and value.value is None


def literal_of(node: ast.expr | None) -> Any:
    """The value of a literal; None for anything else."""
    if node is None:
        return None
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def said_of(node: ast.expr) -> Any:
    """The value of a literal, or an f-string as a template: `load {{ name }}`; None for others."""
    if not isinstance(node, ast.JoinedStr):
        return literal_of(node)
    return "".join(map(_part, node.values))


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    shown = node.value if isinstance(node, ast.FormattedValue) else node
    return "{{ " + (name_of(shown) or "unknown") + " }}"
