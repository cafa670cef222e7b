"""Stand-in for our own `build_dags`: the DAGs of a manifest, as Airflow would be given them."""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH118, PTH120, PTH123

import json
import os
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .airflow_graph import DAG
from .airflow_names import foreign_name, name_of

_VERSION = 1
_OPERATORS = {
    "asset": "AssetOperator",
    "fused": "FusedAssetsOperator",
    "check": "AssetCheckOperator",
    "gate": "AssetGateOperator",
    "wait": "AssetSensor",
}
_OF_SEVERAL = {"asset": "MultiAssetOperator", "check": "MultiAssetCheckOperator"}
_BEFORE_ANY_RUN = "2000-01-01T00:00:00"
_SETTINGS = {
    "timeout_s": "timeout",
    "poke_interval_s": "poke_interval",
    "backs_off": "retry_exponential_backoff",
}
_SPANS = {"execution_timeout_s": "execution_timeout", "retry_delay_s": "retry_delay"}


def build_dags(namespace: dict[str, Any], manifest: Any = "manifest.json") -> None:
    """Put the manifest's DAGs into the file's globals. Raises OSError, ValueError or KeyError where
    it is not there, or not as we write it: the file is then not read to its end.
    """
    place = os.path.join(os.path.dirname(namespace["__file__"]), os.fspath(manifest))
    with open(place, encoding="utf-8") as file:
        found = json.load(file)
    version = found.get("version") if isinstance(found, dict) else None
    if version != _VERSION:
        raise ValueError(f"the manifest {manifest} has version {version}, not {_VERSION}")
    for row in found["dags"]:
        namespace[row["dag_id"]] = _dag(row, found["target"])


def _dag(row: dict[str, Any], target: str) -> DAG:
    schedule = row["schedule"]
    zone = ZoneInfo(schedule.get("timezone", "UTC"))
    given: dict[str, Any] = {
        "description": row["description"],
        "doc_md": "\n".join((f"{row['description']}.", "", *row["doc"])),
        "schedule": _schedule(schedule),
        "start_date": _moment(schedule.get("start", _BEFORE_ANY_RUN), zone),
        "catchup": False,
        "max_active_runs": row["max_active_runs"],
        "tags": list(row["tags"]),
    }
    if schedule.get("end") is not None:
        given["end_date"] = _moment(schedule["end"], zone)
    if row.get("run_config"):
        given["params"] = {"run_config": row["run_config"]}
    dag = DAG(row["dag_id"], **given)
    built: dict[str, Any] = {}
    for task in row["tasks"]:
        built[task["task_id"]] = made = _operator(task, target)(**_arguments(task), dag=dag)
        for name in task.get("upstream", ()):
            made.set_upstream(built[name])
    return dag


def _moment(iso: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(iso).replace(tzinfo=zone)


def _operator(task: dict[str, Any], target: str) -> Any:
    home = "runtime" if target == "both" else f"on_airflow_{target}"
    names = _OF_SEVERAL if task.get("is_function") else _OPERATORS
    return foreign_name(f"adapters.airflow.{home}.{names[task['kind']]}")


def _arguments(task: dict[str, Any]) -> dict[str, Any]:
    said = {"task_id": task["task_id"], **_about(task)}
    outlets, sources = task.get("outlets", ()), task.get("made_from")
    if outlets:
        said["outlets"] = [_asset(uri) for uri in outlets]
    if sources:
        said["made_from"] = sources[outlets[0]] if len(outlets) == 1 else sources
    for name, argument in (("fingerprint",) * 2, ("owner",) * 2, ("doc", "doc_md")):
        if task.get(name) is not None:
            said[argument] = task[name]
    if task.get("after_past") is not None:
        said["depends_on_past"] = True
    if task.get("after_past") == "checks":
        said["wait_for_downstream"] = True
    for name, value in task.get("settings", {}).items():
        if name in _SPANS:
            said[_SPANS[name]] = timedelta(seconds=value)
        else:
            said[_SETTINGS.get(name, name)] = value
    return said


def _about(task: dict[str, Any]) -> dict[str, Any]:
    kind = task["kind"]
    if kind == "wait":
        return {"asset_keys": task["assets"], "waits_for": task.get("waits_for", {})}
    if kind == "check" and task.get("is_function"):
        return {"checks": task["checks"]}
    if kind == "fused" or task.get("is_function"):
        return {"asset_keys": task["assets"]}
    check = {"check_name": task["checks"][0].rpartition(":")[2]} if task.get("checks") else {}
    return {"asset_key": task["assets"][0], **check}


def _schedule(said: dict[str, Any]) -> Any:
    kind, crons = said["kind"], said.get("crons", ())
    zone = {"timezone": said.get("timezone", "UTC")}
    if kind == "assets":
        return [_asset(uri) for uri in said["assets"]]
    if kind == "keyed assets":
        return _after_partitions(said)
    if kind == "key by hand":
        return _named("PartitionedAtRuntime")()
    if kind == "keys":
        zone |= {"run_offset": said.get("run_offset", 0), "key_format": said.get("key_format")}
        return _named("CronPartitionTimetable")(*crons, **zone)
    return _by_ticks(said, zone) if crons else None


def _by_ticks(said: dict[str, Any], zone: dict[str, Any]) -> Any:
    if said["kind"] == "cron":
        return _named("CronDataIntervalTimetable")(*said["crons"], **zone)
    more = {name: said[name] for name in ("exclusions", "makes_up") if said.get(name)}
    return _named("TickTimetable")(*said["crons"], **zone, **more)


def _after_partitions(said: dict[str, Any]) -> Any:
    assets = [_asset(uri) for uri in said["assets"]]
    mappers = [said["mappers"][uri] for uri in said["assets"]]
    read = {"assets": _named("AssetAll")(*assets) if len(assets) > 1 else assets[0]}
    if any(mapper != mappers[0] for mapper in mappers):
        read["partition_mapper_config"] = dict(zip(assets, map(_mapper, mappers), strict=True))
    else:
        read["default_partition_mapper"] = _mapper(mappers[0])
    return _named("PartitionedAssetTimetable")(**read)


def _mapper(said: Any) -> Any:
    if not isinstance(said, dict):
        return said
    [(name, arguments)] = said.items()
    return _named(name)(**{word: _mapper(value) for word, value in arguments.items()})


def _asset(uri: str) -> Any:
    return _named("Asset")(uri=uri)


def _named(name: str) -> Any:
    return name_of("airflow.sdk", name)
