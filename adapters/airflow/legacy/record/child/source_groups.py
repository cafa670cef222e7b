"""Groups of tasks in a syntax tree: `with TaskGroup("g")`, and functions under @task_group."""

import ast
from typing import Any

from .source_values import argument, literal_of

EXPANDING = ("expand", "expand_kwargs")
_METHODS = (*EXPANDING, "override", "partial")
_DEEPEST = 10  # groups in groups


class Group:
    """A group of tasks; `tasks` are (dag_id, task_id), also those of groups inside of it."""

    def __init__(self, group_id: str | None, *, prefix: bool, mapped: bool = False) -> None:
        self.group_id = group_id  # with those around it; None where it is computed
        self.prefix = prefix
        self.mapped = mapped
        self.around: tuple[Group, ...] = ()
        self.tasks: list[tuple[str, str]] = []

    def below(self, label: str) -> str:
        """The whole id of what is called that in the group."""
        return f"{self.group_id}.{label}" if self.prefix and self.group_id else label


class GroupFunction:
    """A function under @task_group: calling it makes the group and what is inside."""

    def __init__(
        self, node: "ast.FunctionDef | ast.AsyncFunctionDef", call: ast.Call | None
    ) -> None:
        self.node = node
        self.group_id = argument(call, "group_id", 0)
        self.prefix = argument(call, "prefix_group_id", None)
        self.given: dict[str, Any] = {}

    def override(self, call: ast.Call) -> "GroupFunction":
        """The same with other options."""
        made = GroupFunction(self.node, call)
        made.group_id, made.prefix = made.group_id or self.group_id, made.prefix or self.prefix
        made.given = self.given
        return made

    def partial(self, given: dict[str, Any]) -> "GroupFunction":
        """The same with some arguments."""
        made = GroupFunction(self.node, None)
        made.group_id, made.prefix = self.group_id, self.prefix
        made.given = {**self.given, **given}
        return made

    def bound(self, call: ast.Call, values: list[Any]) -> dict[str, Any]:
        """What the parameters of the function stand for; `values` are the call's arguments."""
        names = [each.arg for each in (*self.node.args.posonlyargs, *self.node.args.args)]
        words = [word.arg for word in call.keywords]
        by_place, by_name = values[: len(call.args)], values[len(call.args) :]
        known = {name: each for name, each in zip(words, by_name, strict=True) if name}
        return {**self.given, **dict(zip(names, by_place, strict=False)), **known}


class Grouping(ast.NodeVisitor):
    """Makes groups, and knows which tasks are in them."""

    def __init__(self) -> None:
        self.dags: dict[str, dict[str, Any]] = {}
        self.values: dict[str, Any] = {}
        self.current: list[str] = []
        self.groups: list[Group] = []
        self.group_ids: set[tuple[str | None, str]] = set()
        self.unread: list[tuple[int, str]] = []
        self.read: dict[int, Any] = {}
        self.returned: list[Any] = []
        self.edges: list[tuple[Any, Any]] = []

    def value(self, node: ast.expr) -> Any:
        """What an expression stands for."""
        raise NotImplementedError

    def group(self, node: ast.Call) -> Group:
        """`TaskGroup("g")`, below the group that it is made in."""
        parent = argument(node, "parent_group", None)
        inside = self.value(parent) if parent is not None else None
        return self._group_made(
            argument(node, "group_id", 0),
            argument(node, "prefix_group_id", 1),
            inside=inside if isinstance(inside, Group) else None,
            line=node.lineno,
        )

    def _group_made(
        self,
        group_id: ast.expr | str | None,
        prefix: ast.expr | None,
        *,
        inside: Group | None,
        line: int,
        counts: bool = False,
    ) -> Group:
        parent = inside or (self.groups[-1] if self.groups else None)
        name = group_id if isinstance(group_id, str) else literal_of(group_id)
        full: str | None = None
        if isinstance(name, str) and (parent is None or parent.group_id is not None):
            full = name if parent is None else parent.below(name)
            dag_id, plain, number = self.current[-1] if self.current else None, full, 0
            while counts and (dag_id, full) in self.group_ids:
                number += 1
                full = f"{plain}__{number}"
            self.group_ids.add((dag_id, full))
        else:
            self.unread.append((line, "a group whose id is computed"))
        made = Group(full, prefix=literal_of(prefix) is not False)
        made.around = () if parent is None else (parent, *parent.around)
        return made

    def group_function(self, node: ast.Call) -> GroupFunction | None:
        """The function under @task_group that a call is of, or of a method of."""
        method = isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS
        function = node.func.value if method and isinstance(node.func, ast.Attribute) else node.func
        known = self.value(function) if isinstance(function, (ast.Name, ast.Call)) else None
        return known if isinstance(known, GroupFunction) else None

    def of_group_function(
        self, function: GroupFunction, node: ast.Call, arguments: list[Any]
    ) -> Any:
        """`group(…)`, `group.override(…)`, `.partial(…)`, `.expand(…)`."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name == "override":
            return function.override(node)
        given = function.bound(node, arguments)
        if name == "partial":
            return function.partial(given)
        return self.grouped(function, given, over=arguments if name in EXPANDING else None)

    def grouped(
        self, function: GroupFunction, given: dict[str, Any], over: list[Any] | None = None
    ) -> Any:
        """What a call of a function under @task_group gives: what it returns, else the group."""
        body = function.node.body
        if len(self.groups) >= _DEEPEST:
            return None
        group = self._group_made(
            function.group_id or function.node.name,
            function.prefix,
            inside=None,
            line=function.node.lineno,
            counts=True,
        )
        group.mapped = over is not None
        for each in body:  # each call makes tasks of its own
            for inner in ast.walk(each):
                self.read.pop(id(inner), None)
        values, returned = self.values, self.returned
        self.values, self.returned = {**values, **given}, []
        self.groups.append(group)
        for statement in body:
            self.visit(statement)
        self.groups.pop()
        found = next((each for each in self.returned if each is not None), group)
        self.values, self.returned = values, returned
        if over is not None:
            self.edges.extend((argument, group) for argument in over)
        return found

    def tasks_of(self, value: Any, *, first: bool) -> list[tuple[str, str]]:
        """The tasks that a value stands for; of a group those that nothing in it is before, or
        behind.
        """
        if isinstance(value, list):
            return [task for item in value for task in self.tasks_of(item, first=first)]
        if not isinstance(value, Group):
            return [value] if isinstance(value, tuple) else []
        inside = {task_id for _, task_id in value.tasks}
        tasks = {
            (dag, task): self.dags[dag]["tasks"][task]["upstream"] for dag, task in value.tasks
        }
        if first:
            return [task for task, before in tasks.items() if not before & inside]
        befores: set[str] = set().union(*tasks.values())
        return [task for task in tasks if task[1] not in befores]
