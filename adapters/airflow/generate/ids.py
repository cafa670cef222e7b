"""Names of DAGs and tasks: no two share one, and a task's never depends on what else is there.

A task is called by its asset's whole key, components joined by ".": `flights/fct_departures` is the
task `flights.fct_departures`, whatever else is in the DAG. Airflow allows letters, digits and
"_.-"; inside a component letters, digits and "_" stand for themselves, "-" is written "--", and
anything else as its code in hex between two dashes, so that `x-a`, `x.a` and `x/a` are `x--a`,
`x-2e-a` and `x.a`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from bridge.keys import AssetKey

MAX_LENGTH = 250  # both Airflows
_DIGEST = 32
_MARKS = ("__assets", "__scheduled")  # of DAGs that are no jobs
_OTHER = re.compile(r"[^A-Za-z0-9_]")
_EMPTY = "-x-"  # like every word between dashes below, no hex number


def task_id(key: AssetKey) -> str:
    """The task that computes an asset."""
    return _fitting(_joined(key.path))


def function_task_id(first: AssetKey, function: str) -> str:
    """The task that computes several assets, as `flights.stg_flights-by-load_all`.

    `first` is the first of them: it belongs to one function, so that no two tasks share a name.
    """
    return _fitting(f"{_joined(first.path)}-by-{_escaped(function)}")


def fused_task_id(first: AssetKey) -> str:
    """The task of several functions that begins with an asset, as `flights.stg_flights-fused-`."""
    return _fitting(f"{_joined(first.path)}-fused-")


def check_task_id(key: AssetKey, check_name: str) -> str:
    """The task that answers a check, such as `flights.fct_departures-check-has_rows`."""
    return _fitting(f"{_joined(key.path)}-check-{_escaped(check_name)}")


def checks_task_id(key: AssetKey, first: str) -> str:
    """The task of a function that answers several checks, `first` of this asset before others."""
    return _fitting(f"{_joined(key.path)}-checks-{_escaped(first)}")


def made_task_id(key: AssetKey) -> str:
    """The task that is skipped where a function of several assets left this one out."""
    return _fitting(f"{_joined(key.path)}-made-")


def gate_task_id(key: AssetKey) -> str:
    """The task after several blocking checks of an asset, as `flights.fct_departures-checked-`."""
    return _fitting(f"{_joined(key.path)}-checked-")


def wait_task_id(task: str) -> str:
    """The task before one, as `flights.fct_departures-waits-`, which waits for its upstream."""
    return _fitting(f"{task}-waits-")


def dag_id(group: str, suffix: str = "") -> str:
    """The DAG of a group, such as `flights__assets`; `suffix` tells it from others of the group."""
    name = f"{_joined(group.split('/'))}__assets"
    return _fitting(f"{name}__{suffix}" if suffix else name)


def job_dag_id(name: str) -> str:
    """The DAG of a job, called like it unless another DAG could be."""
    return _fitting(f"{name}__job" if any(mark in name for mark in _MARKS) else name)


def schedule_dag_id(name: str) -> str:
    """The DAG of one schedule of several, or of one that starts assets without a named job."""
    return _fitting(f"{name}__scheduled")


def _joined(components: Iterable[str]) -> str:
    return ".".join(map(_escaped, components))


def _escaped(component: str) -> str:
    return _OTHER.sub(_escape, component) or _EMPTY


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    return "--" if sign == "-" else f"-{ord(sign):x}-"


def _fitting(name: str) -> str:
    """The name itself, or its beginning and its digest."""
    if len(name) <= MAX_LENGTH:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: MAX_LENGTH - _DIGEST - len('-long-')]}-long-{digest}"
