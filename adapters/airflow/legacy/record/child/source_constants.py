"""Names to which a file gives one text or number stand for it where they are used, also inside
f-strings.
"""

import ast
import copy
from collections import Counter
from typing import Any

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)


def with_constants(tree: ast.Module) -> ast.Module:
    """The tree with the constants of its module filled in; changes `tree`."""
    filling = _Filling(_given(tree))
    for number, statement in enumerate(tree.body):
        tree.body[number] = filling.visit(statement)
        filling.learn(tree.body[number])
    return tree


def _given(tree: ast.Module) -> Counter[str]:
    """How often each name is given a value, anywhere in the file."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found[node.id] += 1
        elif isinstance(node, ast.arg):
            found[node.arg] += 1
        elif isinstance(node, ast.alias):
            found[(node.asname or node.name).partition(".")[0]] += 1
        elif isinstance(node, _NAMED):
            found[node.name or ""] += 1
    return found


class _Filling(ast.NodeTransformer):
    """Puts literals in the place of names that have one value."""

    def __init__(self, given: Counter[str]) -> None:
        self.given = given
        self.known: dict[str, ast.Constant] = {}

    def learn(self, statement: ast.stmt) -> None:
        """Keep `NAME = "text"`, where nothing else gives the name a value."""
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
            return
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if not isinstance(statement.value, ast.Constant) or statement.value.value is None:
            return
        for target in targets:
            if isinstance(target, ast.Name) and self.given[target.id] == 1:
                self.known[target.id] = statement.value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or node.id not in self.known:
            return node
        return ast.copy_location(copy.copy(self.known[node.id]), node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        self.generic_visit(node)
        node.values = [_filled(each) for each in node.values]
        texts = [_text(each) for each in node.values]
        if None in texts:
            return node
        return ast.copy_location(ast.Constant("".join(map(str, texts))), node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        texts = [_text(node.left), _text(node.right)]
        if not isinstance(node.op, ast.Add) or None in texts:
            return node
        return ast.copy_location(ast.Constant("".join(map(str, texts))), node)


def _text(node: ast.expr) -> str | None:
    value: Any = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def _filled(node: ast.expr) -> ast.expr:
    """A part of an f-string, as a text where it is known."""
    if not isinstance(node, ast.FormattedValue) or not isinstance(node.value, ast.Constant):
        return node
    is_plain = node.conversion == -1 and node.format_spec is None
    known = isinstance(node.value.value, (str, int)) and is_plain
    return ast.copy_location(ast.Constant(str(node.value.value)), node) if known else node
