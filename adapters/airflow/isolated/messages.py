"""What the two interpreters say to each other: one JSON object a line.

The first line that the child reads is the request; later ones answer what it asked. It writes
`hello`, then `log` and `ask` as they come, and last `result` or `raised`. Secrets go only this way:
not by environment, arguments or files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

VERSION = 1
_MOMENTS = ("data_interval_start", "data_interval_end")
_OF_TI = ("dag_id", "run_id", "task_id", "map_index", "try_number")
_OF_RUN = ("run_id", "conf", "partition_key")


def line(message: Mapping[str, Any]) -> bytes:
    """A message as it is sent."""
    return (json.dumps(message, default=str) + "\n").encode()


def described(context: Mapping[str, Any]) -> dict[str, Any]:
    """What a step reads of Airflow's context, as JSON knows it."""
    task = context.get("task")
    said: dict[str, Any] = {
        "ti": {name: getattr(context["ti"], name) for name in _OF_TI},
        "dag_run": {name: getattr(context["dag_run"], name, None) for name in _OF_RUN},
        "partition_key": context.get("partition_key"),
        "params": {name: context["params"][name] for name in context.get("params") or {}},
        "outlets": [each.uri for each in _outlets(task)],
        "assets": [
            {
                "asset_key": getattr(each, "asset_key", None),
                "asset_keys": list(getattr(each, "asset_keys", ())),
            }
            for each in getattr(getattr(task, "dag", None), "tasks", ())
        ],
    }
    for name in _MOMENTS:
        moment = context.get(name)
        said[name] = None if moment is None else moment.isoformat()
    return said


def context_of(said: Mapping[str, Any], outlet: type[Any]) -> dict[str, Any]:
    """The context in the other interpreter, with outlets of this class."""
    outlets = [outlet(uri) for uri in said["outlets"]]
    dag = SimpleNamespace(tasks=[SimpleNamespace(**each) for each in said["assets"]])
    moments = {
        name: None if said[name] is None else datetime.fromisoformat(said[name])
        for name in _MOMENTS
    }
    return {
        "ti": SimpleNamespace(**said["ti"]),
        "dag_run": SimpleNamespace(**said["dag_run"]),
        "partition_key": said["partition_key"],
        "params": said["params"],
        "task": SimpleNamespace(outlets=outlets, dag=dag),
        "outlet_events": {each: SimpleNamespace(extra=None) for each in outlets},
        **moments,
    }


def told(context: Mapping[str, Any]) -> dict[str, Any]:
    """What the step left in its context: the outlets that count, and what their events say."""
    return {
        "outlets": [each.uri for each in _outlets(context["task"])],
        "extras": {
            outlet.uri: event.extra
            for outlet, event in context["outlet_events"].items()
            if event.extra is not None
        },
    }


def retell(context: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """The same in Airflow's own context."""
    for task in (context.get("task"), getattr(context.get("ti"), "task", None)):
        kept = [each for each in _outlets(task) if each.uri in said["outlets"]]
        if task is not None and len(kept) < len(_outlets(task)):
            task.outlets = kept
    for outlet in _outlets(context.get("task")):
        if outlet.uri in said["extras"]:
            context["outlet_events"][outlet].extra = said["extras"][outlet.uri]


def _outlets(task: Any) -> list[Any]:
    return [each for each in getattr(task, "outlets", None) or () if hasattr(each, "uri")]
