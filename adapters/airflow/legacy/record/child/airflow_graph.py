"""Stand-ins for what makes an Airflow graph: DAG, TaskGroup, edges, and the stacks that say where a
task belongs.

Behaves as `airflow/sdk/definitions/{taskgroup,edges}.py` and `_internal/{node,mixins}.py` of
Airflow 3.3 and their 2.x forebears do: group roots and leaves are taken when the edge is made.
"""

# Signatures are Airflow's.
# ruff: noqa: FBT001, FBT002, PLR0917

import re
from collections.abc import Iterator
from typing import Any

from .journal import journal
from .placeholders import Unknown


class Stacks:
    """Which DAG, group and setup/teardown block the file is in."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start a file."""
        self.dags: list[DAG] = []
        self.groups: list[TaskGroup] = []
        self.created: list[DAG] = []
        self.registered: list[DAG] = []

    @property
    def dag(self) -> "DAG | None":
        return self.dags[-1] if self.dags else None

    def group_in(self, dag: "DAG | None") -> "TaskGroup | None":
        if self.groups and (dag is None or self.groups[-1].dag is dag):
            return self.groups[-1]
        return dag.task_group if dag is not None else None


stacks = Stacks()


def as_list(value: Any) -> list[Any]:
    """Tasks as Airflow takes them: one, or a list or tuple of them."""
    if value is None or isinstance(value, Unknown):
        return []
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


class Node:
    """What can stand on either side of `>>`."""

    @property
    def roots(self) -> list[Any]:
        return [self]

    @property
    def leaves(self) -> list[Any]:
        return [self]

    def set_upstream(self, others: Any, edge_modifier: Any = None) -> None:
        for other in as_list(others):
            link(other, self)

    def set_downstream(self, others: Any, edge_modifier: Any = None) -> None:
        for other in as_list(others):
            link(self, other)

    def __rshift__(self, other: Any) -> Any:
        if isinstance(other, DAG):
            other.adopt(self)
        else:
            self.set_downstream(other)
        return other

    def __lshift__(self, other: Any) -> Any:
        if isinstance(other, DAG):
            other.adopt(self)
        else:
            self.set_upstream(other)
        return other

    def __rrshift__(self, other: Any) -> Any:
        self.__lshift__(other)
        return self

    def __rlshift__(self, other: Any) -> Any:
        self.__rshift__(other)
        return self


def link(upstream: Any, downstream: Any) -> None:
    """The edge, or edges, from one node to another; labels hand on to what stands behind them."""
    if isinstance(upstream, EdgeModifier):
        upstream.remember_downstream(downstream)
        return
    if isinstance(downstream, EdgeModifier):
        downstream.remember_upstream(upstream)
        return
    if not isinstance(upstream, Node) or not isinstance(downstream, Node):
        journal.note(
            "warning",
            "edge_not_read",
            "an edge to something that is not known to be a task was left out",
        )
        return
    if isinstance(downstream, TaskGroup):
        downstream.before.update((id(leaf), leaf) for leaf in upstream.leaves)
    starts = upstream.last_tasks() if isinstance(upstream, TaskGroup) else upstream.leaves
    for start in starts:
        for end in downstream.roots:
            _edge(start, end)


def _edge(start: Any, end: Any) -> None:
    if start is end:
        return
    dag = start.dag or end.dag
    for task in (start, end):
        if dag is not None and task.dag is None:
            dag.add_task(task)
    start.downstream_tasks[id(end)] = end
    end.upstream_tasks[id(start)] = start


class EdgeModifier(Node):
    """`Label("...")` between two tasks."""

    def __init__(self, label: Any = None) -> None:
        self.label = label
        self.before: list[Any] = []
        self.after: list[Any] = []

    @property
    def roots(self) -> list[Any]:
        return [root for node in self.before for root in node.roots]

    @property
    def leaves(self) -> list[Any]:
        return [leaf for node in self.after for leaf in node.leaves]

    def remember_upstream(self, node: Any) -> None:
        self.before.append(node)
        for after in self.after:
            link(node, after)

    def remember_downstream(self, node: Any) -> None:
        self.after.append(node)
        for before in self.before:
            link(before, node)


class TaskGroup(Node):
    """A named group of tasks; its id is a prefix of theirs unless `prefix_group_id` is False."""

    def __init__(
        self,
        group_id: Any = None,
        prefix_group_id: bool = True,
        parent_group: "TaskGroup | None" = None,
        dag: "DAG | None" = None,
        default_args: dict[str, Any] | None = None,
        tooltip: str = "",
        add_suffix_on_collision: bool = False,
        **others: Any,
    ) -> None:
        is_root = bool(others.pop("_is_root", False))
        self.dag: DAG | None = dag or (parent_group.dag if parent_group else None) or stacks.dag
        self.parent_group = None if is_root else parent_group or stacks.group_in(self.dag)
        self.prefix_group_id = prefix_group_id
        self.label = None if group_id is None else str(group_id)
        self.tooltip = tooltip
        self.mapped = False
        self.expands: Any = None
        inherited = self.parent_group.default_args if self.parent_group else {}
        own = default_args if isinstance(default_args, dict) else {}
        self.default_args: dict[str, Any] = {**inherited, **own}
        self.children: dict[str, Any] = {}
        self.before: dict[int, Any] = {}
        if self.label is not None and self.dag is not None:
            self._claim_id(add_suffix_on_collision)
        if self.parent_group is not None:
            self.parent_group.children[self.group_id or ""] = self

    def _claim_id(self, add_suffix: bool) -> None:
        dag = self.dag
        if dag is None or self.label is None:
            return
        if self.group_id in dag.used_group_ids:
            if not add_suffix:
                journal.note(
                    "error",
                    "duplicate_id",
                    f"the group {self.group_id} is defined twice",
                    dag_id=dag.dag_id,
                )
            base = re.split(r"__\d+$", self.label)[0]
            found = (
                re.fullmatch(rf"{re.escape(base)}__(\d+)", used.rpartition(".")[2])
                for used in dag.used_group_ids
            )
            self.label = (
                f"{base}__{max((int(match[1]) for match in found if match), default=0) + 1}"
            )
        dag.used_group_ids.add(self.group_id or "")

    @property
    def group_id(self) -> str | None:
        parent = self.parent_group
        return (
            parent.child_id(self.label)
            if parent is not None and self.label is not None
            else self.label
        )

    node_id = group_id

    @property
    def is_root(self) -> bool:
        return self.label is None

    def child_id(self, label: str) -> str:
        """The id of a task or group of this name below this group."""
        own = self.group_id
        return f"{own}.{label}" if self.prefix_group_id and own else label

    def is_mapped(self) -> bool:
        return self.mapped or (self.parent_group is not None and self.parent_group.is_mapped())

    def __iter__(self) -> Iterator[Any]:
        for child in list(self.children.values()):
            if isinstance(child, TaskGroup):
                yield from child
            else:
                yield child

    iter_tasks = __iter__

    def add(self, node: Any) -> Any:
        if isinstance(node, TaskGroup):
            node.parent_group = self
            self.children[node.group_id or ""] = node
        elif getattr(node, "task_group", None) is not self:
            if self.dag is not None and node.dag is None:
                self.dag.add_task(node)
            node.task_group = self
            self.children[node.task_id] = node
        return node

    @property
    def roots(self) -> list[Any]:
        inside = {id(task) for task in self}
        return [task for task in self if inside.isdisjoint(task.upstream_tasks)]

    @property
    def leaves(self) -> list[Any]:
        inside = {id(task): task for task in self}
        found: list[Any] = []
        for task in self:
            if not inside.keys().isdisjoint(task.downstream_tasks):
                continue
            found += _before_teardown(task, inside) if task.is_teardown else [task]
        return found

    get_roots = property(lambda self: lambda: iter(self.roots))
    get_leaves = property(lambda self: lambda: iter(self.leaves))

    def last_tasks(self) -> list[Any]:
        """Leaves, or for an empty group what stands before it, so that `a >> empty >> b` keeps its
        edge.
        """
        return self.leaves or list(self.before.values()) or []

    def __enter__(self) -> "TaskGroup":
        stacks.groups.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        if self in stacks.groups:
            stacks.groups.remove(self)

    def get_child_by_label(self, label: str) -> Any:
        return self.children[self.child_id(label)]

    __getitem__ = get_child_by_label

    def has_task(self, task: Any) -> bool:
        return any(child is task for child in self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unknown(f"TaskGroup.{name}")


def _before_teardown(task: Any, inside: dict[int, Any]) -> list[Any]:
    """The last tasks that are no teardown: a group's end does not wait for its cleaning up."""
    found: list[Any] = []
    for key, earlier in task.upstream_tasks.items():
        if key not in inside:
            continue
        if earlier.is_teardown:
            found += _before_teardown(earlier, inside)
        elif task.is_teardown and earlier.is_setup:
            continue
        elif not any(
            other is not task and id(other) in inside and not other.is_teardown
            for other in earlier.downstream_tasks.values()
        ):
            found.append(earlier)
    return found


_POSITIONAL = ("dag_id", "description", "schedule")


class DAG:
    """Records what it is given; what it is not asked for here is unknown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = {**dict(zip(_POSITIONAL, args, strict=False)), **kwargs}
        self.given = given
        self.dag_id = str(given.get("dag_id", "unknown"))
        default_args = given.get("default_args")
        self.default_args: dict[str, Any] = (
            dict(default_args) if isinstance(default_args, dict) else {}
        )
        self.place = journal.place()
        self.defined_in = journal.module_being_run()
        self.task_dict: dict[str, Any] = {}
        self.used_group_ids: set[str] = set()
        self.task_group = TaskGroup(dag=self, _is_root=True)
        params = given.get("params")
        self.params: dict[str, Any] = dict(params) if isinstance(params, dict) else {}
        self.doc_md = given.get("doc_md")
        self.description = given.get("description")
        self.start_date = given.get("start_date") or self.default_args.get("start_date")
        self.end_date = given.get("end_date") or self.default_args.get("end_date")
        self.template_searchpath = given.get("template_searchpath")
        self.tags = given.get("tags") or []
        self.catchup = given.get("catchup")
        self.owner = self.default_args.get("owner", "airflow")
        self.fileloc = self.place[0]
        self.is_subdag = False
        self.user_defined_macros = given.get("user_defined_macros") or {}
        stacks.created.append(self)

    def __enter__(self) -> "DAG":
        stacks.dags.append(self)
        return self

    def __exit__(self, *error: object) -> None:
        if self in stacks.dags:
            stacks.dags.remove(self)
        if self.given.get("auto_register", True) is not False:
            stacks.registered.append(self)

    @property
    def schedule_interval(self) -> Any:
        return self.given.get("schedule_interval", self.given.get("schedule"))

    schedule = schedule_interval

    @property
    def tasks(self) -> list[Any]:
        return list(self.task_dict.values())

    @property
    def task_ids(self) -> list[str]:
        return list(self.task_dict)

    @property
    def roots(self) -> list[Any]:
        return [task for task in self.tasks if not task.upstream_tasks]

    @property
    def leaves(self) -> list[Any]:
        return [task for task in self.tasks if not task.downstream_tasks]

    def get_task(self, task_id: str, include_subdags: bool = False) -> Any:
        return self.task_dict[task_id]

    def has_task(self, task_id: str) -> bool:
        return task_id in self.task_dict

    def add_task(self, task: Any) -> None:
        """Take the task in; a second one of the same id is kept out and noted."""
        if self.task_dict.get(task.task_id) is task:
            return
        task.dag_of_task = self
        if task.task_group is None:
            group = stacks.group_in(self) or self.task_group
            task.task_group = group
            if not group.is_root and task.task_id == task.recorder_label:
                task.task_id = group.child_id(task.recorder_label)
        if task.task_id in self.task_dict:
            journal.note(
                "error",
                "duplicate_id",
                f"the task {task.task_id} is defined twice; the first is kept",
                dag_id=self.dag_id,
                task_id=task.task_id,
            )
            return
        task.task_group.children[task.task_id] = task
        self.task_dict[task.task_id] = task

    def add_tasks(self, tasks: Any) -> None:
        for task in as_list(tasks):
            self.add_task(task)

    def adopt(self, nodes: Any) -> None:
        """`dag >> task` of Airflow 1: the task joins the DAG."""
        for node in as_list(nodes):
            self.add_task(node)

    def __rshift__(self, other: Any) -> Any:
        self.adopt(other)
        return other

    __lshift__ = __rshift__

    def param(self, name: str, default: Any = None) -> Any:
        return Unknown(f"params.{name}")

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        link(self.get_task(upstream_task_id), self.get_task(downstream_task_id))

    def topological_sort(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self.tasks

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __deepcopy__(self, memo: Any) -> "DAG":
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        given = self.__dict__.get("given", {})
        return given[name] if name in given else Unknown(f"DAG.{name}")
