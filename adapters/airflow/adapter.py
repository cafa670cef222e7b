"""AirflowAdapter: everything that the house can ask of the Airflow side, found by entry point."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.automation.location import Automation
    from bridge.capabilities import (
        Carried,
        FilesRead,
        Generated,
        ImportReport,
        Launcher,
        LegacySource,
        ObserveReport,
        Supplied,
    )
    from bridge.findings import Finding
    from bridge.graph import AssetGraph
    from bridge.migration import Gate, Unit
    from bridge.migration.units import Granularity
    from bridge.project import Project
    from bridge.store import Store


class AirflowAdapter:
    """Delegates to one room each, loaded when asked: no command pays for the others."""

    name = "airflow"

    def import_legacy(
        self,
        source: LegacySource,
        *,
        instance: str,
        project: Project,
        supplied: Supplied,
        granularity: Granularity | None,
        progress: FilesRead,
    ) -> ImportReport:
        """What is in a DAG folder, or an Airflow.

        Raises ImportReadError, RemoteUnreachableError.
        """
        from adapters.airflow.importing import read_legacy

        return read_legacy(
            source,
            instance=instance,
            project=project,
            supplied=supplied,
            granularity=granularity,
            progress=progress,
        )

    def differences(self, before: str, after: str) -> Sequence[str]:
        """How two snapshots of DAGs differ. Raises ImportReadError."""
        from adapters.airflow.legacy.differing import differences
        from adapters.airflow.legacy.snapshot import DagSnapshot

        return differences(DagSnapshot.from_json(before), DagSnapshot.from_json(after))

    def generate(self, graph: AssetGraph, project: Project, automation: Automation) -> Generated:
        """DAG files and manifest as they should be. Raises DefinitionError."""
        from adapters.airflow.generate.files import generate_files

        return generate_files(graph, project, automation)

    def carried(self, graph: AssetGraph, project: Project, automation: Automation) -> Carried:
        """What generated DAGs ask, so that no daemon has to. Raises DefinitionError."""
        from adapters.airflow.generate.plan import carried

        return carried(graph, project, automation)

    def observe(
        self, project: Project, store: Store, *, instance: str, now: datetime
    ) -> ObserveReport:
        """Record what is new in one Airflow. Raises RemoteUnreachableError."""
        from adapters.airflow.observe.instance import observe_instance

        return observe_instance(project, store, instance=instance, now=now)

    def launcher(
        self, project: Project, graph: AssetGraph, automation: Automation, *, instance: str
    ) -> Launcher:
        """One Airflow that does runs of ours. Raises ConfigError, RemoteUnreachableError."""
        from adapters.airflow.launch.launcher import AirflowLauncher

        return AirflowLauncher.connect(project, instance, graph, automation)

    def units(self, project: Project) -> Sequence[Unit]:
        """The legacy tasks that were imported."""
        from adapters.airflow.cutover.units import units

        return units(project)

    def gates(self, unit: Unit, project: Project) -> Sequence[Gate]:
        """What Airflow has to say about cutting this unit over."""
        from adapters.airflow.cutover.units import gates

        return gates(unit, project)

    def links(self, sources: Collection[str], project: Project) -> Mapping[str, str]:
        """The pages of tasks in the Airflows that answer."""
        from adapters.airflow.api.pages import task_pages

        return task_pages(sources, project)

    def diagnose(self, project: Project) -> Sequence[Finding]:
        """What is wrong on the Airflow side."""
        from adapters.airflow.cutover.units import diagnose
        from adapters.airflow.observe.instance import diagnose_instances

        return [*diagnose(project), *diagnose_instances(project)]
