"""AirflowRest: what we ask of a running Airflow, the same for REST v1 (2.x) and v2 (3.x)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import pairwise
from urllib.parse import quote

import httpx
from pydantic import JsonValue

from adapters.airflow.observe import rows
from adapters.airflow.observe.connection import Api, Connection
from adapters.airflow.observe.rows import (
    BadRow,
    DagRun,
    Json,
    RemoteDag,
    RemoteTask,
    Rows,
    TaskInstance,
    TaskTry,
)
from adapters.airflow.observe.windows import PAGE_ROWS, Page, Place, every_row, windows
from bridge.errors import RemoteUnreachableError

BEFORE_AIRFLOW = datetime(2015, 1, 1, tzinfo=timezone.utc)
TOLD_STATES = ("success", "failed", "up_for_retry", "running")
RunName = tuple[str, str]  # dag id, run id


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


class AirflowRest:
    """A running Airflow. All methods raise RemoteUnreachableError where it gives no usable answer.

    A row that cannot be understood never hides the others: it comes back as a BadRow.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
    def url(self) -> str:
        """The address of the web server."""
        return self._connection.url

    @property
    def api(self) -> Api:
        """The version of its REST API."""
        return self._connection.api

    @property
    def requests(self) -> int:
        """How many requests were sent, logins and repeats included."""
        return self._connection.requests

    @property
    def clock_offset(self) -> timedelta:
        """How far the server's clock is ahead of ours, to a second."""
        return self._connection.clock_offset

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def version(self) -> str:
        """The version of Airflow, such as 3.3.2."""
        return self._connection.version

    def dags(self) -> Rows[RemoteDag]:
        """All DAGs this user may see, by id."""
        found: list[JsonValue] = []
        total = 1
        while len(found) < total:
            answer = self._connection.get(
                "/dags", {"limit": PAGE_ROWS, "offset": len(found), "order_by": "dag_id"}
            )
            page = _rows_in(answer, "dags")
            if not page:
                break
            found += page
            total = _total_in(answer)
        return rows.parsed(found, rows.dag)

    def tasks(self, dag_id: str) -> Rows[RemoteTask]:
        """The tasks of a DAG; a BadRow where Airflow does not know the DAG."""
        answer = self._connection.get(f"/dags/{_quoted(dag_id)}/tasks")
        if answer is None:
            return Rows(good=(), bad=(_no_dag(dag_id),))
        return rows.parsed(_rows_in(answer, "tasks"), rows.task_of(dag_id))

    def set_paused(self, dag_id: str, *, is_paused: bool) -> None:
        """Pause a DAG or let it run."""
        path = f"/dags/{_quoted(dag_id)}"
        if (
            self._connection.change("PATCH", path, {"is_paused": is_paused}, is_repeatable=True)
            is None
        ):
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

        Raises RefusedError if `run_id` exists. `partition_key` needs a partitioned DAG of Airflow 3.
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
                read = rows.parsed(kept, rows.task_instance)
                wanted = [t for t in read.good if (t.dag_id, t.task_id) in of]
                runs = self._runs(wanted)
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
        return rows.parsed(_rows_in(answer, "task_instances"), rows.task_instance)

    def task_instances(
        self, runs: Collection[RunName], task_ids: Collection[str]
    ) -> Rows[TaskInstance]:
        """The latest tries of these tasks in these runs, all map indexes; a request per 100 rows."""
        good: list[TaskInstance] = []
        bad: list[BadRow] = []
        for batch in _batches(sorted(set(runs)), 50):  # a run has many task instances
            body: Json = {
                "dag_ids": [*{dag_id for dag_id, _ in batch}],
                "dag_run_ids": [*{run_id for _, run_id in batch}],
                "task_ids": [*task_ids],
            }
            path = "/dags/~/dagRuns/~/taskInstances/list"
            found = every_row(partial(self._listing, path, "task_instances", body))
            read = rows.parsed(found, rows.task_instance)
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
        answer = self._connection.get(f"/dags/{_quoted(scope)}/dagRuns/~/taskInstances", parameters)
        cursor = None if answer is None else answer.get("next_cursor")
        return Page(
            rows=_objects_in(answer, "task_instances"),
            total=_total_in(answer),
            cursor=cursor if isinstance(cursor, str) else None,
            has_cursor=answer is not None and "next_cursor" in answer,
        )

    def _listing(self, path: str, name: str, body: Json, offset: int) -> Page:
        answer = self._connection.read(
            path, {**body, "page_limit": PAGE_ROWS, "page_offset": offset}
        )
        return Page(rows=_objects_in(answer, name), total=_total_in(answer))

    def _runs(self, instances: Sequence[TaskInstance]) -> Rows[DagRun]:
        """The runs of these task instances, in as few listings as their dates allow."""
        positions = {
            (t.dag_id, t.run_id): t.run_position for t in instances if t.run_position is not None
        }
        wanted = sorted(positions, key=lambda name: (positions[name], name))
        good: list[DagRun] = []
        bad: list[BadRow] = []
        for batch in _batches(wanted, PAGE_ROWS):
            found = rows.parsed(self._run_rows(batch, positions), rows.dag_run)
            good += found.good
            bad += found.bad
        return Rows(good=tuple(good), bad=tuple(bad))

    def _run_rows(
        self, wanted: Sequence[RunName], positions: Mapping[RunName, datetime]
    ) -> list[Json]:
        """Rows that include the wanted runs, which are sorted by position."""
        position = "run_after" if self.api == "v2" else "execution_date"
        body: Json = {
            "dag_ids": [*{dag_id for dag_id, _ in wanted}],
            f"{position}_gte": positions[wanted[0]].isoformat(),
            f"{position}_lte": positions[wanted[-1]].isoformat(),
            "order_by": "id",
        }

        read = partial(self._listing, "/dags/~/dagRuns/list", "dag_runs", body)
        first = read(0)
        gaps = [positions[later] - positions[earlier] for earlier, later in pairwise(wanted)]
        if first.total > max(PAGE_ROWS, 4 * len(wanted)) and any(gaps):
            # mostly runs that nobody asked for lie between the wanted ones
            cut = gaps.index(max(gaps)) + 1
            return [
                *self._run_rows(wanted[:cut], positions),
                *self._run_rows(wanted[cut:], positions),
            ]
        return every_row(read, first)


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


def _batches(names: Sequence[RunName], size: int) -> Iterator[Sequence[RunName]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _rows_in(answer: Json | None, name: str) -> list[JsonValue]:
    found = (answer or {}).get(name)
    return found if isinstance(found, list) else []


def _objects_in(answer: Json | None, name: str) -> list[Json]:
    return [row for row in _rows_in(answer, name) if isinstance(row, dict)]


def _total_in(answer: Json | None) -> int:
    total = (answer or {}).get("total_entries")
    return total if isinstance(total, int) else 0


def _no_dag(dag_id: str) -> BadRow:
    return BadRow(what=dag_id, why="Airflow has no DAG of this id")


def _quoted(name: str) -> str:
    return quote(name, safe="~")
