"""Which interpreter runs the assets of which code location: `[tool.bridge.generate] python`."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.airflow.environment import seen_by
from adapters.airflow.generate.manifest import Manifest, TaskPlan
from bridge.definitions import Definitions, load_code_location
from bridge.errors import BridgeError, ConfigError, DefinitionError
from bridge.project import Project


def interpreters_of(project: Project) -> dict[str, str]:
    """The interpreter of each asset that has one, by key.

    Raises ConfigError for a code location that there is not, and DefinitionError where what one
    interpreter loads is no graph without the rest: each of its tasks would fail.
    """
    given = project.generate.python
    if not given:
        return {}
    unknown = sorted(given.keys() - set(project.definitions))
    if unknown:
        raise ConfigError(
            f"[tool.bridge.generate] python names the code location {unknown[0]!r}, which the "
            f"project has not. There are {', '.join(project.definitions)}."
        )
    project.import_path()
    loaded = {name: load_code_location(project.located(name)) for name in project.definitions}
    for python in (None, *dict.fromkeys(given.values())):
        _require_graph(loaded, python, project)
    return {
        str(key): given[name]
        for name, definitions in loaded.items()
        if name in given
        for asset in definitions.assets
        for key in getattr(asset, "keys", ())
    }


def with_interpreters(manifest: Manifest, found: Mapping[str, str]) -> Manifest:
    """The same DAGs, each task with its interpreter.

    Raises DefinitionError for a task of several assets that have more than one.
    """
    if not found:
        return manifest
    return manifest._replace(
        dags=tuple(
            dag._replace(tasks=tuple(_with_interpreter(task, found) for task in dag.tasks))
            for dag in manifest.dags
        )
    )


def _with_interpreter(task: TaskPlan, found: Mapping[str, str]) -> TaskPlan:
    several = dict.fromkeys(found.get(key) for key in task.assets)
    if len(several) > 1:
        raise DefinitionError(
            f"The task {task.task_id} is about assets of two interpreters "
            f"({', '.join(each or 'that of Airflow' for each in several)}): "
            f"{', '.join(task.assets)}. Give their code locations one in [tool.bridge.generate] "
            "python, or do not fuse them."
        )
    (python,) = several
    return task._replace(settings=task.settings._replace(python=python)) if python else task


def _require_graph(loaded: Mapping[str, Definitions], python: str | None, project: Project) -> None:
    seen = seen_by(python, project)
    try:
        Definitions.merge(*(loaded[name] for name in seen)).graph()
    except BridgeError as error:
        raise DefinitionError(
            f"{python or 'The interpreter of Airflow'} loads {', '.join(seen) or 'nothing'}, which "
            "does not do without the code locations that [tool.bridge.generate] python gives to "
            "another interpreter. Give that to these as well, or move what they need of it to a "
            f"code location that has none. {error}"
        ) from error
