"""The project as an Airflow process sees it: settings at once, the rest when first used."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bridge.definitions import Definitions, load_code_locations
from bridge.errors import ConfigError
from bridge.graph import AssetGraph
from bridge.io import FilesystemIOManager
from bridge.project import Project, find_project
from bridge.store import Store, open_store
from bridge.store.known import with_known_partitions

INSTANCE = "BRIDGE_AIRFLOW_INSTANCE"
DEFAULT_INSTANCE = "airflow"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A project, this Airflow's name in it, and the code locations to load."""

    project: Project
    instance: str
    locations: tuple[str, ...]

    @classmethod
    def open(
        cls,
        start: Path | None = None,
        locations: Sequence[str] = (),
        python: str | None = None,
    ) -> Environment:
        """The project around `start`, once a process; BRIDGE_PROJECT and BRIDGE_STORE override.

        `locations` are the project's own unless given, without those that another interpreter than
        `python` runs (Airflow's, where that is None). Raises ConfigError for bad settings.
        """
        project = find_project(start)
        environment = cls(
            project=project,
            instance=os.environ.get(INSTANCE, DEFAULT_INSTANCE),
            locations=tuple(locations) or seen_by(python, project),
        )
        place = (
            project.root,
            project.store_url,
            project.storage,
            environment.instance,
            environment.locations,
        )
        return _OPEN.setdefault(place, environment)

    @cached_property
    def store(self) -> Store:
        """The store, connected. Raises StoreUnreachableError, StoreVersionError."""
        return open_store(self.project.store_url)

    @cached_property
    def definitions(self) -> Definitions:
        """The code locations, loaded. Raises LoadError, DefinitionError; ConfigError for none."""
        if not self.locations:
            raise ConfigError(
                f"No code locations: {self.project.file or self.project.root} names none. Where "
                "Airflow's tasks run, set BRIDGE_PROJECT to the project's folder, or "
                "BRIDGE_DEFINITIONS to its modules."
            )
        self.project.import_path()
        return load_code_locations([self.project.located(name) for name in self.locations])

    @property
    def graph(self) -> AssetGraph:
        """The graph of the definitions, dynamic partitions as they are in the store now.

        Raises DefinitionError; what `store` raises where there are dynamic partitions.
        """
        declared = self._declared
        return (
            with_known_partitions(declared, self.store) if declared.dynamic_partitions else declared
        )

    @cached_property
    def _declared(self) -> AssetGraph:
        return self.definitions.graph()

    @cached_property
    def resources(self) -> Mapping[str, Any]:
        """Resources by key; "io_manager" is files in the project's storage by default."""
        files: dict[str, Any] = {"io_manager": FilesystemIOManager(self.project.storage)}
        return files | self.definitions.resources


def seen_by(python: str | None, project: Project) -> tuple[str, ...]:
    """The code locations that an interpreter loads: its own, and those that have none."""
    given = project.generate.python
    return tuple(name for name in project.definitions if given.get(name) in (None, python))


_OPEN: dict[tuple[object, ...], Environment] = {}
