"""Statements that only tell a person something: a good part of all code, and none of what it does
to data.
"""

import ast
import re

from ..pristine import of_one_file

_LEVELS = frozenset("debug info warning warn error exception critical log".split())  # noqa: SIM905
_LOG = re.compile(r"(?i)(?:^|_)log(?:s|ger|ging)?$")
_CALLING = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
_known: dict[ast.Expr, bool] = of_one_file({})


def only_tells(node: ast.Expr) -> bool:
    """Is it a text, `print(…)` or `log.info(…)`, with nothing that is called inside?"""
    found = _known.get(node)
    if found is None:
        found = _known[node] = _tells(node.value)
    return found


def _tells(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return True
    if not isinstance(value, ast.Call) or not _is_of_log(value.func):
        return False
    given = [*value.args, *(keyword.value for keyword in value.keywords)]
    return not any(isinstance(each, _CALLING) for one in given for each in ast.walk(one))


def _is_of_log(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "print"
    if not isinstance(function, ast.Attribute) or function.attr not in _LEVELS:
        return False
    owner = function.value
    name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    return _LOG.search(str(name)) is not None
