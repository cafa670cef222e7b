"""The units of the mapping files, what is to be said of moving one, and what is set up."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path

from adapters.airflow.cutover.guarded import PROJECT, STORE
from adapters.airflow.legacy.mapping import Mapping, UnitEntry, unit_name, units_of
from adapters.airflow.legacy.mapping_file import load_mapping
from bridge.errors import BridgeError
from bridge.findings import Finding
from bridge.migration import Gate, Unit
from bridge.project import Project
from bridge.store import open_store

_ENTRY_POINTS = {
    "airflow.plugins": "adapters.airflow.plugin:BridgePlugin",
    "airflow.policy": "adapters.airflow.plugin",
}
_HAS_UNITS = re.compile(r"^units:", re.MULTILINE)
_STEERING = re.compile(r"Branch|ShortCircuit|LatestOnly|TriggerDagRun")
_SURE = 0.8  # below: read from a name, or not known at all


def units(project: Project) -> list[Unit]:
    """The tasks of all imported Airflows that write assets. Raises ConfigError for a bad file."""
    return [unit for path in _mapping_files(project) for unit in units_of(load_mapping(path))]


def gates(unit: Unit, project: Project) -> list[Gate]:
    """What is known of Airflow's side without asking it. Raises ConfigError for a bad mapping."""
    found = _entry(unit, project)
    if found is None:
        place = project.migration / f"{unit.name.partition(':')[0]}.yaml"
        return [Gate("failed", f"{place} does not map {unit.short_name}, so it is not guarded")]
    return [*_gates_of_entry(found, unit), *_gates_of_installation(project)]


def diagnose(project: Project) -> list[Finding]:
    """One finding for each thing that lets routes decide; a note where it is well."""
    return [
        *_plugin(),
        *_variables(project),
        *_mappings(project),
        *_routes_without_guard(project),
    ]


def _mapping_files(project: Project) -> list[Path]:
    files = sorted(project.migration.glob("*.yaml")) if project.migration.is_dir() else []
    return [file for file in files if _HAS_UNITS.search(file.read_text(encoding="utf-8"))]


def _entry(unit: Unit, project: Project) -> UnitEntry | None:
    for path in _mapping_files(project):
        mapping = load_mapping(path)
        for entry in mapping.units:
            if unit_name(mapping.instance, entry.dag, entry.task) == unit.name:
                return entry
    return None


def _gates_of_entry(entry: UnitEntry, unit: Unit) -> Iterator[Gate]:
    operator = entry.operator.rpartition(".")[2]
    if entry.gone:
        yield Gate("failed", f"{unit.short_name} is not in the DAG any more")
    if _STEERING.search(operator):
        yield Gate("failed", f"a {operator} decides what runs next, and an asset decides nothing")
    elif operator == "EmptyOperator":
        yield Gate(
            "failed", "Airflow never runs an EmptyOperator, so it cannot run an asset instead"
        )
    elif operator.endswith("Sensor"):
        yield Gate("warned", f"a {operator} waits for something, and its asset will not")
    for write in entry.writes:
        if write.confidence < _SURE and not entry.confirmed:
            yield Gate(
                "warned",
                f"that it writes {write.asset} is a guess ({write.evidence}); set confirmed: true "
                "in its mapping once you have looked",
            )


def _gates_of_installation(project: Project) -> Iterator[Gate]:
    if _airflow_here() is not None:
        missing = _missing_entry_points()
        if missing:
            yield Gate("failed", f"this Airflow does not load the plugin: no {', '.join(missing)}")
        else:
            yield Gate("passed", "the plugin is installed beside Airflow")
    if project.store_url.startswith("sqlite"):
        yield Gate("warned", "the store is a file, which only an Airflow on this machine can ask")


def _airflow_here() -> str | None:
    try:
        return metadata.version("apache-airflow")
    except metadata.PackageNotFoundError:
        return None


def _missing_entry_points() -> list[str]:
    return [
        group
        for group, value in _ENTRY_POINTS.items()
        if value not in {point.value for point in metadata.entry_points(group=group)}
    ]


def _plugin() -> Iterator[Finding]:
    version = _airflow_here()
    if version is None:
        yield Finding(
            level="note",
            code="airflow-elsewhere",
            message="Airflow is not installed here, so its plugin was not looked for",
            hint="install airflow-asset-bridge where Airflow runs",
        )
        return
    missing = _missing_entry_points()
    if missing:
        yield Finding(
            level="problem",
            code="plugin-missing",
            message=f"Airflow {version} does not load the plugin: no {', '.join(missing)}",
            hint="pip install airflow-asset-bridge in the environment of Airflow",
        )
    else:
        yield Finding(
            level="note", code="plugin", message=f"Airflow {version} beside us loads the plugin"
        )


def _variables(project: Project) -> Iterator[Finding]:
    named = os.environ.get(PROJECT)
    if _airflow_here() is not None and not named:
        yield Finding(
            level="warning",
            code="project-unset",
            message=f"{PROJECT} is not set: an Airflow with this environment guards no task",
            hint=f"export {PROJECT}={project.root}",
        )
    if project.store_url.startswith("sqlite"):
        yield Finding(
            level="note",
            code="store-is-a-file",
            message="The store is a file: every process of Airflow has to run on this machine",
            hint=f"export {STORE}=postgresql+psycopg2://user@host/database for several",
        )


def _mappings(project: Project) -> Iterator[Finding]:
    for path in _mapping_files(project):
        try:
            mapping = load_mapping(path)
        except BridgeError as error:
            yield Finding(
                level="problem",
                code="mapping-unread",
                message=f"{error} The tasks it names do not run until it can be read.",
                file=str(path),
            )
            continue
        if mapping.instance != path.stem:
            yield Finding(
                level="problem",
                code="mapping-misnamed",
                message=f"It is of the Airflow {mapping.instance!r}, which looks for its own name",
                file=str(path),
                hint=f"rename it to {mapping.instance}.yaml",
            )
        else:
            guarded = sum(1 for entry in mapping.units if entry.writes and not entry.together)
            tasks = "1 task is" if guarded == 1 else f"{guarded} tasks are"
            yield Finding(
                level="note",
                code="mapping",
                message=f"{tasks} guarded in the Airflow {mapping.instance!r}",
                file=str(path),
            )


def _routes_without_guard(project: Project) -> Iterator[Finding]:
    """Tasks that were cut over and whose mapping is gone: they run their own code, unasked."""
    try:
        known = {unit_name(m.instance, e.dag, e.task) for m in _readable(project) for e in m.units}
        with closing(open_store(project.store_url)) as store:
            routes = store.routes()
    except BridgeError:
        return  # said by who looks at mappings and at the store
    for route in routes:
        if route.unit not in known and route.state in ("migrated", "retired"):
            yield Finding(
                level="problem",
                code="route-unguarded",
                message=f"{route.unit} is {route.state}, but not mapped: it runs its own code",
                about=route.unit,
                hint=f"map it again, or bridge migrate rollback {route.unit.partition(':')[2]}",
            )


def _readable(project: Project) -> list[Mapping]:
    return [load_mapping(path) for path in _mapping_files(project)]
