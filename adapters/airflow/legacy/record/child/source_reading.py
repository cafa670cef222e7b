"""What a file's syntax tree says of its DAGs and tasks, for files that do not run to their end."""

# Methods are called as `ast` calls its nodes.
# ruff: noqa: N802

import ast
import re
from itertools import pairwise
from typing import Any

from .airflow_taskflow import taskflow_class
from .source_constants import with_constants
from .source_groups import EXPANDING, Group, GroupFunction, Grouping
from .source_repair import repaired_tree
from .source_values import argument, dotted, is_none, literal_of, name_of, said_of

_OPERATOR = re.compile(r"(Operator|Sensor|OperatorAsync|SensorAsync)$")
_MAX_SOURCE = 4 << 20
_OTHERS = frozenset({"BaseOperator", "BaseSensorOperator"})


def read_source(source: str) -> dict[str, Any]:
    """DAGs with their tasks as far as ids are literal, and the lines of what could not be named."""
    if len(source) > _MAX_SOURCE:
        return {"dags": [], "unread": [], "left_out": []}
    tree, left_out = repaired_tree(source)
    if tree is None:
        return {"dags": [], "unread": [], "left_out": sorted(left_out)}
    reader = _Reader()
    try:
        reader.visit(with_constants(tree))
    except RecursionError:
        reader.unread.append((0, "the file is nested too deeply"))
    return {"dags": reader.result(), "unread": reader.unread, "left_out": sorted(left_out)}


class _Reader(Grouping):
    """Follows names and `with` blocks; what needs computing is listed as unread."""

    def __init__(self) -> None:
        super().__init__()
        self.decorated: dict[str, str] = {}

    def result(self) -> list[dict[str, Any]]:
        for before, after in self.edges:
            for start in self.tasks_of(before, first=False):
                for end in self.tasks_of(after, first=True):
                    if start[0] == end[0] and start != end:
                        self.dags[end[0]]["tasks"][end[1]]["upstream"].add(start[1])
        return [
            {
                **dag,
                "tasks": [
                    {**task, "upstream": sorted(task["upstream"])} for task in dag["tasks"].values()
                ],
            }
            for dag in self.dags.values()
        ]

    def visit_With(self, node: ast.With) -> None:
        entered_dags, entered_groups = len(self.current), len(self.groups)
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None and isinstance(item.optional_vars, ast.Name):
                self.values[item.optional_vars.id] = value
            if isinstance(value, _DagId):
                self.current.append(str(value))
            elif isinstance(value, Group):
                self.groups.append(value)
        for statement in node.body:
            self.visit(statement)
        del self.current[entered_dags:], self.groups[entered_groups:]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        entered = len(self.current)
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            name = dotted(call.func if call else decorator)
            first = name.split(".")[0]
            if first == "task":
                kind = name.partition(".")[2] or "python"
                task_id = literal_of(argument(call, "task_id", None)) if call else None
                self.decorated[node.name] = task_id if isinstance(task_id, str) else node.name
                self.values[node.name] = _TaskFunction(kind)
                return
            if first == "task_group":
                self.values[node.name] = GroupFunction(node, call)
                return
            if first == "dag":
                dag_id = literal_of(argument(call, "dag_id", 0)) if call else None
                self.current.append(
                    self._dag(dag_id if isinstance(dag_id, str) else node.name, node.lineno, call)
                )
        for statement in node.body:
            self.visit(statement)
        del self.current[entered:]

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]  # noqa: N815 - ast's name

    def visit_Assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.values[target.id] = value
            elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, list):
                names = [each.id for each in target.elts if isinstance(each, ast.Name)]
                self.values.update(zip(names, value, strict=False))

    def visit_Expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            self.returned.append(self.value(node.value))

    def value(self, node: ast.expr) -> Any:
        """What an expression stands for: a DAG, a task, a list of tasks, else None; every node is
        read once.
        """
        if id(node) not in self.read:
            self.read[id(node)] = self._value(node)
        return self.read[id(node)]

    def _value(self, node: ast.expr) -> Any:  # noqa: PLR0911 - one per kind of node
        if isinstance(node, ast.Name):
            return self.values.get(node.id)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [self.value(item) for item in node.elts]
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            return [self.value(node.elt)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.RShift, ast.LShift)):
            left, right = self.value(node.left), self.value(node.right)
            self.edges.append((left, right) if isinstance(node.op, ast.RShift) else (right, left))
            return right
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Await, ast.Starred)):
            return self.value(node.value)
        return None

    def _call(self, node: ast.Call) -> Any:  # noqa: PLR0911 - one per kind of call
        name = name_of(node.func)
        arguments = [self.value(arg) for arg in node.args] + [
            self.value(word.value) for word in node.keywords
        ]
        function = self.group_function(node)
        if function is not None:
            return self.of_group_function(function, node, arguments)
        if name == "TaskGroup":
            return self.group(node)
        if name in ("DAG", "Dag"):
            return self._dag_made(node)
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value)
            if node.func.attr in ("set_downstream", "set_upstream"):
                other = arguments[0] if arguments else None
                self.edges.append(
                    (owner, other) if node.func.attr == "set_downstream" else (other, owner)
                )
                return None
            if isinstance(owner, _TaskFunction) or name in (*EXPANDING, "override", "partial"):
                return self._taskflow(node, arguments)
        called = self.values.get(name) if isinstance(node.func, ast.Name) else None
        if isinstance(called, _TaskFunction):
            return self._taskflow(node, arguments)
        self.edges.extend(_linked(name, arguments))
        if _OPERATOR.search(name) and name not in _OTHERS:
            return self._operator(node, name)
        return None

    def _dag_made(self, node: ast.Call) -> Any:
        dag_id = literal_of(argument(node, "dag_id", 0))
        if not isinstance(dag_id, str):
            self.unread.append((node.lineno, "a DAG whose id is computed"))
            return None
        return _DagId(self._dag(dag_id, node.lineno, node))

    def _taskflow(self, node: ast.Call, arguments: list[Any]) -> Any:
        function: ast.expr = node.func
        while not isinstance(function, ast.Name):
            if isinstance(function, ast.Call):
                function = function.func
            elif isinstance(function, ast.Attribute):
                function = function.value
            else:
                return None
        kind = self.values.get(function.id)
        if not isinstance(kind, _TaskFunction):
            return self.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if name_of(node.func) in ("override", "partial"):
            return kind
        mapped = name_of(node.func) in EXPANDING
        made = self._task(
            self.decorated[function.id],
            taskflow_class(kind),
            node,
            None,
            mapped=mapped,
            suffix=True,
        )
        self.edges.extend((argument, made) for argument in arguments)
        return made

    def _operator(self, node: ast.Call, name: str) -> Any:
        task_id = literal_of(argument(node, "task_id", 0))
        dag = argument(node, "dag", None)
        dag_value = self.value(dag) if dag is not None else None
        if not isinstance(task_id, str):
            self.unread.append((node.lineno, f"a {name} whose task_id is computed"))
            return None
        given = argument(node, "task_group", None)
        group = self.value(given) if given is not None else None
        return self._task(
            task_id,
            name,
            node,
            str(dag_value) if isinstance(dag_value, _DagId) else None,
            group=group if isinstance(group, Group) else None,
        )

    def _task(
        self,
        task_id: str,
        operator: str,
        node: ast.Call,
        dag_id: str | None,
        *,
        mapped: bool = False,
        suffix: bool = False,
        group: Group | None = None,
    ) -> Any:
        dag_id = dag_id or (self.current[-1] if self.current else None) or self._only_dag()
        if dag_id is None or dag_id not in self.dags:
            self.unread.append((node.lineno, f"the task {task_id}, whose DAG is not known"))
            return None
        group = group or (self.groups[-1] if self.groups else None)
        around = () if group is None else (group, *group.around)
        if group is not None and group.group_id is None:
            self.unread.append((node.lineno, f"the task {task_id}, whose group is not known"))
            return None
        full = task_id if group is None else group.below(task_id)
        tasks = self.dags[dag_id]["tasks"]
        if suffix and full in tasks:
            full += f"__{sum(known == full or known.startswith(full + '__') for known in tasks)}"
        given = {word.arg: said_of(word.value) for word in node.keywords if word.arg}
        plain = {
            key: value
            for key, value in given.items()
            if isinstance(value, (str, int, float, bool, list, dict))
        }
        tasks.setdefault(
            full,
            {
                "task_id": full,
                "operator": operator,
                "line": node.lineno,
                "mapped": mapped or any(each.mapped for each in around),
                "group": group.group_id if group is not None else None,
                "arguments": plain,
                "upstream": set(),
            },
        )
        for each in around:
            each.tasks.append((dag_id, full))
        return (dag_id, full)

    def _only_dag(self) -> str | None:
        return next(iter(self.dags)) if len(self.dags) == 1 else None

    def _dag(self, dag_id: str, line: int, call: ast.Call | None) -> str:
        given = (
            {word.arg: literal_of(word.value) for word in call.keywords if word.arg} if call else {}
        )
        wanted = {"schedule", "schedule_interval", "catchup", "tags", "description"}
        plain = {
            key: value
            for key, value in given.items()
            if key in wanted and (value is not None or is_none(call, key))
        }
        for key in ("schedule", "schedule_interval", "timetable"):
            if key in given and key not in plain:
                plain[key] = _Computed()
        self.dags.setdefault(dag_id, {"dag_id": dag_id, "line": line, "given": plain, "tasks": {}})
        return dag_id


def _linked(name: str, arguments: list[Any]) -> list[tuple[Any, Any]]:
    """What `chain(…)` and `cross_downstream(…)` put behind each other."""
    if name == "chain":
        return list(pairwise(arguments))
    is_crossed = name == "cross_downstream" and len(arguments) > 1
    return [(arguments[0], arguments[1])] if is_crossed else []


class _Computed:
    """A value that only running the file tells."""


class _DagId(str):
    __slots__ = ()


class _TaskFunction(str):
    __slots__ = ()
