"""The targets of a project's profile: which kind of database, on which server, in which schema."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from adapters.airflow.legacy.dbt.files import Files, mapping
from adapters.airflow.legacy.dbt.forms import DbtTarget

_REQUIREMENTS = ("*requirements*.txt", "requirements/*.txt", "pyproject.toml", "*Dockerfile*")
_ADAPTER = re.compile(
    r"\bdbt-(postgres|redshift|bigquery|snowflake|databricks|spark|duckdb|trino|clickhouse|athena"
    r"|sqlserver|mysql|oracle|synapse|fabric|vertica|teradata|exasol|sqlite|hive|impala)\b"
)
_SERVER = ("host", "server", "account", "hostname")
_DATABASE = ("dbname", "database", "project", "catalog", "path")
_SCHEMA = ("schema", "dataset")


def targets(
    files: Files, root: Path, profile: str | None
) -> tuple[str | None, dict[str, DbtTarget]]:
    """The default target's name, and every target of the profile; the nearest profiles.yml that
    has the profile counts, in the project's folder or above it in the code base.
    """
    for folder in _folders(files.folder, root):
        for name in ("profiles.yml", "profiles.yaml"):
            found = Files(folder).mapping(folder / name)
            held = mapping(found.get(profile or ""))
            if profile is None and len(found.keys() - {"config"}) == 1:
                held = mapping(next(iter(found.values())))
            outputs = mapping(held.get("outputs"))
            if outputs:
                chosen = held.get("target", "default")
                return str(chosen), {
                    str(key): _target(one) for key, one in outputs.items() if isinstance(one, dict)
                }
    return None, {}


def installed(project: Path, root: Path) -> str | None:
    """The kind of database that the only adapter for dbt stands for, where one is asked for."""
    found: set[str] = set()
    for folder in {project, root}:
        for pattern in _REQUIREMENTS:
            for path in folder.glob(pattern):
                found |= set(_ADAPTER.findall(Files(folder).text(path)))
    return found.pop() if len(found) == 1 else None


def _folders(project: Path, root: Path) -> list[Path]:
    above = [project, *(one for one in project.parents if one == root or root in one.parents)]
    return [place for one in above for place in (one, one / "profiles", one / ".dbt", one / "dbt")]


def _target(output: dict[str, Any]) -> DbtTarget:
    database = _first(output, _DATABASE)
    if output.get("type") == "duckdb" and "database" not in output:
        database = Path(database).stem if database and "{" not in database else "memory"
    return DbtTarget(
        adapter=str(output.get("type", "")),
        server=_first(output, _SERVER),
        port=_first(output, ("port",)),
        database_name=database,
        schema_name=_first(output, _SCHEMA),
    )


def _first(output: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((str(output[name]) for name in names if output.get(name) is not None), None)
