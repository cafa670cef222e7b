"""What an import has to say: snapshot, lineage and mapping as the report that is printed."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.airflow.legacy.assets import ObservedAssets, observed_assets
from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace
from adapters.airflow.legacy.findings import findings_of
from adapters.airflow.legacy.findings.themes import rank_of
from adapters.airflow.legacy.flow import circles_of_dags
from adapters.airflow.legacy.mapping import Mapping, UnitEntry
from adapters.airflow.legacy.mapping_file import (
    from_yaml,
    mapping_path,
    read_mapping,
    rewritten,
    to_yaml,
)
from adapters.airflow.legacy.proposal import mapping_findings, mapping_of
from adapters.airflow.legacy.reimport import entry_changes, key_changes, merge
from adapters.airflow.legacy.report.content import content_of
from adapters.airflow.legacy.report.page import page_of
from adapters.airflow.legacy.snapshot import Dag, DagSnapshot
from adapters.airflow.legacy.snapshot import Finding as SnapshotFinding
from adapters.airflow.lineage.reading import read_snapshot
from adapters.airflow.taking import take
from bridge.capabilities import (
    FilesRead,
    ImportedDag,
    ImportReport,
    LegacySource,
    Supplied,
)
from bridge.findings import Finding, FindingLevel
from bridge.migration.units import Granularity
from bridge.project import Project

_LEVELS: dict[str, FindingLevel] = {"error": "problem", "warning": "warning", "info": "note"}
_EVIDENCE_WORDS = {"sql": "SQL"}


def read_legacy(
    source: LegacySource,
    *,
    instance: str,
    project: Project,
    supplied: Supplied,
    granularity: Granularity | None = None,
    progress: FilesRead | None = None,
) -> ImportReport:
    """Take a snapshot, read its lineage, and propose the mapping; nothing is written.

    What a person confirmed in the mapping that is there stays; so does its granularity, unless
    another is given. Raises ImportReadError, ConfigError,
    RemoteUnreachableError.
    """
    with TemporaryDirectory(prefix="bridge-import-") as scratch:
        taken = take(
            source,
            instance=instance,
            project=project,
            supplied=supplied,
            progress=progress,
            scratch=Path(scratch),
        )
        snapshot = taken.snapshot
        lineage = read_snapshot(snapshot, taken.connections)
        about_code = findings_of(snapshot, lineage, taken.files)
    path = mapping_path(project, instance)
    old_text = read_mapping(path) if path.exists() else None
    old = None if old_text is None else from_yaml(old_text, str(path))
    mapping, changes = _mapping(old, snapshot, lineage, granularity, source.names)
    assets = observed_assets(mapping, file=str(path))
    found = (
        *snapshot.findings,
        *(finding for each in lineage.values() for finding in each.findings),
        *about_code,
        *mapping_findings(snapshot, lineage),
        *_circles(assets, snapshot, lineage),
        *changes,
    )
    title = _title(source, snapshot, project)
    rows = tuple(_row(dag, mapping, snapshot) for dag in snapshot.dags)
    findings = tuple(
        sorted(dict.fromkeys(_finding(each) for each in found), key=lambda one: rank_of(one.code))
    )
    return ImportReport(
        source=title,
        dags=rows,
        dags_in_all=taken.dags_in_all,
        asked=taken.asked,
        files_unread=sum(file.outcome == "failed" for file in snapshot.files),
        limits_held=snapshot.containment.held,
        limits_refused=snapshot.containment.not_available,
        policies_suggested=sum(
            unit.freshness is not None and not unit.freshness.confirmed for unit in mapping.units
        ),
        assets=len(assets.specs),
        edges=assets.edges,
        unmapped_tasks=sum(not _is_known(unit) for unit in mapping.units if unit.writes),
        findings=findings,
        snapshot_json=snapshot.to_json(),
        mapping_path=path,
        mapping_text=to_yaml(mapping)
        if old is None or old_text is None
        else rewritten(mapping, old, old_text),
        mapping_was=old_text,
        mapping_entries=len(mapping.units),
        page=lambda: page_of(
            content_of(
                snapshot, lineage, mapping=mapping, source=title, rows=rows, findings=findings
            )
        ),
    )


def _circles(
    assets: ObservedAssets, snapshot: DagSnapshot, lineage: MappingType[TaskPlace, TaskLineage]
) -> list[SnapshotFinding]:
    """Those of assets, but for what is told as a circle of DAGs already."""
    told = [circle.things for circle in circles_of_dags(snapshot.dags, lineage)]
    return [
        circle.finding
        for circle in assets.circles
        if not any(len(circle.dags & dags) > 1 for dags in told)
    ]


def _mapping(
    old: Mapping | None,
    snapshot: DagSnapshot,
    lineage: MappingType[TaskPlace, TaskLineage],
    granularity: Granularity | None,
    names: str | None,
) -> tuple[Mapping, list[SnapshotFinding]]:
    """The mapping as it is to be, and what becomes of the keys that were."""
    if old is None:
        return mapping_of(snapshot, lineage, granularity=granularity or "dataset"), []
    wanted = granularity or old.granularity
    held = {kept.thing: kept.asset for kept in old.kept if kept.granularity == wanted}
    if wanted == old.granularity:
        held = old.names()
    new = mapping_of(snapshot, lineage, granularity=wanted, held=held)
    before = None
    if wanted != old.granularity:
        before = mapping_of(snapshot, lineage, granularity=old.granularity)
    mapping = merge(
        old,
        new,
        before=before,
        is_read=lambda dag_id: names is None or fnmatchcase(dag_id, names),
    )
    return mapping, [*entry_changes(old, mapping), *key_changes(old, mapping)]


def _title(source: LegacySource, snapshot: DagSnapshot, project: Project) -> str:
    if source.folder is None:
        return f"Airflow {snapshot.airflow}"
    inside = source.folder.is_relative_to(project.root)
    shown = source.folder.relative_to(project.root) if inside else source.folder
    also = {"dagbag": "loaded", "rest": "run"}
    words = [also[taker] for taker in snapshot.taken_from if taker in also]
    known = f", also {' and '.join(words)} by Airflow {snapshot.airflow}" if words else ""
    return f"Airflow DAGs of {shown}{known}"


def _row(dag: Dag, mapping: Mapping, snapshot: DagSnapshot) -> ImportedDag:
    writing = [unit for unit in mapping.units if unit.dag == dag.dag_id and unit.writes]
    known = [unit for unit in writing if _is_known(unit)]
    evidence = dict.fromkeys(write.evidence for unit in known for write in unit.writes)
    return ImportedDag(
        dag_id=dag.dag_id,
        tasks=len(dag.tasks),
        schedule=_schedule(dag),
        outputs_known=len(known),
        outputs=len(writing),
        how=tuple(_EVIDENCE_WORDS.get(word, word) for word in evidence),
        notes=tuple(_notes(dag, snapshot, len(writing) - len(known))),
    )


def _notes(dag: Dag, snapshot: DagSnapshot, unknown: int) -> list[str]:
    notes = []
    if unknown:
        notes.append(f"{unknown} task{'s' if unknown > 1 else ''} unknown")
    outcome = next((file.outcome for file in snapshot.files if file.path == dag.file), "recorded")
    if dag.operation is not None and dag.operation.is_paused:
        notes.append("paused")
    if dag.how == "listed":
        notes.append("from REST only")
    elif outcome not in ("recorded", "loaded") and dag.how != "loaded":
        notes.append("read in part" if outcome == "partial" else "from source only")
    if dag.schedule.kind == "timetable":
        notes.append("custom timetable")
    return notes


def _schedule(dag: Dag) -> str:
    schedule = dag.schedule
    if schedule.kind == "datasets":
        return "on datasets"
    if schedule.kind in ("none", "unset"):
        return "-" if schedule.kind == "none" else "default"
    text = schedule.text or schedule.kind
    return text if dag.timezone in (None, "UTC") else f"{text}, {dag.timezone.rpartition('/')[2]}"


def _is_known(unit: UnitEntry) -> bool:
    return any(write.uri is not None or write.evidence == "dag" for write in unit.writes)


def _finding(found: SnapshotFinding) -> Finding:
    about = ".".join(part for part in (found.dag_id, found.task_id) if part)
    return Finding(
        level=_LEVELS[found.severity],
        code=found.code,
        message=found.message,
        about=about or None,
        file=found.file,
        line=found.line,
    )
