"""Which calls a Python function makes with which texts: followed through its source, never run.

Local names, f-strings, constants of modules, and functions of the same code base are followed as
far as texts go; what depends on the run becomes `{{ name }}`, as in a template.
"""

import ast
import inspect
import textwrap
from contextlib import suppress
from pathlib import PurePath
from typing import Any

from .callables import TIME_NAMES, plain_function
from .texts import UNKNOWN, Made, described, formatted, joined, of_text, shown
from .worth_reading import is_worth_reading

_MOST_CALLS, _MOST_TURNS, _DEEPEST = 200, 50, 3
_MOST_STEPS = 20_000
_SAME_TEXT = frozenset(("str", "text", "dedent", "SQL", "Path", "PurePath", "fspath", "cleandoc"))


class _Done(Exception):
    """The budget is used up."""


def calls_of(
    value: Any, args: list[Any], named: dict[str, Any], folder: str
) -> list[dict[str, Any]]:
    """The calls of a function whose parameters have these values, in the form of `snapshot.Call`.

    None where its source is not at hand. Only functions of files below `folder` are followed.
    """
    function = plain_function(value)
    if not inspect.isfunction(function):
        return []
    reader = _Reader(folder)
    given = {name: _plain(each) for name, each in named.items()}
    with suppress(_Done, RecursionError):
        reader.function(function, [_plain(each) for each in args], given, 0)
    return reader.calls


def calls_of_operator(task: Any, folder: str) -> list[dict[str, Any]]:
    """The calls of the `execute` of an operator that the code base defines itself."""
    execute = plain_function(getattr(type(task), "execute", None))
    if not inspect.isfunction(execute) or not execute.__code__.co_filename.startswith(folder):
        return []
    reader = _Reader(folder)
    with suppress(_Done, RecursionError):
        reader.function(execute, [_Self(task), _Context({})], {}, 0)
    return reader.calls


class _Reader:
    def __init__(self, folder: str) -> None:
        self.calls: list[dict[str, Any]] = []
        self.folder = folder
        self.steps = 0

    def function(self, function: Any, args: list[Any], named: dict[str, Any], depth: int) -> Any:
        """Follow one function; what it returns, where that is a text or something made."""
        try:
            lines, first = inspect.getsourcelines(function)
            tree = ast.parse(textwrap.dedent("".join(lines)))
            signature = inspect.signature(function)
        except (OSError, TypeError, SyntaxError, ValueError):
            return UNKNOWN
        node = next((one for one in tree.body if isinstance(one, ast.FunctionDef)), None)
        if node is None:
            return UNKNOWN
        names: dict[str, Any] = {}
        waiting = list(args)
        for name, parameter in signature.parameters.items():
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                names[name] = _Context(named)
            elif name in named:
                names[name] = named[name]
            elif waiting:
                names[name] = waiting.pop(0)
            elif name in TIME_NAMES:
                names[name] = "{{ " + name + " }}"
            elif name == "params":
                names[name] = _Context({}, "params.")
            elif parameter.default is not parameter.empty and parameter.default is not None:
                names[name] = parameter.default
            else:
                names[name] = UNKNOWN
        body = _Body(self, function, names, first - 1, depth)
        body.run(node.body)
        return body.returned


class _Self:
    """An operator whose `execute` is read: its attributes as it was made, and its methods."""

    def __init__(self, task: Any) -> None:
        self.task = task

    def attribute(self, name: str) -> Any:
        return _plain(vars(self.task).get(name, getattr(type(self.task), name, UNKNOWN)))


class _Context:
    """The context, or its params: what is asked of it is a template."""

    def __init__(self, known: dict[str, Any], prefix: str = "") -> None:
        self.known = known
        self.prefix = prefix

    def get(self, name: str) -> Any:
        if name in self.known:
            return self.known[name]
        if not self.prefix and name in ("params", "dag_run", "conf"):
            return _Context({}, f"{name}.")
        if self.prefix or name in TIME_NAMES:
            return "{{ " + self.prefix + name + " }}"
        return UNKNOWN


class _Body(ast.NodeVisitor):
    """The statements of one function, with what its names stand for so far."""

    def __init__(
        self, reader: _Reader, function: Any, names: dict[str, Any], offset: int, depth: int
    ) -> None:
        self.reader = reader
        self.function = function
        self.names = names
        self.offset = offset
        self.depth = depth
        self.returned: Any = UNKNOWN
        self.local: dict[str, ast.FunctionDef] = {}

    def run(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)

    def visit_Assign(self, node: ast.Assign) -> None:
        value = self.visit(node.value)
        for target in node.targets:
            self.assign(target, value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.assign(node.target, UNKNOWN if node.value is None else self.visit(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            before = ast.Name(id=node.target.id, ctx=ast.Load())
            self.assign(node.target, self.visit(ast.BinOp(before, node.op, node.value)))

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            value = self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value)
        self.run(node.body)

    def visit_For(self, node: ast.For) -> None:
        items = self.visit(node.iter)
        turns = list(items)[:_MOST_TURNS] if isinstance(items, (list, dict)) else [UNKNOWN]
        for item in turns:
            self.assign(node.target, item)
            self.run(node.body)
        self.run(node.orelse)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.local[node.name] = node

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        return UNKNOWN

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        pass

    def visit_Return(self, node: ast.Return) -> None:
        value = UNKNOWN if node.value is None else self.visit(node.value)
        self.returned = value if self.returned is UNKNOWN else self.returned

    def assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = isinstance(value, (list, tuple)) and len(value) == len(target.elts)
            for index, each in enumerate(target.elts):
                self.assign(each, value[index] if known else UNKNOWN)

    def visit(self, node: ast.AST) -> Any:
        """Follow a statement, or say what an expression stands for."""
        self.reader.steps += 1
        if self.reader.steps > _MOST_STEPS:
            raise _Done
        return super().visit(node)

    def generic_visit(self, node: ast.AST) -> Any:
        """Branches, comparisons, comprehensions: calls may be inside, a value is not known."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.comprehension):
                self.assign(child.target, UNKNOWN)
            self.visit(child)
        return UNKNOWN

    def visit_Constant(self, node: ast.Constant) -> Any:
        return node.value

    def visit_Name(self, node: ast.Name) -> Any:
        return self.named(node.id)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> str:
        return "".join(self.part(each) for each in node.values)

    def visit_List(self, node: Any) -> list[Any]:
        return [self.visit(each) for each in node.elts]

    visit_Tuple = visit_Set = visit_List  # noqa: N815 - the names of ast.NodeVisitor

    def visit_Dict(self, node: ast.Dict) -> dict[Any, Any]:
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        return dict(zip(keys, map(self.visit, node.values), strict=True))

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        chosen, other = self.visit(node.body), self.visit(node.orelse)
        return other if chosen is UNKNOWN else chosen

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        found = [self.visit(each) for each in node.values]
        return next((each for each in found if each is not UNKNOWN and each), UNKNOWN)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Any:
        value = self.visit(node.value)
        self.assign(node.target, value)
        return value

    def visit_Await(self, node: ast.Await) -> Any:
        return self.visit(node.value)

    def named(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        closure = inspect.getclosurevars(self.function) if self.function.__closure__ else None
        if closure is not None and name in closure.nonlocals:
            return _plain(closure.nonlocals[name])
        return _plain(self.function.__globals__.get(name, UNKNOWN))

    def part(self, node: ast.expr) -> str:
        """One part of an f-string: its text, or `{{ name }}`."""
        if isinstance(node, ast.FormattedValue):
            value = self.visit(node.value)
            if node.format_spec is not None and not isinstance(value, (str, int)):
                value = UNKNOWN
            return shown(value, node.value)
        return str(node.value) if isinstance(node, ast.Constant) else ""

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Add):
            if isinstance(left, list) and isinstance(right, list):
                return left + right
            if isinstance(left, str) or isinstance(right, str):
                return shown(left, node.left) + shown(right, node.right)
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            values = right if isinstance(right, (list, dict)) else [right]
            return formatted(left, values)
        if isinstance(node.op, ast.Div) and isinstance(left, str):
            return f"{left.rstrip('/')}/{shown(right, node.right)}"
        return UNKNOWN

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        value = self.visit(node.value)
        if isinstance(value, Made):
            return Made([*value.chain, {"name": node.attr}])
        if isinstance(value, _Self):
            return value.attribute(node.attr)
        if inspect.ismodule(value) and node.attr in vars(value):
            return _plain(vars(value)[node.attr])
        return UNKNOWN

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        value, key = self.visit(node.value), self.visit(node.slice)
        if isinstance(value, _Context) and isinstance(key, str):
            return value.get(key)
        if isinstance(value, dict):
            return value.get(key, UNKNOWN) if isinstance(key, (str, int)) else UNKNOWN
        if isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
            return value[key]
        return value if isinstance(value, Made) else UNKNOWN

    def visit_Call(self, node: ast.Call) -> Any:
        args = [self.visit(each) for each in node.args if not isinstance(each, ast.Starred)]
        named = {each.arg: self.visit(each.value) for each in node.keywords if each.arg}
        owner = self.visit(node.func.value) if isinstance(node.func, ast.Attribute) else None
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if isinstance(node.func, ast.Name):
            name = node.func.id
            if name in self.local:
                return self.inner(self.local[name], args, named)
        known = self.text_of_call(name, owner, args, node)
        if known is not None:
            return known
        function = self.followed(node.func, owner)
        if function is not None:
            own = [owner] if isinstance(owner, _Self) else []
            return self.reader.function(function, [*own, *args], named, self.depth + 1)
        chain = owner.chain if isinstance(owner, Made) else []
        call = described(name, args, named)
        if is_worth_reading(name, None, chain) and len(self.reader.calls) < _MOST_CALLS:
            line = self.offset + node.lineno
            self.reader.calls.append({**call, "on": chain, "line": line})
        return Made([*chain, call])

    def text_of_call(self, name: str, owner: Any, args: list[Any], node: ast.Call) -> Any:
        """The text that a call of the standard library or of Airflow gives; None for another."""
        if isinstance(owner, str):
            named = {each.arg: self.visit(each.value) for each in node.keywords if each.arg}
            return of_text(owner, name, args, named)
        first = args[0] if args else None
        if name in _SAME_TEXT and isinstance(first, str):
            return "/".join(each for each in args if isinstance(each, str))
        if name == "join" and len(args) > 1:
            return joined([shown(each, node) for each in args])
        if name == "get_current_context":
            return _Context({})
        if name in ("getenv", "get") and isinstance(first, str):
            is_context = isinstance(owner, _Context)
            return owner.get(first) if is_context else self.setting(node, first, args)
        return None

    def setting(self, node: ast.Call, name: str, args: list[Any]) -> Any:
        """A variable of the environment or of Airflow: its default, else its name."""
        source = ast.unparse(node.func)
        if source.endswith(("environ.get", "getenv")):
            given = args[1] if len(args) > 1 else None
            return given if isinstance(given, str) else "{{ " + name + " }}"
        return "{{ var.value." + name + " }}" if source.endswith("Variable.get") else None

    def followed(self, node: ast.expr, owner: Any) -> Any:
        """The function of the code base that is called; None where it is none."""
        if self.depth >= _DEEPEST:
            return None
        if isinstance(node, ast.Name):
            found = self.function.__globals__.get(node.id)
        elif inspect.ismodule(owner) and isinstance(node, ast.Attribute):
            found = vars(owner).get(node.attr)
        elif isinstance(owner, _Self) and isinstance(node, ast.Attribute):
            found = getattr(type(owner.task), node.attr, None)
        else:
            return None
        found = plain_function(found)
        is_ours = inspect.isfunction(found) and found.__code__.co_filename.startswith(
            self.reader.folder
        )
        return found if is_ours else None

    def inner(self, node: ast.FunctionDef, args: list[Any], named: dict[str, Any]) -> Any:
        """Follow a function defined inside this one."""
        if self.depth >= _DEEPEST:
            return UNKNOWN
        names = dict(self.names)
        parameters = [each.arg for each in node.args.args]
        names.update(dict.fromkeys(parameters, UNKNOWN))
        names.update(zip(parameters, args, strict=False))
        names.update(named)
        body = _Body(self.reader, self.function, names, self.offset, self.depth + 1)
        body.run(node.body)
        return body.returned


def _plain(value: Any) -> Any:
    """A value of the loaded code base, as far as it is literal or a module."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (_Self, _Context)):
        return value
    if type(value) in (int, float, bool, list, dict, tuple) or inspect.ismodule(value):
        return list(value) if isinstance(value, tuple) else value
    if isinstance(value, PurePath):
        return str(value)
    return UNKNOWN
