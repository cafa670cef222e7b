"""Which takers an import asks, and what they know as one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from adapters.airflow.legacy.loading import load_folder
from adapters.airflow.legacy.merging.snapshots import merged
from adapters.airflow.legacy.snapshot import DagSnapshot
from adapters.airflow.legacy.take import record_folder
from bridge.capabilities import FilesRead, LegacySource, Supplied
from bridge.errors import ConfigError, ImportReadError
from bridge.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A snapshot, the folder its files can be read in, and how many DAGs there are in all."""

    snapshot: DagSnapshot
    files: Path
    dags_in_all: int


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
    if source.folder is None:
        raise ConfigError("Give the folder that Airflow reads its DAGs from.")
    parts = [
        record_folder(
            source.folder,
            instance,
            variables=supplied.variables,
            environment=supplied.environment,
            progress=progress,
        )
    ]
    if source.loaded_by is not None:
        parts.append(load_folder(source.folder, instance, python=source.loaded_by))
    snapshot = merged(parts)
    return Taken(
        snapshot=only(snapshot, source.names),
        files=Path(snapshot.folder),
        dags_in_all=len({dag.dag_id for dag in snapshot.dags}),
    )


def only(snapshot: DagSnapshot, names: str | None) -> DagSnapshot:
    """The DAGs whose id matches, and what there is to say about them and about files.

    Raises ImportReadError where none does.
    """
    if names is None:
        return snapshot
    dags = tuple(dag for dag in snapshot.dags if fnmatchcase(dag.dag_id, names))
    if not dags:
        known = sorted({dag.dag_id for dag in snapshot.dags})
        some = f", such as {', '.join(known[:3])}" if known else ""
        raise ImportReadError(f"No DAG is called {names!r}; there are {len(known)}{some}.")
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
