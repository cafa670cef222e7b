"""Looking at one Airflow of a project: its settings, its mapped tasks, and one poll."""

from __future__ import annotations

from datetime import datetime

from adapters.airflow.api.instances import connect
from adapters.airflow.generate.pools import missing_pools, pools_of
from adapters.airflow.legacy.mapping_file import load_mapping, mapping_path
from adapters.airflow.observe.poller import poll
from adapters.airflow.observe.unit import ObservedUnit
from bridge.capabilities import ObserveReport
from bridge.errors import BridgeError
from bridge.findings import Finding, FindingLevel
from bridge.project import Project
from bridge.store import Store

_PATIENCE_S = 5.0  # of a diagnosis, which a person waits for
_MUCH_SKEW_S = 60.0  # half of what two polls overlap


def observe_instance(
    project: Project, store: Store, *, instance: str, now: datetime
) -> ObserveReport:
    """Record what the mapped tasks of one Airflow did since the last look.

    Raises ConfigError where the project does not say where it answers or what its tasks write.
    """
    units = observed_units(project, instance)
    rest = connect(project, instance)
    try:
        report = poll(rest, store, units, instance=instance, now=now)
        version = rest.version
    finally:
        rest.close()
    return ObserveReport(
        instance=instance,
        version=f"Airflow {version}",
        attempts_seen=report.rows,
        events_recorded=report.recorded,
        findings=report.findings,
    )


def observed_units(project: Project, instance: str) -> list[ObservedUnit]:
    """The tasks whose success writes something, as the mapping file says. Raises ConfigError."""
    mapping = load_mapping(mapping_path(project, instance))
    return [
        ObservedUnit(
            dag_id=unit.dag,
            task_id=unit.task,
            assets=unit.assets,
            partitions=unit.partitions.definition(),
            partition_by=unit.date_of_run,
            together=unit.together,
        )
        for unit in mapping.units
        if unit.writes and not unit.gone
    ]


def diagnose_instances(project: Project) -> list[Finding]:
    """Whether each Airflow that the settings name answers, how its clock differs from ours, and
    which pools it lacks where generated tasks need them.
    """
    found = []
    wanted = pools_of(project)
    for instance, settings in sorted(project.airflow.items()):
        if settings.url is None:
            continue
        try:
            rest = connect(project, instance, attempts=1, timeout_s=_PATIENCE_S)
        except BridgeError as error:
            found.append(Finding(level="problem", code="airflow_unreachable", message=str(error)))
            continue
        skew = abs(rest.clock_offset.total_seconds())
        text = f"Airflow {rest.version} at {settings.url}, clock skew {skew:.1f}s"
        level: FindingLevel = "warning" if skew > _MUCH_SKEW_S else "note"
        found.append(Finding(level=level, code="airflow", message=text))
        if wanted:
            found += missing_pools(wanted, rest.pools(), instance, project)
        rest.close()
    return found
