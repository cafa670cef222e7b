"""Stand-in for Cosmos: the tasks that `DbtDag` and `DbtTaskGroup` make of a dbt project's nodes.

Semantics: https://astronomer.github.io/astronomer-cosmos/ (test behavior, selecting, execution
modes).
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH120

import os
from contextlib import ExitStack
from typing import Any

from .airflow_graph import DAG, TaskGroup
from .airflow_operators import operator_class
from .cosmos_nodes import nodes_of
from .cosmos_selection import selected
from .journal import journal

_EMPTY = "airflow.operators.empty.EmptyOperator"
_KINDS = {
    "model": ("DbtRun", "run"),
    "seed": ("DbtSeed", "seed"),
    "snapshot": ("DbtSnapshot", "snapshot"),
}
_CONFIGS = ("project_config", "profile_config", "render_config", "execution_config")
_PLACES = ("schema", "dataset", "database", "dbname", "catalog", "project")
_OURS = (*_CONFIGS, "operator_args", "on_warning_callback")
_CHANGE_TASKS = (
    "node_converters normalize_task_id group_nodes_by_folder selector source_rendering_behavior "
    "seed_rendering_behavior"
)


class Config:
    """ProjectConfig and its like: what they were given."""

    def __init__(self, *args: Any, **given: Any) -> None:
        self.__dict__.update(given)
        if args:
            self.__dict__.setdefault("dbt_project_path", args[0])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


def __getattr__(name: str) -> type:
    """A class of `cosmos.profiles`, which keeps what it is given under its own name."""
    if name.endswith("ProfileMapping"):
        return type(name, (Config,), {})
    raise AttributeError(name)


class DbtDag(DAG):
    """A DAG of dbt's nodes."""

    _stand_in = True

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **{key: one for key, one in given.items() if key not in _OURS})
        _fill(self, None, given)


class DbtTaskGroup(TaskGroup):
    """A group of dbt's nodes."""

    def __init__(self, group_id: Any = "dbt_task_group", **given: Any) -> None:
        super().__init__(group_id, **{key: one for key, one in given.items() if key not in _OURS})
        if self.dag is not None:
            _fill(self.dag, self, given)


def _fill(dag: DAG, group: TaskGroup | None, given: dict[str, Any]) -> None:
    project, profile, render, execution = (
        one if isinstance(one := given.get(name), Config) else Config() for name in _CONFIGS
    )
    manifest = nodes_of(project, render, execution, dag)
    if manifest is None:
        return
    for name in _CHANGE_TASKS.split():
        if getattr(render, name) not in (None, False, "none", "always"):
            message = f"{name} changes which tasks there are; it is not followed"
            journal.note("warning", "tasks_not_read", message, dag_id=dag.dag_id)
    mode = str(execution.execution_mode or "local")
    if mode == "airflow_async":
        message = f"the tasks that the mode {mode} adds are not read"
        journal.note("warning", "tasks_not_read", message, dag_id=dag.dag_id)
    name = project.project_name or (manifest.get("metadata") or {}).get("project_name") or "dbt"
    with ExitStack() as inside:
        inside.enter_context(dag)
        if group is not None:
            inside.enter_context(group)
        own = given.get("operator_args")
        common = {
            **_where(project),
            **_profile(profile),
            **({} if project.dbt_vars is None else {"vars": project.dbt_vars}),
            **({} if project.env_vars is None else {"env": project.env_vars}),
            **(own if isinstance(own, dict) else {}),
        }
        _Nodes(manifest, render, mode, str(name), common).make(is_group=group is not None)


def _where(project: Config) -> dict[str, Any]:
    """Where the project lies, as its operators are told."""
    path = project.dbt_project_path
    if path is None and isinstance(project.manifest_path, (str, os.PathLike)):
        path = os.path.dirname(os.path.dirname(os.fspath(project.manifest_path)))
    return {"project_dir": os.fspath(path)} if isinstance(path, (str, os.PathLike)) else {}


def _profile(profile: Config) -> dict[str, Any]:
    """Where its tables go: the target, or the connection and what is said beside it."""
    found = {name: getattr(profile, name) for name in ("profile_name", "target_name")}
    mapping = profile.profile_mapping
    if isinstance(mapping, Config):
        given = mapping.profile_args if isinstance(mapping.profile_args, dict) else {}
        found["profile_mapping"] = type(mapping).__name__
        found["conn_id"] = mapping.conn_id
        found.update({name: given[name] for name in _PLACES if name in given})
    known = {name: one for name, one in found.items() if one is not None}
    return {"profile_config": known} if known else {}


class _Nodes:
    def __init__(
        self,
        manifest: dict[str, Any],
        render: Config,
        mode: str,
        project: str,
        common: dict[str, Any],
    ) -> None:
        everything = {
            key: node
            for key, node in {**manifest.get("nodes", {}), **manifest.get("sources", {})}.items()
            if node.get("original_file_path") or node.get("path")  # none: of another project
        }
        self.tests = {
            key: _parents(node)
            for key, node in everything.items()
            if node.get("resource_type") == "test"
        }
        chosen = selected(everything, render.select or [], render.exclude or [])
        self.chosen = chosen
        self.common = common
        self.nodes = {
            key: node
            for key, node in everything.items()
            if key in chosen and node.get("resource_type") in _KINDS
        }
        self.behavior = str(render.test_behavior or "after_each")
        self.detaches = bool(render.should_detach_multiple_parents_tests)
        self.ephemeral = render.ephemeral_models_as_empty_operator is not False
        self.mode = mode
        self.project = project
        self.made: dict[str, Any] = {}

    def make(self, *, is_group: bool) -> None:
        """The tasks and their edges, below the group that is entered, else in the DAG."""
        alone = {key for key, above in self.tests.items() if self.detaches and len(above) > 1}
        tested = {one for key in self.tests.keys() - alone for one in self.tests[key]}
        for key, node in self.nodes.items():
            self.made[key] = self._node(key, node, key in tested)
        if self.behavior == "after_all" and self.made:
            inner = {one for node in self.nodes.values() for one in _parents(node)}
            last = [node for key, node in self.made.items() if key not in inner]
            self._operator("DbtTest", f"{self.project}_test", {}).set_upstream(last)
        if self.behavior in ("build", "after_each"):
            for key in sorted(alone):
                above = [self.made[one] for one in self.tests[key] if one in self.made]
                if above:
                    task_id = f"{_name(key).split('.', maxsplit=1)[0]}_test"
                    self._operator("DbtTest", task_id, {}).set_upstream(above)
        for key, node in self.nodes.items():
            self.made[key].set_upstream(
                [self.made[one] for one in _parents(node) if one in self.made]
            )
        if self.mode.startswith("watcher"):
            self._producer(is_group=is_group)

    def _producer(self, *, is_group: bool) -> None:
        """The task that runs dbt once, for those that watch; in a group nothing waits for it."""
        producer = self._operator("DbtProducer", "dbt_producer_watcher", {})
        if is_group:
            self._operator("", "dbt_producer_watcher_done", {}).set_upstream(producer)
            return
        for key, node in self.nodes.items():
            if not self.chosen.intersection(_parents(node)):
                self.made[key].set_upstream(producer)

    def _node(self, key: str, node: dict[str, Any], is_tested: bool) -> Any:  # noqa: FBT001
        kind, word = _KINDS[node["resource_type"]]
        name = _name(key).replace(".", "_")
        arguments = {"select": _name(key)}
        if self.behavior == "build":
            kind, word = "DbtBuild", f"{node['resource_type']}_build"
        if self.ephemeral and (node.get("config") or {}).get("materialized") == "ephemeral":
            kind = ""
        if not (is_tested and self.behavior == "after_each"):
            return self._operator(kind, f"{name}_{word}", arguments)
        with TaskGroup(name) as group:
            test = self._operator("DbtTest", "test", arguments)
            test.set_upstream(self._operator(kind, word, arguments))
        return group

    def _operator(self, kind: str, task_id: str, arguments: dict[str, Any]) -> Any:
        if not kind:
            return operator_class(_EMPTY)(task_id=task_id)
        ending = "".join(part.capitalize() for part in self.mode.split("_"))
        path = f"cosmos.operators.{self.mode}.{kind}{ending}Operator"
        return operator_class(path)(task_id=task_id, **{**self.common, **arguments})


def _name(key: str) -> str:
    """`model.package.dim.v1` is called `dim.v1`."""
    return key.split(".", 2)[-1]


def _parents(node: dict[str, Any]) -> list[str]:
    return list((node.get("depends_on") or {}).get("nodes") or [])
