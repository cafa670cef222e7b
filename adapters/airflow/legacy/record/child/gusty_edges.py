"""Edges of a `gusty` DAG: between tasks and groups, to other DAGs by sensors, and first and last
tasks.
"""

from dataclasses import dataclass, field
from typing import Any

from .airflow_graph import DAG, TaskGroup
from .airflow_operators import operator_class
from .gusty_tasks import own_dependencies

_SENSOR = "airflow.sensors.external_task.ExternalTaskSensor"
_LATEST = "airflow.operators.latest_only.LatestOnlyOperator"
_WAITS = {"poke_interval": 10, "timeout": 3600, "retries": 60}


@dataclass(kw_only=True)
class Level:
    """A folder: the DAG's own, or a group's."""

    name: str
    parent: "Level | None"
    metadata: dict[str, Any]
    dependencies: list[str]
    external: Any
    files: list[str]
    structure: Any = None
    tasks: dict[str, Any] = field(default_factory=dict)
    specs: dict[str, dict[str, Any]] = field(default_factory=dict)
    leaves: list[str] = field(default_factory=list)
    # Of a group: what was set before it and behind it as a whole.
    tasks_above: set[str] = field(default_factory=set)
    groups_above: set[str] = field(default_factory=set)
    tasks_below: set[str] = field(default_factory=set)

    def task_id(self, name: str) -> str:
        """The name with the group's before or behind it, where the folder asks for that."""
        if self.parent is None:
            return name
        if self.metadata.get("suffix_group_id"):
            return f"{name}_{self.name}"
        if self.metadata.get("prefix_group_id"):
            return f"{self.name}_{name}"
        return name


class Edges:
    """Makes them in gusty's order: what is first and last depends on what has edges already."""

    def __init__(self, dag: DAG, levels: list[Level], waits: dict[str, Any], sensor: Any) -> None:
        self.dag = dag
        self.levels = levels
        self.root = levels[0]
        self.waits = {**_WAITS, **waits}
        self.sensor = sensor if isinstance(sensor, type) else operator_class(_SENSOR)
        self.sensors: dict[str, Any] = {}
        self.all_tasks = {name: task for level in levels for name, task in level.tasks.items()}

    def make(self) -> None:
        """All of them."""
        for level in self.levels:
            self._of_level(level)
        for level in self.levels:
            self._of_tasks(level)
        for level in self.levels:
            for task_id, task in level.tasks.items():
                for sensor in self._sensors(level.specs[task_id].get("external_dependencies")):
                    self._link(sensor, task)
        for level in self.levels[1:]:
            for sensor in self._sensors(level.external):
                self._link(sensor, level)
        self._leaves()
        self._roots()

    def _link(self, above: Any, below: Any) -> None:
        """The edge between tasks or levels, and what gusty later asks groups about."""
        if isinstance(below, Level):
            if isinstance(above, Level):
                below.groups_above.add(above.name)
                # Airflow tells a group of the tasks behind it, not of the group they are in.
                above.tasks_below |= {one.task_id for one in below.structure.roots}
            else:
                below.tasks_above.add(above.task_id)
        if isinstance(above, Level) and not isinstance(below, Level):
            above.tasks_below.add(below.task_id)
        start = above.structure if isinstance(above, Level) else above
        end = below.structure if isinstance(below, Level) else below
        end.set_upstream(start)

    def _children(self, level: Level) -> dict[str, Any]:
        return {one.name: one for one in self.levels if one.parent is level}

    def _of_level(self, level: Level) -> None:
        if level.parent is None:
            return
        known = {**level.parent.tasks, **self._children(level.parent)}
        for name in level.dependencies:
            if name in known and known[name] is not level:
                self._link(known[name], level)

    def _of_tasks(self, level: Level) -> None:
        known = {**self.all_tasks, **self._children(level)}
        grouped = isinstance(level.structure, TaskGroup)
        for task_id, task in level.tasks.items():
            given = [str(one) for one in level.specs[task_id].get("dependencies") or []]
            renamed = [level.task_id(name) for name in given] if grouped else []
            for name in dict.fromkeys([*own_dependencies(task), *given, *renamed]):
                if name in known:
                    self._link(known[name], task)

    def _sensors(self, external: Any) -> list[Any]:
        """A sensor for each task of another DAG that is waited for, made once in the DAG."""
        found: list[Any] = []
        for dag_id, task_id, overrides in _pairs(external):
            name = f"wait_for_DAG_{dag_id}" if task_id == "all" else f"wait_for_{dag_id}_{task_id}"
            if name not in self.sensors:
                self.sensors[name] = self._sensor(name, dag_id, task_id, overrides)
            found.append(self.sensors[name])
        return found

    def _sensor(self, name: str, dag_id: str, task_id: str, overrides: dict[str, Any]) -> Any:
        if self.sensor.__name__ in ("EmptyOperator", "DummyOperator"):
            return self.sensor(dag=self.dag, task_id=name)
        waits = {**self.waits, **overrides}
        if "execution_delta" in overrides:
            waits.pop("execution_date_fn", None)
        return self.sensor(
            dag=self.dag,
            task_id=name,
            **waits,
            external_dag_id=dag_id,
            external_task_id=None if task_id == "all" else task_id,
        )

    def _leaves(self) -> None:
        names = [*(self.root.metadata.get("leaf_tasks") or []), *self.root.leaves]
        roots = self.root.metadata.get("root_tasks") or []
        last = [self.root.tasks[name] for name in dict.fromkeys(names) if name in self.root.tasks]
        if not last:
            return
        for name, node in {**self.root.tasks, **self._children(self.root)}.items():
            below = node.tasks_below if isinstance(node, Level) else node.downstream_tasks
            if not below and name not in names and name not in roots:
                for leaf in last:
                    self._link(node, leaf)

    def _roots(self) -> None:
        groups = {
            name: one for name, one in self._children(self.root).items() if not one.groups_above
        }
        nodes: dict[str, Any] = {**self.root.tasks, **groups, **self.sensors}
        self._root_tasks(nodes)
        waits = {one.task_id: one for one in self._sensors(self.root.external)}
        for name, node in nodes.items():
            if not _above(node):
                for sensor in (one for other, one in waits.items() if other != name):
                    self._link(sensor, node)
        if self.root.metadata.get("latest_only", True):
            latest = operator_class(_LATEST)(task_id="latest_only", dag=self.dag)
            for node in {**nodes, **waits}.values():
                if not _above(node):
                    self._link(latest, node)

    def _root_tasks(self, nodes: dict[str, Any]) -> None:
        names = self.root.metadata.get("root_tasks") or []
        first = {name: self.root.tasks[name] for name in names if name in self.root.tasks}
        for name, node in nodes.items():
            waits_only = all(one.startswith("wait_for_") for one in _above(node))
            if waits_only and name not in first:
                for task in first.values():
                    self._link(task, node)


def _above(node: Any) -> set[str]:
    if isinstance(node, Level):
        return node.tasks_above
    return {one.task_id for one in node.upstream_tasks.values()}


def _pairs(external: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """(DAG, task or `all`, what its sensor is given) of a list of pairs, or of a mapping."""
    if isinstance(external, dict):
        return [
            (str(dag_id), str(task), {key: one for key, one in given.items() if key != "tasks"})
            for dag_id, given in external.items()
            for task in given.get("tasks") or []
        ]
    return [(str(dag_id), str(task), {}) for one in external or [] for dag_id, task in one.items()]
