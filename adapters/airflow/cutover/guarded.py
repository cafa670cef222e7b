"""Which tasks are guarded: those that this Airflow's mapping names with at least one asset.

Asked for every task of every DAG that is parsed: without BRIDGE_PROJECT that costs a look at the
environment, for a DAG that the mapping does not name a look at the file's time.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from bridge.errors import BridgeError
from bridge.keys import AssetKey

if TYPE_CHECKING:
    from adapters.airflow.legacy.mapping import UnitEntry
    from bridge.partitions import TimePartitions

log = logging.getLogger(__name__)

PROJECT = "BRIDGE_PROJECT"
STORE = "BRIDGE_STORE"
PartitionBy: TypeAlias = Literal["logical_date", "data_interval_start"]
_Stamp: TypeAlias = "tuple[int, int] | None"
# What a broken file raises; it must not become an import error of every DAG.
_UNREADABLE = (BridgeError, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedTask:
    """A task that asks before it writes `assets`; `name` is `<instance>:<dag_id>.<task_id>`.

    `partitions` None: the mapping knows of none.
    """

    name: str
    assets: tuple[AssetKey, ...]
    partition_by: PartitionBy = "logical_date"
    is_mapped: bool = False
    partitions: TimePartitions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadTask:
    """A task of which it cannot be said whether it is guarded, and `why`.

    `is_named`: the text of the mapping names it, so it is taken to be. Else the store may know.
    """

    name: str
    why: str
    is_named: bool


def instance_name() -> str:
    """What this Airflow is called in the project."""
    return os.environ.get("BRIDGE_AIRFLOW_INSTANCE") or "airflow"


def rule_for(dag_id: str, task_id: str) -> GuardedTask | UnreadTask | None:
    """How a task is guarded, None where it is not; a broken project is no error here."""
    folder = os.environ.get(PROJECT)
    if not folder:
        return None
    root, instance = Path(folder), instance_name()
    name = f"{instance}:{dag_id}.{task_id}"
    if not root.is_dir():
        return _of_missing_project(name, folder)
    settings = tuple(_stamp(root / file) for file in ("bridge.toml", "pyproject.toml"))
    path, trouble = _mapping_place(root, instance, settings)
    stamp = _stamp(path)
    try:
        text = "" if stamp is None else _text(path, stamp)
    except (OSError, UnicodeDecodeError) as error:
        return UnreadTask(name=name, why=f"{path} cannot be read: {error}", is_named=False)
    # A name that YAML had to escape is not found as it is.
    if "\\" not in text and not (dag_id in text and task_id in text):
        return None
    found = trouble or _tasks(path, stamp, instance)
    if isinstance(found, str):
        is_named = _is_named(dag_id, text) and _is_named(task_id, text)
        return UnreadTask(name=name, why=found, is_named=True) if is_named else None
    return found.get(name)


def _is_named(name: str, text: str) -> bool:
    """Whether a line that is no comment has the name as a whole word."""
    word = rf"^[^#\n]*(?<![\w.-]){re.escape(name)}(?![\w.-])"
    return re.search(word, text, re.MULTILINE) is not None


def _of_missing_project(name: str, folder: str) -> UnreadTask | None:
    why = f"{PROJECT} is {folder}, which is no folder here"
    if os.environ.get(STORE):
        return UnreadTask(name=name, why=why, is_named=False)
    log.error("%s: no task is guarded. Mount the project, or unset it.", why)
    return None


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=8)
def _mapping_place(
    root: Path, instance: str, settings: tuple[_Stamp, ...]
) -> tuple[Path, str | None]:
    """Where the mapping is. With a second word, the settings cannot be read: its usual place."""
    from bridge.project import find_project  # noqa: PLC0415 - pydantic

    try:
        return find_project(root).migration / f"{instance}.yaml", None
    except _UNREADABLE as error:
        return root / "migration" / f"{instance}.yaml", str(error)


@lru_cache(maxsize=8)
def _text(path: Path, stamp: _Stamp) -> str:
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=8)
def _tasks(path: Path, stamp: _Stamp, instance: str) -> dict[str, GuardedTask] | str:
    """The guarded tasks by name, or why the mapping cannot be read."""
    from adapters.airflow.legacy.mapping_file import load_mapping  # noqa: PLC0415 - pydantic and yaml

    try:
        mapping = load_mapping(path)
        if mapping.instance != instance:
            return f"{path} is of {mapping.instance!r}, and this Airflow is {instance!r}"
        # A task of a DAG that is one asset writes none of its own.
        tasks = [
            _task(instance, entry) for entry in mapping.units if entry.writes and not entry.together
        ]
    except _UNREADABLE as error:
        log.error("%s", error)  # noqa: TRY400 - the message is for a person and names the place
        return str(error)
    return {task.name: task for task in tasks}


def _task(instance: str, entry: UnitEntry) -> GuardedTask:
    return GuardedTask(
        name=f"{instance}:{entry.dag}.{entry.task}",
        assets=entry.assets,
        partition_by=entry.date_of_run,
        is_mapped=entry.mapped,
        partitions=entry.partitions.definition(),
    )
