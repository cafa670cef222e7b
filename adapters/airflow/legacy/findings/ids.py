"""Ids that are others at every parse."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from adapters.airflow.legacy.about import about_file
from adapters.airflow.legacy.findings.whole import Whole
from adapters.airflow.legacy.snapshot import Finding

_IDS = ("dag_id", "task_id", "group_id")
_MOVING = frozenset(
    {"now", "utcnow", "today", "uuid1", "uuid4", "random", "randint", "choice", "time", "monotonic"}
)
_MODULES = frozenset({"datetime", "date", "pendulum", "uuid", "random", "time", "timezone"})
_BARE = frozenset({"uuid1", "uuid4", "randint", "utcnow"})


def dynamic_ids(whole: Whole) -> Iterator[Finding]:
    """A clock or chance in an id: the mapping can never find the task again."""
    for file, tree in sorted(whole.trees.items()):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            for name, value in _ids(node):
                call = next(filter(None, map(_moving, ast.walk(value))), None)
                if call is not None:
                    yield about_file(
                        file,
                        "dynamic_id",
                        f"{name} is made with {call}(), so it is another one at every parse; give "
                        "it a name that stays",
                        line=value.lineno,
                    )


def _ids(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    for keyword in call.keywords:
        if keyword.arg in _IDS:
            yield keyword.arg, keyword.value
    if call.args and getattr(call.func, "id", getattr(call.func, "attr", "")) == "DAG":
        yield "dag_id", call.args[0]


def _moving(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Name):
        return node.func.id if node.func.id in _BARE else None
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in _MOVING:
        return None
    of = node.func.value
    owner = of.id if isinstance(of, ast.Name) else getattr(of, "attr", "")
    return f"{owner}.{node.func.attr}" if owner in _MODULES else None
