"""Which takers an import asks, and what they know as one snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from adapters.airflow.api.instances import connect
from adapters.airflow.api.inventory import Inventory, ListedDag
from adapters.airflow.api.rest import AirflowRest
from adapters.airflow.legacy.fetching import fetch_sources
from adapters.airflow.legacy.loading import load_folder
from adapters.airflow.legacy.merging.snapshots import merged
from adapters.airflow.legacy.rest import list_dags
from adapters.airflow.legacy.secrecy import without_secrets
from adapters.airflow.legacy.snapshot import DagSnapshot, sorted_findings
from adapters.airflow.legacy.take import record_folder
from bridge.capabilities import (
    ConnectionAddress,
    FilesRead,
    LegacyAddress,
    LegacySource,
    Supplied,
)
from bridge.errors import ConfigError, ImportReadError
from bridge.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A snapshot, the folder its files can be read in, and how many DAGs there are in all.

    `asked`: who was asked, in how many requests. `connections`: what is supplied, and beside it
    what the running Airflow says.
    """

    snapshot: DagSnapshot
    files: Path
    dags_in_all: int
    asked: str | None
    connections: Mapping[str, ConnectionAddress]


def take(
    source: LegacySource,
    *,
    instance: str,
    project: Project,
    supplied: Supplied,
    progress: FilesRead | None,
    scratch: Path,
) -> Taken:
    """What the takers that were asked for know together; `scratch` is for files that are fetched.

    Raises ConfigError, ImportReadError, RemoteUnreachableError.
    """
    running = None if source.running is None else _connected(source.running, project, instance)
    try:
        return _taken(source, running, instance, supplied, progress, scratch)
    finally:
        if running is not None:
            running.close()


def _taken(
    source: LegacySource,
    running: Inventory | None,
    instance: str,
    supplied: Supplied,
    progress: FilesRead | None,
    scratch: Path,
) -> Taken:
    listed = () if running is None else _listed(running)
    wanted = [
        dag for dag in listed if source.names is None or fnmatchcase(dag.dag_id, source.names)
    ]
    folder, fetched = source.folder, []
    if folder is None:
        if running is None:
            raise ConfigError("Give the folder that Airflow reads its DAGs from, or its url.")
        folder = scratch / "dags"
        folder.mkdir()
        fetched = fetch_sources(running, wanted, folder, progress=progress)
    variables = {} if running is None else without_secrets(running.variables())
    recorded = record_folder(
        folder,
        instance,
        variables={**variables, **supplied.variables},
        environment=supplied.environment,
        progress=progress,
    )
    files = Path(recorded.folder)
    if source.folder is None and running is not None:
        recorded = recorded.model_copy(
            update={
                "folder": running.url,
                "findings": sorted_findings([*recorded.findings, *fetched]),
            }
        )
    parts = [only(recorded, source.names)]
    if source.loaded_by is not None and source.folder is not None:
        loaded = load_folder(source.folder, instance, python=source.loaded_by)
        parts.append(only(loaded, source.names))
    if running is not None:
        parts.append(list_dags(running, wanted, instance, progress=progress))
    snapshot = merged(parts)
    connections = {} if running is None else running.connections()
    every = {dag.dag_id for dag in recorded.dags} | {dag.dag_id for dag in listed}
    if not snapshot.dags and source.names is not None:
        some = f", such as {', '.join(sorted(every)[:3])}" if every else ""
        raise ImportReadError(f"No DAG is called {source.names!r}; there are {len(every)}{some}.")
    return Taken(
        snapshot=snapshot,
        files=files,
        dags_in_all=len(every),
        asked=None if running is None else f"{running.url} in {running.requests:,} requests",
        connections={**connections, **supplied.connections},
    )


def _connected(address: LegacyAddress, project: Project, instance: str) -> Inventory:
    if address.url is None:
        if instance not in project.airflow:
            raise ConfigError(
                "Give the folder that Airflow reads its DAGs from, or the --url at which it "
                f"answers, or name that in {project.file or 'bridge.toml'}: "
                f'[airflow.{instance}] url = "http://…"'
            )
        return connect(project, instance).inventory()
    return AirflowRest.connect(
        address.url,
        username=address.username,
        password=address.password,
        token=address.token,
    ).inventory()


def _listed(running: Inventory) -> tuple[ListedDag, ...]:
    listed = running.dags()
    if not listed.good:
        raise ImportReadError(
            f"Airflow {running.version} at {running.url} lists no DAG. Check that it has read its "
            "files, and that the user may see them."
        )
    return listed.good


def only(snapshot: DagSnapshot, names: str | None) -> DagSnapshot:
    """The DAGs whose id matches, and what there is to say about them and about files."""
    if names is None:
        return snapshot
    dags = tuple(dag for dag in snapshot.dags if fnmatchcase(dag.dag_id, names))
    kept = {dag.file for dag in dags}
    left_out = {dag.file for dag in snapshot.dags} - kept
    return snapshot.model_copy(
        update={
            "dags": dags,
            "files": tuple(file for file in snapshot.files if file.path not in left_out),
            "findings": tuple(
                found
                for found in snapshot.findings
                if (found.dag_id is None or fnmatchcase(found.dag_id, names))
                and found.file not in left_out
            ),
        }
    )
