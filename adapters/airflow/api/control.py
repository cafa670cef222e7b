"""Starting, following and ending what a running Airflow does, the same for REST v1 and v2.

Backfills are Airflow 3's only. Everything raises RemoteUnreachableError where no usable answer
comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from pydantic import JsonValue

from adapters.airflow.api import parsing
from adapters.airflow.api.answers import PAGE_ROWS, objects_in
from adapters.airflow.api.connection import Connection
from adapters.airflow.api.parsing import Json
from adapters.airflow.api.rows import TaskInstance

_BROKEN = ("failed", "upstream_failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class DagNow:
    """A DAG as its Airflow has it: whether its runs go on, and what they can be given.

    `takes_keys`: its runs have partition keys (3.x, a partitioned timetable).
    """

    dag_id: str
    is_paused: bool
    takes_keys: bool
    has_import_errors: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteBackfill:
    """A backfill of Airflow 3; `conf` is what its runs were given."""

    id: int
    is_paused: bool
    has_ended: bool
    conf: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRun:
    """A run that a backfill would have."""

    logical_date: datetime | None
    partition_key: str | None


def dag_now(connection: Connection, dag_id: str) -> DagNow | None:
    """A DAG, None where Airflow does not know it, or not any more."""
    found = connection.get(f"/dags/{_quoted(dag_id)}")
    if found is None or found.get("is_active") is False or found.get("is_stale") is True:
        return None
    return DagNow(
        dag_id=dag_id,
        is_paused=found.get("is_paused") is True,
        takes_keys=found.get("timetable_partitioned") is True,
        has_import_errors=found.get("has_import_errors") is True,
    )


def run_state(connection: Connection, dag_id: str, run_id: str) -> str | None:
    """The state of a DAG run, None where there is none of this id."""
    found = connection.get(_run_path(dag_id, run_id))
    return None if found is None else str(found.get("state"))


def fail_run(connection: Connection, dag_id: str, run_id: str) -> None:
    """End a DAG run as failed, and its tasks that run; nothing where it is gone."""
    path = _run_path(dag_id, run_id)
    connection.change("PATCH", path, {"state": "failed"}, is_repeatable=True)


def broken_tasks(connection: Connection, dag_id: str, run_id: str) -> list[TaskInstance]:
    """The tasks of a DAG run that failed; those that only waited for them come last."""
    path = f"{_run_path(dag_id, run_id)}/taskInstances"
    found = connection.get(path, {"limit": PAGE_ROWS, "state": list(_BROKEN)})
    rows = [] if found is None else objects_in(found, "task_instances")
    read = parsing.parsed(rows, parsing.task_instance).good
    return sorted(read, key=lambda task: _BROKEN.index(task.state or _BROKEN[-1]))


def running_ids(connection: Connection, dag_id: str, conf: Mapping[str, JsonValue]) -> list[str]:
    """The runs of a DAG that have not ended and were given all of `conf`."""
    body: Json = {"dag_ids": [dag_id], "states": ["queued", "running"], "page_limit": PAGE_ROWS}
    found = connection.read("/dags/~/dagRuns/list", body)
    return [
        str(row["dag_run_id"])
        for row in objects_in(found, "dag_runs")
        if _has(row.get("conf"), conf)
    ]


def backfill_runs(connection: Connection, body: Json) -> list[BackfillRun]:
    """Which runs a backfill would have."""
    found = connection.read("/backfills/dry_run", body)
    return [
        BackfillRun(
            logical_date=_time(row.get("logical_date")),
            partition_key=_text(row.get("partition_key")),
        )
        for row in objects_in(found, "backfills")
    ]


def start_backfill(connection: Connection, body: Json) -> RemoteBackfill:
    """Start one. Raises RefusedError while another of the same DAG is under way."""
    answer = connection.change("POST", "/backfills", body, is_repeatable=False)
    return _backfill(connection.known(answer, "/backfills"))


def backfills(connection: Connection, dag_id: str) -> list[RemoteBackfill]:
    """The backfills of a DAG, newest first, a hundred at most."""
    query: dict[str, str | int | list[str]] = {"dag_id": dag_id}
    query |= {"limit": PAGE_ROWS, "order_by": "-id"}
    found = connection.known(connection.get("/backfills", query), "/backfills")
    return [_backfill(row) for row in objects_in(found, "backfills")]


def backfill_now(connection: Connection, backfill_id: str) -> RemoteBackfill | None:
    """A backfill, None where there is none of this id."""
    found = connection.get(f"/backfills/{_quoted(backfill_id)}")
    return None if found is None else _backfill(found)


def turn_backfill(connection: Connection, backfill_id: str, verb: str) -> None:
    """`pause`, `unpause` or `cancel` one. Raises RefusedError where it has ended."""
    path = f"/backfills/{_quoted(backfill_id)}/{verb}"
    connection.change("PUT", path, {}, is_repeatable=True)


def _backfill(row: Json) -> RemoteBackfill:
    conf = row.get("dag_run_conf")
    number = row.get("id")
    return RemoteBackfill(
        id=number if isinstance(number, int) else -1,
        is_paused=row.get("is_paused") is True,
        has_ended=row.get("completed_at") is not None,
        conf=conf if isinstance(conf, dict) else {},
    )


def _has(conf: JsonValue, wanted: Mapping[str, JsonValue]) -> bool:
    return isinstance(conf, dict) and all(conf.get(name) == wanted[name] for name in wanted)


def _run_path(dag_id: str, run_id: str) -> str:
    return f"/dags/{_quoted(dag_id)}/dagRuns/{_quoted(run_id)}"


def _time(value: JsonValue) -> datetime | None:
    return datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _quoted(name: str) -> str:
    return quote(name, safe="~")
