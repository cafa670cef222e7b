"""What a Python function says about its task: which parts of the Airflow context it uses, whose
XCom it pulls.
"""

import ast
import inspect
from typing import Any

from .bodies.sources import node_of
from .callables import TIME_NAMES, plain_function


def read_callable(value: Any) -> tuple[set[str], set[str]]:
    """(time names used, task ids whose XCom is pulled) of a function; both empty where its source
    is not at hand.
    """
    function = plain_function(value)
    if not inspect.isfunction(function) and not inspect.ismethod(function):
        return set(), set()
    tree = node_of(getattr(function, "__func__", function))
    if tree is None:
        return set(), set()
    used = set(TIME_NAMES).intersection(inspect.signature(function).parameters)
    pulled: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            used |= TIME_NAMES & {str(node.slice.value)}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get" and node.args and isinstance(node.args[0], ast.Constant):
                used |= TIME_NAMES & {str(node.args[0].value)}
            elif node.func.attr == "xcom_pull":
                pulled |= _pulled(node)
        elif isinstance(node, ast.Attribute) and node.attr in (
            "logical_date",
            "execution_date",
            "data_interval_start",
        ):
            used.add(node.attr)
    return set(used), pulled


def _pulled(call: ast.Call) -> set[str]:
    values = [keyword.value for keyword in call.keywords if keyword.arg == "task_ids"] or call.args[
        :1
    ]
    return {
        node.value
        for value in values
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
