"""Stand-in for `gusty`: a folder is a DAG, its folders are groups, its files are tasks.

Semantics: https://pipeline-tools.github.io/gusty-docs/ (tasks, METADATA.yml, dependencies, external
dependencies, root and leaf tasks).
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH100, PTH110, PTH112, PTH118, PTH119, PTH120, PTH208

import os
from typing import Any

from .airflow_graph import DAG, TaskGroup
from .gusty_edges import Edges, Level
from .gusty_specs import SpecReader, generic, loader_of, tags_of
from .gusty_tasks import make_task
from .journal import journal
from .other_paths import found_here
from .yaml_files import Lines, text_of

_METADATA = "METADATA.yml"
# What create_dag and METADATA.yml say that is not the DAG's or the group's own.
_NOT_OF_DAG = frozenset(
    """
    root_tasks leaf_tasks ignore_subfolders external_dependencies dependencies latest_only
    prefix_group_id suffix_group_id wait_for_defaults wait_for_class leaf_tasks_from_dict
    """.split()  # noqa: SIM905
)
_NOT_OF_GROUP = frozenset(
    "suffix_group_id external_dependencies dependencies dag parent_group".split()  # noqa: SIM905
)


def create_dag(  # noqa: PLR0917 - its real signature
    dag_dir: Any,
    task_group_defaults: Any = None,
    wait_for_defaults: Any = None,
    latest_only: Any = True,  # noqa: FBT002
    parse_hooks: Any = None,
    dag_constructors: Any = None,
    extra_tags: Any = None,
    render_on_create: Any = False,  # noqa: FBT002
    **given: Any,
) -> DAG:
    """The DAG of a folder of task files."""
    folder = os.path.abspath(found_here(os.fspath(dag_dir)))
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"there is no folder {dag_dir}")
    macros = given.get("user_defined_macros")
    reader = SpecReader(
        loader_of(tags_of(dag_constructors, macros)),
        parse_hooks if isinstance(parse_hooks, dict) else {},
    )
    if render_on_create:
        message = "render_on_create: templates are kept as they are written"
        journal.note("info", "not_rendered", message)
    levels = _levels(folder, reader, {**given, "latest_only": latest_only}, task_group_defaults)
    root = levels[0]
    if root.metadata.get("ignore_subfolders"):
        levels = [root]
    if extra_tags:
        root.metadata["tags"] = sorted({*(root.metadata.get("tags") or []), *extra_tags})
    dag = _structures(levels)
    for level in levels:
        _tasks(level, reader, dag)
    _tasks_of_dict(root, dag)
    waits = {
        **(wait_for_defaults if isinstance(wait_for_defaults, dict) else {}),
        **(root.metadata.get("wait_for_defaults") or {}),
    }
    Edges(dag, levels, waits, root.metadata.get("wait_for_class")).make()
    return dag


def create_dags(
    dags_dir: Any, caller_env: dict[str, Any], current_dag_id: Any = None, **given: Any
) -> None:
    """A DAG of every folder below, put into the file's globals."""
    for ours in ("concurrent", "concurrent_timeout", "max_concurrency"):
        given.pop(ours, None)
    folder = found_here(os.fspath(dags_dir))
    for name in sorted(os.listdir(folder)):
        if not os.path.isdir(os.path.join(folder, name)) or name.endswith("__"):
            continue
        if current_dag_id in (None, name):
            caller_env[name] = create_dag(os.path.join(folder, name), **given)


def _levels(
    folder: str, reader: SpecReader, given: dict[str, Any], group_defaults: Any
) -> list[Level]:
    """The folder and those inside it, from the top, with what METADATA.yml says of each."""
    found: list[Level] = []
    by_path: dict[str, Level] = {}
    for current, inner, files in os.walk(folder):
        hidden = [name for name in inner if name.startswith(("_", "."))]
        skipped = [
            name for name in inner if os.path.exists(os.path.join(current, name, ".gustyignore"))
        ]
        inner[:] = sorted(set(inner) - set(hidden) - set(skipped))
        parent = by_path.get(os.path.dirname(current))
        defaults = given if parent is None else dict(group_defaults or {})
        metadata, own = dict(defaults), {}
        if _METADATA in files:
            own = _metadata(os.path.join(current, _METADATA), reader)
            args = {**(defaults.get("default_args") or {}), **(own.get("default_args") or {})}
            metadata.update(own)
            if parent is None and args:
                metadata["default_args"] = args
        level = Level(
            name=os.path.basename(current),
            parent=parent,
            metadata=metadata,
            dependencies=list(own.get("dependencies") or []),
            external=own.get("external_dependencies") or [],
            files=[
                os.path.join(current, name)
                for name in sorted(files)
                if name.endswith(reader.ends)
                and name != _METADATA
                and not name.startswith(("_", "."))
            ],
        )
        if parent is None and not own.keys() & {"dependencies", "external_dependencies"}:
            level.external = given.get("external_dependencies") or []
        by_path[current] = level
        found.append(level)
    return found


def _metadata(path: str, reader: SpecReader) -> dict[str, Any]:
    if "{{" in text_of(path):
        message = "templates in METADATA.yml are kept as they are written"
        journal.note("info", "not_rendered", message, place=(path, 1))
    return generic(path, reader.loader)


def _structures(levels: list[Level]) -> DAG:
    """The DAG, and a group for each folder in it."""
    root, *others = levels
    dag = DAG(
        root.name, **{key: value for key, value in root.metadata.items() if key not in _NOT_OF_DAG}
    )
    root.structure = dag
    for level in others:
        parent = level.parent.structure if level.parent is not None else None
        options = {
            "prefix_group_id": False,
            **{key: value for key, value in level.metadata.items() if key not in _NOT_OF_GROUP},
        }
        level.structure = TaskGroup(
            **{
                "group_id": level.name,
                **options,
                "dag": dag,
                "parent_group": parent if isinstance(parent, TaskGroup) else None,
            }
        )
    return dag


def _tasks(level: Level, reader: SpecReader, dag: DAG) -> None:
    group = level.structure if isinstance(level.structure, TaskGroup) else None
    for path in level.files:
        try:
            specs = reader.read(path)
        except Exception as error:  # noqa: BLE001 - reported, and the other files are read
            _not_read(path, error, dag)
            continue
        lines = Lines("", path)
        for spec in specs:
            spec["task_id"] = level.task_id(spec["task_id"])
            try:
                level.tasks[spec["task_id"]] = make_task(spec, dag, group, lines.of())
                level.specs[spec["task_id"]] = spec
            except Exception as error:  # noqa: BLE001 - reported; few tasks a file
                _not_read(path, error, dag)


def _not_read(path: str, error: Exception, dag: DAG) -> None:
    reason = (str(error).splitlines() or [""])[0][:160]
    line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
    journal.note(
        "error",
        "task_file_not_read",
        f"the task was not read ({type(error).__name__}: {reason})",
        place=(path, line),
        dag_id=dag.dag_id,
    )


def _tasks_of_dict(root: Level, dag: DAG) -> None:
    """`leaf_tasks_from_dict`: tasks without a file, after all others."""
    for name, spec in (root.metadata.get("leaf_tasks_from_dict") or {}).items():
        task_id = str(name).lower().strip()
        if task_id not in root.tasks:
            root.tasks[task_id] = make_task({**spec, "task_id": task_id}, dag, None, None)
            root.specs[task_id] = spec
            root.leaves.append(task_id)
