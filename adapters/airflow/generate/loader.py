"""`build_dags`: DAG objects out of the manifest, each time Airflow reads the file that calls it."""

from __future__ import annotations

import importlib
from collections.abc import MutableMapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters.airflow import compat
from adapters.airflow.compat import DAG, Asset, get_parsing_context
from adapters.airflow.generate.calls import OURS, Call, Pairs, Value, schedule_call
from adapters.airflow.generate.manifest import DagPlan, Settings, TaskPlan, read_manifest
from adapters.airflow.generate.schedule import Schedule
from adapters.airflow.runtime import (
    AssetCheckOperator,
    AssetGateOperator,
    AssetOperator,
    AssetSensor,
    FusedAssetsOperator,
    MultiAssetCheckOperator,
    MultiAssetOperator,
)
from adapters.airflow.targets import require_target

_AS_THEY_ARE = (
    "pool",
    "queue",
    "priority_weight",
    "executor",
    "executor_config",
    "retries",
    "python",
)


def build_dags(namespace: MutableMapping[str, Any], manifest: str | Path = "manifest.json") -> None:
    """Put the manifest's DAGs into a DAG file's `globals()`; in a worker, only the one it runs.

    `manifest` is a path, relative to the DAG file's folder. Raises ConfigError if it cannot be
    read, or is for another version of Airflow.
    """
    file = Path(namespace["__file__"])
    place = file.parent / manifest
    found = read_manifest(place, dag_id=get_parsing_context().dag_id)
    require_target(found.target, f"The manifest {place}")
    for plan in found.dags:
        namespace[plan.dag_id] = _dag(plan, file)


def _dag(plan: DagPlan, file: Path) -> Any:
    optional: dict[str, Any] = {}
    if plan.run_config:
        optional["params"] = {"run_config": dict(plan.run_config)}
    if plan.is_paused_at_first is not None:
        optional["is_paused_upon_creation"] = plan.is_paused_at_first
    dag = DAG(
        dag_id=plan.dag_id,
        description=plan.description,
        doc_md="\n".join((f"{plan.description}.", "", *plan.doc)),
        **_when(plan.schedule),
        max_active_runs=plan.max_active_runs,
        tags=list(plan.tags),
        **optional,
    )
    dag.fileloc = str(file)  # Airflow takes the file that calls DAG(), which is this one
    built: dict[str, Any] = {}
    for task in plan.tasks:
        built[task.task_id] = _task(task, dag)
        if task.upstream:
            built[task.task_id].set_upstream([built[name] for name in task.upstream])
    return dag


def _when(schedule: Schedule) -> dict[str, Any]:
    """The arguments of a DAG that say when it runs."""
    zone = ZoneInfo(schedule.timezone)
    said = {
        "schedule": made(schedule_call(schedule)),
        "start_date": datetime.fromisoformat(schedule.start).replace(tzinfo=zone),
        "catchup": False,
    }
    if schedule.end is not None:
        said["end_date"] = datetime.fromisoformat(schedule.end).replace(tzinfo=zone)
    return said


def made(value: Value) -> Any:
    """The object that calls make."""
    if isinstance(value, list):
        return [made(each) for each in value]
    if isinstance(value, Pairs):
        return {made(name): made(each) for name, each in value.pairs}
    if not isinstance(value, Call):
        return value
    kind = getattr(importlib.import_module(_home(value.name)), value.name)
    named = {name: made(each) for name, each in value.kwargs.items()}
    return kind(*map(made, value.args), **named)


def _home(name: str) -> str:
    if name in OURS:
        return "adapters.airflow.timetables"
    return "adapters.airflow.compat" if name in compat.__all__ else "airflow.sdk"


def _task(task: TaskPlan, dag: Any) -> Any:
    arguments: dict[str, Any] = {"task_id": task.task_id, "dag": dag, **_settings(task.settings)}
    if task.fingerprint is not None:
        arguments["fingerprint"] = task.fingerprint
    if task.outlets:
        arguments["outlets"] = [Asset(uri=uri) for uri in task.outlets]
    if task.made_from:
        arguments["made_from"] = task.sources
    if task.owner is not None:
        arguments["owner"] = task.owner
    if task.doc is not None:
        arguments["doc_md"] = task.doc
    if task.after_past is not None:
        arguments["depends_on_past"] = True
        arguments["wait_for_downstream"] = task.after_past == "checks"
    return _operator(task, arguments)


def _operator(task: TaskPlan, arguments: dict[str, Any]) -> Any:
    if task.kind == "check":
        return _check(task, arguments)
    if task.kind == "wait":
        return AssetSensor(
            asset_keys=list(task.assets), waits_for=dict(task.waits_for), **arguments
        )
    if task.kind == "fused":
        return FusedAssetsOperator(asset_keys=list(task.assets), **arguments)
    if task.is_function:
        return MultiAssetOperator(asset_keys=list(task.assets), **arguments)
    one = AssetOperator if task.kind == "asset" else AssetGateOperator
    return one(asset_key=task.assets[0], **arguments)


def _check(task: TaskPlan, arguments: dict[str, Any]) -> Any:
    if task.is_function:
        return MultiAssetCheckOperator(checks=list(task.checks), **arguments)
    return AssetCheckOperator(
        asset_key=task.assets[0], check_name=task.checks[0].rpartition(":")[2], **arguments
    )


def _settings(settings: Settings) -> dict[str, Any]:
    said: dict[str, Any] = {}
    # what only a task that waits has
    if settings.timeout_s is not None:
        said["timeout"] = settings.timeout_s
    if settings.poke_interval_s is not None:
        said["poke_interval"] = settings.poke_interval_s
    if settings.soft_fail:
        said["soft_fail"] = True
    for name in _AS_THEY_ARE:
        if (value := getattr(settings, name)) is not None:
            said[name] = value
    if settings.execution_timeout_s is not None:
        said["execution_timeout"] = timedelta(seconds=settings.execution_timeout_s)
    if settings.retry_delay_s is not None:
        said["retry_delay"] = timedelta(seconds=settings.retry_delay_s)
    if settings.backs_off:
        said["retry_exponential_backoff"] = True
    return said
