"""Where the nodes of a Cosmos DAG come from: a manifest, lines of `dbt ls`, or the project's files.

The files are read before the code base is run, by who started this process (`dbt_projects.json`).
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH118, PTH123

import json
import os
from typing import Any

from .airflow_graph import DAG
from .containment import guard
from .journal import journal
from .other_paths import found_here

_READ_BEFORE = "dbt_projects.json"


def nodes_of(project: Any, render: Any, execution: Any, dag: DAG) -> dict[str, Any] | None:
    """What the manifest has, or the lines that `dbt ls --output json` wrote, else what the files of
    the project say. None, and a finding, where there is nothing of all that.
    """
    if render.dbt_ls_path is not None and project.manifest_path is None:
        return _listed(render.dbt_ls_path, dag)
    places = [
        os.fspath(one)
        for one in (
            project.dbt_project_path,
            render.dbt_project_path,
            execution.dbt_project_path,
        )
        if isinstance(one, (str, os.PathLike))
    ]
    given = project.manifest_path
    if given is None and places:
        given = os.path.join(places[0], "target", "manifest.json")
    try:
        with open(found_here(os.fspath(given)), encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError, TypeError) as error:
        read_before = _of_files(places)
        if read_before is not None:
            message = (
                "its dbt nodes are those of the project's files; models of installed packages "
                "are missing"
            )
            journal.note("info", "dbt_read_from_files", message, dag_id=dag.dag_id)
            return read_before
        message = (
            f"its dbt manifest was not read ({type(error).__name__}); its tasks are missing. "
            "`dbt parse` writes target/manifest.json"
        )
        journal.note("warning", "tasks_not_read", message, dag_id=dag.dag_id)
        return None
    return found if isinstance(found, dict) else None


def _listed(path: Any, dag: DAG) -> dict[str, Any] | None:
    try:
        with open(found_here(os.fspath(path)), encoding="utf-8") as file:
            nodes = [json.loads(line) for line in file if line.startswith("{")]
    except (OSError, ValueError, TypeError) as error:
        message = (
            f"its output of `dbt ls` was not read ({type(error).__name__}); its tasks are missing"
        )
        journal.note("warning", "tasks_not_read", message, dag_id=dag.dag_id)
        return None
    return {"nodes": {node["unique_id"]: node for node in nodes if "unique_id" in node}}


def _of_files(places: list[str]) -> dict[str, Any] | None:
    """The nodes of the first of these folders that is a dbt project of the code base; of the only
    project there is, where none of them is known.
    """
    try:
        with open(os.path.join(guard.scratch, _READ_BEFORE), encoding="utf-8") as file:
            known: dict[str, dict[str, Any]] = json.load(file)
    except (OSError, ValueError):
        return None
    for place in places:
        found = known.get(os.path.realpath(found_here(place)))
        if found is not None:
            return found
    return next(iter(known.values())) if len(known) == 1 else None
