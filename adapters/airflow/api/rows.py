"""What Airflow's REST says about DAGs, runs and tasks, as values. `parsing` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was left out: what it was, as far as it can be told, and why.

    `of` is the DAG, run and task it belongs to, where it says so.
    """

    what: str
    why: str
    of: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Generic[T]):
    """Rows that could be read, and those that could not."""

    good: tuple[T, ...]
    bad: tuple[BadRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteDag:
    """A DAG as its Airflow knows it."""

    dag_id: str
    is_paused: bool
    file: str | None
    owners: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteTask:
    """A task of a DAG; REST tells neither its arguments nor its inlets and outlets."""

    dag_id: str
    task_id: str
    operator: str | None
    is_mapped: bool
    downstream: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DagRun:
    """A DAG run. Airflow 3 may have no date but `run_after`; Airflow 2 has no partition key."""

    dag_id: str
    run_id: str
    run_type: str | None
    state: str | None
    logical_date: datetime | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    run_after: datetime | None
    partition_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInstance:
    """One try of one task instance; `map_index` is -1 where the task is not mapped.

    `run_position` orders the runs of its Airflow: the logical date (2.11), or when it may run (3).
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    state: str | None
    operator: str | None
    start: datetime | None
    end: datetime | None
    run_position: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTry:
    """A try, and the run it belongs to."""

    instance: TaskInstance
    run: DagRun
