"""Pools that generated tasks need: a task of one that Airflow does not have is never started."""

from __future__ import annotations

import shlex
from collections.abc import Collection

from bridge.definitions import load_code_locations
from bridge.errors import BridgeError
from bridge.findings import Finding
from bridge.project import Project


def pools_of(project: Project) -> frozenset[str]:
    """The pools that the project's functions name, none where it has generated nothing.

    None either where its code does not load: who asks for that is told why.
    """
    if not project.generated.is_dir():
        return frozenset()
    project.import_path()
    places = [
        str(project.root / name) if name.endswith(".py") else name for name in project.definitions
    ]
    try:
        graph = load_code_locations(places).graph()
    except BridgeError:
        return frozenset()
    found = (node.definition.pool for node in graph if node.definition is not None)
    return frozenset(pool for pool in found if pool)


def missing_pools(
    wanted: Collection[str], there: Collection[str], instance: str, project: Project
) -> list[Finding]:
    """A problem for each pool that an Airflow does not have."""
    return [
        Finding(
            level="problem",
            code="missing-pool",
            about=name,
            message=f"Airflow {instance} has no pool {name}, so the tasks in it never start",
            hint=command(name, project),
        )
        for name in sorted(set(wanted) - set(there))
    ]


def command(pool: str, project: Project) -> str:
    """What makes a pool, with as many slots as the settings give it."""
    return f"airflow pools set {shlex.quote(pool)} {project.pools.get(pool, 1)} ''"
