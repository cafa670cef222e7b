"""How a syntax tree is gone through: each node by the method of its kind, else what is inside."""

import ast
from collections.abc import Callable
from typing import Any

from .budget import Budget
from .values import UNKNOWN

_METHODS: dict[tuple[type, type], Callable[[Any, Any], Any]] = {}


class Visiting:
    """Goes through nodes; `names` are what the function's own names stand for so far."""

    def __init__(self, budget: Budget, names: dict[str, Any], scope: Any) -> None:
        self.budget = budget
        self.names = names
        self.scope = scope
        self.not_own: set[str] = set()  # said to be global

    def visit(self, node: ast.AST) -> Any:
        """Follow a statement, or say what an expression stands for."""
        self.budget.step()
        kind = node.__class__
        known = _METHODS.get((self.__class__, kind)) or self._method_for(kind)
        return known(self, node)

    @classmethod
    def _method_for(cls, kind: type) -> Callable[[Any, Any], Any]:
        found: Callable[[Any, Any], Any] = getattr(cls, "visit_" + kind.__name__, cls.children)
        _METHODS[cls, kind] = found
        return found

    def children(self, node: ast.AST) -> Any:
        """What is not known itself may have calls inside."""
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, (ast.expr_context, ast.operator)):
                self.visit(child)
        return UNKNOWN

    def lookup(self, name: str) -> Any:
        """What a name stands for."""
        if name in self.names:
            return self.names[name]
        set_there = self.budget.set_elsewhere
        key = (self.scope.file, name) if set_there else None
        return set_there[key] if key in set_there else self.scope.lookup(name)
