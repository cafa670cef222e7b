"""AirflowRest: what we ask of a running Airflow, the same for REST v1 (2.x) and v2 (3.x)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from urllib.parse import quote

import httpx
from pydantic import JsonValue

from adapters.airflow.api import parsing
from adapters.airflow.api.answers import (
    PAGE_ROWS,
    every_listed,
    listed,
    objects_in,
    rows_in,
    total_in,
)
from adapters.airflow.api.connection import Connected, Connection
from adapters.airflow.api.inventory import Inventory
from adapters.airflow.api.parsing import Json
from adapters.airflow.api.rows import (
    BadRow,
    DagRun,
    RemoteDag,
    RemoteTask,
    Rows,
    TaskInstance,
    TaskTry,
)
from adapters.airflow.api.runs import RunName, batches, runs_of
from adapters.airflow.api.windows import Page, Place, every_row, windows
from bridge.errors import RemoteUnreachableError

BEFORE_AIRFLOW = datetime(2015, 1, 1, tzinfo=timezone.utc)
TOLD_STATES = ("success", "failed", "up_for_retry", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class TryWindow:
    """The latest try of each task instance that changed in [since, until].

    `rows` were read, of which `tries` were asked for and `bad` could not be read.
    `read_through`: all that changed before this has been given; None where that cannot be said yet.
    """

    since: datetime
    until: datetime
    read_through: datetime | None
    rows: int
    tries: tuple[TaskTry, ...]
    bad: tuple[BadRow, ...]


class AirflowRest(Connected):
    """A running Airflow. All methods raise RemoteUnreachableError where it gives no usable answer.

    A row that cannot be understood never hides the others: it comes back as a BadRow.
    """

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        token: str | None = None,
        timeout_s: float = 30.0,
        attempts: int = 4,
        transport: httpx.BaseTransport | None = None,
    ) -> AirflowRest:
        """Find out which Airflow answers at the address of its web server.

        With username and password: basic auth (2.x), or a token got and renewed with them (3.x).
        """
        return cls(
            Connection(
                url,
                username=username,
                password=password,
                token=token,
                timeout_s=timeout_s,
                attempts=attempts,
                transport=transport,
            )
        )

    @property
    def clock_offset(self) -> timedelta:
        """How far the server's clock is ahead of ours, to a second."""
        return self._connection.clock_offset

    def inventory(self) -> Inventory:
        """What this Airflow says of its DAGs, over the same connection."""
        return Inventory(self._connection)

    def dags(self) -> Rows[RemoteDag]:
        """All DAGs this user may see, by id."""
        return parsing.parsed(
            every_listed(self._connection, "/dags", "dags", "dag_id"), parsing.dag
        )

    def pools(self) -> frozenset[str]:
        """The names of all pools."""
        rows = every_listed(self._connection, "/pools", "pools", "name")
        names = [row.get("name") for row in rows if isinstance(row, dict)]
        return frozenset(name for name in names if isinstance(name, str))

    def tasks(self, dag_id: str) -> Rows[RemoteTask]:
        """The tasks of a DAG; a BadRow where Airflow does not know the DAG."""
        answer = self._connection.get(f"/dags/{_quoted(dag_id)}/tasks")
        if answer is None:
            return Rows(good=(), bad=(_no_dag(dag_id),))
        return parsing.parsed(rows_in(answer, "tasks"), parsing.task_of(dag_id))

    def set_paused(self, dag_id: str, *, is_paused: bool) -> None:
        """Pause a DAG or let it run."""
        path = f"/dags/{_quoted(dag_id)}"
        body: Json = {"is_paused": is_paused}
        if self._connection.change("PATCH", path, body, is_repeatable=True) is None:
            raise RemoteUnreachableError(f"Airflow at {self.url} has no DAG {dag_id!r}.")

    def trigger(
        self,
        dag_id: str,
        *,
        logical_date: datetime | None = None,
        conf: Mapping[str, JsonValue] | None = None,
        run_id: str | None = None,
        partition_key: str | None = None,
    ) -> str:
        """Start a run and return its id. Without a logical date, 2.x takes the present, 3.x none.

        Raises RefusedError if `run_id` exists. `partition_key` is for partitioned DAGs of 3.x.
        """
        body: Json = {"conf": dict(conf or {})}
        if logical_date is not None:
            body["logical_date"] = logical_date.isoformat()
        elif self.api == "v2":
            body["logical_date"] = None
        if run_id is not None:
            body["dag_run_id"] = run_id
        if partition_key is not None:
            body["partition_key"] = partition_key
        # sent again after a lost answer, a run without an id of ours would start twice
        answer = self._connection.change(
            "POST", f"/dags/{_quoted(dag_id)}/dagRuns", body, is_repeatable=False
        )
        if answer is None:
            raise RemoteUnreachableError(f"Airflow at {self.url} has no DAG {dag_id!r}.")
        return str(answer["dag_run_id"])

    def task_instances_updated(
        self, since: datetime | None, until: datetime, *, of: Collection[tuple[str, str]]
    ) -> Iterator[TryWindow]:
        """Tries of the tasks `of` (dag id, task id) whose row changed in [since, until].

        `since` None: all there is. About one request per 100 rows, and one per 100 DAG runs among
        them. Only tries that run, succeeded or failed are read. A row may come twice.
        """
        dag_ids = {dag_id for dag_id, _ in of}
        since = since or BEFORE_AIRFLOW
        scopes = self._scopes(since, until, dag_ids)
        for scope in scopes:
            for window in windows(partial(self._page, scope), since, until):
                known = {*dag_ids, scope}  # a row without a dag id is kept, to be told about
                kept = [row for row in window.rows if row.get("dag_id", scope) in known]
                read = parsing.parsed(kept, parsing.task_instance)
                wanted = [t for t in read.good if (t.dag_id, t.task_id) in of]
                runs = runs_of(self._connection, wanted)
                tries, homeless = _joined(wanted, runs.good)
                yield TryWindow(
                    since=window.since,
                    until=window.until,
                    read_through=window.until if scope == scopes[-1] else None,
                    rows=len(window.rows),
                    tries=tries,
                    bad=(*read.bad, *runs.bad, *homeless),
                )

    def tries(self, instance: TaskInstance) -> Rows[TaskInstance]:
        """All tries of a task instance, one request; Airflow keeps earlier ones only here."""
        path = (
            f"/dags/{_quoted(instance.dag_id)}/dagRuns/{_quoted(instance.run_id)}"
            f"/taskInstances/{_quoted(instance.task_id)}"
        )
        if instance.map_index >= 0:
            path += f"/{instance.map_index}"
        answer = self._connection.get(f"{path}/tries")
        if answer is None:  # the run was deleted a moment ago
            return Rows(good=())
        return parsing.parsed(rows_in(answer, "task_instances"), parsing.task_instance)

    def task_instances(
        self, runs: Collection[RunName], task_ids: Collection[str]
    ) -> Rows[TaskInstance]:
        """The latest tries of these tasks in these runs, all map indexes; 100 rows a request."""
        good: list[TaskInstance] = []
        bad: list[BadRow] = []
        for batch in batches(sorted(set(runs)), 50):  # a run has many task instances
            body: Json = {
                "dag_ids": [*{dag_id for dag_id, _ in batch}],
                "dag_run_ids": [*{run_id for _, run_id in batch}],
                "task_ids": [*task_ids],
            }
            path = "/dags/~/dagRuns/~/taskInstances/list"
            found = every_row(partial(listed, self._connection, path, "task_instances", body))
            read = parsing.parsed(found, parsing.task_instance)
            good += [t for t in read.good if (t.dag_id, t.run_id) in batch]
            bad += read.bad
        return Rows(good=tuple(good), bad=tuple(bad))

    def _scopes(self, since: datetime, until: datetime, dag_ids: Collection[str]) -> list[str]:
        """All DAGs at once ("~"), or one after the other where that is fewer pages."""
        if len(dag_ids) <= 1:
            return [*dag_ids]
        everything = self._page("~", Place(since=since, until=until), limit=1)
        return sorted(dag_ids) if everything.total > PAGE_ROWS * len(dag_ids) else ["~"]

    def _page(self, scope: str, place: Place, limit: int = PAGE_ROWS) -> Page:
        parameters: dict[str, str | int | list[str]] = {
            "updated_at_gte": place.since.isoformat(),
            "updated_at_lte": place.until.isoformat(),
            "state": [*TOLD_STATES],
            "limit": limit,
        }
        if place.offset:
            parameters["offset"] = place.offset
        elif self.api == "v2":
            parameters |= {"cursor": place.cursor, "order_by": "id"}
        path = f"/dags/{_quoted(scope)}/dagRuns/~/taskInstances"
        answer = self._connection.get(path, parameters)
        if answer is None and scope != "~":  # v2 where there is no such DAG, or no Airflow
            self._connection.known(self._connection.get("/version"), "/version")
            return Page(rows=[], total=0)
        answer = self._connection.known(answer, path)
        cursor = answer.get("next_cursor")
        return Page(
            rows=objects_in(answer, "task_instances"),
            total=total_in(answer),
            cursor=cursor if isinstance(cursor, str) else None,
            has_cursor="next_cursor" in answer,
        )


def _joined(
    instances: Sequence[TaskInstance], runs: Sequence[DagRun]
) -> tuple[tuple[TaskTry, ...], list[BadRow]]:
    """Each instance with its run; those whose run is gone, as bad rows."""
    by_name = {(run.dag_id, run.run_id): run for run in runs}
    tries: list[TaskTry] = []
    homeless: list[BadRow] = []
    for instance in instances:
        run = by_name.get((instance.dag_id, instance.run_id))
        if run is None:
            what = f"{instance.dag_id}/{instance.run_id}/{instance.task_id}"
            homeless.append(BadRow(what=what, why="its DAG run cannot be found"))
        else:
            tries.append(TaskTry(instance=instance, run=run))
    return tuple(tries), homeless


def _no_dag(dag_id: str) -> BadRow:
    return BadRow(what=dag_id, why="Airflow has no DAG of this id")


def _quoted(name: str) -> str:
    return quote(name, safe="~")
