"""Run by a Python that has Airflow: what a real DagBag loads of a folder, in the snapshot's words.

It imports nothing of this project, so that any Airflow can run it: `python dagbag.py FOLDER
ANSWER.json`. The DAG files run as Airflow runs them, with all that the environment
gives them; nothing here contains them.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import re
import sys
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

_DEEPEST, _MOST = 12, 2000
_PLAIN = {"NullTimetable": "none", "OnceTimetable": "once", "ContinuousTimetable": "continuous"}
# DagBag loads a file under a name of its own.
_LOADED_AS = re.compile(r"^unusual_prefix_[0-9a-f]{40}_")


def folder_of(place: str) -> str:
    """The folder itself, or that of a file."""
    return place if Path(place).is_dir() else str(Path(place).parent)


def load_bag(place: str) -> tuple[str, Any]:
    """Airflow's version, and its DagBag of a folder or file; what lies beside can be imported."""
    import airflow  # noqa: PLC0415 - only this function needs it

    try:
        from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415 - Airflow 3
    except ImportError:
        from airflow.models.dagbag import DagBag  # noqa: PLC0415 - Airflow 2
    if folder_of(place) not in sys.path:
        sys.path.insert(0, folder_of(place))
    version = str(airflow.__version__)
    examples = {} if version.startswith("3") else {"include_examples": False}
    return version, DagBag(place, **examples)


def relative(path: str, folder: str) -> str:
    """The path from the folder, as it is where it lies elsewhere."""
    for base in (Path(folder), Path(folder).resolve()):
        with contextlib.suppress(ValueError):  # Python 3.8, as old Airflows have, cannot ask
            return Path(path).relative_to(base).as_posix()
    return path


def schedule_of(dag: Any) -> dict[str, Any]:
    """When a DAG runs, as `snapshot.Schedule` says it."""
    timetable = dag.timetable
    name = type(timetable).__name__
    given = getattr(dag, "schedule_interval", None) or getattr(dag, "schedule", None)
    cron = getattr(timetable, "_expression", None) or getattr(timetable, "expression", None)
    if name in _PLAIN:
        return {"kind": _PLAIN[name], "text": given if isinstance(given, str) else "None"}
    if "Asset" in name or "Dataset" in name:
        condition = next(
            (
                found
                for each in ("asset_condition", "dataset_condition")
                if (found := getattr(timetable, each, None)) is not None
            ),
            getattr(dag, "dataset_triggers", None),
        )
        inner = getattr(timetable, "timetable", None)
        ticks = getattr(inner, "_expression", None) or getattr(inner, "expression", None)
        found = sorted(set(uris_of(condition)))
        return {"kind": "datasets", "text": "datasets", "datasets": found, "cron": ticks}
    if isinstance(cron, str):
        # Airflow 3 keeps what was given; in 2, an explicit timetable of the default kind is alike.
        kept = isinstance(given, str) and (hasattr(dag, "schedule") or "Interval" in name)
        if kept:
            return {"kind": "cron", "text": given, "cron": given}
        return {"kind": "timetable", "text": f"{name}({cron})", "cron": cron}
    delta = getattr(timetable, "_delta", None) or getattr(timetable, "delta", None)
    if name in ("DeltaDataIntervalTimetable", "DeltaTriggerTimetable"):
        known = isinstance(delta, timedelta)
        return {
            "kind": "interval",
            "text": str(delta) if known else "relativedelta",
            "interval_s": delta.total_seconds() if known and delta is not None else None,
        }
    return {"kind": "timetable", "text": name}


def uris_of(value: Any) -> list[str]:
    """The URIs in datasets and assets, alone, in lists, and joined by `&` and `|`; no aliases."""
    if value is None or isinstance(value, str):
        return []
    if isinstance(value, (list, tuple, set, frozenset)):
        return [uri for each in value for uri in uris_of(each)]
    uri = getattr(value, "uri", None)
    if isinstance(uri, str):
        return [uri]
    return uris_of(getattr(value, "objects", None))


def snapshot_of(place: str) -> dict[str, Any]:
    """Every DAG that Airflow loads, and what it says of the files that it cannot load."""
    version, bag = load_bag(place)
    folder = folder_of(place)
    redact = _masker()
    return {
        "airflow": version,
        "dags": [_dag(dag, folder, redact) for _, dag in sorted(bag.dags.items())],
        "errors": {
            relative(str(file), folder): str(redact(str(error)))
            for file, error in sorted(bag.import_errors.items())
        },
    }


def _masker() -> Any:
    """Airflow's own: it knows the secrets that the files have read from Variables, connections."""
    known = []
    for place in (
        "airflow.sdk._shared.secrets_masker",
        "airflow._shared.secrets_masker",
        "airflow.utils.log.secrets_masker",
    ):
        with contextlib.suppress(ImportError):
            known.append(importlib.import_module(place).redact)

    def redact(value: Any, name: str | None = None) -> Any:
        for each in known:
            value = each(value, name)
        return value

    return redact


def _dag(dag: Any, folder: str, redact: Any) -> dict[str, Any]:
    tasks = [_task(task, redact) for task in dag.tasks]
    zone = getattr(dag.timezone, "name", None) or getattr(dag.timezone, "key", None)
    params = dag.params.dump() if hasattr(dag.params, "dump") else dag.params
    searched = dag.template_searchpath or []
    schedule = schedule_of(dag)
    return {
        "dag_id": dag.dag_id,
        "file": relative(dag.fileloc, folder),
        "schedule": schedule,
        "timezone": None if zone in (None, "UTC") else zone,
        "start_date": _when(dag.start_date),
        "end_date": _when(dag.end_date),
        "catchup": bool(dag.catchup),
        "tags": sorted(str(tag) for tag in dag.tags or ()),
        "owners": sorted({task["owner"] for task in tasks if task["owner"]}),
        "params": _literal(redact(dict(params or {}))),
        "doc": _text(dag.doc_md) or _text(dag.description),
        "template_searchpath": [
            relative(str(path), folder)
            for path in ([searched] if isinstance(searched, str) else searched)
        ],
        "tasks": tasks,
        "links": [
            *({"kind": "dataset", "uri": uri} for uri in schedule.get("datasets", [])),
            *(link for task in dag.tasks for link in _links(task)),
        ],
    }


def _task(task: Any, redact: Any) -> dict[str, Any]:
    operator = task.operator_class if hasattr(task, "partial_kwargs") else type(task)
    group = getattr(task, "task_group", None)
    rule = getattr(task.trigger_rule, "value", task.trigger_rule)
    return {
        "task_id": task.task_id,
        "operator": _name(operator),
        "bases": [
            _name(base)
            for base in operator.__mro__[1:]
            if base.__name__ not in ("BaseOperator", "BaseSensorOperator")
            and any(above.__name__ == "BaseOperator" for above in base.__mro__)
        ],
        "arguments": {
            str(name): _literal(redact(value, str(name)) if _is_plain(value) else value)
            for name, value in _arguments(task).items()
            if type(value).__name__ != "ArgNotSet"
        },
        "owner": None if task.owner == "airflow" else _text(task.owner),
        "trigger_rule": None if rule == "all_success" else str(rule),
        "retries": int(task.retries) or None if isinstance(task.retries, (int, float)) else None,
        "pool": None if task.pool == "default_pool" else _text(task.pool),
        "queue": None if task.queue == "default" else _text(task.queue),
        "group": getattr(group, "group_id", None),
        "mapped": hasattr(task, "partial_kwargs") or _is_in_mapped_group(group),
        "setup": bool(getattr(task, "is_setup", False)),
        "teardown": bool(getattr(task, "is_teardown", False)),
        "doc": _text(getattr(task, "doc_md", None)) or _text(getattr(task, "doc", None)),
        "upstream": sorted(task.upstream_task_ids),
        "inlets": sorted(set(uris_of(getattr(task, "inlets", None)))),
        "outlets": sorted(set(uris_of(getattr(task, "outlets", None)))),
    }


def _name(cls: type) -> str:
    return f"{_LOADED_AS.sub('', cls.__module__)}.{cls.__qualname__}"


def _is_in_mapped_group(group: Any) -> bool:
    while group is not None:
        if group.__class__.__name__ == "MappedTaskGroup":  # in Airflow 2, behind a weak proxy
            return True
        group = getattr(group, "parent_group", None)
    return False


def _arguments(task: Any) -> dict[str, Any]:
    """What the operator was given; in an Airflow that does not keep it, its template fields."""
    if hasattr(task, "partial_kwargs"):
        given = dict(task.partial_kwargs)
        expanded: dict[str, Any] = {}
        for name in ("expand_input", "op_kwargs_expand_input"):
            value = getattr(getattr(task, name, None), "value", None)
            if isinstance(value, dict):
                expanded.update(value)
        return {**given, "expand": expanded} if expanded else given
    kept = getattr(task, "_BaseOperator__init_kwargs", None)
    if isinstance(kept, dict):
        return {name: value for name, value in kept.items() if name != "kwargs_to_upstream"}
    return {name: getattr(task, name, None) for name in task.template_fields}


def _links(task: Any) -> list[dict[str, Any]]:
    """The other DAGs that a task waits for, starts or holds."""
    names = {cls.__name__ for cls in type(task).__mro__}
    one = getattr(task, "external_task_id", None)
    several = getattr(task, "external_task_ids", None) or []
    ids = sorted({each for each in (one, *several) if isinstance(each, str)})
    kind, target = None, None
    if "ExternalTaskMarker" in names:
        kind, target = "external_marker", getattr(task, "external_dag_id", None)
    elif any(name.startswith("ExternalTaskSensor") for name in names):
        kind, target = "external_task", getattr(task, "external_dag_id", None)
    elif any(name.startswith("TriggerDagRun") for name in names):
        kind, target, ids = "trigger_dag", getattr(task, "trigger_dag_id", None), []
    elif getattr(task, "subdag", None) is not None:
        kind, target, ids = "subdag", task.subdag.dag_id, []
    if kind is None:
        return []
    known = target if isinstance(target, str) and "{{" not in target else None
    link = {"kind": kind, "task_id": task.task_id, "target_dag_id": known}
    return [{**link, "target_task_ids": ids}]


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, dict, list, tuple)) and not hasattr(value, "iter_references")


def _literal(value: Any, depth: int = 0) -> Any:  # noqa: C901, PLR0911, PLR0912 - one per kind of value
    """JSON for what is literal, `{"xcom": …}` for results, `{"opaque": …}` for all else."""
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"opaque": "float"}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return _literal(value.value, depth + 1)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "iter_references"):
        ids = sorted({operator.task_id for operator, _ in value.iter_references()})
        return {"xcom": ids[0] if len(ids) == 1 else ids}
    if depth > _DEEPEST:
        return {"opaque": "too deep"}
    if isinstance(value, dict):
        return {str(key): _literal(each, depth + 1) for key, each in list(value.items())[:_MOST]}
    if isinstance(value, (set, frozenset)):
        return sorted((_literal(each, depth + 1) for each in value), key=str)
    if isinstance(value, (list, tuple)):
        return [_literal(each, depth + 1) for each in value[:_MOST]]
    name = getattr(value, "__qualname__", None)
    if isinstance(name, str) and callable(value):
        return {"opaque": f"{'class' if isinstance(value, type) else 'function'} {name}"}
    return {"opaque": _name(type(value))}


def _when(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, (datetime, date)) else None


def _text(value: Any) -> str | None:
    return value.strip()[:4000] or None if isinstance(value, str) else None


def main(place: str, answer: str) -> None:
    """Write what is loaded of the folder, or file, to the file `answer`."""
    Path(answer).write_text(json.dumps(snapshot_of(place)), encoding="utf-8")


if __name__ == "__main__":
    here = str(Path(__file__).parent)
    sys.path[:] = [entry for entry in sys.path if entry not in ("", here)]
    main(sys.argv[1], sys.argv[2])
