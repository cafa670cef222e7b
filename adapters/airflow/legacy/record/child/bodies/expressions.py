"""What the expressions of a followed function stand for."""

# One branch for each kind of value; methods are called as `ast` calls its nodes.
# ruff: noqa: N802, PLR0911, PLR2004, PLW0108

import ast
import operator
from collections.abc import Callable
from typing import Any

from ..assumptions import AssumedText
from . import containers, loaded, objects, templated, text_methods
from .budget import Budget
from .contexts import Context
from .values import (
    UNKNOWN,
    Bound,
    Choice,
    File,
    Instance,
    Made,
    Module,
    Routine,
    SourceClass,
    Super,
    Yielded,
    choice,
    over,
)
from .written import described

_MOST_ITEMS = 200
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
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
_COUNTED: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
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
        return type(value) is str and not templated.is_templated(value)
    if isinstance(value, list):
        return all(map(is_certain, value))
    if isinstance(value, dict):
        return all(map(is_certain, value)) and all(map(is_certain, value.values()))
    return value is None or isinstance(value, (bool, int, float))


def truth(value: Any) -> bool | None:
    """Whether a condition holds; None where only the run knows."""
    if isinstance(value, (list, dict)) or is_certain(value):
        return bool(value) if not isinstance(value, (list, dict)) or value else None
    return True if isinstance(value, (Instance, Module, Routine)) else None


class Expressions:
    """Follows expressions; `names` are what the function's own names stand for so far."""

    def __init__(self, budget: Budget, names: dict[str, Any], scope: Any) -> None:
        self.budget = budget
        self.names = names
        self.scope = scope

    def visit(self, node: ast.AST) -> Any:
        """Follow a statement, or say what an expression stands for."""
        self.budget.step()
        known = getattr(self, "visit_" + node.__class__.__name__, None)
        return self.children(node) if known is None else known(node)

    def children(self, node: ast.AST) -> Any:
        """What is not known itself may have calls inside."""
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, (ast.expr_context, ast.operator)):
                self.visit(child)
        return UNKNOWN

    def lookup(self, name: str) -> Any:
        """What a name stands for."""
        return self.names[name] if name in self.names else self.scope.lookup(name)

    def visit_Constant(self, node: ast.Constant) -> Any:
        return node.value

    def visit_Name(self, node: ast.Name) -> Any:
        return self.lookup(node.id)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> Any:
        parts = [self.part(each) for each in node.values]
        return over(lambda *texts: "".join(texts), *parts)

    def part(self, node: ast.expr) -> Any:
        """One part of an f-string: its text, or `{{ name }}`."""
        if not isinstance(node, ast.FormattedValue):
            return str(node.value) if isinstance(node, ast.Constant) else ""
        spec = self.visit(node.format_spec) if node.format_spec is not None else ""
        return over(lambda value: self._shown(value, spec, node.value), self.visit(node.value))

    @staticmethod
    def _shown(value: Any, spec: Any, node: ast.expr) -> str:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if spec and is_number:
            return text_methods.with_spec(value, spec if isinstance(spec, str) else "")
        return text_methods.shown(value, node)

    def visit_List(self, node: Any) -> list[Any]:
        return [each for item in node.elts for each in self.items(item)]

    visit_Tuple = visit_Set = visit_List  # noqa: N815 - the names of ast

    def items(self, node: ast.expr) -> list[Any]:
        """The one or more items that an element of a list, or of arguments, stands for."""
        if not isinstance(node, ast.Starred):
            return [self.visit(node)]
        value = self.visit(node.value)
        return list(value) if isinstance(value, (list, dict)) else [UNKNOWN]

    def visit_Dict(self, node: ast.Dict) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            value = self.visit(value_node)
            if key_node is None:
                found.update(value if isinstance(value, dict) else {})
                continue
            key = self.visit(key_node)
            if isinstance(key, (str, int)):
                found[key] = value
        return found

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        holds = truth(self.visit(node.test))
        if holds is not None:
            return self.visit(node.body if holds else node.orelse)
        return choice([self.visit(node.body), self.visit(node.orelse)])

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        stops = isinstance(node.op, ast.Or)
        found = []
        for each in node.values:
            value = self.visit(each)
            holds = truth(value)
            if holds is None or holds is stops:
                found.append(value)
            if holds is stops:
                break
        else:
            if holds is not None:
                found.append(value)
        if not stops and len(found) > 1:
            return found[-1] if truth(found[-1]) is not None else UNKNOWN
        return next((each for each in found if each is not UNKNOWN), UNKNOWN)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            holds = truth(value)
            return UNKNOWN if holds is None else not holds
        is_number = isinstance(node.op, ast.USub) and isinstance(value, (int, float))
        return -value if is_number else UNKNOWN

    def visit_Compare(self, node: ast.Compare) -> Any:
        values = [self.visit(each) for each in (node.left, *node.comparators)]
        left, right = values[0], values[-1]
        if len(values) != 2:
            return UNKNOWN
        kind = type(node.ops[0])
        is_object = isinstance(left, (Made, Instance, Module, Routine, list, dict))
        if kind in (ast.Is, ast.IsNot) and right is None and is_object:
            return kind is ast.IsNot
        if not (is_certain(left) and is_certain(right)):
            return UNKNOWN
        try:
            return _COMPARED[kind](left, right)
        except TypeError:
            return UNKNOWN

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Any:
        value = self.visit(node.value)
        self.assign(node.target, value)
        return value

    def visit_Await(self, node: ast.Await) -> Any:
        return self.visit(node.value)

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        return Routine(node, self)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        return over(lambda one, other: self._combined(node, one, other), left, right)

    def _combined(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        numbers = all(type(each) in (int, float) for each in (left, right))
        if numbers and type(node.op) in _COUNTED:
            return _counted(node.op, left, right)
        if isinstance(node.op, ast.Add):
            return text_methods.added(left, right, node.left, node.right)
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            return text_methods.formatted(
                left, right if isinstance(right, (list, dict)) else [right]
            )
        if isinstance(node.op, ast.Div) and isinstance(left, str):
            return text_methods.joined([left, text_methods.shown(right, node.right)])
        if isinstance(node.op, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
            return {**left, **right}
        return UNKNOWN

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        return over(lambda value: self.attribute(value, node.attr), self.visit(node.value))

    def attribute(self, value: Any, name: str) -> Any:
        """An attribute of a value."""
        if isinstance(value, str):
            return text_methods.attribute(value, name) or UNKNOWN
        if isinstance(value, Context):
            return value.get(name)
        if isinstance(value, Made) and value.chain[-1]["name"] == "get_connection":
            return _of_connection(value, name)
        if isinstance(value, (Made, Module)):
            return loaded.reached(value, name)
        if isinstance(value, (Instance, Super)):
            return self.of_instance(value, name)
        if isinstance(value, (type, SourceClass)):
            found = objects.of_class(value, name)
            base = objects.base_of(value) if found is UNKNOWN else None
            return found if base is None else base.then(name)
        if isinstance(value, File) and name == "name":
            return value.path
        return Made([{"name": name}]) if value is UNKNOWN else UNKNOWN

    def of_instance(self, value: Any, name: str) -> Any:
        """An attribute of an object, with its properties asked."""
        if isinstance(value, Instance):
            found, instance = objects.of_instance(value, name), value
        else:
            instance = value.instance
            cls = instance.cls if isinstance(instance, Instance) else instance
            found = objects.of_class(cls, name, instance, value.cls)
            made = instance.made if isinstance(instance, Instance) else None
            if found is UNKNOWN and made is not None:
                return made.then(name)
        if isinstance(found, objects.Property):
            given = self.follow(found.routine, [instance], {})
            if isinstance(value, Instance) and given is not UNKNOWN:
                instance.attributes[name] = given
            return given
        return found

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        key = self.visit(node.slice)
        return over(lambda value, at: self.item(value, at), self.visit(node.value), key)

    def visit_Slice(self, node: ast.Slice) -> Any:
        ends = [
            None if each is None else self.visit(each)
            for each in (node.lower, node.upper, node.step)
        ]
        return slice(*ends) if all(each is None or type(each) is int for each in ends) else UNKNOWN

    def item(self, value: Any, key: Any) -> Any:
        """`value[key]`."""
        if isinstance(value, Context):
            return value.get(key) if isinstance(key, str) else UNKNOWN
        if isinstance(value, dict):
            return containers.method(value, "__getitem__", [key, UNKNOWN], {})
        if isinstance(value, list):
            return containers.at_place(value, key)
        if isinstance(value, str):
            return _of_text(value, key)
        if isinstance(value, Instance):
            method = self.of_instance(value, "__getitem__")
            return (
                self.follow(method.function, [*method.args, key], {})
                if isinstance(method, Bound)
                else UNKNOWN
            )
        if isinstance(value, Made) and value.path == "os.environ" and isinstance(key, str):
            return "{{ " + key + " }}"
        if isinstance(value, Made) and isinstance(key, str):
            return Made([*value.chain, described("[]", [key], {})])
        return value if isinstance(value, Made) else UNKNOWN

    def visit_ListComp(self, node: Any) -> Any:
        return self.comprehension(node.generators, lambda: self.visit(node.elt))

    visit_SetComp = visit_GeneratorExp = visit_ListComp  # noqa: N815 - the names of ast

    def visit_DictComp(self, node: ast.DictComp) -> Any:
        pairs = self.comprehension(
            node.generators, lambda: [self.visit(node.key), self.visit(node.value)]
        )
        if pairs is UNKNOWN:
            return UNKNOWN
        return {key: value for key, value in pairs if isinstance(key, (str, int))}

    def comprehension(self, generators: list[ast.comprehension], element: Any) -> Any:
        """The elements; UNKNOWN where what is gone over is not known, but calls in it are seen."""
        before = dict(self.names)
        found: list[Any] = []
        is_known = self._turn(generators, element, found)
        self.names.clear()
        self.names.update(before)
        return found if is_known else UNKNOWN

    def _turn(self, left: list[ast.comprehension], element: Any, found: list[Any]) -> bool:
        if not left:
            found.append(element())
            return True
        items = self.turns(self.visit(left[0].iter))
        is_known = items is not None
        for item in (items or [UNKNOWN])[:_MOST_ITEMS]:
            self.assign(left[0].target, item)
            holds = [truth(self.visit(each)) for each in left[0].ifs]
            if False not in holds and len(found) < _MOST_ITEMS:
                is_known &= self._turn(left[1:], element, found)
        return is_known and items is not None

    @staticmethod
    def turns(value: Any) -> list[Any] | None:
        """What a loop goes over; None where it is not known."""
        if isinstance(value, Choice):
            lists = [Expressions.turns(each) or [] for each in value.values]
            return [item for each in lists for item in each] or None
        if isinstance(value, dict):
            return list(value) or None
        if isinstance(value, list):
            return list(value) or None
        if isinstance(value, type):
            members = getattr(value, "__members__", None)
            return [loaded.value_of(each) for each in members.values()] if members else None
        return None

    def assign(self, target: ast.expr, value: Any) -> None:
        """Let a target stand for a value."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value)
        elif isinstance(target, ast.Attribute):
            owner = self.visit(target.value)
            if isinstance(owner, Instance):
                owner.attributes[target.attr] = value
                owner.changes += 1
        elif isinstance(target, ast.Subscript):
            owner, key = self.visit(target.value), self.visit(target.slice)
            containers.put(owner, key, value)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value)

    def _unpack(self, targets: list[ast.expr], value: Any) -> None:
        if isinstance(value, Choice):
            fitting = [
                one for one in value.values if isinstance(one, list) and len(one) == len(targets)
            ]
            value = (
                [choice([one[n] for one in fitting]) for n in range(len(targets))]
                if fitting
                else UNKNOWN
            )
        known = isinstance(value, list)
        stars = [n for n, each in enumerate(targets) if isinstance(each, ast.Starred)]
        if known and stars and len(value) >= len(targets) - 1:
            at, behind = stars[0], len(targets) - stars[0] - 1
            end = len(value) - behind
            value = [*value[:at], value[at:end], *value[end:]]
        known = known and len(value) == len(targets)
        for index, each in enumerate(targets):
            other = value if isinstance(value, Made) else UNKNOWN
            self.assign(each, value[index] if known else other)

    def follow(self, routine: Any, args: list[Any], named: dict[str, Any]) -> Any:
        """What a function of the code base returns; its calls are kept on the way."""
        raise NotImplementedError

    def visit_Yield(self, node: ast.Yield) -> Any:
        value = UNKNOWN if node.value is None else self.visit(node.value)
        self.budget.yielded.append(value)
        return UNKNOWN

    def visit_YieldFrom(self, node: ast.YieldFrom) -> Any:
        value = self.visit(node.value)
        self.budget.yielded += value if isinstance(value, (list, Yielded)) else [UNKNOWN]
        return UNKNOWN


def _counted(kind: ast.operator, left: Any, right: Any) -> Any:
    try:
        found = _COUNTED[type(kind)](left, right)
    except (ArithmeticError, ValueError):
        return UNKNOWN
    return found if abs(found) < _LARGEST else UNKNOWN


def _of_connection(made: Made, name: str) -> Any:
    """`{{ conn.dwh.host }}` of `BaseHook.get_connection("dwh").host`."""
    given = made.chain[-1].get("arguments") or list(made.chain[-1].get("named", {}).values())
    if name == "get_uri" or not given or not isinstance(given[0], str) or "{" in given[0]:
        return made.then(name)
    return "{{ conn." + given[0] + "." + name + " }}"


def _of_text(text: str, key: Any) -> Any:
    if isinstance(key, str):
        return templated.extended(text, key) or UNKNOWN
    is_place = isinstance(key, slice) or (isinstance(key, int) and -len(text) <= key < len(text))
    if isinstance(text, AssumedText) or templated.is_templated(text) or not is_place:
        return UNKNOWN
    return text[key]
