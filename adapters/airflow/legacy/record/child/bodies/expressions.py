"""What the expressions of a followed function stand for."""

# One branch for each kind of value; methods are called as `ast` calls its nodes.
# ruff: noqa: N802, PLR0911, PLR2004, PLW0108

import ast
from typing import Any

from ..airflow_values import Supplied
from ..assumptions import AssumedText
from ..import_day import NOW
from . import containers, loaded, models, objects, templated, text_methods
from .contexts import Context
from .deciding import COMPARED, COUNTED, counted, is_certain, is_text, truth
from .gathering import Gathering
from .values import (
    UNKNOWN,
    Bound,
    File,
    Instance,
    Later,
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


class Expressions(Gathering):
    """Follows expressions."""

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
        if len(found) > 1 and templated.inside(found[0]) and is_certain(found[-1]) and found[-1]:
            return found[-1]  # the default of a setting that nobody supplied
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
        if kind in (ast.Is, ast.IsNot) and right is None and (is_object or is_text(left)):
            return kind is ast.IsNot
        if not (is_certain(left) and is_certain(right)):
            return UNKNOWN
        try:
            return COMPARED[kind](left, right)
        except TypeError:
            return UNKNOWN

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Any:
        value = self.visit(node.value)
        self.assign(node.target, value)
        return value

    def visit_Await(self, node: ast.Await) -> Any:
        value = self.visit(node.value)
        return value.value if isinstance(value, Later) else value

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        return Routine(node, self)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.visit(node.left), self.visit(node.right)
        return over(lambda one, other: self._combined(node, one, other), left, right)

    def _combined(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        numbers = all(type(each) in (int, float) for each in (left, right))
        if numbers and type(node.op) in COUNTED:
            return counted(node.op, left, right)
        is_shift = isinstance(node.op, (ast.Add, ast.Sub)) and text_methods.is_span(right)
        if is_shift and text_methods.is_moment(left):
            return NOW
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
            if (id(value), name) in self.budget.set_elsewhere:
                return self.budget.set_elsewhere[(id(value), name)]
            found = objects.of_class(value, name)
            table = models.table_of(value) if found is UNKNOWN or type(found) is Made else None
            if table is not None:
                return models.attribute_of(value, table, name)
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
        is_new = isinstance(value, Instance) and value.loaded is None and type(found) is Made
        if is_new and models.is_collection(instance.cls, name):
            instance.attributes[name] = found = []
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
            Supplied.tell(key, place=(str(self.scope.file), 0))
            return self.budget.environment.get(key, "{{ " + key + " }}")
        if isinstance(value, Made) and (isinstance(key, str) or key is UNKNOWN):
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
        known: dict[Any, Any] = {}
        for key, value in pairs:
            containers.put(known, key, value)
        return known

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
