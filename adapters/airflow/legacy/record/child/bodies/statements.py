"""The statements of a followed function, in order; every branch that may be taken is."""

# Methods are called as `ast` calls its nodes.
# ruff: noqa: N802

import ast
import sys
from contextlib import suppress
from typing import Any

from ..pristine import of_one_file
from . import rows, sources
from .budget import DEEPEST, Budget, Done, Fruitless
from .calling import SETTLING
from .deciding import truth
from .importing import Importing
from .objects import PROPERTIES, Property, Static
from .parameters import ModuleScope, bound, key_of
from .telling import only_tells
from .values import UNKNOWN, Instance, Made, Module, Routine, SourceClass, Super, Yielded, choice

_MOST_TURNS = 50
_MOST_MODULES = 100  # that one file of DAGs leads to, beside those that were imported


class Body(Importing):
    """One function that is followed; `returned` is what it gives."""

    def __init__(
        self, budget: Budget, names: dict[str, Any], scope: Any, routine: Routine | None = None
    ) -> None:
        super().__init__(budget, names, scope)
        self.routine = routine
        self.returned: list[Any] = []
        self._left: list[dict[str, Any]] = []  # what names were where the loop was left

    def run(self, statements: list[ast.stmt]) -> bool:
        """Follow statements; True where what comes behind them is not reached."""
        return any(self.visit(statement) is _ENDED for statement in statements)

    def visit_Expr(self, node: ast.Expr) -> Any:
        if not only_tells(node):
            self.unused = node.value
            self._settled(node.value, self.visit(node.value))

    def _settled(self, node: ast.expr, value: Any) -> list[tuple[Made, list[dict[str, Any]]]]:
        """After `client.connect(host)` or `ftp.cwd(folder)` the object is another one: it, with
        what it was before.
        """
        call = node if isinstance(node, ast.Call) else _NO_CALL
        place = call.func
        if not isinstance(value, Made) or not isinstance(place, ast.Attribute):
            return []
        if place.attr not in SETTLING or not isinstance(place.value, (ast.Name, ast.Attribute)):
            return []
        owner = self.visit(place.value)
        before = owner.chain if isinstance(owner, Made) else None
        if before is None or before != value.chain[:-1]:
            return []
        owner.chain = value.chain
        return [(owner, before)]

    def visit_Assign(self, node: ast.Assign) -> None:
        value = self.visit(node.value)
        for target in node.targets:
            self.assign(target, value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.visit(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, (ast.Name, ast.Attribute, ast.Subscript)):
            before = self.visit(node.target)
            if isinstance(before, list) and isinstance(node.op, ast.Add):
                more = self.visit(node.value)
                before.extend(more if isinstance(more, list) else [UNKNOWN])
                return
            value = self.visit(ast.BinOp(node.target, node.op, node.value))
            self.assign(node.target, value)

    def visit_If(self, node: ast.If) -> Any:
        holds = truth(self.visit(node.test))
        if holds is not None:
            return self._ended(self.run(node.body if holds else node.orelse))
        return self._branches([node.body, node.orelse])

    def _branches(self, branches: list[list[ast.stmt]]) -> Any:
        """Each branch from here; afterwards names stand for what any of them left."""
        before = dict(self.names)
        after: list[dict[str, Any]] = []
        for branch in branches:
            self.names.clear()
            self.names.update(before)
            if not self.run(branch):
                after.append(dict(self.names))
        self._merge(after or [before])
        return self._ended(not after)

    def _merge(self, all_names: list[dict[str, Any]]) -> None:
        self.names.clear()
        for name in {name: None for names in all_names for name in names}:
            first, *others = [names[name] for names in all_names if name in names]
            differing = [value for value in others if value is not first]
            self.names[name] = choice([first, *differing]) if differing else first

    @staticmethod
    def _ended(is_ended: bool) -> Any:  # noqa: FBT001 - turned into a value
        return _ENDED if is_ended else UNKNOWN

    def visit_Match(self, node: ast.Match) -> Any:
        self.visit(node.subject)
        return self._branches([*(case.body for case in node.cases), []])

    def visit_Try(self, node: ast.Try) -> Any:
        before = dict(self.names)
        ends = self.run(node.body) or self.run(node.orelse)
        after = [] if ends else [dict(self.names)]
        reached = {**before, **self.names}
        for handler in node.handlers:
            self.names.clear()
            self.names.update(reached)
            if handler.name:
                self.names[handler.name] = UNKNOWN
            if not self.run(handler.body):
                after.append(dict(self.names))
        self._merge(after or [reached])
        return self._ended(self.run(node.finalbody) or not after)

    visit_TryStar = visit_Try  # noqa: N815 - the names of ast

    def visit_With(self, node: Any) -> Any:
        moved: list[tuple[Made, list[dict[str, Any]]]] = []
        for item in node.items:
            value = self._entered(self.visit(item.context_expr))
            moved += self._settled(item.context_expr, value)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value)
        try:
            return self._ended(self.run(node.body))
        finally:  # also where a loop around it is left
            for owner, before in moved:
                owner.chain = before

    visit_AsyncWith = visit_With  # noqa: N815 - the names of ast

    def _entered(self, value: Any) -> Any:
        if isinstance(value, Yielded):
            return value[0] if value else UNKNOWN
        if isinstance(value, Instance):
            method = self.of_instance(value, "__enter__")
            given = self.call(method, [], {}, _NO_CALL) if not isinstance(method, Made) else value
            return value if given is UNKNOWN else given
        return value

    def visit_For(self, node: Any) -> Any:
        value = self.visit(node.iter)
        items = self.turns(value) or [rows.one_of(value)]
        before = dict(self.names)
        self.budget.loops += 1
        with suppress(Fruitless):
            self._turns(node, items)
        self.budget.loops -= 1
        for name, value in before.items():
            if value is not UNKNOWN and self.names.get(name, UNKNOWN) is UNKNOWN:
                self.names[name] = value
        return self._ended(self.run(node.orelse) if node.orelse else False)

    visit_AsyncFor = visit_For  # noqa: N815 - the names of ast

    def _turns(self, node: Any, items: list[Any]) -> None:
        left = self.budget.steps
        for item in items[:_MOST_TURNS]:
            self.assign(node.target, item)
            self._once(node.body)
            if self.budget.steps < left // 4:  # what comes behind the loop is to be seen too
                break

    def visit_While(self, node: ast.While) -> Any:
        self.visit(node.test)
        before = dict(self.names)
        if not self._once([*node.body, *node.orelse]):
            self._merge([dict(self.names), before])
        return UNKNOWN

    def _once(self, body: list[ast.stmt]) -> bool:
        """The body of a loop; afterwards names stand for what it left at its end, or where a turn
        or the loop ended before that. True where it always returns or raises.
        """
        before, outer = dict(self.names), self._left
        self._left = []
        try:
            after = [] if self.run(body) else [dict(self.names)]
        finally:  # also where a loop around it is left
            left, self._left = self._left, outer
        self._merge([*after, *left] or [before])
        return not after and not left

    def visit_Return(self, node: ast.Return) -> Any:
        self.returned.append(None if node.value is None else self.visit(node.value))
        return _ENDED

    def visit_Raise(self, node: ast.Raise) -> Any:
        if node.exc is not None:
            self.visit(node.exc)
        return _ENDED

    def visit_Continue(self, node: ast.Continue) -> Any:
        self._left.append(dict(self.names))
        return _ENDED

    visit_Break = visit_Continue  # noqa: N815 - the names of ast

    def visit_FunctionDef(self, node: Any) -> None:
        self.names[node.name] = Routine(node, self)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - the names of ast

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        bases = [self.visit(each) for each in node.bases]
        inner = Body(self.budget, {}, self)
        inner.run(node.body)
        fields = [
            each.target.id
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        ]
        options = {each.arg: self.visit(each.value) for each in node.keywords if each.arg}
        names = {**inner.names, "__annotations__": fields, "_options": options}
        for each in node.body:
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
                names[each.name] = _decorated(names[each.name], each)
        cls = SourceClass(node.name, bases, names)
        for value in names.values():
            routine = value.routine if isinstance(value, (Property, Static)) else value
            if isinstance(routine, Routine):
                routine.cls = cls
                routine.scope = self
        self.names[node.name] = cls

    def module(self, name: str) -> Module:
        """A module by its name: as it is loaded, else from its source, else its name."""
        known = sys.modules.get(name)
        if known is not None:
            return Module(name, known)
        file = sources.module_file(name, self.file)
        names = None if file is None else names_of_module(file, name, self.budget)
        return Module(name, None, names)

    def visit_Global(self, node: ast.Global) -> None:
        self.not_own.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None: ...

    def parent(self) -> Any:
        body: Any = self
        while isinstance(body, Body) and (body.routine is None or body.routine.cls is None):
            body = body.scope
        if not isinstance(body, Body) or body.routine is None:
            return UNKNOWN
        arguments = getattr(body.routine.node, "args", None)
        first = arguments.args[0].arg if arguments is not None and arguments.args else ""
        instance = body.names.get(first, UNKNOWN)
        return UNKNOWN if instance is UNKNOWN else Super(body.routine.cls, instance)

    def follow(self, routine: Any, args: list[Any], named: dict[str, Any]) -> Any:
        if not isinstance(routine, Routine):
            return UNKNOWN
        return follow(self.budget, routine, args, named)


class _Ended:
    """What comes behind is not reached."""


_ENDED = _Ended()
_NO_CALL = ast.Call(ast.Constant(None), [], [])


def _decorated(routine: Any, node: Any) -> Any:
    """A method of a class that was only read, under the decorators that change how it is called."""
    words = {ast.unparse(each).rpartition(".")[2] for each in node.decorator_list}
    if words & PROPERTIES:
        return Property(routine)
    if words & {"staticmethod", "classmethod"}:
        return Static(routine, of_class="classmethod" in words)
    return routine


_modules: dict[str, dict[str, Any]] = of_one_file({})


def names_of_module(file: str, name: str, budget: Budget) -> dict[str, Any]:
    """What the names of a module stand for that was not imported, from its source."""
    if file not in _modules:
        package = name if file.endswith("__init__.py") else name.rpartition(".")[0]
        names: dict[str, Any] = {"__file__": file, "__name__": name}
        _modules[file] = names
        parsed = sources.tree(file)
        with suppress(Done):
            Body(budget.of_a_module(), names, ModuleScope(file, package)).run(
                parsed.body if parsed and len(_modules) < _MOST_MODULES else []
            )
    return _modules[file]


def follow(
    budget: Budget,
    routine: Routine,
    args: list[Any],
    named: dict[str, Any],
    *,
    is_task: bool = False,
) -> Any:
    """Follow one function with these arguments: what it returns, with its calls kept on the way."""
    if budget.depth >= DEEPEST or budget.running.count(routine.node) > 1:
        return UNKNOWN
    names = bound(Body(budget, {}, routine.scope).visit, routine, args, named, is_task=is_task)
    key = key_of(routine, names)
    if key is not None and key in budget.returned:
        return budget.returned[key]
    outer, budget.yielded = budget.yielded, []
    budget.depth += 1
    budget.running.append(routine.node)
    body = Body(budget, names, routine.scope, routine)
    try:
        if isinstance(routine.node, ast.Lambda):
            body.returned.append(body.visit(routine.node.body))
        else:
            body.run(routine.node.body)
        found: Any = choice(body.returned) if body.returned else None
        if budget.yielded:
            found = Yielded(budget.yielded)
    finally:
        budget.depth -= 1
        budget.running.pop()
        budget.yielded = outer
    if key is not None:
        budget.returned[key] = found
    return found
