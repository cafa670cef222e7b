"""What `--json` prints: names that stay, times in ISO 8601, keys as text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bridge.cli.words import what_is_read

if TYPE_CHECKING:
    from bridge.automation.explanation import Explanation
    from bridge.events import RecordedEvent
    from bridge.findings import Finding
    from bridge.graph import AssetGraph
    from bridge.nodes import AssetNode
    from bridge.runs import RemoteRun, Run, StepRecord, StepText
    from bridge.status import AssetStatus
    from bridge.store import Backfill, BackfillCounts, CheckState, RouteChange, Tick

Plain = dict[str, object]


def time(when: datetime | None) -> str | None:
    """An aware time as text."""
    return None if when is None else when.isoformat()


def node(asset: AssetNode, graph: AssetGraph) -> Plain:
    """Everything that an asset's definition says."""
    spec = asset.spec
    return {
        "key": str(asset.key),
        "group": spec.group_name,
        "kinds": sorted(spec.kinds),
        "owners": list(spec.owners),
        "tags": dict(spec.tags),
        "description": spec.description,
        "partitions": None if spec.partitions_def is None else spec.partitions_def.describe(),
        "upstream": [str(key) for key in graph.upstream(asset.key)],
        "downstream": [str(key) for key in graph.downstream(asset.key)],
        "reads_partitions": {str(key): what_is_read(spec, key) for key in spec.mappings},
        "checks": [check.name for check in asset.checks],
        "automation_condition": None
        if spec.automation_condition is None
        else str(spec.automation_condition),
        "computed_here": asset.is_executable,
        "produced_by": list(asset.produced_by),
        "code_version": spec.code_version,
        "uri": spec.uri,
        "metadata": dict(spec.metadata),
        "place": str(spec.place),
    }


def explanation(told: Explanation | None) -> Plain | None:
    """What an automation condition finds now, and each of its parts."""
    if told is None:
        return None
    return {
        "condition": told.condition,
        "of": told.of,
        "asked": told.asked,
        "true": told.true,
        "partitions": list(told.partitions),
        "parts": [explanation(part) for part in told.parts],
    }


def status(found: AssetStatus) -> Plain:
    """One line of the status table."""
    verdict = found.freshness
    return {
        "key": str(found.key),
        "group": found.group,
        "owners": list(found.owners),
        "status": found.status,
        "health": found.health,
        "latest": time(found.latest),
        "freshness": None
        if verdict is None
        else {"state": verdict.state, "due": time(verdict.due)},
        "checks": {
            "passed": found.checks_passed,
            "total": found.checks_total,
            "failed": list(found.failed_checks),
        },
        "partitions": None
        if found.partitions_total is None
        else {
            "done": found.partitions_done,
            "total": found.partitions_total,
            "failed": found.failed_partitions,
        },
        "migration": found.route,
        "stale_because": None if found.stale_because is None else str(found.stale_because),
        "sync": {
            "status": found.staleness.status,
            "causes": [
                {
                    "cause": cause.kind,
                    "dependency": None if cause.dependency is None else str(cause.dependency),
                    "partition": cause.partition,
                }
                for cause in found.staleness.causes
            ],
            "inherited_from": [str(key) for key in found.staleness.inherited_from],
        },
        "row_count": found.row_count,
        "message": found.message,
    }


def event(recorded: RecordedEvent) -> Plain:
    """One fact of the log."""
    fact = recorded.event
    check = fact.check
    return {
        "kind": fact.kind,
        "partition": fact.partition,
        "happened_at": time(fact.happened_at),
        "recorded_at": time(recorded.recorded_at),
        "source": fact.source,
        "run_id": fact.run_id,
        "duration_s": fact.duration_s,
        "row_count": fact.row_count,
        "output_type": fact.output_type,
        "code_version": fact.code_version,
        "data_version": fact.data_version,
        "input_versions": None if fact.input_versions is None else dict(fact.input_versions),
        "check": None
        if check is None
        else {"name": check.name, "passed": check.passed, "severity": check.severity},
        "message": fact.message,
        "metadata": dict(fact.metadata),
    }


def run(found: Run) -> Plain:
    """One run and what it is to compute."""
    target = found.target
    return {
        "id": found.id,
        "status": found.status,
        "origin": found.origin,
        "selection": found.selection,
        "job": found.job_name,
        "assets": [str(key) for key in target.assets],
        "partition": target.partition,
        "checks": None
        if target.checks is None
        else [{"asset": str(key.asset_key), "name": key.name} for key in target.checks],
        "run_config": dict(target.run_config),
        "tags": dict(found.tags),
        "retry_of": found.retry_of,
        "created_at": time(found.created_at),
        "started_at": time(found.started_at),
        "ended_at": time(found.ended_at),
        "cancel_requested": found.cancel_requested,
        "message": found.message,
        "remote": None if found.remote is None else remote(found.remote),
    }


def remote(found: RemoteRun) -> Plain:
    """What another system does of a run."""
    return {
        "place": found.place,
        "parts": [
            {
                "name": part.name,
                "id": part.id or None,
                "partition": part.partition,
                "is_range": part.is_range,
                "state": part.state,
                "link": part.link,
                "message": part.message,
            }
            for part in found.parts
        ],
    }


def step(record: StepRecord) -> Plain:
    """What became of one asset in a run."""
    return {
        "key": str(record.key),
        "partition": record.partition,
        "checks": list(record.checks),
        "status": record.status,
        "is_failure": record.is_failure,
        "started_at": time(record.started_at),
        "ended_at": time(record.ended_at),
        "attempts": record.attempts,
        "message": record.message,
        "cause": None if record.cause is None else str(record.cause),
        "failed_checks": list(record.failed_checks),
    }


def step_text(text: StepText) -> Plain:
    """What one call logged and printed."""
    return {
        "keys": [str(key) for key in text.keys],
        "partition": text.partition,
        "checks": list(text.checks),
        "log": [
            {"at": time(line.at), "level": line.level, "message": line.message} for line in text.log
        ],
        "stdout": text.stdout,
        "stderr": text.stderr,
    }


def check_state(state: CheckState) -> Plain:
    """The newest answer of one check."""
    return {
        "name": state.name,
        "partition": state.partition,
        "passed": state.passed,
        "severity": state.severity,
        "blocking": state.blocking,
        "happened_at": time(state.happened_at),
        "message": state.message,
    }


def finding(found: Finding) -> Plain:
    """One line of a report."""
    return {
        "level": found.level,
        "code": found.code,
        "message": found.message,
        "about": found.about,
        "file": found.file,
        "line": found.line,
        "hint": found.hint,
    }


def change(done: RouteChange) -> Plain:
    """One audited change of a route."""
    return {
        "id": done.id,
        "changed_at": time(done.changed_at),
        "actor": done.actor,
        "reason": done.reason,
        "before": None if done.before is None else done.before.state,
        "after": done.after.state,
        "reverts": done.reverts,
    }


def tick(found: Tick) -> Plain:
    """One evaluation of a schedule, sensor or the conditions."""
    return {
        "name": found.name,
        "kind": found.kind,
        "happened_at": time(found.happened_at),
        "evaluated_at": time(found.evaluated_at),
        "status": found.status,
        "duration_s": found.duration_s,
        "run_ids": list(found.run_ids),
        "message": found.message,
    }


def backfill(found: Backfill) -> Plain:
    """A backfill and how far it has come."""
    return {
        "id": found.id,
        "status": found.status,
        "selection": found.selection,
        "created_at": time(found.created_at),
        "ended_at": time(found.ended_at),
        "tags": dict(found.tags),
        "parallel": found.parallel,
        "partitions": backfill_counts(found.counts),
        "open_runs": list(found.progress.open_runs),
        "message": found.message,
    }


def backfill_counts(counts: BackfillCounts) -> Plain:
    """How many partitions are in which state."""
    return {
        "total": counts.total,
        "materialized": counts.materialized,
        "failed": counts.failed,
        "blocked": counts.blocked,
        "omitted": counts.omitted,
        "under_way": counts.under_way,
        "left": counts.left,
    }
