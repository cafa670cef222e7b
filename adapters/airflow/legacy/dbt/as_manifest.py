"""A dbt project's nodes in the words of a manifest, as the recorder's child reads them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from adapters.airflow.legacy.dbt.forms import DbtNode, DbtProject


def manifests(projects: Iterable[DbtProject], folder: Path) -> dict[str, dict[str, Any]]:
    """The real path of each project's folder -> what a manifest of it would say."""
    return {str((folder / one.path).resolve()): as_manifest(one) for one in projects}


def as_manifest(project: DbtProject) -> dict[str, Any]:
    """Names, kinds, tags and dependencies; no SQL, and nothing of installed packages."""
    return {
        "metadata": {"project_name": project.name},
        "nodes": {node.id: _node(node, project.folders) for node in project.nodes},
    }


def _node(node: DbtNode, folders: tuple[str, ...]) -> dict[str, Any]:
    kept_as = node.materialized or ("view" if node.kind == "model" else node.kind)
    return {
        "resource_type": node.kind,
        "package_name": node.package,
        "original_file_path": node.path,
        "fqn": _fqn(node, folders),
        "tags": list(node.tags),
        "config": {"materialized": kept_as, "schema": node.schema_name},
        "depends_on": {"nodes": list(node.depends_on)},
    }


def _fqn(node: DbtNode, folders: tuple[str, ...]) -> list[str]:
    """Package, folders below the resource's own, name: what dbt selects by."""
    place = next(
        (node.path[len(one) + 1 :] for one in folders if node.path.startswith(f"{one}/")),
        node.path.partition("/")[2],
    )
    return [node.package, *place.split("/")[:-1], node.name]
