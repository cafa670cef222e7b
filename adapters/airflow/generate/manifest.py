"""The manifest: DAGs as plain values and as JSON, readable without user code and the graph.

Named tuples: Airflow makes these classes anew for each DAG file it reads, in 0.2 ms instead of 0.7.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from adapters.airflow.generate.schedule import Schedule, schedule_from
from bridge.errors import ConfigError

VERSION = 1
GENERATED_BY = "bridge generate"
_GENERATE_AGAIN = "Run `python -m bridge generate` with the version that Airflow has installed."

TaskKind: TypeAlias = Literal["asset", "fused", "check", "gate", "wait"]
_KINDS = frozenset(get_args(TaskKind))
Target: TypeAlias = Literal["2", "3", "both"]
_RARE = frozenset(
    {"checks", "is_function", "after_past", "settings", "fingerprint", "waits_for", "made_from"}
)
_LISTS = ("assets", "checks", "upstream", "outlets")


class Settings(NamedTuple):
    """What a task gets of Airflow's own arguments; None leaves Airflow's default.

    `backs_off`: the pause doubles from retry to retry. `python` is the interpreter that runs it.
    Only a task that waits has the last three.
    """

    pool: str | None = None
    queue: str | None = None
    priority_weight: int | None = None
    execution_timeout_s: float | None = None
    retries: int | None = None
    retry_delay_s: float | None = None
    backs_off: bool = False
    executor: str | None = None
    executor_config: Mapping[str, Any] | None = None
    python: str | None = None
    timeout_s: float | None = None
    poke_interval_s: float | None = None
    soft_fail: bool = False


class TaskPlan(NamedTuple):
    """One task: computes `assets`, answers `checks` about them, tells of one (gate), or waits for
    what they read.

    asset: they are of one function. fused: of several, computed in this order, with their checks.
    A check is written `asset:name`. `is_function`: its function has several assets or checks, of
    which these are all, or those that this task is for. `outlets` are the URIs of the asset events
    that it emits. `after_past`: it waits for the same task of the run before, or for the checks of
    that as well. `fingerprint` is of the definitions that it was made from, where it computes.
    `waits_for`: the assets whose partitions it waits for, and who writes each. `made_from`: for
    each outlet the URIs of what its asset reads, for people and for whoever imports the DAG.
    """

    task_id: str
    kind: TaskKind
    assets: tuple[str, ...]
    checks: tuple[str, ...] = ()
    is_function: bool = False
    upstream: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    owner: str | None = None
    doc: str | None = None
    after_past: Literal["task", "checks"] | None = None
    settings: Settings = Settings()
    fingerprint: str | None = None
    waits_for: Mapping[str, str] = {}
    made_from: Mapping[str, list[str]] = {}

    @property
    def sources(self) -> list[str] | dict[str, list[str]]:
        """`made_from` as an operator takes it: of its only outlet without naming that."""
        if len(self.outlets) == 1 and self.made_from:
            return self.made_from[self.outlets[0]]
        return dict(self.made_from)

    def values(self) -> dict[str, Any]:
        """All of it as what JSON knows; what few tasks have is left out where there is none."""
        rare = TaskPlan._field_defaults
        said = {
            name: value
            for name, value in self._asdict().items()
            if name not in _RARE or value != rare[name]
        }
        if self.settings != Settings():
            said["settings"] = {
                name: value
                for name, value in self.settings._asdict().items()
                if value != Settings._field_defaults[name]
            }
        return said


class DagPlan(NamedTuple):
    """One DAG. `partitions` is what `describe()` of the assets' partitions says.

    `is_paused_at_first` is None where Airflow's settings say.
    `group` is None where it is a job's, whose functions have the settings of `run_config`.
    """

    dag_id: str
    group: str | None
    description: str
    doc: tuple[str, ...]
    tags: tuple[str, ...]
    schedule: Schedule
    max_active_runs: int
    is_paused_at_first: bool | None
    partitions: Mapping[str, Any] | None
    tasks: tuple[TaskPlan, ...]
    run_config: Mapping[str, Any] = {}

    @property
    def hash(self) -> str:
        """Twelve hex digits that change with anything in this DAG, and with nothing outside it."""
        return _digest(self.values())

    def values(self) -> dict[str, Any]:
        """All of it as what JSON knows."""
        tasks = [task.values() for task in self.tasks]
        return {**self._asdict(), "schedule": self.schedule.values(), "tasks": tasks}


class Manifest(NamedTuple):
    """DAGs of a project, by id; `locations` are the code locations they were made from.

    `target` is the version of Airflow that they are for.
    """

    locations: tuple[str, ...]
    dags: tuple[DagPlan, ...]
    target: Target = "both"

    @property
    def hash(self) -> str:
        """Twelve hex digits that change with anything in the manifest."""
        return _digest(self.values())

    def to_json(self) -> str:
        """The same text for the same manifest, one value a line so that changes can be reviewed."""
        head = {"generated_by": GENERATED_BY, "version": VERSION, "hash": self.hash}
        values = {**head, **self.values()}
        return json.dumps(values, indent=1, ensure_ascii=False) + "\n"

    def values(self) -> dict[str, Any]:
        """All of it as what JSON knows."""
        return {
            "target": self.target,
            "locations": self.locations,
            "dags": [dag.values() for dag in self.dags],
        }


def read_manifest(file: Path, dag_id: str | None = None) -> Manifest:
    """The manifest in a file, or one DAG of it. Raises ConfigError for what we did not write."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The manifest {file} cannot be read: {error}. {_GENERATE_AGAIN}"
        ) from error
    version = values.get("version") if isinstance(values, dict) else None
    if version != VERSION:
        raise ConfigError(
            f"The manifest {file} has version {version}, not {VERSION}. {_GENERATE_AGAIN}"
        )
    try:
        dags = [_dag(row) for row in values["dags"] if dag_id in (None, row["dag_id"])]
        return Manifest(tuple(values["locations"]), tuple(dags), values["target"])
    except (KeyError, TypeError) as error:
        raise ConfigError(
            f"The manifest {file} was changed by hand: {error}. {_GENERATE_AGAIN}"
        ) from error


def _dag(row: dict[str, Any]) -> DagPlan:
    tasks = tuple(map(_task, row["tasks"]))
    lists = {name: tuple(row[name]) for name in ("doc", "tags")}
    schedule = schedule_from(row["schedule"])
    return DagPlan(**{**row, **lists, "schedule": schedule, "tasks": tasks})


def _task(row: dict[str, Any]) -> TaskPlan:
    if row["kind"] not in _KINDS:
        raise TypeError(f"no task is of the kind {row['kind']!r}")
    lists = {name: tuple(row[name]) for name in _LISTS if name in row}
    settings = Settings(**row["settings"]) if "settings" in row else Settings()
    return TaskPlan(**{**row, **lists, "settings": settings})


def _digest(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
