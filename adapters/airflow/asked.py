"""What a run of a generated DAG was asked for: in its configuration, by a run of ours or a person.

`{"assets": [...]}` asks for some assets of the DAG, `{"partition": key}` for one partition,
`{"run_config": {...}}` gives the configuration of assets, and `{"run": id}` is the run of ours that
started it, which the events of its tasks then belong to.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bridge.errors import ConfigError
from bridge.keys import AssetKey
from bridge.later import Later

if TYPE_CHECKING:
    from bridge import runs
    from bridge.runs import RemotePart, Run
    from bridge.store import Store
else:
    runs = Later("bridge.runs")

log = logging.getLogger("airflow.task.bridge")

RUN = "run"
ASSETS = "assets"
PARTITION = "partition"
RUN_CONFIG = "run_config"
SYSTEM = "airflow"


def asked_assets(context: Mapping[str, Any]) -> frozenset[AssetKey] | None:
    """The assets that this run is about, None where it is about all of its DAG.

    Raises ConfigError for one that the DAG does not compute.
    """
    said = _conf(context).get(ASSETS)
    if said is None:
        return None
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise ConfigError(
            f'The run was triggered with {ASSETS!r} {said!r}, which is no list such as ["a", "b"].'
        )
    asked = frozenset(map(AssetKey.parse, said))
    dag = getattr(context.get("task"), "dag", None)
    here = asked if dag is None else _assets_of(dag.tasks)
    unknown = asked - here
    if unknown:
        raise ConfigError(
            f"The run was triggered for {', '.join(sorted(map(str, unknown)))}, which this DAG "
            f"does not compute. It has {', '.join(sorted(map(str, here)))}. Were the definitions "
            "changed, and the DAG not generated again?"
        )
    return asked


def run_asking(context: Mapping[str, Any], store: Store, instance: str) -> Run | None:
    """The run of ours that started this DAG run, None where none did.

    Believed only where that run says so, too: it was begun elsewhere, as this DAG run. Raises
    ConfigError where it was begun on this Airflow by another name.
    """
    run_id = _conf(context).get(RUN)
    if not isinstance(run_id, str):
        return None
    run = store.run(run_id)
    ti = context["ti"]
    parts = () if run is None or run.remote is None else run.remote.parts
    if run is None or run.remote is None or not any(_is(part, ti) for part in parts):
        log.warning("not counted as a part of run %s, which knows nothing of it", run_id)
        return None
    place = f"{SYSTEM}{runs.PLACE_SEPARATOR}{instance}"
    if run.remote.place != place:
        raise ConfigError(
            f"Run {run_id} was started on {run.remote.place}, and its tasks run on {place}. Give "
            "this Airflow the name that it has in the project's settings: the variable "
            "BRIDGE_AIRFLOW_INSTANCE, where its tasks run."
        )
    return run


def _is(part: RemotePart, ti: Any) -> bool:
    return part.name == ti.dag_id and (part.is_range or part.id == ti.run_id)


def _conf(context: Mapping[str, Any]) -> Mapping[str, Any]:
    conf = getattr(context.get("dag_run"), "conf", None)
    return conf if isinstance(conf, Mapping) else {}


def _assets_of(tasks: Iterable[Any]) -> frozenset[AssetKey]:
    """All assets that these tasks compute."""
    names: list[str] = []
    for task in tasks:
        names += getattr(task, "asset_keys", ())
        if (one := getattr(task, "asset_key", None)) is not None:
            names.append(one)
    return frozenset(map(AssetKey.parse, names))
