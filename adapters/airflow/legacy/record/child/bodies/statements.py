"""The statements of a followed function, in order; every branch that may be taken is."""

# Methods are called as `ast` calls its nodes.
# ruff: noqa: N802

import ast
import sys
from typing import Any

from . import loaded, sources
from .budget import DEEPEST, Budget
from .calling import Calling
from .contexts import Context, parameter
from .expressions import truth
from .objects import PROPERTIES, Property, Static
from .values import UNKNOWN, Instance, Made, Module, Routine, SourceClass, Super, Yielded, choice

_MOST_TURNS = 50


class Body(Calling):
    """One function that is followed; `returned` is what it gives."""

    def __init__(
        self, budget: Budget, names: dict[str, Any], scope: Any, routine: Routine | None = None
    ) -> None:
        super().__init__(budget, names, scope)
        self.routine = routine
        self.returned: list[Any] = []

    def run(self, statements: list[ast.stmt]) -> bool:
        """Follow statements; True where what comes behind them is not reached."""
        return any(self.visit(statement) is _ENDED for statement in statements)

    def visit_Expr(self, node: ast.Expr) -> Any:
        self.visit(node.value)

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
            values = [names[name] for names in all_names if name in names]
            same = all(value is values[0] for value in values)
            self.names[name] = values[0] if same else choice(values)

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
        for item in node.items:
            value = self._entered(self.visit(item.context_expr))
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value)
        return self._ended(self.run(node.body))

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
        items = self.turns(self.visit(node.iter)) or [UNKNOWN]
        before = dict(self.names)
        for item in items[:_MOST_TURNS]:
            self.assign(node.target, item)
            self.run(node.body)
        for name, value in before.items():
            if value is not UNKNOWN and self.names.get(name, UNKNOWN) is UNKNOWN:
                self.names[name] = value
        return self._ended(self.run(node.orelse) if node.orelse else False)

    visit_AsyncFor = visit_For  # noqa: N815 - the names of ast

    def visit_While(self, node: ast.While) -> Any:
        self.visit(node.test)
        self._branches([[*node.body, *node.orelse], []])
        return UNKNOWN

    def visit_Return(self, node: ast.Return) -> Any:
        self.returned.append(None if node.value is None else self.visit(node.value))
        return _ENDED

    def visit_Raise(self, node: ast.Raise) -> Any:
        if node.exc is not None:
            self.visit(node.exc)
        return _ENDED

    def visit_Continue(self, node: ast.Continue) -> Any:
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
        names = {**inner.names, "__annotations__": fields}
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

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            self.names[alias.asname or name] = self.module(name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        package = self.scope_package()
        if node.level:
            parts = package.split(".")
            package = ".".join(parts[: len(parts) - node.level + 1])
        name = ".".join(each for each in (package if node.level else "", node.module or "") if each)
        module = self.module(name)
        for alias in node.names:
            found = loaded.reached(module, alias.name)
            if found is UNKNOWN or (isinstance(found, Made) and module.loaded is None):
                inner = self.module(f"{name}.{alias.name}")
                found = inner if inner.names is not None or inner.loaded is not None else found
            self.names[alias.asname or alias.name] = found

    def scope_package(self) -> str:
        scope: Any = self
        while isinstance(scope, Body):
            scope = scope.scope
        return str(getattr(scope, "package", ""))

    def module(self, name: str) -> Module:
        """A module by its name: as it is loaded, else from its source, else its name."""
        known = sys.modules.get(name)
        if known is not None:
            return Module(name, known)
        file = sources.module_file(name, self.file)
        names = None if file is None else names_of_module(file, name, self.budget)
        return Module(name, None, names)

    def visit_Global(self, node: Any) -> None: ...

    visit_Nonlocal = visit_Global  # noqa: N815 - the names of ast

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


class _ModuleScope:
    """The scope of a module that is only read: Python's own names."""

    def __init__(self, file: str, package: str) -> None:
        self.file = file
        self.package = package

    def lookup(self, name: str) -> Any:
        return loaded.builtin(name)


_modules: dict[str, dict[str, Any]] = {}


def names_of_module(file: str, name: str, budget: Budget) -> dict[str, Any]:
    """What the names of a module stand for that was not imported, from its source."""
    if file not in _modules:
        package = name if file.endswith("__init__.py") else name.rpartition(".")[0]
        names: dict[str, Any] = {"__file__": file, "__name__": name}
        _modules[file] = names
        parsed = sources.tree(file)
        budget.muted += 1
        try:
            Body(budget, names, _ModuleScope(file, package)).run(parsed.body if parsed else [])
        finally:
            budget.muted -= 1
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
    names = _bound(budget, routine, args, named, is_task=is_task)
    key = _key(routine, names)
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


def _key(routine: Routine, names: dict[str, Any]) -> Any:
    """By what a repeated call is known; None where its arguments are objects, which may change."""
    plain = (str, int, float, bool, type(None))
    if not isinstance(routine.scope, (loaded.Globals, _ModuleScope)):
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


def _bound(
    budget: Budget, routine: Routine, args: list[Any], named: dict[str, Any], *, is_task: bool
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
            names[name] = _default(budget, routine, name, defaults.get(name), is_task=is_task)
    if given.vararg is not None:
        names[given.vararg.arg] = waiting or ([] if not is_task else UNKNOWN)
    if given.kwarg is not None:
        names[given.kwarg.arg] = Context(left)
    return names


def _default(budget: Budget, routine: Routine, name: str, default: Any, *, is_task: bool) -> Any:
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
    return Body(budget, {}, routine.scope).visit(default)
