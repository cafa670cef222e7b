"""Finding the dbt projects of a code base, and reading each from its manifest or its sources."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from adapters.airflow.legacy.dbt import manifest, profiles
from adapters.airflow.legacy.dbt.files import Files, mapping, mappings, walk, words
from adapters.airflow.legacy.dbt.forms import DbtProject, DbtTarget
from adapters.airflow.legacy.dbt.jinja_calls import blocks
from adapters.airflow.legacy.dbt.sources import Sources
from adapters.airflow.legacy.dbt.written import macros_for

_PROJECT = frozenset({"dbt_project.yml", "dbt_project.yaml"})
# The macros that name a relation; an adapter's or the default's own stand in for the first.
NAMING = ("generate_schema_name", "generate_database_name", "generate_alias_name")


def projects_of(root: Path, folder: Path | None = None) -> tuple[DbtProject, ...]:
    """Every dbt project below the root of a code base, without installed packages; paths are as
    seen from the folder.
    """
    found = sorted(path for path in walk(root) if path.name in _PROJECT)
    return tuple(_project(path, root, folder or root) for path in found)


def _project(path: Path, root: Path, folder: Path) -> DbtProject:
    files = Files(path.parent)
    said = files.mapping(path)
    name = str(said.get("name") or path.parent.name)
    profile = said.get("profile")
    default, targets = profiles.targets(files, root, None if profile is None else str(profile))
    place = path.parent / str(said.get("target-path") or "target") / "manifest.json"
    made = manifest.read(place)
    if made is not None:
        folders = tuple(words(said.get("model-paths") or "models"))
        nodes, macros = made[1], dict[str, str]()
        adapter = made[0].get("adapter_type")
    else:
        sources = Sources(files, said, name)
        nodes, folders = sources.nodes(), sources.folders["model"]
        own = _macros(files, sources.folders["macro"])
        macros = macros_for((one for node in nodes for one in node.written_out), own)
        macros |= dict(_naming(own))
        adapter = profiles.installed(path.parent, root)
    if not targets and isinstance(adapter, str):
        default, targets = "default", {"default": DbtTarget(adapter=adapter)}
    return DbtProject(
        name=name,
        path=Path(os.path.relpath(path.parent, folder)).as_posix(),
        profile=None if profile is None else str(profile),
        target=default,
        targets=targets,
        folders=folders,
        variables=_variables(said, name),
        macros=macros,
        selectors=_selectors(files),
        nodes=nodes,
        unread=tuple(files.unread),
    )


def _macros(files: Files, folders: tuple[str, ...]) -> dict[str, str]:
    return {
        block.name: block.whole
        for path in files.below(folders, ".sql")
        for block in blocks(files.text(path))
        if block.kind == "macro"
    }


def _naming(own: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in NAMING:
        for each in (name, f"default__{name}"):
            if each in own:
                yield name, own[each].replace(each, name, 1)
                break


def _variables(said: dict[str, Any], name: str) -> dict[str, Any]:
    everything = mapping(said.get("vars"))
    found = {**everything, **mapping(everything.get(name))}
    return {
        str(key): value
        for key, value in found.items()
        if isinstance(value, (str, int, float, bool)) or value is None
    }


def _selectors(files: Files) -> dict[str, Any]:
    found = files.mapping(files.folder / "selectors.yml")
    return {
        str(one["name"]): one.get("definition")
        for one in mappings(found.get("selectors"))
        if "name" in one and _is_plain(one.get("definition"))
    }


def _is_plain(value: object) -> bool:
    """Whether JSON can hold the value."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (str, int, float, bool))
